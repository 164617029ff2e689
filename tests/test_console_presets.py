"""The desk's preset browser, in a real browser, with a real performance."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from rig.browser import page_of, serious_faults
from rig.console import Show

from realtime.console.desk_presets_shelf import Row, set_with, set_without
from realtime.console.desk_presets_turned import Own, in_words, spoken, turned_of
from realtime.console.mirror import Mirror
from realtime.preset_places import find_preset

OWN = Own(0, {"room_mix": 0.4, "echo.mix": 0.2}, frozenset({"echo"}), {"output": "output: a, echo"})


def a_mirror(**state: object) -> Mirror:
    mirror = Mirror()
    mirror.values = {"room_mix": 0.4, "echo.mix": 0.2}
    mirror.state = {
        "preset_number": 0,
        "effects_out": ["echo"],
        "effect_order": {"output": "output: a, echo"},
        **state,
    }
    return mirror


def test_nothing_is_turned_until_something_is() -> None:
    mirror = a_mirror()
    turned = turned_of(OWN, mirror)
    assert (turned.values, turned.effects_out, turned.order) == ({}, None, {})
    mirror.values["room_mix"] = 0.4000001
    assert not turned_of(OWN, mirror).values


def test_what_is_turned_is_told_in_words() -> None:
    mirror = a_mirror(effects_out=[], effect_order={"output": "output: echo, a"})
    mirror.values["echo.mix"] = 0.5
    turned = turned_of(OWN, mirror)
    assert (turned.values, turned.effects_out) == ({"echo.mix": 0.5}, frozenset())
    assert turned.order == {"output": ("echo", "a")}
    table, preset = _Nothing(), _Nothing()
    said = in_words(turned, OWN, table, preset)  # type: ignore[arg-type]
    assert said == ["echo mix 0.2 → 0.5", "echo in", "order: echo, a"]
    assert spoken("tone.low_db") == "tone low"


class _Nothing:
    controls = effects = ()


def test_another_preset_has_not_been_turned_yet() -> None:
    mirror = a_mirror(preset_number=1)
    mirror.values["room_mix"] = 0.9
    assert not turned_of(OWN, mirror).values


def test_the_search_finds_words_anywhere() -> None:
    row = Row("hall-violin", "Hall violin", "", "violin", "A stage", "")
    assert row.fits("")
    assert row.fits("HALL stage")
    assert not row.fits("hall cello")


def test_the_set_gains_and_loses_a_preset() -> None:
    assert set_with("", "duet") == "violin,duet"
    echo = str(find_preset("echo"))
    assert set_without("violin, echo,duet", echo) == "violin,duet"
    assert set_without("violin", echo) == "violin"


def presets_of(page: Page, show: Show) -> Locator:
    page.goto(show.address)
    page.goto(show.address.partition("?")[0] + "desk")
    page.get_by_role("tab", name="Presets").click()
    panel = page.get_by_role("region", name="Presets")
    expect(panel.get_by_role("button", name="Violin", exact=False).first).to_be_visible()
    return panel


def turn_room(page: Page) -> None:
    knob = page.get_by_role("slider", name="Room mix")
    knob.focus()
    knob.press("Home")


@pytest.mark.browser
def test_a_preset_is_turned_saved_under_a_name_and_goes_again(
    browser: Browser, a_show: Show
) -> None:
    file = a_show.config / "presets" / "quiet-violin" / "preset.yaml"
    with page_of(browser) as page:
        panel = presets_of(page, a_show)
        expect(panel.get_by_text("As it was saved.")).to_be_visible()
        turn_room(page)
        expect(panel.get_by_text("1 change since it was chosen")).to_be_visible()
        expect(panel.get_by_text("room mix 0.4 → 0")).to_be_visible()
        assert not panel.get_by_role("button", name="Save", exact=True).count()
        panel.get_by_role("button", name="Save as…").click()
        name = page.get_by_role("textbox", name="Name")
        name.fill("duet")
        name.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("there is a preset 'duet' already")
        assert not serious_faults(page)
        name.fill("quiet-violin")
        name.press("Enter")
        adding = page.get_by_role("dialog", name="Add Quiet violin to the set?")
        adding.get_by_role("button", name="Cancel").click()
        expect(panel.get_by_text("Quiet violin")).to_be_visible()
        assert "room_mix: 0\n" in file.read_text()
        panel.get_by_role("button", name="Undo changes").click()
        expect(panel.get_by_text("As it was saved.")).to_be_visible()
        the_files(page, panel, file)


def the_files(page: Page, panel: Locator, file: Path) -> None:
    """It is described, renamed, deleted, brought back and deleted again."""
    more(page, panel, "Quiet violin", "Title, note, colour…")
    page.get_by_role("textbox", name="Title").fill("Loud violin")
    page.get_by_role("button", name="teal").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(panel.get_by_text("Loud violin")).to_be_visible()
    assert 'colour: "#2f8f8b"' in file.read_text()
    more(page, panel, "Loud violin", "Rename…")
    page.get_by_role("textbox", name="Name").fill("loud")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    for is_last in (False, True):
        more(page, panel, "Loud violin", "Delete…")
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(panel.get_by_text("Loud violin is deleted.")).to_be_visible()
        assert not file.parent.with_name("loud").exists()
        if not is_last:
            panel.get_by_role("button", name="Undo", exact=True).click()
            expect(panel.get_by_role("button", name="More about Loud violin")).to_be_visible()


def more(page: Page, panel: Locator, title: str, act: str) -> None:
    panel.get_by_role("button", name=f"More about {title}").click()
    page.get_by_role("button", name=act).click()
