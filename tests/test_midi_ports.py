"""MIDI through a real JACK server: keyboards in processes of their own, plugged in and out."""

import os
import signal
import subprocess
import sys
import time

import pytest
from desks import a_desk
from rig.server import JackServer, what_is_missing
from waiting import wait_until

from ddsp_core.errors import DeviceError
from realtime.mapping import MidiEntry
from realtime.midi_ports import MidiPorts, split_names
from realtime.midi_router import MidiRouter
from realtime.midi_watch import list_midi_inputs

KEYBOARD = """
import sys
import jack

client = jack.Client(sys.argv[1], no_start_server=True)
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
    """A JACK client with a MIDI output, in a process of its own."""

    def __init__(self, name="keyboard"):
        self.process = subprocess.Popen(
            [sys.executable, "-c", KEYBOARD, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
        assert self.process.stdout.readline() == "ready\n"

    def connect(self, port):
        self.process.stdin.write(f"connect {port}\n")
        assert self.process.stdout.readline() == "ready\n"

    def send(self, *data):
        self.process.stdin.write(bytes(data).hex() + "\n")

    def unplug(self):
        if self.process.poll() is None:
            try:
                self.process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()


@pytest.fixture(scope="module")
def jack_server():
    if reason := what_is_missing():
        pytest.skip(reason)
    server = JackServer(128, 48000, sync=False)
    with pytest.MonkeyPatch.context() as patch:
        # So long it makes everybody wait for a client that was killed.
        patch.setattr("rig.server.CLIENT_TIMEOUT_MS", 300)
        for name, value in server.environment.items():
            patch.setenv(name, value)
        server.start()
        try:
            wait_until(is_up)
            yield server
        finally:
            server.stop()


def is_up():
    try:
        list_midi_inputs()
    except DeviceError:
        return False
    return True


@pytest.fixture
def keyboard(jack_server):
    keyboard = Keyboard()
    yield keyboard
    keyboard.unplug()


@pytest.fixture
def ports(jack_server):
    """Opens ports that are closed at the end; with what came in and what was noted."""
    opened = []

    def open_ports(names):
        got, notices = [], []
        ports = MidiPorts(names, lambda *message: got.append(message), notices.append)
        opened.append(ports)
        ports.wait_until_ready()
        return ports, got, notices

    yield open_ports
    for ports in opened:
        ports.close()


@pytest.mark.jack
def test_knobs_turn_controls_through_jack(keyboard):
    desk, instrument, _ = a_desk()
    router = MidiRouter(desk)
    router.use(
        [
            MidiEntry(cc=20, control="octave_shift"),
            MidiEntry(cc=21, control="room_mix", pickup=False),
        ]
    )
    with MidiPorts("virtual", router.on_message) as ports:
        ports.wait_until_ready()
        keyboard.connect("chanterelle:midi in")
        for value in range(128):
            keyboard.send(0xB0, 20, value)
            keyboard.send(0xB0, 21, value)
        wait_until(lambda: router.n_messages == 2 * 128)
        assert router.activity.text == "cc 21: 127, channel 1"
    octaves = [value for name, value in instrument.asked if name == "octave_shift"]
    rooms = [value for name, value in instrument.asked if name == "room_mix"]
    assert sorted(set(octaves)) == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    assert octaves == sorted(octaves)
    assert len(set(rooms)) == 128
    assert rooms == sorted(rooms)


@pytest.mark.jack
def test_a_keyboard_that_is_pulled_out_is_found_again_within_a_second(ports):
    opened, got, notices = ports("KEYB")
    assert opened.open == ()
    assert opened.problem == "no MIDI port 'KEYB'"
    for count in (1, 2):
        keyboard = Keyboard()
        plugged_s = time.monotonic()
        wait_until(lambda: opened.open)
        assert time.monotonic() - plugged_s < 1.0
        assert opened.problem == ""
        keyboard.send(0xB0, 20, count)
        wait_until(lambda count=count: len(got) == count)
        assert got[-1][:2] == (bytes([0xB0, 20, count]), "keyboard:out")
        keyboard.unplug()
        wait_until(lambda: not opened.open)
    assert [text.split()[-2] for text in notices] == ["is", "looked"] * 2
    assert opened.n_restarts == 0


@pytest.mark.jack
def test_several_keyboards_at_once(ports, keyboard):
    pedal = Keyboard("pedal")
    opened, got, _ = ports("keyboard, pedal")
    wait_until(lambda: len(opened.open) == 2)
    pedal.send(0xB0, 64, 127)
    keyboard.send(0xB0, 1, 0)
    wait_until(lambda: len(got) == 2)
    assert {port for _, port, _ in got} == {"keyboard:out", "pedal:out"}
    pedal.unplug()


@pytest.mark.jack
def test_broken_bytes_from_jack_are_counted(keyboard):
    router = MidiRouter(a_desk()[0])
    with MidiPorts("keyboard", router.on_message) as ports:
        wait_until(lambda: ports.open)
        for data in ([0xB0, 20], [0xF4], [1, 2, 3], [0xB0, 20, 200], [0xB0, 20, 64]):
            keyboard.send(*data)
        wait_until(lambda: router.n_messages)
        assert router.n_malformed == 4


@pytest.mark.jack
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_of_ports_that_dies_or_hangs_is_started_again(
    ports, keyboard, monkeypatch, number
):
    monkeypatch.setattr("realtime.midi_ports.SILENCE_S", 1.5)
    monkeypatch.setattr("realtime.midi_ports.END_LIMIT_S", 0.2)
    opened, got, _ = ports("keyboard")
    wait_until(lambda: opened.open)
    os.kill(opened.pid, number)
    wait_until(lambda: opened.n_restarts and opened.open)
    keyboard.send(0xB0, 1, 2)
    wait_until(lambda: got)


@pytest.mark.jack
def test_nothing_is_left_when_the_instrument_is_killed(jack_server):
    program = "import sys, time\nfrom realtime.midi_ports import MidiPorts\n"
    program += "ports = MidiPorts('virtual', print)\nports.wait_until_ready()\n"
    program += "print(ports.pid, flush=True)\ntime.sleep(60)\n"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as instrument:
        pid = int(instrument.stdout.readline())
        instrument.kill()
    wait_until(lambda: not is_running(pid))


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_without_any_midi_the_error_says_how_to_go_on(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    with MidiPorts("keyboard", print) as ports:
        wait_until(lambda: ports.problem)
        if ports.problem != "no MIDI system answers":
            pytest.skip("this machine has MIDI without JACK")
        with pytest.raises(DeviceError, match=r"no MIDI system answers.*start JACK"):
            ports.wait_until_ready(limit_s=0.1)


def test_a_receiver_that_fails_stops_nothing():
    with MidiPorts("virtual", lambda *message: 1 / 0) as ports:
        ports._receive(b"\xf8", "", 0.0)
        assert ports.n_failed == 1


@pytest.mark.parametrize("names", ["", " , ", []])
def test_no_name_at_all_is_an_error(names):
    with pytest.raises(DeviceError, match="--midi"):
        split_names(names)
