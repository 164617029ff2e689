"""The desk view in a real browser: every hand moves the same knobs, and they move every page."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from rig.browser import page_of, serious_faults
from rig.desk_stage import SUNG, DeskStage, desk_stage

from realtime.controls import BY_NAME, CONTROLS
from realtime.mapping_curves import value_to_travel

pytestmark = pytest.mark.browser

LIMIT_MS = 15_000

TOLD: list[str] = []
"""What has come to the page through its socket."""

SOON_S = 0.5
"""What is 100 ms on a stage (docs/console.md), where several tests run at once."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskStage]:
    with desk_stage(tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture(scope="module")
def opened(browser: Browser, stage: DeskStage) -> Iterator[Page]:
    with page_of(browser) as page:
        page.on("websocket", lambda socket: socket.on("framereceived", note))
        visit(page, stage)
        yield page


@pytest.fixture
def page(opened: Page, stage: DeskStage) -> Page:
    """As the first preset begins."""
    stage.live, stage.n_ports = SUNG, 1
    stage.desk.choose(0)
    expect(dial(opened, "room_mix")).to_have_attribute("aria-valuenow", "1")
    expect(opened.locator(".knob.is-turned")).to_have_count(0)
    return opened


def note(payload: str | bytes) -> None:
    TOLD.append(str(payload))


def visit(page: Page, stage: DeskStage) -> None:
    page.goto(stage.address)
    page.goto(stage.address.partition("?")[0] + "desk")
    expect(dial(page, "room_mix")).to_be_visible()


def knob(page: Page, name: str) -> Locator:
    return page.locator(f".desk-knobs [data-control='{name}']")


def dial(page: Page, name: str) -> Locator:
    return knob(page, name).get_by_role("slider")


def shows(page: Page, name: str, value: float) -> None:
    expect(dial(page, name)).to_have_attribute("aria-valuenow", f"{value:g}", timeout=LIMIT_MS)


def wait_until(is_so: Any) -> None:
    end_s = time.monotonic() + 5.0
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def grasp(page: Page, name: str) -> tuple[float, float]:
    """Presses the mouse on a knob."""
    box = dial(page, name).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


@contextlib.contextmanager
def finger_on(page: Page, name: str) -> Iterator[None]:
    """It stays there."""
    box = dial(page, name).bounding_box()
    assert box is not None
    screen = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 20, "y": box["y"] + 20}
    screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    yield
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def sweep(cc: int) -> list[list[int]]:
    return [[0xB0, cc, value] for value in (60, 61, 62)]


def test_a_drag_turns_the_engines_control_and_shift_makes_it_fine(
    page: Page, stage: DeskStage
) -> None:
    x, y = grasp(page, "room_mix")
    page.mouse.move(x, y + 90, steps=6)
    wait_until(lambda: stage.value("room_mix") == 0.5)
    page.keyboard.down("Shift")
    page.mouse.move(x, y + 90 + 144, steps=6)
    wait_until(lambda: stage.value("room_mix") == 0.4)
    page.keyboard.up("Shift")
    page.mouse.up()
    expect(knob(page, "room_mix").locator(".knob-value")).to_have_text("0.40")


def test_what_osc_moves_moves_on_the_page(page: Page, stage: DeskStage) -> None:
    sent_s = time.monotonic()
    stage.send_osc("room_mix", 0.25)
    page.wait_for_function(
        "document.querySelector('.desk-knobs [data-control=room_mix] [role=slider]')"
        ".getAttribute('aria-valuenow') === '0.25'"
    )
    assert time.monotonic() - sent_s < SOON_S
    expect(dial(page, "room_mix")).to_have_attribute("aria-valuetext", "0.25")


def test_a_double_click_is_the_default(page: Page, stage: DeskStage) -> None:
    stage.send_osc("input_gain_db", 12.0)
    shows(page, "input_gain_db", 12.0)
    dial(page, "input_gain_db").dblclick()
    wait_until(lambda: stage.value("input_gain_db") == 0.0)


@pytest.mark.parametrize(
    ("name", "keys", "value"),
    [
        ("input_gain_db", ["ArrowUp"], 1.0),
        ("input_gain_db", ["ArrowDown", "PageUp"], 4.0),
        ("room_mix", ["ArrowLeft"], 0.98),
        ("octave_shift", ["ArrowRight", "ArrowRight"], 2.0),
        ("gate_db", ["Home"], -90.0),
        ("gate_db", ["End", "Delete"], -55.0),
    ],
)
def test_keys_turn_it(
    page: Page, stage: DeskStage, name: str, keys: list[str], value: float
) -> None:
    dial(page, name).focus()
    for key in keys:
        page.keyboard.press(key)
    wait_until(lambda: stage.value(name) == pytest.approx(value))


def test_a_wheel_turns_it(page: Page, stage: DeskStage) -> None:
    dial(page, "input_gain_db").focus()
    dial(page, "input_gain_db").hover()
    page.mouse.wheel(0, -300)
    wait_until(lambda: stage.value("input_gain_db") == 3.0)


def test_a_number_is_typed_and_a_wrong_one_refused(page: Page, stage: DeskStage) -> None:
    gate = knob(page, "gate_db")
    gate.locator(".knob-value").click()
    page.keyboard.type("-42,5 dB")
    page.keyboard.press("Enter")
    wait_until(lambda: stage.value("gate_db") == -42.5)
    expect(gate.locator(".knob-value")).to_have_text("\N{MINUS SIGN}42.5 dB")
    expect(dial(page, "gate_db")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("gate_db: 7 is above 0")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("-10")
    page.keyboard.press("Escape")
    expect(gate.locator(".knob-value")).to_have_text("\N{MINUS SIGN}42.5 dB")
    assert stage.value("gate_db") == -42.5


def test_words_are_chosen(page: Page, stage: DeskStage) -> None:
    page.get_by_label("Scale").select_option(label="dorian")
    number = float(BY_NAME["scale"].choices.index("dorian"))
    wait_until(lambda: stage.value("scale") == number)
    stage.send_osc("scale", 0.0)
    expect(page.get_by_label("Scale")).to_have_value("0")


def test_two_pages_are_in_step_and_a_hand_is_not_disturbed(
    browser: Browser, page: Page, stage: DeskStage
) -> None:
    with page_of(browser) as other:
        visit(other, stage)
        x, y = grasp(page, "a4_hz")
        page.mouse.move(x, y - 45, steps=4)
        wait_until(lambda: stage.value("a4_hz") == 458.5)
        shows(other, "a4_hz", 458.5)
        stage.send_osc("a4_hz", 400.0)
        shows(other, "a4_hz", 400.0)
        shows(page, "a4_hz", 458.5)
        page.mouse.up()
        shows(page, "a4_hz", 400.0)


def test_a_preset_moves_all_knobs_and_what_is_turned_since_is_marked(
    page: Page, stage: DeskStage
) -> None:
    TOLD.clear()
    stage.desk.do("preset", "cello")
    for control in CONTROLS:
        value = stage.value(control.name)
        if control.choices:
            expect(knob(page, control.name).get_by_role("combobox")).to_have_value(f"{value:g}")
        else:
            shows(page, control.name, value)
    values = [told for told in TOLD if "show" in told and "a4_hz" in told]
    assert len(values) <= 2, "all values in one message, and those of the preset's file in another"
    stage.send_osc("gate_db", -30.0)
    expect(page.locator(".knob.is-turned")).to_have_count(1)
    dial(page, "gate_db").click(button="right")
    page.get_by_role("menuitem", name="Back to the preset: \N{MINUS SIGN}40.0 dB").click()
    wait_until(lambda: stage.value("gate_db") == -40.0)
    expect(page.locator(".knob.is-turned")).to_have_count(0)


def test_a_knob_is_learned_shown_and_forgotten(page: Page, stage: DeskStage) -> None:
    expect(knob(page, "octave_shift").locator(".knob-badge")).to_have_text("CC 21")
    dial(page, "room_mix").click(button="right")
    page.get_by_role("menuitem", name="Learn").click()
    expect(page.get_by_text("Move a knob or fader")).to_be_visible()
    expect(page.locator(".knob.is-learning")).to_have_attribute("data-control", "room_mix")
    stage.send_midi(*sweep(20))
    expect(knob(page, "room_mix").locator(".knob-badge")).to_have_text("CC 20")
    expect(page.get_by_text("Move a knob or fader")).to_be_hidden()
    stage.send_midi([0xB0, 20, 127], [0xB0, 20, 0])
    shows(page, "room_mix", 0.0)
    with finger_on(page, "room_mix"):
        expect(page.get_by_role("menu")).to_be_visible()
    page.get_by_role("menuitem", name="Forget").click()
    expect(knob(page, "room_mix").locator(".knob-badge")).to_have_count(0)


def test_learning_by_the_keyboard_and_cancelling(page: Page, stage: DeskStage) -> None:
    dial(page, "dry_wet").focus()
    page.keyboard.press("l")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Move a knob or fader")).to_be_hidden()
    assert stage.learner.waits_for == ""
    dial(page, "dry_wet").focus()
    page.keyboard.press("ContextMenu")
    expect(page.get_by_role("menuitem", name="Learn")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dial(page, "dry_wet")).to_be_focused()


def test_without_midi_it_says_so(page: Page, stage: DeskStage) -> None:
    stage.n_ports = 0
    dial(page, "dry_wet").focus()
    stage.desk.choose(0)  # with which the state is told
    page.wait_for_timeout(300)
    page.keyboard.press("l")
    expect(page.get_by_text("No MIDI input is open")).to_be_visible()
    assert stage.learner.waits_for == ""


def test_the_pictures_say_where_it_is_played(page: Page, stage: DeskStage) -> None:
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_have_text("Inside what the violin learned.")
    stage.live = SUNG._replace(played_hz=140.0)
    expect(verdict).to_contain_text("Lower than the violin learned.")
    page.get_by_role("button", name="One octave up").click()
    wait_until(lambda: stage.value("octave_shift") == 1.0)
    stage.live = SUNG._replace(loudness_db=-5.0)
    expect(verdict).to_contain_text("Louder than the violin learned.")
    stage.live = SUNG._replace(is_singing=False, played_hz=0.0)
    expect(verdict).to_have_text("Sing: the point shows where the voice is played.")
    stage.live = SUNG
    for picture, colour in (("range", "240,169,59"), ("spectrum", "240,169,59")):
        page.wait_for_function(IS_DRAWN, arg=[f".desk-{picture} canvas", colour])


IS_DRAWN = """([where, colour]) => {
  const canvas = document.querySelector(where);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    n += `${data[i]},${data[i + 1]},${data[i + 2]}` === colour && data[i + 3] === 255;
  }
  return n > 50;
}"""


def test_the_knobs_arithmetic_is_the_tables(page: Page) -> None:
    """Where a knob stands for a value: in JavaScript as in Python, for every control and beyond."""
    rows = [
        {"minimum": c.minimum, "maximum": c.maximum, "curve": c.curve, "step": c.step,
         "choices": list(c.choices), "unit": c.unit}
        for c in CONTROLS
    ]  # fmt: skip
    rows += [{**rows[0], "minimum": 20, "maximum": 2000, "curve": "log"}]
    found = page.evaluate(
        "async (rows) => { const { travelOf, valueOf } = await import('knob_travel');"
        " return rows.map((r) => [0.1, 0.5, 0.9].map((t) => [valueOf(r, t),"
        " travelOf(r, valueOf(r, t))])); }",
        rows,
    )
    for row, pairs in zip(rows, found, strict=True):
        control = BY_NAME["a4_hz"]
        plain = {key: row[key] for key in ("minimum", "maximum", "curve")}
        made = type(control)(**{**vars(control), **plain})
        for value, travel in pairs:
            assert travel == pytest.approx(value_to_travel(value, made), abs=1e-9)


def test_no_serious_fault_and_a_phone_can_hold_it(
    browser: Browser, page: Page, stage: DeskStage
) -> None:
    assert serious_faults(page) == []
    with page_of(browser, 390, 844, has_touch=True) as phone:
        visit(phone, stage)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
