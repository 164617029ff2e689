"""The desk view in a real browser: presets, MIDI learn, pictures, and who sees or holds it."""

import pytest
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of, serious_faults
from rig.desk_hands import as_begun, dial, finger_on, knob, shows, sweep, visit, wait_until
from rig.desk_stage import SUNG, DeskStage

from realtime.controls import CONTROLS

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(a_desk_stage: DeskStage) -> DeskStage:
    return a_desk_stage


@pytest.fixture
def page(an_open_desk: Page, stage: DeskStage) -> Page:
    as_begun(an_open_desk, stage)
    return an_open_desk


def test_a_preset_moves_all_knobs_and_what_is_turned_since_is_marked(
    page: Page, stage: DeskStage
) -> None:
    told: list[str] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda text: told.append(str(text))))
    visit(page, stage)
    told.clear()
    stage.desk.do("preset", "cello")
    for control in CONTROLS:
        value = stage.value(control.name)
        if control.choices:
            expect(knob(page, control.name).get_by_role("combobox")).to_have_value(f"{value:g}")
        else:
            shows(page, control.name, value)
    values = [text for text in told if "show" in text and "a4_hz" in text]
    few = len(CONTROLS) // 4  # one, and one more of the preset's file; a busy machine may cut them
    assert len(values) <= few, "all values in few messages"
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


def test_no_serious_fault_and_a_phone_can_hold_it(
    browser: Browser, page: Page, stage: DeskStage
) -> None:
    assert serious_faults(page) == []
    with page_of(browser, 390, 844, has_touch=True) as phone:
        visit(phone, stage)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
