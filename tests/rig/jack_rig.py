"""A sound card for tests: a JACK server, a microphone, a speaker and the program between them."""

import contextlib
import signal
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import jack

from rig.program import Program
from rig.server import JackServer
from rig.transport import Audio, MidiScript, Recording, RigError, Transport

Mode = Literal["async", "sync", "freewheel"]

SERVER_LIMIT_S = 10.0
PORTS_LIMIT_S = 180.0
"""A first start may compile kernels."""

LOOK_EVERY_S = 0.02
N_CALM_LOOKS = 10

OURS = ("microphone:", "speaker:", "system:")


class JackRig:
    """The real program on a sound server that we own; a context manager.

    Args:
        period: frames a cycle.
        rate: in Hz.
        mode: `async` goes on without a late program, as a sound card does; `sync` waits for it,
            so that nothing is lost and each cycle's time counts; `freewheel` runs as fast as the
            program can, bit-exact, while a recording is made.

    >>> with JackRig(mode="freewheel") as rig:  # doctest: +SKIP
    ...     rig.start([sys.executable, "-m", "realtime.cli", "play"])
    ...     rig.connect()
    ...     recording = rig.run(mic, tail_s=1.0)
    ...     exit_code = rig.stop_program()
    """

    def __init__(self, period: int = 128, rate: int = 48000, mode: Mode = "sync") -> None:
        self.period, self.rate, self.mode = period, rate, mode
        self.server = JackServer(period, rate, sync=mode != "async")
        self._transport: Transport | None = None
        self._graph: Any = None
        self._program: Program | None = None

    def __enter__(self) -> Self:
        try:
            self.start_server()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def program(self) -> Program:
        """The program under test."""
        assert self._program is not None, "start() comes first"
        return self._program

    @property
    def transport(self) -> Transport:
        """Microphone and speaker."""
        assert self._transport is not None, "the rig is a context manager"
        return self._transport

    def start(self, command: Sequence[str]) -> Program:
        """Starts the program; it finds this rig's server and no other."""
        assert self._program is None, "one program a rig"
        self._program = Program(command, self.server.environment)
        return self._program

    def connect(self, limit_s: float = PORTS_LIMIT_S, *, has_ears: bool = True) -> None:
        """Waits for the program's ports and connects them to microphone and speaker alone.

        `has_ears`: it opens a microphone, which a keyboard's instrument does not.

        PortAudio connects the ports by itself shortly after they appear; the rig goes on until
        nothing has changed for a moment.
        """
        give_up_s = time.monotonic() + limit_s
        n_calm_looks = 0
        while n_calm_looks < N_CALM_LOOKS:
            self.program.check()
            if time.monotonic() > give_up_s:
                raise RigError(f"the program's ports were not there within {limit_s:g} s")
            n_calm_looks = n_calm_looks + 1 if self._is_connected(has_ears) else 0
            time.sleep(LOOK_EVERY_S)

    def run(
        self,
        mic: Audio,
        tail_s: float = 0.5,
        midi: MidiScript = (),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Recording:
        """Plays `mic` into the program and records its output until `tail_s` after the end.

        Args:
            mic: what the microphone hears.
            midi: messages sent at given samples of `mic` from the port `microphone:knobs`.
            meanwhile: called once it runs.

        Shape:
            mic: (T,); the recording's channels: (T + tail,)
        """
        n_samples = len(mic) + round(tail_s * self.rate)
        running = self.transport.start(mic, n_samples, midi)
        self._freewheel(True)
        try:
            meanwhile()
            return self.transport.wait(running, 10.0 + 1.5 * n_samples / self.rate)
        finally:
            self._freewheel(False)

    def stop_program(self, number: signal.Signals = signal.SIGINT) -> int:
        """Sends the program a signal; returns its exit code."""
        return self.program.stop(number)

    def start_server(self) -> None:
        """The sound card is there, (again) with microphone and speaker."""
        self.server.start()
        self._transport = self._open_transport()
        self._graph = jack.Client("rig", servername=self.server.name, no_start_server=True)

    def kill_server(self) -> None:
        """The sound card goes away."""
        self.server.kill()
        self._let_go()

    def _let_go(self) -> None:
        """Leaves a server, which may be dead."""
        if self._graph:
            self._graph.close()
        if self._transport:
            self._transport.close()
        self._graph = self._transport = None

    def close(self) -> None:
        """Ends all that was started here."""
        if self._program:
            self._program.close()
            if self._program.was_killed:
                # A server that waits for its clients would wait most of a minute for this one.
                self.server.kill()
        self._let_go()
        self.server.stop()

    def _open_transport(self) -> Transport:
        give_up_s = time.monotonic() + SERVER_LIMIT_S
        while True:
            self.server.check()
            try:
                return Transport(self.server.name, self.period, self.rate)
            except RigError:
                if time.monotonic() > give_up_s:
                    raise
                time.sleep(0.02)

    def _is_connected(self, has_ears: bool) -> bool:
        """Whether all was right already; what was not is put right."""
        inputs, outputs = self._ports(is_input=True), self._ports(is_output=True)
        changed = [self._link(port, "microphone:mono", is_input=True) for port in inputs]
        for port, speaker in zip(outputs, ("speaker:left", "speaker:right"), strict=False):
            changed.append(self._link(port, speaker, is_input=False))
        return bool((inputs or not has_ears) and outputs) and not any(changed)

    def _ports(self, **direction: bool) -> list[str]:
        ports = self._graph.get_ports(is_audio=True, **direction)
        return [port.name for port in ports if not port.name.startswith(OURS)]

    def _link(self, port: str, ours: str, is_input: bool) -> bool:
        """Connects a port of the program to one of ours and to no other; whether that was news."""
        links = {other.name for other in self._graph.get_all_connections(port)}
        with contextlib.suppress(jack.JackError):  # PortAudio was faster, or the port is not ready
            for other in links - {ours}:
                self._graph.disconnect(*((other, port) if is_input else (port, other)))
            if ours not in links:
                self._graph.connect(*((ours, port) if is_input else (port, ours)))
        return links != {ours}

    def _freewheel(self, on: bool) -> None:
        if self.mode == "freewheel" and not self.transport.is_gone:
            self._graph.set_freewheel(on)
