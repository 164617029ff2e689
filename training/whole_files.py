"""Files written in one piece: a crash or a full disk leaves the old one as it was."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError

from ddsp_core.errors import RecipeError


def write_whole(path: Path, data: bytes) -> None:
    """Writes beside the old file, waits until the disk has it, then moves it over the old one.

    Raises:
        RecipeError: the disk is full, or will not be written to.
    """
    partial = partial_of(path)
    with saving(path, partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)


def partial_of(path: Path) -> Path:
    """Where a file is written before it is whole."""
    return path.with_name(path.name + ".partial")


@contextlib.contextmanager
def saving(path: Path, partial: Path | None = None) -> Iterator[None]:
    """Says for people why `path` could not be saved, and removes what there is of it.

    Args:
        partial: what was being written before it was whole.
    Raises:
        RecipeError: in place of what the operating system or safetensors raise.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        if partial is not None:
            partial.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        allowed = "what was saved before is untouched"
        todo = "make room on the disk, then go on with --resume"
        raise RecipeError(str(path), f"not saved: {reason}", allowed, todo) from error


def _sync_folder(folder: Path) -> None:
    """The move itself reaches the disk only with its folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
