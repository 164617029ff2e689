import os
import shutil
import subprocess
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ddsp_core.errors import DeviceError
from realtime.mapping import MidiEntry, MidiMap
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


JACK_ENVIRONMENT = {"JACK_DEFAULT_SERVER": "midi", "JACK_NO_START_SERVER": "1"}

KEYBOARD = """
import sys
import jack

client = jack.Client("keyboard", no_start_server=True)
out = client.midi_outports.register("out")
waiting = []

@client.set_process_callback
def process(_n_samples):
    out.clear_buffer()
    if waiting:
        out.write_midi_event(0, waiting.pop(0))

with client:
    print("ready", flush=True)
    for line in sys.stdin:
        if line.startswith("connect"):
            client.connect(out, line.removeprefix("connect ").strip())
            print("ready", flush=True)
        else:
            waiting.append(bytes.fromhex(line))
"""


class Keyboard:
    """A JACK client with a MIDI output, in a process of its own.

    Of its own because RtMidi holds the interpreter's lock while it connects, and in sync mode JACK
    then waits for a callback in Python that waits for that lock.
    """

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", KEYBOARD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            env=os.environ | JACK_ENVIRONMENT,
        )
        self._wait()

    def connect(self, port):
        self.process.stdin.write(f"connect {port}\n")
        self._wait()

    def send(self, *data):
        self.process.stdin.write(bytes(data).hex() + "\n")

    def unplug(self):
        try:  # a killed client would make a server in sync mode wait for 5 s
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def _wait(self):
        assert self.process.stdout.readline() == "ready\n"


@pytest.fixture(scope="module")
def jack_server():
    """A JACK server without sound card. Its name stays the same: JACK has room for eight."""
    if not shutil.which("jackd"):
        pytest.skip("needs a JACK server: apt-get install jackd2")
    command = ["jackd", "-n", "midi", "-r", "-S", "-d", "dummy", "-r", "48000", "-p", "128"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in JACK_ENVIRONMENT.items():
            patch.setenv(name, value)
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_server(server)
            yield server
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for_server(server):
    end_s = time.monotonic() + 10
    while time.monotonic() < end_s:
        assert server.poll() is None, "jackd left at once"
        try:
            list_midi_inputs()
        except DeviceError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("jackd does not answer")


@pytest.fixture
def keyboard(jack_server):
    keyboard = Keyboard()
    yield keyboard
    keyboard.unplug()


def wait_until(condition, limit_s=10.0):
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.01)


@pytest.mark.jack
def test_knobs_turn_controls_through_jack(keyboard):
    knobs = MidiMap(
        [MidiEntry(cc=20, control="octave_shift"), MidiEntry(cc=21, control="room_mix")]
    )
    turned = []
    with MidiInput("virtual", lambda message: turned.extend(knobs.apply(message))) as midi:
        keyboard.connect(midi.name)
        for value in range(128):
            keyboard.send(0xB0, 20, value)
            keyboard.send(0xB0, 21, value)
            keyboard.send(0x90, 60, 0)
        wait_until(lambda: midi.n_messages == 3 * 128)
    octaves = [value for name, value in turned if name == "octave_shift"]
    rooms = [value for name, value in turned if name == "room_mix"]
    assert sorted(set(octaves)) == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    assert octaves == sorted(octaves)
    assert len(set(rooms)) == 128
    assert rooms == sorted(rooms)


@pytest.mark.jack
def test_a_jack_port_is_found_by_its_name(keyboard):
    assert list_midi_inputs() == ["keyboard:out"]
    got = []
    with MidiInput("KEYB", got.append) as midi:
        assert midi.name == "keyboard:out"
        keyboard.send(0xB0, 1, 2)
        wait_until(lambda: got)
    assert got[0].bytes() == [0xB0, 1, 2]
    with pytest.raises(DeviceError, match="there are: 0 'keyboard:out'"):
        MidiInput("organ", got.append)


@pytest.mark.jack
def test_broken_bytes_from_jack_are_counted(keyboard):
    got = []
    with MidiInput("virtual", got.append) as midi:
        keyboard.connect(midi.name)
        for data in ([0xB0, 20], [0xF4], [1, 2, 3], [0xB0, 20, 200], [0xB0, 20, 64]):
            keyboard.send(*data)
        wait_until(lambda: got)
        assert midi.n_malformed == 4
    assert [message.bytes() for message in got] == [[0xB0, 20, 64]]
