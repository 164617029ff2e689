"""Which ports are opened, lost and found again, on a fake of RtMidi."""

import pytest

from ddsp_core.errors import DeviceError
from realtime.midi_watch import PortWatch, is_wanted, list_midi_inputs


class FakeClient:
    """One client; `send` does what RtMidi's thread would."""

    def __init__(self, backend, name):
        self.backend, self.name = backend, name
        self.callback = self.opened = None
        self.is_deleted = False

    def get_ports(self):
        assert not self.is_deleted
        if self.backend.is_broken:
            raise self.backend.RtMidiError("the server is gone")
        return list(self.backend.ports)

    def ignore_types(self, sysex, timing, active_sense):
        assert (sysex, timing, active_sense) == (True, False, True), "a clock has to be heard"

    def set_callback(self, callback):
        assert self.opened is None, "messages before the callback is set would be lost"
        self.callback = callback

    def cancel_callback(self):
        self.callback = None

    def open_port(self, number, name):
        if self.backend.ports[number] == "busy":
            raise self.backend.RtMidiError("port is busy")
        self.opened = self.backend.ports[number]

    def open_virtual_port(self, name):
        if self.backend.has_no_virtual:
            raise NotImplementedError("not on this system")
        self.opened = name

    def close_port(self):
        self.opened = None

    def delete(self):
        self.is_deleted = True

    def send(self, *data):
        self.callback((list(data), 0.0), None)


class FakeRtMidi:
    """The part of the rtmidi module that is used; `answering` APIs work."""

    API_UNSPECIFIED, API_UNIX_JACK = 0, 3

    class RtMidiError(OSError):
        """As rtmidi raises it."""

    def __init__(self, *ports, answering=(API_UNSPECIFIED,), compiled=(2, API_UNIX_JACK)):
        self.ports, self.answering, self.compiled = list(ports), answering, list(compiled)
        self.is_broken = self.has_no_virtual = False
        self.clients, self.asked = [], []

    def get_compiled_api(self):
        return self.compiled

    def MidiIn(self, api, name):  # noqa: N802 (rtmidi's name)
        self.asked.append(api)
        if api not in self.answering:
            raise self.RtMidiError("error creating ALSA sequencer client object")
        self.clients.append(FakeClient(self, name))
        return self.clients[-1]

    def open_ports(self):
        return [client.opened for client in self.clients if client.opened]

    def client_of(self, port):
        return next(client for client in self.clients if client.opened == port)


class Bench:
    """A watch, and what it said and sent."""

    def __init__(self, backend, *wanted):
        self.backend, self.reports, self.sent = backend, [], []
        self.watch = PortWatch(
            wanted, lambda port, data: self.sent.append((port, data)), self.reports.append, backend
        )

    def look(self):
        """What was said meanwhile."""
        del self.reports[:]
        self.watch.look()
        return [(report.what, report.name) for report in self.reports]


KEYBOARDS = ("Midi Through:Port-0", "nanoKONTROL2:SLIDER", "Pedal:out", "busy")


@pytest.mark.parametrize(
    ("wanted", "opened"),
    [
        (["NANO"], ["nanoKONTROL2:SLIDER"]),
        (["nano", "ped"], ["nanoKONTROL2:SLIDER", "Pedal:out"]),
        (["o"], ["Midi Through:Port-0", "nanoKONTROL2:SLIDER", "Pedal:out"]),
        (["all"], ["nanoKONTROL2:SLIDER", "Pedal:out"]),
        (["through"], ["Midi Through:Port-0"]),
        (["virtual"], ["midi in"]),
        (["organ"], []),
    ],
)
def test_ports_are_found_by_part_of_their_names(wanted, opened):
    backend = FakeRtMidi(*KEYBOARDS)
    Bench(backend, *wanted).look()
    assert backend.open_ports() == opened


def test_our_own_outputs_are_not_instruments():
    assert not is_wanted("chanterelle:midi out", ["all"])


def test_a_port_that_vanishes_is_closed_and_found_again():
    backend = FakeRtMidi("nano:out", "pedal")
    bench = Bench(backend, "nano")
    bench.look()
    backend.ports.remove("nano:out")
    assert bench.look() == [("vanished", "nano:out"), ("closed", "nano:out"), ("looked", "")]
    assert backend.open_ports() == []
    backend.ports.insert(0, "nano:out")
    assert bench.look()[:2] == [("there", "nano:out"), ("opened", "nano:out")]
    backend.client_of("nano:out").send(0xB0, 1, 2)
    assert bench.sent == [(1, [0xB0, 1, 2])]


def test_looking_leaves_no_clients_behind():
    backend = FakeRtMidi("nano", "busy")
    bench = Bench(backend, "nano", "busy")
    for _ in range(50):
        bench.look()
        backend.ports.reverse()
    assert len([client for client in backend.clients if not client.is_deleted]) == 2
    bench.watch.close()
    assert all(client.is_deleted for client in backend.clients)


def test_a_port_that_does_not_open_is_said_once_and_tried_again():
    backend = FakeRtMidi("busy")
    bench = Bench(backend, "busy")
    assert bench.look()[1] == ("refused", "busy (port is busy)")
    assert bench.look() == [("looked", "")]
    backend.ports[0] = "busy no more"
    assert ("opened", "busy no more") in bench.look()


def test_each_port_sends_under_its_own_number():
    backend = FakeRtMidi("a", "b")
    bench = Bench(backend, "all")
    bench.look()
    numbers = {report.name: report.port for report in bench.reports if report.what == "opened"}
    backend.client_of("b").send(0xFE)
    backend.client_of("a").send(0xFF)
    assert bench.sent == [(numbers["b"], [0xFE]), (numbers["a"], [0xFF])]


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


def test_midi_that_comes_later_is_found():
    backend = FakeRtMidi("a", answering=())
    bench = Bench(backend, "a", "virtual")
    assert bench.look() == [("no_midi", "")]
    backend.answering = (3,)
    assert ("opened", "a") in bench.look()
    assert backend.open_ports() == ["midi in", "a"]


def test_a_system_that_breaks_loses_all_its_ports():
    backend = FakeRtMidi("a")
    bench = Bench(backend, "a")
    bench.look()
    backend.is_broken = True
    assert ("closed", "a") in bench.look()
    assert backend.open_ports() == []


def test_a_system_without_virtual_ports_says_so():
    backend = FakeRtMidi("a")
    backend.has_no_virtual = True
    assert ("refused", "virtual (not on this system)") in Bench(backend, "virtual").look()
