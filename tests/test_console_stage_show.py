"""The stage view of a performance that plays: it follows every hand, draws and records."""

import re

import pytest
from playwright.sync_api import Browser, expect
from rig.browser import page_of
from rig.canvas import COLUMNS
from rig.console import Show

pytestmark = pytest.mark.browser

TITLE = ".stage-preset"
SUNG = "111,183,255"


def test_presets_follow_every_hand(browser: Browser, a_show: Show) -> None:
    with page_of(browser) as one, page_of(browser, 390, 844) as other:
        for page in (one, other):
            page.goto(a_show.address)
            expect(page.locator(TITLE)).to_have_text("Violin")
        one.get_by_role("button", name="next preset").click()
        for page in (one, other):
            expect(page.locator(TITLE)).to_have_text("Echo flute")
            expect(page.locator(".stage-place.is-preset")).to_have_text("2 / 3")
        assert "#2f8f8b" in (other.locator(".stage").get_attribute("style") or "")
        other.keyboard.press("ArrowLeft")
        expect(one.locator(TITLE)).to_have_text("Violin")
        expect(one.get_by_role("button", name="next preset")).to_contain_text("Echo flute")


def test_a_song_is_drawn_and_recorded(browser: Browser, a_show: Show) -> None:
    """Bypass and takes go on and off by key, and the buttons say so."""
    with page_of(browser) as page:
        page.goto(a_show.address)
        page.wait_for_function(
            "document.querySelector('.meter-bar').ariaValueNow > -50", timeout=10_000
        )
        much = f"({COLUMNS})('.trail canvas').then((seen) => seen['{SUNG}']?.n > 100)"
        page.wait_for_function(much)
        expect(page.locator(".stage-value").first).not_to_have_text("0.0 ms")
        page.keyboard.press("r")
        record = page.locator("button.is-record")
        expect(record).to_have_attribute("aria-pressed", "true")
        expect(record).to_contain_text(re.compile(r"0:(?!00)\d\d"))
        page.keyboard.press("r")
        expect(record).to_have_attribute("aria-pressed", "false")
        expect(record).to_contain_text("Record")
        page.keyboard.press("b")
        expect(page.get_by_text("Bypass", exact=True).first).to_be_visible()
        expect(page.locator("button.is-bypass")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("b")
        expect(page.locator("button.is-bypass")).to_have_attribute("aria-pressed", "false")
