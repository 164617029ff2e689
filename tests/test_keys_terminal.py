"""Keys in a real terminal: they arrive, and it is put back however the performance ends."""

import os
import signal
import time

import pytest
from desks import FakeInstrument
from terminals import START, Typist

from realtime.keys_terminal import PLAIN_SCREEN

PLAY = """
import signal, threading
from desks import a_desk
from realtime.keys import Keys
desk, instrument, _ = a_desk()
desk.listen(lambda change: print(*change[:3], file=report))
end = threading.Event()
def play():
    with Keys(desk, end.set):
        print("ready", file=report)
        while not end.wait(0.1):
            pass
"""


def test_keys_of_a_real_terminal_arrive_and_it_is_put_back() -> None:
    with Typist(PLAY + "play(); print('done', file=report)") as typist:
        assert typist.line() == "ready"
        assert not typist.is_as_before
        started_s = time.monotonic()
        typist.type(b"2")
        assert typist.line() == "preset cello 1.0"
        assert time.monotonic() - started_s < 1.0
        for _ in FakeInstrument().control_values:
            assert typist.line().startswith("control ")
        typist.type(b"\x1b[")  # a key that comes in two pieces
        typist.type(b"Dp")
        assert typist.line().startswith("message  previous_preset: nobody")
        assert typist.line() == "panic  0.0"
        typist.type(b"q")
        assert typist.line() == "done"
        assert typist.is_as_before
        assert typist.wait() == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"])
def test_a_signal_leaves_the_terminal_in_order(name: str) -> None:
    number = getattr(signal, name)
    with Typist(PLAY + f"signal.signal(signal.{name}, signal.default_int_handler if "
                f"'{name}' == 'SIGINT' else signal.SIG_DFL)\nplay()") as typist:  # fmt: skip
        assert typist.line() == "ready"
        assert not typist.is_as_before
        typist.program.send_signal(number)
        assert typist.wait() == -number
        assert typist.is_as_before


SHELL = """
import signal, subprocess
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = subprocess.Popen([sys.executable, "-c", PLAYER, sys.argv[1]], process_group=0,
                       pass_fds=[int(sys.argv[1])])
os.tcsetpgrp(0, job.pid)
os.killpg(job.pid, signal.SIGCONT)
while os.WIFSTOPPED(os.waitpid(job.pid, os.WUNTRACED)[1]):
    os.tcsetpgrp(0, os.getpgrp())
    print("stopped", file=report)
    while (typed := os.read(0, 100).strip()) not in (b"fg", b"bg"):
        pass
    if typed == b"fg":
        os.tcsetpgrp(0, job.pid)
    os.killpg(job.pid, signal.SIGCONT)
"""


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() -> None:
    player = START + PLAY + "play()"
    with Typist(f"PLAYER = {player!r}\n" + SHELL) as typist:
        assert typist.line() == "ready"
        typist.type(b"p")
        assert typist.line() == "panic  0.0"
        taken = typist.settings()
        typist.type(b"\x1a")
        assert typist.line() == "stopped"
        assert typist.is_as_before
        typist.type(b"fg\n")
        while typist.is_as_before:
            time.sleep(0.01)
        assert typist.settings() == taken
        typist.type(b"p")
        assert typist.line() == "panic  0.0"
        typist.type(b"q")
        assert typist.wait() == 0
        assert typist.is_as_before


def test_an_error_leaves_the_terminal_in_order() -> None:
    code = "with Keys(desk):\n    print('ready', file=report)\n    raise ZeroDivisionError"
    with Typist(PLAY + code) as typist:
        assert typist.line() == "ready"
        assert typist.wait() == 1
        assert typist.is_as_before


def test_what_a_killed_program_leaves_is_put_right_by_its_parent() -> None:
    child = START + PLAY + "play()"
    parent = (
        "import subprocess\nfrom realtime.keys_terminal import TerminalKept\n"
        "kept = TerminalKept()\n"
        "job = subprocess.Popen([sys.executable, '-c', CHILD, sys.argv[1]],"
        " pass_fds=[int(sys.argv[1])])\n"
        "print(job.pid, file=report)\n"
        "job.wait()\nkept.restore()\nprint('restored', file=report)\nsys.stdin.read()"
    )
    with Typist(f"CHILD = {child!r}\n" + parent) as typist:
        child_pid = int(typist.line())
        assert typist.line() == "ready"
        assert not typist.is_as_before
        os.kill(child_pid, signal.SIGKILL)
        assert typist.line() == "restored"
        assert typist.is_as_before
        typist.see(PLAIN_SCREEN.encode())


def test_a_terminal_that_was_put_back_is_left_alone_by_the_parent() -> None:
    code = (
        "from realtime.keys_terminal import TerminalKept\nkept = TerminalKept()\n"
        "with Keys(desk):\n    pass\nkept.restore()\nprint('left', file=report)"
    )
    with Typist(PLAY + code) as typist:
        assert typist.line() == "left"
        assert typist.wait() == 0
        assert typist.screen == b""
