"""What all tests share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from realtime.cli import ONE_THREAD

# The command line asks for one thread, before numba reads how many; here it runs in the same
# process as training, whose kernels would have begun with more, and numba allows no change.
for name in ONE_THREAD:
    os.environ[name] = "1"

# Nobody's own presets and voices: a folder that is not there.
os.environ["CHANTERELLE_CONFIG"] = str(Path(tempfile.gettempdir(), f"chanterelle-{os.getpid()}"))

import pytest  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402
from rig.browser import chromium, find_chromium, page_of  # noqa: E402
from rig.console import Show, show  # noqa: E402
from rig.server import what_is_missing  # noqa: E402
from rig.studio import Studio, studio  # noqa: E402

if TYPE_CHECKING:
    from rig.desk_stage import DeskStage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers last: the show that they look at plays on, and would disturb what is measured."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests on the virtual sound card are left out where it cannot run, and say what it needs."""
    if item.get_closest_marker("jack") and (missing := what_is_missing()):
        pytest.skip(missing)
    if item.get_closest_marker("browser") and not find_chromium():
        pytest.skip("needs Chromium: apt-get install chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def a_show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """One performance for all tests that only look at it or turn it back."""
    with show(tmp_path_factory.mktemp("show"), ["--preset", "violin,echo,duet"]) as playing:
        yield playing


@pytest.fixture(scope="session")
def a_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for all tests that put takes and runs into its folders."""
    with studio(tmp_path_factory.mktemp("studio")) as open_for_all:
        yield open_for_all


@pytest.fixture(scope="session")
def a_desk_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator["DeskStage"]:
    """A console before a fake host, with real OSC, MIDI and link."""
    from rig.desk_stage import desk_stage

    with desk_stage(tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture(scope="session")
def an_open_desk(browser: Browser, a_desk_stage: "DeskStage") -> Iterator[Page]:
    """Its desk in a browser; one page for all tests, as opening it takes a second."""
    from rig.desk_hands import visit

    with page_of(browser) as page:
        visit(page, a_desk_stage)
        yield page
