"""MIDI as a performance has it: ports, router, learning, clock and tempo, put together."""

from types import TracebackType
from typing import Self

from realtime.desk import Desk
from realtime.midi_clock import MidiClock
from realtime.midi_learn import MidiLearner
from realtime.midi_ports import MidiPorts
from realtime.midi_router import Activity, MidiRouter


class Midi:
    """Open ports that move the desk; a context manager.

    Args:
        desk: with somebody for the commands `tempo` and `tap_tempo` (`tempo.Tempo`).
        names: parts of the ports' names, `all`, `virtual`: see `MidiPorts`.

    Raises PresetError for mistakes in the file of learned knobs, DeviceError for empty names.
    """

    def __init__(self, desk: Desk, names: str) -> None:
        self.router = MidiRouter(desk, MidiClock(desk))
        self.learner = MidiLearner(desk, self.router)
        self.ports = MidiPorts(names, self.router.on_message, lambda text: desk.say(text, "midi"))

    @property
    def activity(self) -> Activity | None:
        """The last message; None before there was one."""
        return self.router.activity

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        return self.ports.problem

    def wait_until_ready(self) -> None:
        """Until it is known which ports there are; raises DeviceError if there is no MIDI."""
        self.ports.wait_until_ready()

    def close(self) -> None:
        """Closes all ports."""
        self.ports.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
