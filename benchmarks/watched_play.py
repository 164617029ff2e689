"""`chanterelle play` with its callbacks watched: when each began, how long it took, what came out.

    python -m benchmarks.watched_play FILE.npz play [--input ...] [--output ...]

The real program, but for a few array items that each callback writes; its supervisor is watched by
nobody, and imports no more than usual. FILE gets, for the first minute (or WATCHED_S seconds, if
that is in the environment): `begun_s` by the system's monotonic clock, `taken_s`, `peak` of the
output; and `gc_s`, the garbage collector's pauses while playing.
"""

import gc
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from realtime import cli
from realtime.supervisor import is_wanted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from realtime.session import Session
    from realtime.stats import CardFlags

N_BLOCKS = round(float(os.environ.get("WATCHED_S", "60")) * 48000 / 128)


class Watched:
    """What is written down; the arrays are touched beforehand, so that they cost no page fault."""

    def __init__(self) -> None:
        import numpy as np

        self.begun_s, self.taken_s, self.peak = np.full((3, N_BLOCKS), np.nan)
        self.n_blocks = 0
        self.gc_s: list[float] = []

    def save(self, path: str) -> None:
        import numpy as np

        n = min(self.n_blocks, N_BLOCKS)
        arrays = {"begun_s": self.begun_s, "taken_s": self.taken_s, "peak": self.peak}
        kept = {name: array[:n] for name, array in arrays.items()}
        np.savez(path, **kept, gc_s=np.array(self.gc_s))

    def on_collection(self, phase: str, _info: object) -> None:
        now_s = time.monotonic()
        self.gc_s.append(-now_s if phase == "start" else self.gc_s.pop() + now_s)


def watch(watched: Watched) -> None:
    """Puts a clock around every callback of every session, and one around the collector."""
    from realtime import session

    play_block, play = session.Session.on_block, session.Session.run

    def on_block(
        self: "Session", dry: "NDArray[np.float32]", flags: "CardFlags"
    ) -> "NDArray[np.float32]":
        begun_s = time.monotonic()
        wet = play_block(self, dry, flags)
        if (n := watched.n_blocks) < N_BLOCKS:
            watched.begun_s[n], watched.taken_s[n] = begun_s, time.monotonic() - begun_s
            watched.peak[n] = abs(wet).max()
        watched.n_blocks = n + 1
        return wet

    def run(self: "Session", *given: Any) -> object:
        gc.callbacks.append(watched.on_collection)
        try:
            return play(self, *given)
        finally:
            gc.callbacks.remove(watched.on_collection)

    session.Session.on_block = on_block
    session.Session.run = run


def main() -> int:
    if is_wanted(sys.argv[2:]):
        # The child is started with the same words, FILE among them.
        sys.argv.pop(1)
        return cli.main()
    for name in cli.ONE_THREAD:  # before numpy is imported
        os.environ[name] = "1"
    watched, path = Watched(), sys.argv.pop(1)
    watch(watched)
    try:
        return cli.main()
    finally:
        watched.save(path)


if __name__ == "__main__":
    sys.exit(main())
