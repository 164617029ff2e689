"""MIDI bytes on a desk with a host that notes everything down."""

import dataclasses

import pytest
from desks import a_desk, a_preset
from hypothesis import given
from hypothesis import strategies as st

from realtime.mapping import MidiEntry
from realtime.midi_router import MidiRouter, in_words


def line(**values):
    return MidiEntry.model_validate(values)


def a_router(*entries, presets=()):
    """A desk whose first preset has these lines; what was asked of its host; what was told."""
    first = dataclasses.replace(a_preset("violin"), midi=tuple(line(**entry) for entry in entries))
    desk, instrument, changes = a_desk(presets or (first, a_preset("cello"), a_preset("flute")))
    return desk, instrument, changes, MidiRouter(desk)


def turned(router, instrument, *values, cc=20):
    """What the host was asked for while a knob went through these values."""
    del instrument.asked[:]
    for value in values:
        router.on_message([0xB0, cc, value], "knobs")
    return instrument.asked


def messages(changes):
    return [change.value for change in changes if change.what == "message"]


def test_a_knob_turns_its_control_and_others_turn_nothing():
    _, instrument, _, router = a_router({"cc": 20, "control": "octave_shift"})
    assert turned(router, instrument, 127) == [("octave_shift", 3.0)]
    assert turned(router, instrument, 0, cc=21) == []
    assert (router.n_messages, router.n_malformed, router.n_failed) == (2, 0, 0)


def test_one_knob_may_turn_two_controls():
    _, instrument, _, router = a_router(
        {"cc": 20, "control": "dry_wet", "pickup": False},
        {"cc": 20, "control": "room_mix", "range": [1, 0.5], "pickup": False},
    )
    assert turned(router, instrument, 127) == [("dry_wet", 1.0), ("room_mix", 0.5)]


def test_channels_count_from_one_as_on_instruments():
    _, instrument, _, router = a_router({"cc": 20, "channel": 16, "control": "octave_shift"})
    router.on_message([0xB0, 20, 127])
    assert instrument.asked == []
    router.on_message([0xBF, 20, 127])
    assert instrument.asked == [("octave_shift", 3.0)]


@pytest.mark.parametrize(
    ("source", "data", "value"),
    [
        ({"nrpn": 300}, [[0xB0, 99, 2], [0xB0, 98, 44], [0xB0, 6, 127]], 1.0),
        ({"cc": 1, "bits": 14}, [[0xB0, 1, 64], [0xB0, 33, 0]], 0.5),
        ({"bend": True}, [[0xE0, 0, 0]], 0.0),
        ({"pressure": True}, [[0xD0, 64]], 0.5),
        ({"key_pressure": 60}, [[0xA0, 61, 0], [0xA0, 60, 127]], 1.0),
        ({"program": 7, "value": 0.3}, [[0xC0, 6]], 0.3),
    ],
)
def test_every_source_turns(source, data, value):
    quick = {} if "program" in source else {"pickup": False}
    _, instrument, _, router = a_router({"control": "room_mix", **source, **quick})
    for message in data:
        router.on_message(message)
    assert instrument.asked[-1] == ("room_mix", value)
    assert all(name == "room_mix" for name, _ in instrument.asked)


def test_a_control_that_this_preset_lacks_is_left_alone():
    _, instrument, changes, router = a_router({"cc": 20, "control": "hall.mix"})
    assert turned(router, instrument, 0, 64, 127) == []
    assert messages(changes) == []


def test_effects_are_turned_by_their_names():
    _, instrument, _, router = a_router({"cc": 20, "control": "echo.mix", "pickup": False})
    assert turned(router, instrument, 127) == [("echo.mix", 1.0)]


def test_a_pad_toggles_a_control_between_its_ends():
    _, instrument, _, router = a_router({"note": 36, "control": "room_mix", "range": [0.2, 1]})
    for _ in range(3):
        router.on_message([0x90, 36, 1])
        router.on_message([0x80, 36, 0])
    assert [value for _, value in instrument.asked] == [0.2, 1.0, 0.2]


def test_a_held_switch_lets_go_again():
    _, instrument, _, router = a_router({"cc": 20, "mode": "momentary", "control": "dry_wet"})
    assert turned(router, instrument, 127, 100, 64, 63, 0) == [("dry_wet", 1.0), ("dry_wet", 0.0)]


def test_a_held_value_gives_way_to_the_one_before():
    _, instrument, _, router = a_router(
        {"cc": 20, "mode": "momentary", "control": "room_mix", "value": 0.1}
    )
    assert turned(router, instrument, 127, 0) == [("room_mix", 0.1), ("room_mix", 1.0)]


def test_pads_set_values_and_words():
    _, instrument, _, router = a_router(
        {"note": 36, "control": "octave_shift", "value": -1},
        {"note": 37, "control": "key", "value": "D"},
    )
    router.on_message([0x90, 36, 99])
    router.on_message([0x90, 37, 99])
    assert instrument.asked == [("octave_shift", -1.0), ("key", 2.0)]


@pytest.mark.parametrize(
    ("mode", "asked"),
    [("toggle", [True, False]), ("momentary", [True, False, True, False])],
)
def test_a_footswitch_bypasses(mode, asked):
    _, instrument, _, router = a_router({"cc": 20, "command": "bypass", "mode": mode})
    found = turned(router, instrument, 127, 0, 127, 0)
    assert found == [("bypass", value) for value in asked]


def test_commands_are_told_their_value_or_what_a_knob_says():
    _, instrument, _, router = a_router(
        {"note": 36, "command": "preset", "value": "flute"},
        {"note": 37, "command": "bypass_effect", "value": "echo"},
    )
    router.on_message([0x90, 36, 99])
    assert instrument.number == 2
    desk, _, changes, router = a_router({"cc": 20, "command": "tempo", "range": [60, 180]})
    told = []
    desk.provide("tempo", lambda value, source: told.append((value, source)))
    router.on_message([0xB0, 20, 64])
    assert told == [(120.0, "midi")]
    assert messages(changes) == []


def test_a_command_that_fails_is_said_and_not_raised():
    _, _, changes, router = a_router({"note": 36, "command": "record"})
    router.on_message([0x90, 36, 99])
    assert "record: nobody here can do it" in messages(changes)[0]


def test_program_changes_choose_presets_of_the_set():
    _, instrument, changes, router = a_router()
    router.on_message([0xC0, 2])
    assert instrument.number == 2
    router.on_message([0xC5, 9])
    assert instrument.number == 2
    assert messages(changes) == ["program 10: this set has 3 presets"]


def test_banks_go_on_counting():
    presets = [a_preset(f"p{number}") for number in range(130)]
    _, instrument, _, router = a_router(presets=presets)
    for data in ([0xB0, 0, 0], [0xB0, 32, 1], [0xC0, 1]):
        router.on_message(data)
    assert instrument.number == 129


def test_a_mapped_program_does_what_it_is_mapped_to_and_in_its_bank_only():
    _, instrument, _, router = a_router(
        {"program": 2, "bank": 5, "control": "room_mix", "value": 0}
    )
    router.on_message([0xB0, 0, 5])
    router.on_message([0xC0, 1])
    assert instrument.asked == [("room_mix", 0.0)]
    router.on_message([0xB0, 0, 0])
    router.on_message([0xC0, 1])
    assert instrument.number == 1


@pytest.mark.parametrize("data", [[0xB3, 120, 0], [0xB0, 123, 0], [0xFF]])
def test_panic(data):
    _, instrument, _, router = a_router()
    router.on_message(data)
    assert instrument.asked == [("panic", None)]


def test_real_time_goes_to_the_clock_and_is_no_activity():
    ticks = []

    class Clock:
        def on_realtime(self, status, port, time_s):
            ticks.append((status, port, time_s))

    desk, _, _ = a_desk()
    router = MidiRouter(desk, Clock())
    router.on_message([0xF8], "drums", 3.0)
    router.on_message([0xFE], "drums", 4.0)
    assert ticks == [(0xF8, "drums", 3.0)]
    assert router.activity is None
    router.on_message([0xB0, 20, 1], "knobs", 5.0)
    assert router.activity == ("cc 20: 1, channel 1", "knobs", 5.0)


def test_each_preset_brings_its_own_lines():
    first = dataclasses.replace(a_preset("a"), midi=(line(cc=20, control="octave_shift"),))
    second = dataclasses.replace(a_preset("b"), midi=(line(cc=21, control="octave_shift"),))
    desk, instrument, _, router = a_router(presets=(first, second))
    desk.choose(1)
    assert turned(router, instrument, 127) == []
    assert turned(router, instrument, 127, cc=21) == [("octave_shift", 3.0)]


def test_learned_lines_work_unless_the_preset_uses_their_source():
    _, instrument, _, router = a_router({"cc": 20, "control": "octave_shift"})
    router.use_learned(
        [
            line(cc=20, control="room_mix", pickup=False),
            line(cc=21, control="room_mix", pickup=False),
        ]
    )
    assert turned(router, instrument, 127) == [("octave_shift", 3.0)]
    assert turned(router, instrument, 0, cc=21) == [("room_mix", 0.0)]


def test_what_moves_each_control_is_said_in_words_and_follows_the_preset():
    own = {"cc": 20, "control": "octave_shift"}, {"note": 36, "control": "octave_shift"}
    desk, _, _, router = a_router(*own, {"cc": 64, "channel": 2, "command": "bypass"})
    router.use_learned([line(cc=20, control="room_mix"), line(bend=True, control="dry_wet")])
    mine = {"octave_shift": "cc 20 and note 36", "bypass": "cc 64, channel 2"}
    assert router.mapped == {**mine, "dry_wet": "bend"}
    desk.do("preset", "cello")
    assert router.mapped == {"room_mix": "cc 20", "dry_wet": "bend"}


def test_an_error_of_ours_is_counted():
    desk, _, _, router = a_router({"cc": 20, "control": "octave_shift"})
    desk.set = None
    router.on_message([0xB0, 20, 127])
    assert router.n_failed == 1
    assert router.last_error.startswith("TypeError")


@given(data=st.lists(st.integers(-1, 300), max_size=5))
def test_no_bytes_raise(data):
    _, _, _, router = a_router({"cc": 20, "control": "octave_shift"})
    router.on_message(data, "port")
    assert router.n_failed == 0
    assert in_words([0xB0, 1, 2]) == "cc 1: 2, channel 1"
