"""Sends what is sung to another instrument, through a MIDI output of the system or one of our own.

The audio thread leaves its readings in a queue; a thread of this object's own turns them into
messages a few times in 10 ms. A cable that is pulled ends the sending, never the sound.
"""

import contextlib
import importlib
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import DeviceError
from realtime.midi_sung import SungNotes
from realtime.midi_watch import VIRTUAL, make_client, no_midi

Readings = NDArray[np.float32]

CLIENT_NAME, PORT_NAME = "chanterelle out", "sung notes"
LOOK_EVERY_S = 0.003
MOST_WAITING = 1024
"""Blocks: some seconds. Older ones are of no use."""
CLOSE_LIMIT_S = 1.0


class MidiOut:
    """One open output; a context manager.

    Args:
        name: part of the name of an output, or `virtual` for a port of our own, "sung notes", that
            others connect to.
        notes: turns readings into messages.
        backend: the rtmidi module, or a fake of it.

    Raises:
        DeviceError: there is no MIDI system, or no such output, with those that exist.
    """

    def __init__(self, name: str, notes: SungNotes, backend: Any = None) -> None:
        backend = backend or importlib.import_module("rtmidi")
        self.n_sent = 0
        self.problem = ""
        self._notes = notes
        self._waiting: deque[Readings] = deque(maxlen=MOST_WAITING)
        self._closing = threading.Event()
        self._output = make_client(backend, CLIENT_NAME, for_output=True)
        if self._output is None:
            raise no_midi("--midi-out")
        try:
            self.name = _open(self._output, name, backend)
        except BaseException:
            self._output.delete()
            raise
        self._thread = threading.Thread(target=self._run, name="midi out", daemon=True)

    def hear(self, readings: Readings) -> None:
        """Takes a block's readings (audio thread; never waits). Shape: (N, 3)."""
        if len(readings):
            self._waiting.append(readings)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(CLOSE_LIMIT_S)
        if not self._thread.is_alive():
            self._output.close_port()
            self._output.delete()

    def _run(self) -> None:
        while not self._closing.wait(LOOK_EVERY_S):
            self._send_waiting()
        self._send(self._notes.silence())

    def _send_waiting(self) -> None:
        with contextlib.suppress(IndexError):  # empty
            while True:
                self._send(self._notes.hear(self._waiting.popleft()))

    def _send(self, messages: Sequence[Sequence[int]]) -> None:
        if self.problem:
            return
        try:
            for message in messages:
                self._output.send_message(list(message))
                self.n_sent += 1
        except Exception as error:  # the cable, or the system behind it
            self.problem = f"MIDI output {self.name!r} is gone ({error})"


def _open(output: Any, name: str, backend: Any) -> str:
    """Opens the port and returns its name."""
    todo = "plug the instrument in, or --midi-out virtual for an output of our own"
    try:
        if name == VIRTUAL:
            output.open_virtual_port(PORT_NAME)
            return f"{CLIENT_NAME}:{PORT_NAME}"
        ports = list(output.get_ports())
        found = [n for n, port in enumerate(ports) if name.casefold() in port.casefold()]
        if len(found) != 1:
            given = f"{name!r} fits {len(found)} outputs" if found else f"no output {name!r}"
            raise DeviceError("--midi-out", given, f"there are: {', '.join(ports) or 'none'}", todo)
        output.open_port(found[0], PORT_NAME)
        return str(ports[found[0]])
    except (backend.RtMidiError, NotImplementedError) as error:
        raise DeviceError(f"--midi-out {name}", f"does not open ({error})", "", todo) from error
