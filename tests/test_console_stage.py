"""The stage view in a browser: it shows what is, does what is asked for, and fits."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of, serious_faults
from rig.canvas import colours_on
from rig.fake_engine import FakeEngine, fake_show

from ddsp_core.units import note_name

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SIZES = [(1280, 800), (390, 844), (844, 390)]
FULL = {
    "song": "A song with a title that is rather long", "next_song": "Another one of the kind",
    "song_number": 2, "n_songs": 12, "note": "Softly, until the second verse\nand then on",
    "problems": ("the sound card has gone: it is looked for", "MIDI: no port of that name"),
    "late_blocks": 12, "late_words": "late 12: 10 machine, 2 card, 0 own", "xruns": 3,
    "latency_ms": 21.3, "load_p99": 0.92, "load_max": 1.24, "midi_ports": 2, "tempo_bpm": 126.0,
    "message": "recorded into takes/2026-11-21", "message_age_s": 1.0, "disk_free_s": 7000.0,
    "is_bypassed": True,
}  # fmt: skip
SILENT = {
    "time_s": 1.0, "input_peak_db": -30, "output_peak_db": -30, "f0_hz": 0, "confidence": 0,
    "loudness_db": -40, "played_hz": 0, "load": 0, "recording_s": -1, "is_singing": False,
}  # fmt: skip
ONLY_OURS = """() => {
  if (window.isOnlyOurs) return;
  window.isOnlyOurs = true;
  const dispatch = window.dispatchEvent.bind(window);
  window.dispatchEvent = (event) =>
    event.type !== "chanterelle-live" || event.detail.isOurs ? dispatch(event) : true;
}"""
FEED = """(frames) => { for (const frame of frames) dispatchEvent(
    new CustomEvent("chanterelle-live", {detail: {isOurs: true, ...frame}})) }"""
YELLOW, SUNG, PLAYED = "255,215,94", "111,183,255", "240,169,59"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeEngine]:
    with fake_show(tmp_path_factory.mktemp("stage")) as showing:
        yield showing


@pytest.fixture
def page(browser: Browser, engine: FakeEngine) -> Iterator[Page]:
    before = engine.view
    with page_of(browser) as opened:
        opened.goto(engine.address)
        expect(_title(opened)).to_have_text("Violin")
        yield opened
    engine.view, engine.done = before, []


def _title(page: Page) -> Any:
    return page.locator(".stage-preset")


def _button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name)


def _feed(page: Page, *frames: dict[str, Any]) -> None:
    """Instead of what the engine sends."""
    page.evaluate(ONLY_OURS)
    page.evaluate(FEED, [{**SILENT, **frame} for frame in frames])


def test_the_tuner_says_what_is_sung(page: Page, engine: FakeEngine) -> None:
    for f0_hz, a4_hz in [(446.0, 440.0), (233.0, 442.0), (1000.0, 440.0)]:
        engine.show(a4_hz=a4_hz)
        expect(page.get_by_text(f"{a4_hz:g} Hz")).to_be_visible()
        name, cents = note_name(f0_hz, a4_hz)
        _feed(page, *[{"is_singing": True, "f0_hz": f0_hz, "played_hz": f0_hz / 2}] * 3)
        expect(page.locator(".tuner-letter")).to_have_text(name[0])
        expect(page.locator(".tuner-sharp")).to_have_text("♯" if "#" in name else "")
        expect(page.locator(".tuner-octave")).to_have_text(name[-1])
        lower = name.replace("#", "♯")[:-1] + str(int(name[-1]) - 1)
        expect(page.locator(".tuner-played")).to_have_text(f"plays {lower}")
        sign = "−" if cents < 0 else "+"
        words = f"{sign}{abs(cents):.0f} ct"
        for _ in range(50):  # they are written ten times a second at most
            _feed(page, {"is_singing": True, "f0_hz": f0_hz})
            if page.locator(".tuner-cents").inner_text() == words:
                break
        expect(page.locator(".tuner-cents")).to_have_text(words)


def test_the_needle_stands_where_the_note_is(page: Page) -> None:
    """-50 cents at 16 pixels from the left, +50 at 16 from the right."""
    for cents in (-40.0, 25.0):
        _feed(page, *[{"is_singing": True, "f0_hz": 440.0 * 2 ** (cents / 1200)}] * 40)
        seen = colours_on(page, ".tuner-scale")
        middle = (seen["width"] - 1) / 2
        place = middle + cents / 50 * (seen["width"] / 2 - 16)
        assert seen[YELLOW]["mean"] == pytest.approx(place, abs=1.5)
    _feed(page, {})
    assert YELLOW not in colours_on(page, ".tuner-scale")
    expect(page.locator(".tuner-cents")).to_have_text("gate closed")


def test_the_trail_shows_both_lines_and_forgets_after_ten_seconds(page: Page) -> None:
    second = [
        {"time_s": at / 30, "is_singing": True, "f0_hz": 440, "played_hz": 330} for at in range(30)
    ]
    _feed(page, *second)
    seen = colours_on(page, ".trail canvas")
    assert seen[SUNG]["n"] > 100
    assert seen[PLAYED]["n"] > 50
    assert seen[SUNG]["first"] == pytest.approx(seen["width"] - (seen["width"] - 52) / 10, abs=12)
    _feed(page, {"time_s": 12.0})
    later = colours_on(page, ".trail canvas")
    assert SUNG not in later
    assert PLAYED not in later


def test_clipping_is_lit_and_stays_framed_until_it_was_pressed(page: Page) -> None:
    light = page.locator(".meter-light").first
    _feed(page, {"input_peak_db": -0.2})
    expect(light).to_be_disabled()
    _feed(page, {"input_peak_db": 0.0}, {"input_peak_db": -20.0})
    expect(light).to_have_class("meter-light is-lit was-lit")
    expect(page.locator(".meter-light").nth(1)).to_be_disabled()
    meter = page.get_by_role("meter", name="in level")
    expect(meter).to_have_attribute("aria-valuemin", "-60")
    light.click()
    expect(light).to_have_class("meter-light")


def test_every_button_gives_its_command(page: Page, engine: FakeEngine) -> None:
    engine.show(n_songs=3, song_number=2, song="One", next_song="Two")
    expect(_button(page, "next song")).to_be_visible()
    for name, command in {
        "next song": "next_song",
        "previous song": "previous_song",
        "next preset": "next_preset",
        "previous preset": "previous_preset",
        "Record": "record",
        "Bypass": "bypass",
        "late 0": "reset_counters",
        "tap tempo": "tap_tempo",
    }.items():
        _button(page, name).click()
        engine.wait_for((command, None))
    _button(page, "Panic").click()  # as soon as it is touched, and when it is let go
    engine.wait_for(("panic", None), ("panic", None))


def test_keyboard_alone(page: Page, engine: FakeEngine) -> None:
    """Tab reaches every button, which has Enter and space; elsewhere keys are the terminal's."""
    reached = []
    while "Panic" not in reached and len(reached) < 20:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Desk", "Record", "Bypass", "Panic"} <= set(reached)
    page.keyboard.press("Space")  # on the button: its own, and not the next preset
    engine.wait_for(("panic", None))
    page.locator(":focus").blur()
    for key, command in {
        "ArrowRight": ("next_preset", None),
        "Space": ("next_preset", None),
        "PageUp": ("previous_preset", None),
        "3": ("preset", "3"),
        "Shift+R": ("record", None),
        "p": ("panic", None),
        "Escape": ("panic", None),
    }.items():
        page.keyboard.press(key)
        engine.wait_for(command)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_what_is_wrong_stands_out_and_goes(page: Page, engine: FakeEngine) -> None:
    alert = page.locator(".stage-problems")
    expect(alert).to_be_hidden()
    engine.show(problems=("the sound card has gone",), late_blocks=2, late_words="late 2: 2 card")
    expect(alert).to_have_text("the sound card has gone")
    expect(page.get_by_text("late 2: 2 card")).to_be_visible()
    engine.show(problems=(), late_blocks=0)
    expect(alert).to_be_hidden()


def test_nothing_has_to_be_scrolled_even_when_all_is_said(
    browser: Browser, engine: FakeEngine
) -> None:
    """Nor does anything stand outside; and no page has a serious fault."""
    before = engine.view
    engine.show(**FULL)
    for width, height in SIZES:
        with page_of(browser, width, height) as page:
            page.goto(engine.address)
            expect(page.locator(".stage-problems")).to_be_visible()
            outside = page.evaluate(
                """() => [...document.querySelectorAll(".stage button, .stage-value, .tuner-note")]
                .filter((e) => { const r = e.getBoundingClientRect(); return r.width && (
                  r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight) })
                .map((e) => e.className)"""
            )
            assert outside == []
            sizes = "({scrollWidth: w, scrollHeight: h}) => [w, h]"
            scrolled = page.evaluate(f"({sizes})(document.documentElement)")
            assert scrolled == [width, height]
            low = page.evaluate(
                """() => [...document.querySelectorAll(".stage .ch-button")]
                .filter((e) => e.offsetHeight && e.offsetHeight < 44).map((e) => e.className)"""
            )
            assert low == []
            assert serious_faults(page) == []
    engine.view = before


def test_a_swipe_brings_the_next_preset(browser: Browser, engine: FakeEngine) -> None:
    swipe = """([from, to]) => { for (const [type, clientX] of [["down", from], ["up", to]])
        document.body.dispatchEvent(new PointerEvent(`pointer${type}`, {clientX, clientY: 300,
            pointerType: "touch", isPrimary: true, bubbles: true})) }"""
    with page_of(browser, **PHONE, has_touch=True) as page:
        page.goto(engine.address)
        expect(_title(page)).to_have_text("Violin")
        page.evaluate(swipe, [300, 200])
        engine.wait_for(("next_preset", None))
        page.evaluate(swipe, [200, 180])  # a tap that trembles
        page.evaluate(swipe, [100, 200])
        engine.wait_for(("previous_preset", None))


def test_a_console_that_is_frozen_shows_at_once_and_heals(page: Page, engine: FakeEngine) -> None:
    popup = page.get_by_text("Connection lost")
    expect(page.locator(".tuner-cents")).to_have_text("gate closed")  # it hears
    expect(popup).to_be_hidden()
    assert engine.console is not None
    os.kill(engine.console.pid, signal.SIGSTOP)
    try:
        expect(popup).to_be_visible(timeout=3_000)
    finally:
        os.kill(engine.console.pid, signal.SIGCONT)
    expect(popup).to_be_hidden()
