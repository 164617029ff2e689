"""The output for sung notes: which port, what is sent, and what happens when it is gone."""

import time

import numpy as np
import pytest

from ddsp_core.errors import DeviceError
from realtime.midi_out import MidiOut
from realtime.midi_sung import SungNotes

HOP_S = 128 / 48000
TONE = np.tile(np.array([[440.0, 0.9, -20.0]], np.float32), (40, 1))


class FakeRtMidi:
    """The module, and its one client."""

    API_UNSPECIFIED, API_UNIX_JACK = 0, 4

    class RtMidiError(Exception):
        pass

    def __init__(self, ports: tuple[str, ...] = ("Synth A", "Synth B"), works: int = 0) -> None:
        self.ports, self.works = ports, works
        self.opened: list[str] = []
        self.sent: list[list[int]] = []
        self.is_broken = self.is_deleted = False

    def get_compiled_api(self) -> list[int]:
        return [0, 4]

    def MidiOut(self, api: int, name: str) -> "FakeRtMidi":  # noqa: N802
        if api != self.works:
            raise self.RtMidiError("no sequencer")
        return self

    def get_ports(self) -> tuple[str, ...]:
        return self.ports

    def open_port(self, number: int, name: str) -> None:
        self.opened.append(self.ports[number])

    def open_virtual_port(self, name: str) -> None:
        self.opened.append(f"virtual {name}")

    def send_message(self, message: list[int]) -> None:
        if self.is_broken:
            raise self.RtMidiError("pulled")
        self.sent.append(message)

    def close_port(self) -> None:
        self.opened.clear()

    def delete(self) -> None:
        self.is_deleted = True


def wait_for(condition: object) -> None:
    end_s = time.monotonic() + 5.0
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end_s
        time.sleep(0.005)


@pytest.mark.parametrize("works", [0, 4])
@pytest.mark.parametrize(
    ("name", "port"), [("synth b", "Synth B"), ("virtual", "virtual sung notes")]
)
def test_it_opens_the_port_that_is_meant(works: int, name: str, port: str) -> None:
    fake = FakeRtMidi(works=works)
    with MidiOut(name, SungNotes(HOP_S), fake):
        assert fake.opened == [port]
    assert fake.is_deleted


@pytest.mark.parametrize(
    ("name", "said"), [("piano", "no output 'piano'"), ("synth", "'synth' fits 2 outputs")]
)
def test_a_name_that_does_not_fit_is_an_error_with_what_there_is(name: str, said: str) -> None:
    with pytest.raises(DeviceError, match=said) as error:
        MidiOut(name, SungNotes(HOP_S), FakeRtMidi())
    assert "Synth A, Synth B" in str(error.value)


def test_without_midi_it_says_how_to_get_it() -> None:
    with pytest.raises(DeviceError, match="no MIDI system answers"):
        MidiOut("virtual", SungNotes(HOP_S), FakeRtMidi(works=9))


def test_what_is_sung_is_sent_and_the_last_note_ends_with_it() -> None:
    fake = FakeRtMidi()
    with MidiOut("virtual", SungNotes(HOP_S), fake) as out:
        for hop in TONE:
            out.hear(hop[np.newaxis])
        wait_for(lambda: any(message[0] == 0x90 for message in fake.sent))
    assert [message for message in fake.sent if message[0] in (0x80, 0x90)] == [
        [0x90, 69, 112],
        [0x80, 69, 0],
    ]
    assert out.n_sent == len(fake.sent)


def test_a_pulled_cable_is_said() -> None:
    fake = FakeRtMidi()
    fake.is_broken = True
    with MidiOut("Synth A", SungNotes(HOP_S), fake) as out:
        out.hear(TONE)
        wait_for(lambda: out.problem)
        assert out.problem == "MIDI output 'Synth A' is gone (pulled)"
        out.hear(TONE)
