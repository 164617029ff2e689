"""A real browser for the console's tests: headless Chromium, a fresh profile a page."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

PATIENCE_MS = 30_000
"""A machine may be busy; how fast pages are, benchmarks/console.py measures."""

expect.set_options(timeout=PATIENCE_MS)

# Nothing but the page: no updates, no background connections. As root there is no sandbox.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """Its path; empty if there is none."""
    found = filter(None, map(shutil.which, CANDIDATES))
    return next(found, MAC if os.path.exists(MAC) else "")  # noqa: PTH110 (a constant)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page_of(browser: Browser, width: int = 1280, height: int = 800, **more: Any) -> Iterator[Page]:
    """A page in a context of its own; errors of its scripts fail the test.

    Args:
        browser: that runs.
        width, height: of what is seen, in CSS pixels.
        more: what Playwright's `new_context` takes.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert not errors, errors


def serious_faults(page: Page) -> list[str]:
    """What axe finds on the page that is serious or critical, a line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['target']}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]
