"""The engine with all that goes on around it in `chanterelle play`, and its share of a core.

A session as on stage: the largest voice with its room of two seconds, blocks from a thread of their
own at the pace of a card, the recorder writing microphone and instrument to disk, and the stage
view made ten times a second. Timed is what a card would wait for: the whole callback.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ddsp_core.checkpoint import VoiceFile
from realtime.bench import Row, paced, sung_blocks
from realtime.card import OnBlock
from realtime.engine import Engine
from realtime.live_view_state import state_of
from realtime.meters import Meters
from realtime.processor import Audio
from realtime.session import Session, Status
from realtime.stats import NO_FLAGS
from realtime.take_recorder import TakeRecorder


class PacedCard:
    """A microphone that gives these blocks, one each time that their length has passed."""

    latency_s = 0.0

    def __init__(self, what: str, blocks: Sequence[Audio], sample_rate: int) -> None:
        self.description, self.sample_rate = what, sample_rate
        self.row: Row | None = None
        self._blocks = blocks
        self._thread = threading.Thread(daemon=True)

    def open(self, on_block: OnBlock) -> None:
        """Starts."""
        self._thread = threading.Thread(target=self._play, args=(on_block,), daemon=True)
        self._thread.start()

    def is_playing(self) -> bool:
        """Until the last block."""
        return self._thread.is_alive()

    def close(self) -> bool:
        """Waits for the last block."""
        self._thread.join()
        return True

    def _play(self, on_block: OnBlock) -> None:
        period_s = len(self._blocks[0]) / self.sample_rate
        self.row = paced(self.description, lambda b: on_block(b, NO_FLAGS), self._blocks, period_s)


class Stage:
    """Makes the stage view and shows it to nobody."""

    def __init__(self, read_meters: Callable[[], Meters]) -> None:
        from realtime.live_view_held import Holding

        self._read_meters = read_meters
        self._holding = Holding()
        self.n_shown = 0

    def show(self, status: Status) -> None:
        """As the live view does, but for the terminal."""
        from rich.color import ColorSystem

        from realtime.live_view_lines import view_lines
        from realtime.live_view_screen import encoded

        state = state_of(status, self._read_meters())
        for line in view_lines(state, 80, self._holding.look(state, time.monotonic())):
            encoded(line, ColorSystem.EIGHT_BIT)
        self.n_shown += 1


def all_on_row(what: str, voice: VoiceFile, block_size: int, seconds: float) -> Row:
    """One session of that length; its callback's times, and the process's share of a core."""
    engine = Engine(voice, block_size=block_size)
    engine.warm_up()
    card = PacedCard(what, sung_blocks(engine.sample_rate, block_size, seconds), engine.sample_rate)
    with tempfile.TemporaryDirectory(prefix="chanterelle-bench-") as folder:
        recorder = TakeRecorder(Path(folder), engine.sample_rate)
        recorder.start(wait=True)
        session = Session(engine, card, recorder, Stage(lambda: engine.meters))
        session.run(threading.Event())
    assert card.row is not None
    return card.row
