"""What a keyboard's player hears of keys and pedals that a preset uses as switches: nothing."""

import pytest
from desks import a_desk

from realtime.mapping import MidiEntry
from realtime.midi_router import MidiRouter

NOTE_ON, NOTE_OFF, CC, BEND = 0x90, 0x80, 0xB0, 0xE0


@pytest.mark.parametrize(
    ("entry", "data", "is_switch"),
    [
        ({"note": 60, "command": "next_preset"}, (NOTE_ON, 60, 100), True),
        ({"note": 60, "command": "next_preset"}, (NOTE_ON, 61, 100), False),
        ({"note": 60, "command": "next_preset"}, (NOTE_ON, 60, 0), False),  # no note may hang
        ({"note": 60, "command": "next_preset"}, (NOTE_OFF, 60, 64), False),
        ({"note": 60, "control": "octave_shift", "value": 1}, (NOTE_ON, 60, 1), True),
        ({"note": 60, "channel": 2, "command": "panic"}, (NOTE_ON, 60, 100), False),
        ({"note": 60, "channel": 2, "command": "panic"}, (NOTE_ON | 1, 60, 100), True),
        ({"cc": 64, "command": "bypass"}, (CC, 64, 127), True),
        ({"cc": 64, "command": "bypass"}, (CC, 64, 0), False),
        ({"cc": 11, "control": "room_mix"}, (CC, 11, 0), True),
        ({"cc": 1, "bits": 14, "control": "room_mix"}, (CC, 33, 5), True),
        ({"cc": 11, "control": "room_mix"}, (CC, 1, 64), False),
        ({"cc": 11, "control": "room_mix"}, (BEND, 11, 64), False),
        ({"cc": 11, "control": "room_mix"}, (0xD0, 11), False),
    ],
)
def test_switches_make_no_music(
    entry: dict[str, object], data: tuple[int, ...], is_switch: bool
) -> None:
    router = MidiRouter(a_desk()[0])
    router.use([MidiEntry.model_validate(entry)])
    assert router.is_switch(data) is is_switch
