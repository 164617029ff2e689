"""What all tests share."""

import pytest
from rig.server import what_is_missing


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests on the virtual sound card are left out where it cannot run, and say what it needs."""
    if item.get_closest_marker("jack") and (missing := what_is_missing()):
        pytest.skip(missing)
