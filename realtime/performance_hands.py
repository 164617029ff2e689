"""The hands and eyes of a performance: MIDI, OSC, keys, and the view in the terminal."""

import contextlib
import math
import sys
import time
from typing import TYPE_CHECKING, Self

from realtime.desk import Change
from realtime.link import link_of
from realtime.live_view_state import ViewState, state_of
from realtime.performance import Performance
from realtime.restart import Restart
from realtime.session import Status

if TYPE_CHECKING:
    from realtime.keys import Keys
    from realtime.midi_learn import MidiLearner
    from realtime.midi_ports import MidiPorts
    from realtime.midi_router import MidiRouter

FIRST_REALTIME = 0xF8
"""Clock and active sensing: nothing that belongs to a take."""


class Hands:
    """Opens all that is wished for, until it is left; a context manager.

    Args:
        performance: what they turn and look at.
    """

    def __init__(self, performance: Performance) -> None:
        self._performance = performance
        self._tidy = contextlib.ExitStack()
        self._ports: MidiPorts | None = None
        self._router: MidiRouter | None = None
        self._learner: MidiLearner | None = None
        self._keys: Keys | None = None

    def __enter__(self) -> Self:
        wishes = self._performance.wishes
        with contextlib.ExitStack() as tidy:
            if wishes.is_seen:
                self._open_terminal(tidy)
            else:
                self._performance.desk.listen(_print)
            if self._performance.midi_out:
                tidy.enter_context(self._performance.midi_out)
            if wishes.midi:
                self._open_midi(wishes.midi, tidy)
            if wishes.osc_port is not None:
                self._open_osc(wishes.osc_port, wishes.osc_host, tidy)
            if wishes.console is not None:
                link = link_of(self._performance, self.state, wishes.console)
                link.answer("restart", Restart(self._performance))
                tidy.enter_context(link)
            self._tidy = tidy.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._tidy.close()

    def _open_midi(self, names: str, tidy: contextlib.ExitStack) -> None:
        from realtime.midi_clock import MidiClock
        from realtime.midi_learn import MidiLearner
        from realtime.midi_ports import MidiPorts
        from realtime.midi_router import MidiRouter

        desk = self._performance.desk
        self._router = MidiRouter(desk, MidiClock(desk))
        self._learner = MidiLearner(desk, self._router)
        self._ports = tidy.enter_context(
            MidiPorts(names, self._on_midi, lambda text: desk.say(text, "midi"))
        )
        self._ports.wait_until_ready()
        if self._ports.problem:
            there = ", ".join(self._ports.there) or "none"
            desk.say(f"{self._ports.problem} yet: waiting for it (there are: {there})", "midi")

    def _on_midi(self, data: bytes, port: str, time_s: float) -> None:
        assert self._router is not None
        if data[0] < FIRST_REALTIME:
            self._performance.tape.note({"what": "midi", "port": port, "bytes": list(data)})
            if self._performance.keyboard and not self._router.is_switch(data):
                self._performance.keyboard.on_message(data, port, time_s)
        self._router.on_message(data, port, time_s)

    def _open_osc(self, port: int, host: str, tidy: contextlib.ExitStack) -> None:
        from realtime.osc import OscServer

        server = OscServer(self._performance.desk, self.state, port, host)
        if server.warning:
            print(f"warning: {server.warning}", file=sys.stderr, flush=True)
        tidy.enter_context(server)

    def _open_terminal(self, tidy: contextlib.ExitStack) -> None:
        from realtime.keys import Keys
        from realtime.live_view import LiveView

        performance = self._performance
        performance.views.append(tidy.enter_context(LiveView(self.view)))
        self._keys = tidy.enter_context(
            Keys(performance.desk, performance.end.set, lambda: performance.tape.is_recording)
        )

    def state(self) -> ViewState:
        """Everything that a performer may want to see, now; from any thread."""
        return self.view(self._performance.status)

    def view(self, status: Status) -> ViewState:
        """The same, beside a session's status."""
        performance, now_s = self._performance, time.monotonic()
        state = state_of(status, performance.host.meters)
        state = state._replace(**performance.position.where()._asdict())
        values = performance.host.control_values
        return state._replace(
            input_peak_db=status.input_peak_db,
            output_peak_db=status.output_peak_db,
            tempo_bpm=performance.tempo.bpm or state.tempo_bpm,
            a4_hz=values["a4_hz"],
            is_bypassed=performance.host.is_bypassed,
            recording_s=self._recording_s(),
            disk_free_s=performance.tape.disk_free_s,
            midi_age_s=self._midi_age_s(now_s),
            midi_ports=len(self._ports.open) if self._ports else 0,
            selected=self._keys.selected if self._keys else None,
            learning=self._learner.waits_for if self._learner else "",
            mapped=self._router.mapped if self._router else {},
            learned=self._learner.learned if self._learner else (),
            problems=self._problems(status),
            message=performance.message.text,
            message_age_s=now_s - performance.message.at_s,
            shows_help=self._keys.shows_help if self._keys else False,
        )

    def _recording_s(self) -> float | None:
        tape = self._performance.tape
        return tape.seconds_written if tape.is_recording else None

    def _midi_age_s(self, now_s: float) -> float:
        activity = self._router.activity if self._router else None
        return now_s - activity.time_s if activity else math.inf

    def _problems(self, status: Status) -> tuple[str, ...]:
        midi = self._ports.problem if self._ports else ""
        out = self._performance.midi_out
        said = (status.problem, self._performance.tape.problem, midi, out.problem if out else "")
        return tuple(dict.fromkeys(text for text in said if text))


def _print(change: Change) -> None:
    """Where there is no view: messages as lines."""
    if change.what == "message":
        print(change.value, file=sys.stderr, flush=True)
