"""The supervisor: who is started again, who is not, and how all of it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from realtime import supervisor

SUPERVISE = """
import sys
from realtime import supervisor
sys.exit(supervisor.supervise([sys.executable, "-c", sys.argv[1], *sys.argv[2:]]))
"""
COUNT = """
import os, signal, sys, time
from pathlib import Path
log = Path(sys.argv[1])
with log.open("a") as file:
    file.write(f"{os.getpid()}\\n")
n_starts = len(log.read_text().split())
"""


@pytest.fixture(autouse=True)
def unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(supervisor.MARK, raising=False)


def start(program: str, log: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SUPERVISE, COUNT + program, str(log)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def ended(program: str, log: Path) -> tuple[int, int, str]:
    """Exit code, starts of the child, and what was said."""
    with start(program, log) as process:
        _, said = process.communicate(timeout=60)
    return process.returncode, len(log.read_text().split()), said


def wait_for(log: Path, n_starts: int) -> list[int]:
    """The children's numbers."""
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        found = log.read_text().split() if log.exists() else []
        if len(found) >= n_starts:
            time.sleep(0.3)  # until it has done what follows
            return [int(number) for number in found]
        time.sleep(0.02)
    raise AssertionError("it did not start")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_an_end_is_an_end(tmp_path: Path, code: int) -> None:
    assert ended(f"sys.exit({code})", tmp_path / "log")[:2] == (code, 1)


def test_who_leaves_a_dead_card_is_started_again(tmp_path: Path) -> None:
    program = f"sys.exit({supervisor.AGAIN} if n_starts < 6 else 0)"
    assert ended(program, tmp_path / "log") == (0, 6, "")


def test_a_crash_is_said_and_survived(tmp_path: Path) -> None:
    program = "n_starts < 3 and os.kill(os.getpid(), signal.SIGSEGV)"
    code, n_starts, said = ended(program, tmp_path / "log")
    assert (code, n_starts) == (0, 3)
    assert said.count("the instrument crashed (SIGSEGV); starting it again") == 2


def test_crash_after_crash_is_given_up(tmp_path: Path) -> None:
    code, n_starts, said = ended("os.kill(os.getpid(), signal.SIGSEGV)", tmp_path / "log")
    assert (code, n_starts) == (1, supervisor.MOST_CRASHES)
    assert "error: play: crashed again (SIGSEGV)" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_child_in_order(tmp_path: Path, number: signal.Signals) -> None:
    program = """
signal.signal(signal.SIGTERM, lambda *_: (print("in order", file=sys.stderr), sys.exit(0)))
time.sleep(30)
"""
    with start(program, tmp_path / "log") as process:
        wait_for(tmp_path / "log", 1)
        process.send_signal(number)
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "in order\n")


def test_who_does_not_obey_is_killed_at_the_third_request(tmp_path: Path) -> None:
    program = "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    with start(program, tmp_path / "log") as process:
        wait_for(tmp_path / "log", 1)
        for _ in range(supervisor.LAST_REQUEST):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
        process.communicate(timeout=10)
    assert process.returncode == 130


def test_the_child_ends_when_its_supervisor_was_killed(tmp_path: Path) -> None:
    program = """
import threading
from realtime.supervisor import supervised
stop = threading.Event()
supervised().watch(stop)
stop.wait(30)
Path(sys.argv[1] + ".end").touch()
"""
    log = tmp_path / "log"
    with start(program, log) as process:
        wait_for(log, 1)
        process.kill()
        process.communicate(timeout=10)
    end_s = time.monotonic() + 10
    while not Path(f"{log}.end").exists():
        assert time.monotonic() < end_s, "it plays on"
        time.sleep(0.05)


def test_only_playing_through_a_card_is_supervised(monkeypatch: pytest.MonkeyPatch) -> None:
    assert supervisor.is_wanted(["play", "--preset", "cello"])
    assert not supervisor.is_wanted(["render", "a.wav", "b.wav"])
    assert not supervisor.is_wanted(["play", "--help"])
    files = ["play", "--input", "file:a.wav", "--output", "file:b.wav"]
    assert not supervisor.is_wanted(files)
    assert supervisor.is_wanted([*files, "--console"])  # started again where it died
    monkeypatch.setenv(supervisor.MARK, "3,4")
    assert not supervisor.is_wanted(["play"])


def test_it_is_light() -> None:
    program = "import sys, realtime.supervisor, realtime.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert not {"numpy", "numba", "rich"} & set(done.stdout.split())


def test_no_file_of_ours_is_taken_for_a_standard_one_that_nobody_gave(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = "print('lost', flush=True); log.write_text(os.readlink('/dev/fd/1'))"
    command = [sys.executable, "-c", SUPERVISE, COUNT + program, str(log)]

    def close_them() -> None:
        os.close(0)
        os.close(1)

    process = subprocess.run(command, preexec_fn=close_them, stderr=subprocess.PIPE, timeout=60)
    assert (process.returncode, process.stderr) == (0, b"")
    assert log.read_text() == os.devnull
