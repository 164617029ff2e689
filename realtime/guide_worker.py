"""The guide's own process: waits for questions on the shared page, answers, and asks for nothing.

    python -m realtime.guide_worker DESCRIPTOR SAMPLE_RATE EVERY_S PARENT PRIORITY

`realtime/guide_process.py` starts it. It imports numpy alone, so that it is there in a fraction of
a second and takes some 40 MB; it ends when it is told so or when its parent is gone. Where the
audio thread has a real-time priority, this process takes the lowest: before other programs, never
before the music. Elsewhere it is a program like others: where the computer is too busy for it, its
answers come late and go unheard.
"""

import os
import signal
import sys
import time
from collections.abc import Callable

import numpy as np

from ddsp_core.crepe_reading import CrepeReader
from realtime.guide_pages import GuidePages
from realtime.scheduling import raise_this_thread

NAP_S = 0.002
LONG_NAP_S = 0.005
"""Between looks at the page while nobody asks: nothing is playing."""
SLEPT_THROUGH = 0.7
"""Of the time to the next question; who woke up late once is in time again soon."""
ASLEEP_S = 1.0


def serve(
    pages: GuidePages, reader: CrepeReader, every_s: float, is_wanted: Callable[[], bool]
) -> None:
    """Answers until `pages` are over or nobody wants answers any more.

    Args:
        every_s: how often a question comes.
        is_wanted: looked at while waiting.
    """
    answered, nap_s, answered_s = 0, NAP_S, time.monotonic()
    while not pages.is_over and is_wanted():
        found = pages.question()
        if found is None or found[0] == answered:
            time.sleep(nap_s)
            nap_s = NAP_S if time.monotonic() - answered_s < ASLEEP_S else LONG_NAP_S
            continue
        seen_s = time.monotonic()
        answered, past = found
        pages.reply(answered, reader.read(past))
        answered_s = time.monotonic()
        nap_s = max(SLEPT_THROUGH * every_s - (answered_s - seen_s), NAP_S)


def main(arguments: list[str]) -> None:
    """Serves the page that the arguments name."""
    descriptor, sample_rate, every_s, parent, priority = (float(word) for word in arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C means the engine, which tells us
    if priority:
        raise_this_thread(int(priority))
    reader = CrepeReader(int(sample_rate))
    pages = GuidePages(int(descriptor), reader.n_past)
    reader.read(np.random.default_rng(0).standard_normal(reader.n_past).astype(np.float32))
    pages.set_ready()
    serve(pages, reader, every_s, lambda: os.getppid() == int(parent))


if __name__ == "__main__":
    main(sys.argv[1:])
