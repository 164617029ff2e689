"""The desk view in a real browser: every hand moves the same knobs, and they move every page."""

import time

import pytest
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of
from rig.desk_hands import as_begun, dial, grasp, knob, shows, visit, wait_until
from rig.desk_stage import DeskStage

from realtime.controls import BY_NAME, CONTROLS
from realtime.mapping_curves import value_to_travel

pytestmark = pytest.mark.browser

SOON_S = 0.5
"""What is 100 ms on a stage (docs/console.md), where several tests run at once."""


@pytest.fixture
def stage(a_desk_stage: DeskStage) -> DeskStage:
    return a_desk_stage


@pytest.fixture
def page(an_open_desk: Page, stage: DeskStage) -> Page:
    as_begun(an_open_desk, stage)
    return an_open_desk


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


def test_it_says_what_did_not_play(page: Page, stage: DeskStage) -> None:
    stage.message = "playing on as before: --input: no device 'x'"
    notice = page.get_by_text("Playing on as before: --input: no device 'x'")
    expect(notice).to_have_count(1)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(notice).to_have_count(0)
    stage.message = "another"
