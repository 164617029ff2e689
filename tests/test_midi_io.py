"""MIDI inputs on a fake of RtMidi: which port is opened, what arrives, and what goes wrong."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ddsp_core.errors import DeviceError
from realtime.midi_io import MidiInput, list_midi_inputs


class FakeMidiIn:
    """One client of the fake; `send` does what RtMidi's thread would."""

    def __init__(self, names):
        self.names = names
        self.callback = None
        self.opened = None
        self.is_deleted = False

    def get_ports(self):
        return self.names

    def ignore_types(self, sysex, timing, active_sense):
        assert (sysex, timing, active_sense) == (True, True, True), "a clock floods the callback"

    def set_callback(self, callback):
        assert self.opened is None, "messages before the callback is set would be lost"
        self.callback = callback

    def cancel_callback(self):
        self.callback = None

    def open_port(self, number, name):
        if self.names[number] == "busy":
            raise FakeRtMidi.RtMidiError("port is busy")
        self.opened = number

    def open_virtual_port(self, name):
        self.opened = name

    def close_port(self):
        self.opened = None

    def delete(self):
        self.is_deleted = True

    def send(self, *data):
        self.callback((list(data), 0.0), None)


class FakeRtMidi:
    """The part of the rtmidi module that is used here; `answering` APIs work."""

    API_UNSPECIFIED, API_UNIX_JACK = 0, 3

    class RtMidiError(OSError):
        """As rtmidi raises it."""

    def __init__(self, *names, answering=(API_UNSPECIFIED,), compiled=(2, API_UNIX_JACK)):
        self.names, self.answering, self.compiled = list(names), answering, list(compiled)
        self.clients = []
        self.asked = []

    def get_compiled_api(self):
        return self.compiled

    def MidiIn(self, api, name):  # noqa: N802 (rtmidi's name)
        self.asked.append(api)
        if api not in self.answering:
            raise self.RtMidiError("error creating ALSA sequencer client object")
        self.clients.append(FakeMidiIn(self.names))
        return self.clients[-1]


KEYBOARDS = (
    "Midi Through:Port-0",
    "nanoKONTROL2:SLIDER/KNOB",
    "nanoKONTROL2:SLIDER/KNOB 2",
    "busy",
)


def opened(port, backend):
    with MidiInput(port, print, backend):
        return backend.clients[-1].opened


@pytest.mark.parametrize(
    ("port", "number"),
    [("0", 0), ("through", 0), ("NANOKONTROL2:slider/knob", 1), ("knob 2", 2), ("2", 2)],
)
def test_a_port_is_found_by_its_number_or_part_of_its_name(port, number):
    assert opened(port, FakeRtMidi(*KEYBOARDS)) == number


def test_a_virtual_port_is_called_midi_in():
    assert opened("virtual", FakeRtMidi()) == "midi in"


@pytest.mark.parametrize(
    ("port", "message"),
    [
        ("organ", "--midi: no MIDI input 'organ': there are: 0 'Midi Through:Port-0', 1 'nano"),
        ("9", "--midi: no MIDI input '9': there are: 0 "),
        ("knob", "--midi: 'knob' fits 2 inputs: there are: 1 'nanoKONTROL2:SLIDER/KNOB', 2 'nano"),
        ("busy", "--midi busy: does not open (port is busy)"),
    ],
)
def test_a_port_that_cannot_be_had_is_an_error_for_people(port, message):
    backend = FakeRtMidi(*KEYBOARDS)
    with pytest.raises(DeviceError) as caught:
        MidiInput(port, print, backend)
    assert str(caught.value).startswith(message)
    assert "--midi virtual" in str(caught.value)
    assert backend.clients[-1].is_deleted


def test_without_ports_the_error_says_none():
    with pytest.raises(DeviceError, match="there are: none"):
        MidiInput("0", print, FakeRtMidi())


def test_jack_is_asked_only_where_the_system_has_no_midi():
    with_both = FakeRtMidi("a", answering=(0, 3))
    assert list_midi_inputs(with_both) == ["a"]
    assert with_both.asked == [0]
    with_jack = FakeRtMidi("b", answering=(3,))
    assert list_midi_inputs(with_jack) == ["b"]
    assert with_jack.asked == [0, 3]
    assert with_jack.clients[0].is_deleted


@pytest.mark.parametrize("compiled", [(2, 3), (1,)])
def test_no_midi_at_all_is_an_error_that_says_how_to_go_on(compiled):
    with pytest.raises(DeviceError, match=r"no MIDI system answers.*modprobe snd-seq.*start JACK"):
        list_midi_inputs(FakeRtMidi(answering=(), compiled=compiled))


def test_messages_arrive_and_closing_ends_them():
    backend, got = FakeRtMidi("keys"), []
    midi = MidiInput("keys", got.append, backend)
    client = backend.clients[-1]
    client.send(0xB4, 20, 127)
    assert [message.bytes() for message in got] == [[0xB4, 20, 127]]
    assert midi.n_messages == 1
    midi.close()
    midi.close()
    assert client.callback is None
    assert client.is_deleted


def test_a_failing_receiver_is_counted_and_not_raised():
    backend = FakeRtMidi("keys")
    with MidiInput("keys", lambda _: 1 / 0, backend) as midi:
        backend.clients[-1].send(0xB0, 20, 1)
        assert (midi.n_failed, midi.last_error) == (1, "ZeroDivisionError: division by zero")


@given(data=st.lists(st.integers(0, 255), max_size=5))
@example(data=[0xE0, 0, 0, 0])
@example(data=[])
def test_no_bytes_raise_into_the_callback(data):
    backend, got = FakeRtMidi("keys"), []
    with MidiInput("keys", got.append, backend) as midi:
        backend.clients[-1].send(*data)
        assert midi.n_malformed + len(got) == 1
        assert midi.n_failed == 0
        assert [message.bytes() for message in got] in ([], [data])
