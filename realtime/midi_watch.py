"""Which MIDI inputs there are and which of them are open: looked after again and again.

Everything here holds Python's lock while the MIDI system works (measured over JACK: 25 ms for a new
client, 2 to 4 ms to connect a port, 0.3 ms to look which ports there are), so it runs in a process
of its own: `midi_worker.py`.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from ddsp_core.errors import DeviceError
from realtime.midi_frames import Report
from realtime.quiet import quiet_stderr

CLIENT_NAME = "chanterelle"
PORT_NAME = "midi in"
VIRTUAL, ALL = "virtual", "all"
NOT_INSTRUMENTS = (CLIENT_NAME, "midi through", "rtmidi")
"""Parts of names that `all` leaves out: our own outputs, and loops back to whoever sends."""

Sender = Callable[[int, Sequence[int]], object]
"""Given a port's number and a message, in the MIDI system's thread."""


def make_client(backend: Any, name: str = CLIENT_NAME, *, for_output: bool = False) -> Any:
    """The system's own MIDI, else JACK's (RtMidi does not fall back by itself); None: neither."""
    make = backend.MidiOut if for_output else backend.MidiIn
    apis = [backend.API_UNSPECIFIED]
    if backend.API_UNIX_JACK in backend.get_compiled_api():
        apis.append(backend.API_UNIX_JACK)
    for api in apis:
        try:
            with quiet_stderr():
                return make(api, name=name)
        except backend.RtMidiError:
            continue
    return None


def is_wanted(name: str, wanted: Sequence[str]) -> bool:
    """Whether a port's name contains one of the words, case ignored.

    >>> is_wanted("nanoKONTROL2:SLIDER", ["Pedal", "nano"]), is_wanted("Midi Through", ["all"])
    (True, False)
    """
    known = name.casefold()
    if ALL in wanted and not any(part in known for part in NOT_INSTRUMENTS):
        return True
    return any(word.casefold() in known for word in wanted if word not in (ALL, VIRTUAL))


class PortWatch:
    """Opens the inputs that are wanted when they appear, closes those that vanish.

    Args:
        wanted: parts of names; `all` for every instrument, `virtual` for an input of our own called
            "midi in", that others connect to.
        send: gets the messages.
        report: is told of what changes.
        backend: the rtmidi module, or a fake of it.
    """

    def __init__(
        self,
        wanted: Sequence[str],
        send: Sender,
        report: Callable[[Report], object],
        backend: Any,
    ) -> None:
        self._wanted, self._send, self._report, self._backend = wanted, send, report, backend
        self._scanner: Any = None
        self._known: list[str] = []
        self._open: dict[str, tuple[int, Any]] = {}
        self._refused: set[str] = set()
        self._n_opened = 0

    def look(self) -> None:
        """Looks which ports there are, once; call it about twice a second."""
        if self._scanner is None and not self._start():
            self._report(Report("no_midi"))
            return
        found = self._names()
        for name in [known for known in self._known if known not in found]:
            self._lose(name)
        for name in [new for new in found if new not in self._known]:
            self._report(Report("there", name))
        self._known = found
        self._refused &= set(found)
        for name in found:
            if name not in self._open and is_wanted(name, self._wanted):
                self._connect(name)
        self._report(Report("looked"))

    def close(self) -> None:
        """Closes all that is open."""
        for name in list(self._open):
            self._shut(name)
        if self._scanner is not None:
            self._scanner.delete()
            self._scanner = None

    def _start(self) -> bool:
        """An input of our own first: it gets the name that others connect to."""
        if VIRTUAL in self._wanted and not self._open_virtual():
            return False
        self._scanner = make_client(self._backend, f"{CLIENT_NAME} looks")
        return self._scanner is not None

    def _names(self) -> list[str]:
        try:
            with quiet_stderr():
                return list(dict.fromkeys(self._scanner.get_ports()))
        except self._backend.RtMidiError:
            return []

    def _open_virtual(self) -> bool:
        client = self._listener()
        if client is None:
            return False
        name = f"{CLIENT_NAME}:{PORT_NAME}"
        try:
            client.open_virtual_port(PORT_NAME)
        except (self._backend.RtMidiError, NotImplementedError) as error:
            client.delete()
            self._report(Report("refused", f"{VIRTUAL} ({error})"))
            return True
        self._keep(name, client)
        return True

    def _connect(self, name: str) -> None:
        client = self._listener()
        if client is None:
            return
        try:
            # Numbers shift when ports come and go: looked up by name at the last moment.
            client.open_port(list(client.get_ports()).index(name), PORT_NAME)
        except (self._backend.RtMidiError, ValueError) as error:
            client.delete()
            if name not in self._refused:
                self._refused.add(name)
                self._report(Report("refused", f"{name} ({error})"))
            return
        self._keep(name, client)

    def _listener(self) -> Any:
        """A client whose messages go to `send` under the number of its port; None without MIDI."""
        client = make_client(self._backend)
        if client is None:
            return None
        number, send = self._n_opened, self._send
        client.ignore_types(sysex=True, timing=False, active_sense=True)
        client.set_callback(lambda event, _data=None: send(number, event[0]))
        return client

    def _keep(self, name: str, client: Any) -> None:
        self._open[name] = (self._n_opened, client)
        self._report(Report("opened", name, self._n_opened))
        self._n_opened += 1

    def _lose(self, name: str) -> None:
        self._report(Report("vanished", name))
        self._shut(name)

    def _shut(self, name: str) -> None:
        if name in self._open:
            number, client = self._open.pop(name)
            client.cancel_callback()
            client.close_port()
            client.delete()
            self._report(Report("closed", name, number))


def list_midi_inputs(backend: Any = None) -> list[str]:
    """Names of all inputs; raises DeviceError where no MIDI system answers."""
    client = make_client(backend or importlib.import_module("rtmidi"), f"{CLIENT_NAME} looks")
    if client is None:
        raise no_midi()
    try:
        return list(client.get_ports())
    finally:
        client.delete()


def no_midi(where: str = "MIDI") -> DeviceError:
    """What to say where no MIDI system answers."""
    todo = "load ALSA's sequencer (modprobe snd-seq, as root) or start JACK"
    return DeviceError(where, "no MIDI system answers", "", todo)
