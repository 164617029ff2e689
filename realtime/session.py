"""One performance: the card's blocks go through the engine, are timed and recorded, until it ends.

The same code plays through PortAudio, through the virtual card and through the tests' fake. What
runs in the card's thread is `Session.on_block` and nothing else: it opens, locks, logs nothing.
"""

import contextlib
import gc
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from realtime.card import Card
from realtime.host_applied import Applied
from realtime.lateness import LateBlocks, in_words
from realtime.peaks import Peaks
from realtime.processor import Audio, Processor
from realtime.scheduling import raise_this_thread, thread_priority
from realtime.session_counters import Counters
from realtime.session_partners import NO_READINGS, Advisor, Status, Tape, View
from realtime.stats import BlockReport, BlockTimes, CardFlags, RecentLoad
from realtime.witness import Losses, MachineWatch

__all__ = ["Advisor", "Session", "Status", "Tape", "View", "undisturbed"]

LOOK_EVERY_S = 0.1

SWITCH_INTERVAL_S = 5e-5
"""At Python's own 5 ms one busy thread makes a callback wait for 5.2 ms; at this, for 0.2 ms."""


class Session:
    """One performance.

    Args:
        player: the engine, or the engine behind another rate.
        card: where sound comes from and goes to; of the player's rate.
        tape: records both, if given.
        view: shows the state, if given.
        priority: real-time priority for the card's thread, 1...99; 0: as it comes.
        guide: the pitch tracker's, if it has one.
        listener: is given each block's readings, in the card's thread.
    """

    def __init__(
        self,
        player: Processor,
        card: Card,
        tape: Tape | None = None,
        view: View | None = None,
        priority: int = 0,
        guide: Advisor | None = None,
        listener: Callable[[Audio], object] | None = None,
    ) -> None:
        self._player, self._card, self._tape, self._view = player, card, tape, view
        self._priority = priority
        self.guide, self._listener = guide, listener
        self.times = BlockTimes(player.sample_rate)
        self.late = LateBlocks(player.sample_rate)
        self.audio_priority: int | None = None
        """Of the card's thread, in real time (0: none); None before its first block."""
        self._audio_thread = 0
        self._machine: MachineWatch | None = None
        self.n_errors = 0
        self.last_error = ""
        self.card_let_go = True
        """Whether the card was left in order (or nobody has tried to open it)."""
        self._peaks = Peaks(player.sample_rate)
        self._recent = RecentLoad(self.times.loads)
        self._counters = Counters(self.times, self.late)
        self._is_open = True

    def run(self, stop: threading.Event, started: Callable[[], None] = lambda: None) -> BlockReport:
        """Plays until the card ends or `stop` is set; the recording is closed in any case.

        `started` is called, in this thread, soon after the first block.

        Raises DeviceError if the card refuses, StreamError if it goes away. If `card_let_go` is
        False afterwards, only `os._exit` ends the process: PortAudio hangs in its own clean-up.
        """
        self.card_let_go = False
        try:
            self._card.open(self.on_block)
            while self._card.is_playing() and not stop.wait(LOOK_EVERY_S):
                self._look(started)
            self.card_let_go = self._card.close()
        finally:
            self._is_open = False
            self._look(started)
            if self._tape:
                self._tape.close()
        return self.report()

    def on_block(self, dry: Audio, flags: CardFlags) -> Audio:
        """Plays one block in the card's thread; silence where the engine fails.

        Shape: (T,) to (T,), or (T, 2).
        """
        if self.audio_priority is None:
            self._begin()
        self.late.begin()
        try:
            if not self.times.n_blocks:  # JACK's block size is not known before
                self._player.expect_blocks_of(len(dry))
            wet = self._player.process(dry)
            if wet.shape[:1] != dry.shape or wet.ndim > 2:
                raise ValueError(f"{wet.shape} for {dry.shape}")
        except Exception as error:
            wet = self._silence(dry, error)
        try:
            self._tell(wet, dry)
        except Exception as error:
            self._note(error)
        self.times.add(self.late.end(len(dry)), len(dry), flags)
        return wet

    def report(self) -> BlockReport:
        """The figures so far; late are also blocks that were asked for too late."""
        return self.times.report()._replace(late_blocks=self.late.n)

    def status(self) -> Status:
        """How it goes, over the last seconds where that matters."""
        load_p50, load_p99 = self._recent.look()
        now = self._counters.look()
        return Status(
            load_p50=load_p50,
            load_p99=load_p99,
            late_blocks=now.n_late,
            xruns=now.n_xruns,
            latency_ms=self.latency_ms,
            problem=self.problem,
            late_words=in_words(now.n_late, now.late_counts),
            load_mean=now.load_mean,
            load_max=now.load_max,
            input_peak_db=self._peaks.input_db,
            output_peak_db=self._peaks.output_db,
        )

    def reset_counters(self) -> None:
        """Late blocks, xruns, mean and greatest load are counted anew; from any thread.

        The report at the end is of the whole session all the same.
        """
        self._counters.reset()
        getattr(self._player, "reset_counters", lambda: None)()

    @property
    def latency_ms(self) -> float:
        """Microphone to speaker: engine, resampling and what the card says of itself."""
        player_s = self._player.latency_samples / self._player.sample_rate
        return 1e3 * (player_s + (self._card.latency_s or 0.0))

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        if self.n_errors:
            return f"{self.n_errors} blocks failed ({self.last_error})"
        if self._tape and self._tape.failed:
            return f"recording stopped ({self._tape.failed})"
        if self._tape and self._tape.seconds_dropped:
            return f"disk too slow ({self._tape.seconds_dropped:.1f} s not recorded)"
        said = str(getattr(self._player, "problem", ""))
        return said or (self.guide.problem if self.guide else "")

    def _begin(self) -> None:
        """Once, in the card's thread. A card that calls from the main thread is a test's."""
        if self._priority and threading.current_thread() is not threading.main_thread():
            raise_this_thread(self._priority)
        self._audio_thread = threading.get_native_id()
        getattr(self._player, "go_live", lambda: None)()
        self.audio_priority = thread_priority()

    def _look(self, started: Callable[[], None]) -> None:
        if self._machine is None and self.times.n_blocks:
            self._machine = MachineWatch(self._audio_thread)
            with contextlib.suppress(OSError):  # nobody may be there to read it
                started()
        self.late.judge(self._machine.losses() if self._machine else Losses())
        if self._view:
            try:
                self._view.show(self.status())
            except OSError:  # the terminal was closed; the music goes on without it
                self._view = None

    def _tell(self, wet: Audio, dry: Audio) -> None:
        self._peaks.note(dry, wet)
        readings, applied = self._told()
        if self._listener:
            self._listener(readings)
        if self._tape and self._is_open:
            self._tape.push(wet, dry, readings, applied)

    def _told(self) -> tuple[Audio, Sequence[Applied]]:
        """What the player read and did during the last block; an engine alone does not say."""
        told: deque[Applied] | None = getattr(self._player, "applied", None)
        applied = tuple(told.popleft() for _ in range(len(told))) if told else ()
        return getattr(self._player, "readings", NO_READINGS), applied

    def _silence(self, dry: Audio, error: Exception) -> Audio:
        self._note(error)
        is_stereo = getattr(self._player, "n_outputs", 1) == 2
        return np.zeros((len(dry), 2) if is_stereo else len(dry), np.float32)

    def _note(self, error: Exception) -> None:
        # The text only: an exception would keep its frames, and with them the blocks, alive.
        self.last_error = f"{type(error).__name__}: {error}"
        self.n_errors += 1


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage collection, and the interpreter's lock handed over fast.

    Everything made so far is taken out of the collector's sight; enter it when all is loaded.
    """
    interval_s = sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(interval_s)
        gc.enable()
        gc.unfreeze()
