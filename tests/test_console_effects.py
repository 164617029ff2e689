"""The desk's effects in a real browser, before a real host: drawn, moved, bypassed, turned."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from rig.browser import page_of, serious_faults
from rig.effects_stage import EffectsStage, effects_stage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EffectsStage]:
    with effects_stage(tmp_path_factory.mktemp("effects")) as made:
        yield made


@pytest.fixture(scope="module")
def opened(browser: Browser, stage: EffectsStage) -> Iterator[Page]:
    with page_of(browser, has_touch=True) as page:
        visit(page, stage)
        yield page


@pytest.fixture
def page(opened: Page, stage: EffectsStage) -> Page:
    """As the first preset begins."""
    stage.desk.choose(0)
    stage.play()
    shows(opened, "gate", "rumble", "echo", "chorus", "level")
    return opened


def visit(page: Page, stage: EffectsStage) -> None:
    page.goto(stage.address)
    page.goto(stage.address.partition("?")[0] + "desk")
    expect(card(page, "echo")).to_be_visible()


def card(page: Page, name: str) -> Locator:
    return page.locator(f"[data-effect='{name}']")


def shows(page: Page, *names: str) -> None:
    """These cards, in this order."""
    page.wait_for_function(
        "(names) => [...document.querySelectorAll('[data-effect]')]"
        ".map((card) => card.dataset.effect).join() === names.join()",
        arg=list(names),
    )


def wait_until(is_so: Any) -> None:
    end_s = time.monotonic() + 10.0
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=f"{name} is heard")


def middle(place: Locator) -> tuple[float, float]:
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_card_that_is_drawn_to_another_place_is_heard_there(
    page: Page, stage: EffectsStage
) -> None:
    x, y = middle(card(page, "level").locator(".effect-grip"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y - 150, steps=4)
    shows(page, "gate", "rumble", "echo", "level", "chorus")
    page.mouse.move(x, y - 270, steps=4)
    page.mouse.up()
    wait_until(lambda: stage.order() == "level, echo, chorus")
    shows(page, "gate", "rumble", "level", "echo", "chorus")
    assert stage.order("input") == "gate, rumble"
    expect(page.get_by_role("status").first).to_contain_text("level is 1 of 3 behind the voice")


def test_escape_puts_it_back(page: Page, stage: EffectsStage) -> None:
    x, y = middle(card(page, "chorus").locator(".effect-grip"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 150, steps=4)
    shows(page, "gate", "rumble", "chorus", "echo", "level")
    page.keyboard.press("Escape")
    shows(page, "gate", "rumble", "echo", "chorus", "level")
    page.mouse.up()
    assert stage.order() == "echo, chorus, level"


def test_a_finger_does_as_well(page: Page, stage: EffectsStage) -> None:
    x, y = middle(card(page, "echo").locator(".effect-grip"))
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for step in range(1, 6):
        touch("touchMove", {"x": x, "y": y + 30 * step})
    touch("touchEnd")
    wait_until(lambda: stage.order() == "chorus, echo, level")


def test_keys_move_it_and_keep_the_focus(page: Page, stage: EffectsStage) -> None:
    dial = card(page, "rumble").get_by_role("slider").first
    dial.focus()
    page.keyboard.press("Alt+ArrowUp")
    wait_until(lambda: stage.order("input") == "rumble, gate")
    expect(dial).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")  # it is the first already
    button = page.get_by_role("button", name="rumble later")
    button.focus()
    page.keyboard.press("Enter")
    wait_until(lambda: stage.order("input") == "gate, rumble")
    expect(button).to_be_disabled()
    expect(page.get_by_role("button", name="rumble earlier")).to_be_focused()


def test_two_browsers_stay_in_step(browser: Browser, page: Page, stage: EffectsStage) -> None:
    with page_of(browser, 390, 844) as other:
        visit(other, stage)
        expect(switch(page, "echo")).to_have_attribute("aria-checked", "true")
        switch(other, "echo").click()
        expect(switch(page, "echo")).to_have_attribute("aria-checked", "false")
        wait_until(lambda: stage.host.effects_out == {"echo", "level"})
        stage.desk.do("effect_order", "level, chorus, echo", "osc")
        for each in (page, other):
            shows(each, "gate", "rumble", "level", "chorus", "echo")
        expect(page.locator("body")).to_have_js_property("scrollWidth", 1280)
        expect(other.locator("body")).to_have_js_property("scrollWidth", 390)
        assert not serious_faults(other)


def test_parameters_are_knobs(page: Page, stage: EffectsStage) -> None:
    dial = card(page, "echo").get_by_role("slider", name="Mix of echo")
    expect(dial).to_have_attribute("aria-valuenow", "0.25")
    dial.focus()
    page.keyboard.press("Home")
    wait_until(lambda: stage.host.control_values["echo.mix"] == 0.0)
    stage.desk.set("echo.mix", 0.5, "midi")
    expect(dial).to_have_attribute("aria-valuenow", "0.5")


def test_another_preset_brings_its_effects(page: Page, stage: EffectsStage) -> None:
    stage.problems = ("overload: top left out; dream: crashed and was started again",)
    stage.desk.choose(2)
    shows(page, "dream", "top")
    expect(card(page, "dream")).to_contain_text("crashed and was started again")
    expect(card(page, "top")).to_contain_text("left out: the computer is overloaded")
    expect(card(page, "dream").locator("[data-control]:visible")).to_have_count(1)
    page.get_by_text("64 parameters").click()
    page.get_by_label("Find a parameter of dream").fill("air gain")
    expect(card(page, "dream").get_by_text("8 found.")).to_be_visible()
    dial = page.get_by_role("slider", name="Air gain 3 of dream")
    dial.focus()
    page.keyboard.press("End")
    wait_until(lambda: stage.host.control_values["dream.air_gain_3"] == 1.0)
    assert not serious_faults(page)
    stage.problems = ()
    stage.desk.choose(1)
    expect(page.get_by_text("plain has no effects.")).to_be_visible()
