"""What all tests share."""

import os
import tempfile
from pathlib import Path

from realtime.cli import ONE_THREAD

# The command line asks for one thread, before numba reads how many; here it runs in the same
# process as training, whose kernels would have begun with more, and numba allows no change.
for name in ONE_THREAD:
    os.environ[name] = "1"

# Nobody's own presets and voices: a folder that is not there.
os.environ["CHANTERELLE_CONFIG"] = str(Path(tempfile.gettempdir(), f"chanterelle-{os.getpid()}"))

import pytest  # noqa: E402
from rig.server import what_is_missing  # noqa: E402


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests on the virtual sound card are left out where it cannot run, and say what it needs."""
    if item.get_closest_marker("jack") and (missing := what_is_missing()):
        pytest.skip(missing)
