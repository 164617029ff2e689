"""Console and engine may die, each for itself: the other goes on, and an open page finds back."""

import os
import signal
import sys
import time

import pytest
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of
from rig.console import Show, children

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

LIVE = """() => new Promise((done) => { let n = 0;
window.addEventListener("chanterelle-live", () => { if (++n == 3) done(true); }); })"""


def is_live(page: Page) -> bool:
    """Frames come; not while the page is being loaded again."""
    try:
        return bool(page.evaluate(LIVE))
    except Exception:
        return False


def wait_until_live(page: Page, limit_s: float = 60.0) -> None:
    end_s = time.monotonic() + limit_s
    while not is_live(page):
        assert time.monotonic() < end_s


def test_a_console_that_was_killed_is_back_and_the_music_went_on(
    browser: Browser, a_show: Show
) -> None:
    with page_of(browser) as page:
        page.goto(a_show.address)
        wait_until_live(page)
        before = children(a_show.process.pid)
        os.kill(before["realtime.console"], signal.SIGKILL)
        expect(page.get_by_text("Connection lost")).to_be_visible()
        wait_until_live(page)
        expect(page.get_by_text("Connection lost")).to_be_hidden()
        after = children(a_show.process.pid)
        assert after["realtime.cli"] == before["realtime.cli"]
        assert after["realtime.console"] != before["realtime.console"]


def test_an_engine_that_crashed_is_back_and_the_console_stayed(
    browser: Browser, a_show: Show
) -> None:
    with page_of(browser) as page:
        page.goto(a_show.address)
        wait_until_live(page)
        before = children(a_show.process.pid)
        os.kill(before["realtime.cli"], signal.SIGKILL)
        expect(page.get_by_text("The instrument is away")).to_be_visible()
        expect(page.get_by_text("The instrument is away")).to_be_hidden(timeout=30_000)
        wait_until_live(page)
        after = children(a_show.process.pid)
        assert after["realtime.cli"] != before["realtime.cli"]
        assert after["realtime.console"] == before["realtime.console"]
