"""Lines of a preset's MIDI map: what may stand in one, and what it means if nothing is said."""

import pytest
from pydantic import ValidationError

from ddsp_core.errors import ChanterelleError
from realtime.controls import Control
from realtime.mapping import MidiEntry, check_entry


def line(**values):
    return MidiEntry.model_validate(values)


@pytest.mark.parametrize(
    ("values", "source", "number"),
    [
        ({"cc": 0}, "cc", 0),
        ({"nrpn": 16383}, "nrpn", 16383),
        ({"bend": True}, "bend", 0),
        ({"pressure": True}, "pressure", 0),
        ({"key_pressure": 60}, "key_pressure", 60),
        ({"note": 127}, "note", 127),
        ({"program": 128}, "program", 128),
    ],
)
def test_each_source(values, source, number):
    mode = {"value": 0.5} if source == "program" else {}
    entry = line(control="room_mix", **values, **mode)
    assert (entry.source, entry.number) == (source, number)
    check_entry(entry, "here")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"cc": 128}, {"cc": -1}, {"cc": "20"}, {"cc": True}, {"cc": 1.0}, {"nrpn": 16384}),
        *({"cc": 1, "channel": 0}, {"cc": 1, "channel": 17}, {"cc": 1, "curve": "round"}),
        *({"bend": False}, {"bend": "on"}, {"program": 0}, {"program": 129}, {"note": 128}),
        *({"cc": 1, "bits": 8}, {"cc": 1, "mode": "push"}, {"cc": 1, "pickup": 1}, {"key": 1}),
        *({"cc": 1, "range": [0]}, {"cc": 1, "range": [0, "x"]}, {"cc": 1, "value": True}),
        *({"cc": 1, "range": [0, float("inf")]}, {"cc": 1, "value": float("nan")}),
    ],
)
def test_entries_are_strict(wrong):
    with pytest.raises(ValidationError):
        MidiEntry.model_validate({"control": "room_mix"} | wrong)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"control": "room_mix"}, "none of these: a line takes exactly one of cc, nrpn, bend"),
        ({"cc": 1, "note": 2, "control": "room_mix"}, "both cc and note: a line takes exactly one"),
        ({"cc": 1}, "none of these: a line takes exactly one of control, command"),
        ({"cc": 1, "control": "room_mix", "command": "panic"}, "both control and command"),
        ({"cc": 32, "bits": 14, "control": "room_mix"}, "bits: 14 is for cc 0 to 31"),
        ({"nrpn": 1, "bits": 14, "control": "room_mix"}, "bits: 14 is for cc"),
        ({"cc": 1, "bank": 1, "control": "room_mix"}, "bank: goes with program"),
        ({"note": 1, "mode": "absolute", "control": "room_mix"}, "a note is pressed"),
        ({"program": 1, "mode": "momentary", "control": "room_mix"}, "no release"),
        ({"cc": 1, "value": 1, "range": [0, 1], "control": "room_mix"}, "one of the two"),
        ({"cc": 1, "value": 1, "mode": "absolute", "control": "room_mix"}, "nothing is turned"),
        ({"note": 1, "pickup": True, "control": "room_mix"}, "pickup: goes with mode absolute"),
        ({"cc": 1, "pickup": True, "command": "tempo", "range": [60, 90]}, "with a control"),
    ],
)
def test_what_does_not_go_together_is_said(values, words):
    with pytest.raises(ValidationError) as caught:
        MidiEntry.model_validate(values)
    problem = caught.value.errors()[0]
    assert problem["type"] == "value_error"
    assert words in str(problem["ctx"]["error"])


@pytest.mark.parametrize(
    ("values", "mode"),
    [
        ({"cc": 1, "control": "room_mix"}, "absolute"),
        ({"cc": 1, "control": "room_mix", "value": 0.2}, "toggle"),
        ({"note": 1, "control": "room_mix"}, "toggle"),
        ({"cc": 64, "command": "bypass"}, "toggle"),
        ({"cc": 64, "command": "bypass", "mode": "momentary"}, "momentary"),
        ({"cc": 1, "command": "tempo", "range": [60, 90]}, "absolute"),
        ({"bend": True, "control": "transpose_semitones", "range": [-2, 2]}, "absolute"),
    ],
)
def test_usual_modes(values, mode):
    entry = line(**values)
    assert entry.acts_as == mode
    check_entry(entry, "here")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cc": 1, "control": "rom"}, "duet.yaml: midi[0].control: unknown control 'rom'"),
        ({"cc": 1, "control": "room_mix", "range": [0, 2]}, "duet.yaml: midi[0].range: 2 is above"),
        ({"cc": 1, "control": "room_mix", "range": [1, 1]}, "duet.yaml: midi[0].range: 1 at both"),
        ({"cc": 1, "control": "room_mix", "value": 3}, "duet.yaml: midi[0].value: 3 is above 1"),
        ({"cc": 1, "control": "room_mix", "curve": "log"}, "curve: log between 0 and 1: log needs"),
        ({"cc": 1, "command": "bypas"}, "midi[0].command: unknown command 'bypas': did you mean"),
        ({"cc": 1, "command": "preset"}, "midi[0].value: it is missing: preset takes a name"),
        ({"cc": 1, "command": "tempo"}, "midi[0].value: it is missing: tempo takes a number"),
        ({"cc": 1, "command": "tempo", "value": "slow"}, "midi[0].value: 'slow': tempo takes a n"),
        ({"cc": 1, "command": "tempo", "range": [9, 9]}, "midi[0].range: 9 at both ends"),
        (
            {"cc": 1, "command": "tempo", "range": [0, 90], "curve": "log"},
            "midi[0].curve: log between 0 and 90",
        ),
        ({"cc": 1, "command": "panic", "value": 1}, "midi[0]: panic is told nothing"),
        ({"cc": 1, "command": "bypass", "mode": "absolute"}, "bypass takes toggle or momentary"),
        ({"cc": 1, "command": "panic", "mode": "momentary"}, "is for controls and bypass, record"),
    ],
)
def test_names_and_values_that_do_not_fit_are_named_with_their_place(values, words):
    with pytest.raises(ChanterelleError) as caught:
        check_entry(line(**values), "duet.yaml: midi[0]")
    assert words in str(caught.value)


def test_words_of_a_control_may_stand_as_its_value():
    check_entry(line(note=1, control="key", value="D"), "here")


def test_effects_are_known_to_who_loads_them():
    mix = Control("mix", 0, 1, 0.5, "", 0.02, "a test")
    check_entry(line(cc=1, control="echo.mix", range=[0, 1]), "here", lambda name, where: mix)
    check_entry(line(cc=1, control="max.drive", range=[0, 99]), "here", lambda name, where: None)
    with pytest.raises(ChanterelleError, match=r"unknown control 'echo\.mix'"):
        check_entry(line(cc=1, control="echo.mix"), "here")


def test_a_source_is_spoken_as_on_instruments():
    assert line(cc=20, channel=3, control="room_mix").spoken == "cc 20, channel 3"
    assert line(key_pressure=20, control="room_mix").spoken == "key pressure 20"
    assert line(bend=True, control="room_mix").spoken == "bend"
