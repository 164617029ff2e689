"""The studio's console, with a folder of takes and one of training runs that tests fill."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rig.console_alone import console_alone


class Studio(NamedTuple):
    """It serves pages until the tests end."""

    address: str
    """Of the console, with its token."""
    takes: Path
    runs: Path


@contextlib.contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """A console without a performance, until it is left."""
    takes, runs = folder / "takes", folder / "runs"
    takes.mkdir()
    runs.mkdir()
    words = ["--takes", str(takes), "--runs", str(runs)]
    with console_alone(folder, words) as (address, _):
        yield Studio(address, takes, runs)
