"""MIDI inputs through RtMidi: ALSA or CoreMIDI where they work, else JACK.

mido's own ports are not used: over JACK they connect to nothing, without a word.
"""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Self

import mido
import rtmidi

from ddsp_core.errors import DeviceError
from realtime.quiet import quiet_stderr

CLIENT_NAME = "chanterelle"
PORT_NAME = "midi in"
VIRTUAL = "virtual"

HOW_TO_GO_ON = (
    "plug an instrument in, or --midi virtual for an input of our own that others connect to"
)


class MidiInput:
    """One open MIDI input.

    Args:
        port: number or part of the name of an input (case ignored), or `virtual` for a new one
            called "midi in", to be connected by hand.
        on_message: called in RtMidi's thread with each message; clock, active sensing and system
            exclusive are left out.
        backend: the rtmidi module, or a fake of it.

    Raises DeviceError if there is no such port, with those that exist.
    """

    def __init__(
        self,
        port: str,
        on_message: Callable[[mido.Message], None],
        backend: ModuleType | Any = rtmidi,
    ) -> None:
        self.n_messages = 0
        self.n_malformed = 0
        self.n_failed = 0
        self.last_error = ""
        self._on_message = on_message
        self._input = _make_client(backend)
        try:
            self._input.ignore_types(sysex=True, timing=True, active_sense=True)
            self._input.set_callback(self._on_bytes)
            self.name = _open(self._input, port, backend)
        except BaseException:
            self._input.delete()
            raise

    def close(self) -> None:
        """Closes the port; a second time does nothing."""
        if self._input is not None:
            self._input.cancel_callback()
            self._input.close_port()
            self._input.delete()
            self._input = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _on_bytes(self, event: tuple[Sequence[int], float], _data: object = None) -> None:
        """Nothing may be raised into RtMidi's thread: cables and cheap keyboards send anything."""
        try:
            message = _parse(event[0])
        except Exception:
            self.n_malformed += 1
            return
        try:
            self._on_message(message)
            self.n_messages += 1
        except Exception as error:
            self.last_error = f"{type(error).__name__}: {error}"
            self.n_failed += 1


def list_midi_inputs(backend: ModuleType | Any = rtmidi) -> list[str]:
    """Names of the inputs, in the order of their numbers; raises DeviceError without MIDI."""
    client = _make_client(backend)
    try:
        return list(client.get_ports())
    finally:
        client.delete()


def _parse(data: Sequence[int]) -> mido.Message:
    """One whole message; mido alone takes a pitch bend with bytes left over."""
    message = mido.Message.from_bytes(data)
    if message.bytes() != list(data):
        raise ValueError(f"more than {message}")
    return message


def _make_client(backend: Any) -> Any:
    """The system's own MIDI, else JACK's: RtMidi does not fall back by itself."""
    apis = [backend.API_UNSPECIFIED]
    if backend.API_UNIX_JACK in backend.get_compiled_api():
        apis.append(backend.API_UNIX_JACK)
    for api in apis:
        try:
            with quiet_stderr():
                return backend.MidiIn(api, name=CLIENT_NAME)
        except backend.RtMidiError:
            continue
    todo = "load ALSA's sequencer (modprobe snd-seq, as root) or start JACK"
    raise DeviceError("MIDI", "no MIDI system answers", "", todo)


def _open(client: Any, port: str, backend: Any) -> str:
    """Opens the port and returns its name."""
    try:
        if port == VIRTUAL:
            client.open_virtual_port(PORT_NAME)
            return f"{CLIENT_NAME}:{PORT_NAME}"
        names = list(client.get_ports())
        number = _find(port, names)
        client.open_port(number, PORT_NAME)
        return str(names[number])
    except (backend.RtMidiError, NotImplementedError) as error:
        raise DeviceError(f"--midi {port}", f"does not open ({error})", "", HOW_TO_GO_ON) from error


def _find(port: str, names: Sequence[str]) -> int:
    """The number of the input that `port` means."""
    numbers = range(len(names))
    wanted = port.casefold()
    if port.isdecimal():
        found = [number for number in numbers if number == int(port)]
    else:
        exact = [number for number in numbers if names[number].casefold() == wanted]
        found = exact or [number for number in numbers if wanted in names[number].casefold()]
    if len(found) == 1:
        return found[0]
    given = f"{port!r} fits {len(found)} inputs" if found else f"no MIDI input {port!r}"
    shown = ", ".join(f"{number} {names[number]!r}" for number in found or numbers) or "none"
    raise DeviceError("--midi", given, f"there are: {shown}", HOW_TO_GO_ON)
