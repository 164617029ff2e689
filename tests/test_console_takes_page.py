"""Takes in a real browser: heard, compared, played again, deleted; also on a phone."""

import shutil

import pytest
import soundfile
from playwright.sync_api import Page, expect
from rig.browser import page_of, serious_faults
from rig.console import Show
from rig.studio import Studio
from rig.sung_take import LATENCY, RATE, make_take

from realtime.console.takes_tidy import rename
from realtime.take_layout import TakeLayout
from realtime.take_reader import read_take


def open_takes(page: Page, studio: Studio | Show, take: str = "") -> None:
    page.goto(f"{studio.address.replace('/?', '/takes?')}&take={take}")


WATCH = """() => document.addEventListener("play", (event) => {
  const wet = document.querySelector("audio[data-lane=wet]");
  window.apart_s = wet.currentTime - event.target.currentTime;
}, true)"""
"""How far the two are apart in their files when the second one begins."""

APART_S = 0.3
"""What is some milliseconds where nothing else runs."""


def wait_until_drawn(page: Page, n_lanes: int) -> None:
    page.wait_for_function(
        """n => document.querySelectorAll('.pl-lane').length === n
             && !document.querySelector('.pl-wait')""",
        arg=n_lanes,
        timeout=60_000,
    )


@pytest.mark.browser
def test_a_take_is_heard_compared_played_again_and_deleted(browser, a_studio):
    older = make_take(a_studio.takes, 0.3).rename(a_studio.takes / "older")
    rename(older, "an older one", "")
    folder = make_take(a_studio.takes, 2.5)
    with page_of(browser) as page:
        open_takes(page, a_studio, folder.name)
        wait_until_drawn(page, 2)
        assert serious_faults(page) == []
        is_drawn = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
        assert page.locator("canvas[data-lane=wet]").evaluate(is_drawn)

        # Another one takes over at the same moment, and is what sounds from then on.
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('audio[data-lane=wet]').currentTime > 0.3")
        page.evaluate(WATCH)
        page.keyboard.press("1")
        page.wait_for_function("document.querySelector('audio[data-lane=wet]').paused")
        assert abs(page.evaluate("window.apart_s") - LATENCY / RATE) < APART_S
        page.keyboard.press("Space")
        expect(page.locator(".pl")).to_have_attribute("data-state", "still")

        # Played again, a version more.
        form = page.locator("form")
        form.get_by_label("Preset").select_option("cello")
        form.get_by_label("Control").select_option("octave_shift")
        form.get_by_label("octave shift", exact=True).fill("-1")
        form.get_by_role("button", name="Play it again").click()
        wait_until_drawn(page, 3)
        expect(page.get_by_text("Again: cello", exact=True)).to_be_visible()
        assert soundfile.info(folder / "render-cello.wav").duration == 2.5
        page.keyboard.press("3")
        page.locator(".pl-play").click()
        page.wait_for_function(
            "document.querySelector('audio[data-lane=render-cello]').currentTime > 0.1"
        )

        # Another one is deleted, and brought back.
        page.get_by_role("button", name="an older one").click()
        wait_until_drawn(page, 2)
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete it").click()
        expect(page.get_by_text("1 deleted")).to_be_visible()
        wait_until_drawn(page, 3)
        expect(page.get_by_role("heading", name="a song")).to_be_visible()
        assert not older.exists()
        page.get_by_role("button", name="Bring the last back").click()
        expect(page.get_by_role("heading", name="an older one")).to_be_visible()
        assert read_take(older).title == "an older one"


@pytest.mark.browser
def test_a_take_in_pieces_is_heard_on_a_phone(browser, a_studio):
    """FLAC that was gone on with has a second file; the browser is given one."""
    folder = make_take(a_studio.takes, 0.6, layout=TakeLayout("flac", 16))
    for side in ("wet", "dry"):
        shutil.copy(folder / f"{side}.flac", folder / f"{side}-2.flac")
    with page_of(browser, 390, 844, has_touch=True, is_mobile=True) as page:
        open_takes(page, a_studio, folder.name)
        wait_until_drawn(page, 2)
        waves = page.locator(".pl-wave")
        assert min(wave.bounding_box()["width"] for wave in waves.all()) > 300
        page.locator(".pl-play").tap()
        page.wait_for_function(
            "document.querySelector('audio[data-lane=wet]')?.currentTime > 0.7", timeout=60_000
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_what_the_stage_records_is_in_the_list_by_itself(browser, a_show):
    with page_of(browser) as stage, page_of(browser) as page:
        stage.goto(a_show.address)
        open_takes(page, a_show)
        expect(page.get_by_text("0 takes")).to_be_visible()
        record = stage.locator(".stage-acts button").first
        record.click()
        expect(page.get_by_text("is being recorded").first).to_be_visible()
        record.click()
        wait_until_drawn(page, 2)
        expect(page.get_by_text("is being recorded")).to_have_count(0)
        page.locator(".pl-play").click()
        page.wait_for_function("document.querySelector('audio[data-lane=wet]').currentTime > 0.2")
    shutil.rmtree(a_show.folder / "takes")
