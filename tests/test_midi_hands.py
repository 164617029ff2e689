"""Pick-up: a knob turns nothing until it has been where its control stands."""

import dataclasses

import pytest
from desks import a_desk, a_preset

from realtime.mapping import MidiEntry
from realtime.midi_router import MidiRouter

ROOM = {"control": "room_mix"}


def a_router(*entries, room=0.5):
    midi = tuple(MidiEntry.model_validate(entry) for entry in entries)
    presets = [
        dataclasses.replace(a_preset("a", room_mix=room), midi=midi),
        dataclasses.replace(a_preset("b", room_mix=0.9), midi=midi),
    ]
    desk, instrument, _ = a_desk(presets)
    return desk, instrument, MidiRouter(desk)


def values(router, instrument, *places, cc=20, port="knobs"):
    """Values that a knob's way through these places gives its control."""
    del instrument.asked[:]
    for place in places:
        router.on_message([0xB0, cc, place], port)
    return [round(value * 127) for _, value in instrument.asked]


def test_a_knob_is_ignored_until_it_passes_through_the_control():
    _, instrument, router = a_router({"cc": 20, **ROOM})
    assert values(router, instrument, 0, 20, 50) == []
    assert values(router, instrument, 70, 100, 20) == [70, 100, 20]


@pytest.mark.parametrize("first", [62, 64, 66])
def test_a_knob_that_is_as_good_as_there_works_at_once(first):
    _, instrument, router = a_router({"cc": 20, **ROOM})
    assert len(values(router, instrument, first)) == 1


def test_the_first_message_of_a_knob_far_away_is_no_passing():
    _, instrument, router = a_router({"cc": 20, **ROOM})
    assert values(router, instrument, 100, 101) == []


def test_after_a_preset_change_it_is_picked_up_anew():
    desk, instrument, router = a_router({"cc": 20, **ROOM})
    assert len(values(router, instrument, 64, 40)) == 2
    desk.choose(1)
    assert values(router, instrument, 41, 60, 110) == []
    assert len(values(router, instrument, 120)) == 1


def test_another_hand_takes_a_control_away():
    desk, instrument, router = a_router({"cc": 20, **ROOM})
    assert len(values(router, instrument, 64)) == 1
    desk.set("room_mix", 0.1, "osc")
    assert values(router, instrument, 65, 66) == []
    assert len(values(router, instrument, 5)) == 1


def test_another_hand_at_another_control_takes_nothing_away():
    desk, instrument, router = a_router({"cc": 20, **ROOM})
    assert len(values(router, instrument, 64)) == 1
    desk.set("dry_wet", 0.1, "osc")
    assert len(values(router, instrument, 100)) == 1


def test_two_knobs_of_one_control_take_it_from_each_other():
    _, instrument, router = a_router({"cc": 20, **ROOM}, {"cc": 21, **ROOM})
    assert len(values(router, instrument, 64, 100)) == 2
    assert values(router, instrument, 0, 50, cc=21) == []
    assert len(values(router, instrument, 110, cc=21)) == 1
    assert values(router, instrument, 99) == []


def test_the_same_knob_of_two_devices_is_two_knobs():
    _, instrument, router = a_router({"cc": 20, **ROOM})
    assert len(values(router, instrument, 64, 100)) == 2
    assert values(router, instrument, 10, port="other") == []


def test_a_switch_takes_a_control_away_as_well():
    _, instrument, router = a_router({"cc": 20, **ROOM}, {"note": 36, **ROOM, "value": 0.9})
    assert len(values(router, instrument, 64)) == 1
    router.on_message([0x90, 36, 100], "knobs")
    assert values(router, instrument, 65) == []


def test_where_a_knob_went_while_it_turned_nothing_is_remembered():
    desk, instrument, router = a_router({"cc": 20, **ROOM})
    router.use([])
    assert values(router, instrument, 0, 60, 126) == []
    desk.choose(0)
    assert values(router, instrument, 127) == [], "it stood at 126, beyond the control"


@pytest.mark.parametrize(
    ("entry", "is_picked_up"),
    [
        ({"cc": 20, **ROOM}, True),
        ({"cc": 20, **ROOM, "pickup": False}, False),
        ({"cc": 20, "control": "octave_shift"}, False),
        ({"cc": 20, "control": "octave_shift", "range": [-2, 3], "pickup": True}, True),
        ({"cc": 20, "control": "echo.mix"}, True),
    ],
)
def test_who_has_to_be_picked_up(entry, is_picked_up):
    _, instrument, router = a_router(entry)
    values(router, instrument, 120)
    assert (instrument.asked == []) == is_picked_up


def test_wheels_and_pressure_spring_back_and_are_not_picked_up():
    _, instrument, router = a_router({"bend": True, **ROOM}, {"pressure": True, **ROOM})
    router.on_message([0xE0, 127, 127])
    router.on_message([0xD0, 0])
    assert instrument.asked == [("room_mix", 1.0), ("room_mix", 0.0)]


def test_a_knob_turned_round_and_bent_is_picked_up_where_it_looks_right():
    entry = {"cc": 20, **ROOM, "range": [1, 0], "curve": "exponential"}
    _, instrument, router = a_router(entry, room=0.9)
    assert values(router, instrument, 10, 50) == []
    assert len(values(router, instrument, 66)) == 1, "0.9 is half a turn"


def test_a_stepped_control_that_was_picked_up_is_kept_from_step_to_step():
    entry = {"cc": 20, "control": "octave_shift", "range": [-2, 3], "pickup": True}
    _, instrument, router = a_router(entry)
    values(router, instrument, *range(128))
    found = [value for name, value in instrument.asked]
    assert found == sorted(found)
    assert set(found) == {0.0, 1.0, 2.0, 3.0}
    assert len(found) > 60
