"""MIDI through a real JACK server: a keyboard in a process of its own, knobs that turn controls."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from waiting import wait_until

from ddsp_core.errors import DeviceError
from realtime.mapping import MidiEntry, MidiMap
from realtime.midi_io import MidiInput, list_midi_inputs

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
