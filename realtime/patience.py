"""The wait before the first note: explained if it is long, and over at once with Ctrl-C.

The first start of a new version compiles its kernels, for half a minute or more. Meanwhile Python's
way to be interrupted does not work: an exception inside the compiler is swallowed, or comes out as
an error of its own. Nothing is open yet that would have to be closed, so the signal may end the
process.
"""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

SAY_AFTER_S = 3.0
WORDS = "compiling, as after every new version; the next start takes a second (Ctrl-C ends)"


@contextlib.contextmanager
def preparing() -> Iterator[None]:
    """While inside, Ctrl-C ends the process, and after some seconds it is said what is done."""
    saying = threading.Timer(SAY_AFTER_S, _say)
    saying.daemon = True
    saying.start()
    before = signal.getsignal(signal.SIGINT)
    # Who started us may want Ctrl-C ignored; and only the main thread may choose.
    may_choose = threading.current_thread() is threading.main_thread()
    choose = may_choose and before is not signal.SIG_IGN
    if choose:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        saying.cancel()
        if choose:
            signal.signal(signal.SIGINT, before)


def _say() -> None:
    print(WORDS, file=sys.stderr, flush=True)
