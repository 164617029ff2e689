"""The studio in a real browser: a recording becomes another voice, on a desk and on a phone."""

import io
import re
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of, serious_faults
from rig.console import CLIP
from rig.studio import Studio as Served

CLIP_S = 6.0
FIRST_RENDER_MS = 60_000
"""Where kernels have to be compiled first."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound, rate = soundfile.read(CLIP, start=48000, frames=int(CLIP_S * 48000), dtype="int16")
    path = tmp_path_factory.mktemp("clip") / "song.wav"
    soundfile.write(path, sound, rate)
    return path


@pytest.mark.browser
def test_a_recording_becomes_another_voice(a_studio: Served, clip: Path, browser: Browser) -> None:
    with page_of(browser) as page:
        page.goto(a_studio.address)
        page.set_input_files(".ch-drop input", clip)
        expect_recording(page)
        render(page, "flute", 1)
        assert re.fullmatch(r"0:00.0 / 0:06.0", page.inner_text(".st-time"))
        assert is_drawn(page)
        assert page.inner_text(".st-command").startswith("chanterelle render song.wav song-flute")
        check_player(page)
        check_reading(page)
        check_download(page)
        render(page, "violin", 2)
        expect(page.get_by_role("button", name="1 · Flute")).to_have_attribute(
            "aria-pressed", "false"
        )
        assert serious_faults(page) == []


@pytest.mark.browser
def test_a_phone_shows_it_all_and_what_cannot_be_used_is_said(
    a_studio: Served, tmp_path: Path, browser: Browser
) -> None:
    (tmp_path / "song.wav").write_text("la la la")
    with page_of(browser, 390, 844, has_touch=True, is_mobile=True) as page:
        page.goto(a_studio.address)
        expect(page.get_by_role("button", name="Render", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious_faults(page) == []
        page.set_input_files(".ch-drop input", tmp_path / "song.wav")
        expect(page.get_by_role("alert").filter(has_text="cannot be read")).to_be_visible()


def expect_recording(page: Page) -> None:
    wanted = "+document.querySelector('.st-time')?.dataset.duration > 5.9"
    page.wait_for_function(wanted, timeout=FIRST_RENDER_MS)
    expect(page.locator("[data-lane=spectrum-a] canvas")).to_be_visible()
    expect(page.get_by_role("radio", name="Result")).to_be_disabled()


def render(page: Page, voice: str, number: int) -> None:
    page.get_by_label("Voice", exact=True).select_option(voice)
    page.get_by_role("button", name="Render", exact=True).click()
    chosen = page.locator(f".st-pick[aria-pressed=true] >> text={number} ·")
    expect(chosen).to_be_visible(timeout=FIRST_RENDER_MS)
    expect(page.get_by_role("radio", name="Result")).to_be_checked()


def is_drawn(page: Page) -> bool:
    """Whether all pictures show more than their ground."""
    return bool(
        page.evaluate(
            """() => [...document.querySelectorAll(".st-lane canvas")].every((canvas) => {
              const { width, height } = canvas;
              const { data } = canvas.getContext("2d").getImageData(60, 0, width - 70, height);
              return new Set(new Uint32Array(data.buffer)).size > 2;
            })"""
        )
    )


def check_player(page: Page) -> None:
    """By keyboard: it plays, seeks, and goes on while another one is heard."""
    time = "+document.querySelector('.st-time').dataset.time"
    page.locator(".st-reading").click()  # away from the button, for which space is its own
    page.keyboard.press("Space")
    page.wait_for_function(f"{time} > 0.1")
    page.keyboard.press("x")
    expect(page.get_by_role("radio", name="Original")).to_be_checked()
    page.wait_for_function(f"{time} > (window.before ??= {time})")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("slider", name="Position").focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"{time} === 0")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{time} === 1")


def check_reading(page: Page) -> None:
    """The mouse reads what is under it, and a click goes there."""
    lane = page.locator("[data-lane=pitch] canvas")
    box = lane.bounding_box()
    assert box is not None
    middle = {"x": 50 + (box["width"] - 58) * 0.75, "y": 20}
    lane.hover(position=middle)
    expect(page.locator(".st-reading")).to_have_text(
        re.compile(r"^0:04\.5\d · .* · sure \d+ % · .*told −?\d+ dB")
    )
    lane.click(position=middle)
    expect(page.locator(".st-time")).to_have_text("0:04.5 / 0:06.0")


def check_download(page: Page) -> None:
    """Both files are whole, and as long as what was sung."""
    for kind, subtype in (("WAV", "PCM_24"), ("FLAC", "PCM_24")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=f"Save rendering 1 as {kind}").click()
        assert waiting.value.suggested_filename == f"song-flute.{kind.lower()}"
        info = soundfile.info(io.BytesIO(Path(waiting.value.path()).read_bytes()))
        assert (info.frames, info.subtype, info.format) == (CLIP_S * 48000, subtype, kind)
