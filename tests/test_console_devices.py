"""Another block size from the desk: the instrument comes back with it, and as it stood."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of, serious_faults
from rig.console import show

pytestmark = pytest.mark.browser

RESTART_LIMIT_MS = 30_000


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()


def test_another_block_size(browser: Browser, tmp_path: Path) -> None:
    words = ["--preset", "dry-violin", "--room-mix", "0.3"]
    with show(tmp_path, words) as playing, page_of(browser) as page:
        page.goto(playing.address.replace("/?", "/desk?"))
        page.get_by_role("tab", name="Sound card").click()
        panel = page.get_by_role("region", name="Sound card and block size")
        expect(panel).to_contain_text("blocks of 128 samples take")
        assert serious_faults(page) == []
        mix = page.get_by_role("slider", name="Room mix", exact=True)
        mix.press("Home")

        choose(page, "Block size, samples", "256")
        page.get_by_role("button", name="Use these").click()
        page.get_by_role("dialog").get_by_role("button", name="Use these").click()
        expect(panel).to_contain_text("blocks of 256 samples take", timeout=RESTART_LIMIT_MS)
        expect(mix).to_have_attribute("aria-valuenow", "0")  # not 0.3, as the command line says
