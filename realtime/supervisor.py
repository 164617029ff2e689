"""`chanterelle play` is two processes: this small one, and its child that plays.

When a sound server dies, PortAudio hangs in its own clean-up, and the only way out is to end the
process. So the child leaves, and a new one goes on where it stood (`standing.py`), as soon as the
server is back. The same helps against a crash in anybody's native code.

Nothing heavy is imported here: this process costs some megabytes and no time.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

MARK = "CHANTERELLE_SUPERVISED"
"""In the child's environment: the descriptors of the standing's file and of the lifeline."""

AGAIN = 75
"""Exit code of a child that has to be started again (EX_TEMPFAIL of sysexits.h)."""

CRASHES_S = 60.0
MOST_CRASHES = 3
"""Within that time; then it is no accident, and the next would not help."""


CONSOLE = "--console"
"""The flag of `play` that asks for one."""

LAST_REQUEST = 3
"""Who asks for the third time is not made to wait any longer."""


def is_wanted(words: Sequence[str]) -> bool:
    """Whether these words of the command line need a supervisor.

    To play through a real card, or with a console, which is started again where it died.
    """
    if words[:1] != ["play"] or MARK in os.environ or not hasattr(os, "fork"):
        return False
    is_file = any("file:" in word for word in words) and CONSOLE not in words
    return not is_file and not {"-h", "--help"} & set(words)


def supervise(command: Sequence[str] = ()) -> int:
    """Plays in a child until that ends for good; returns its exit code.

    Args:
        command: of the child; as this process was started if empty.
    """
    from realtime.keys_terminal import TerminalKept
    from realtime.standing import new_file

    _open_standard_files()
    terminal = TerminalKept()
    command = list(command) or [sys.executable, *sys.orig_argv[1:]]
    lifeline, our_end = os.pipe()
    crashes: deque[float] = deque(maxlen=MOST_CRASHES)
    with new_file() as file, _console(command) as more:
        environment = {**os.environ, **more, MARK: f"{file.fileno()},{lifeline}"}
        while True:
            code, was_asked = _play(command, environment, (file.fileno(), lifeline))
            if code:  # it had no time to tidy up
                terminal.restore()
            if was_asked:
                break
            if code < 0 and not _too_often(crashes):
                _say(f"the instrument crashed ({_name(code)}); starting it again")
            elif code != AGAIN:
                break
    os.close(lifeline)
    os.close(our_end)
    if code < 0:
        _say("" if was_asked else f"error: play: crashed again ({_name(code)}): see what it said")
        return 130 if was_asked else 1
    return code


@contextlib.contextmanager
def _console(command: Sequence[str]) -> Iterator[dict[str, str]]:
    """Keeps the console, if one is asked for; what the child's environment says of it."""
    if CONSOLE not in command:
        yield {}
        return
    from realtime.console_process import FOLDER, ConsoleKeeper, new_folder

    if FOLDER in os.environ:  # somebody else has one
        yield {}
        return
    with ConsoleKeeper(new_folder()) as keeper:
        yield {FOLDER: str(keeper.folder)}


def _open_standard_files() -> None:
    """Where nobody has given any, so that no other file is taken for them (`play >&-`)."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            os.set_inheritable(descriptor, True)


def _play(
    command: Sequence[str], environment: dict[str, str], descriptors: tuple[int, int]
) -> tuple[int, bool]:
    """Exit code of one child (negative: the signal that ended it), and whether we were asked."""
    asked: list[int] = []
    # Inherited: Ctrl-C reaches the child too, and would be heard twice.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(command, env=environment, pass_fds=descriptors)
    signal.signal(signal.SIGINT, before)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        child.send_signal(signal.SIGTERM if len(asked) < LAST_REQUEST else signal.SIGKILL)

    with _signals(pass_on):
        code = child.wait()
    return code, bool(asked)


@contextlib.contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, handler) for number in numbers]
    try:
        yield
    finally:
        for number, old in zip(numbers, before, strict=True):
            signal.signal(number, old)


def _too_often(crashes: deque[float]) -> bool:
    now_s = time.monotonic()
    crashes.append(now_s)
    return len(crashes) == MOST_CRASHES and now_s - crashes[0] < CRASHES_S


def _name(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _say(text: str) -> None:
    if text:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)


class Supervised:
    """What the child knows of its supervisor.

    Args:
        mark: the value of `MARK`.
    """

    def __init__(self, mark: str) -> None:
        self.standing_file, self.lifeline = (int(part) for part in mark.split(","))

    def watch(self, stop: threading.Event) -> None:
        """Sets `stop` when the supervisor is gone: nobody would end this process any more."""

        def wait() -> None:
            os.read(self.lifeline, 1)
            stop.set()

        threading.Thread(target=wait, name="lifeline", daemon=True).start()


def supervised() -> Supervised | None:
    """The supervisor's child: what it was given; None in a process of its own."""
    mark = os.environ.get(MARK)
    return Supervised(mark) if mark else None
