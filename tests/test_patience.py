"""The wait before the first note."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from realtime import patience

PROGRAM = """
import time
from realtime.patience import preparing
with preparing():
    print("waits", flush=True)
    while True:
        try:
            time.sleep(60.0)
        except BaseException:
            pass  # as a compiler in C does
"""


def test_ctrl_c_ends_the_process_whatever_swallows_exceptions() -> None:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10.0)
    assert process.returncode == -signal.SIGINT
    assert told == b""


def test_a_long_wait_is_explained_and_a_short_one_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with patience.preparing():
        pass
    monkeypatch.setattr(patience, "SAY_AFTER_S", 0.01)
    with patience.preparing():
        time.sleep(0.3)
    assert capsys.readouterr().err == patience.WORDS + "\n"


def test_ctrl_c_does_afterwards_what_it_did_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with patience.preparing():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_the_signal_stays_as_it_is() -> None:
    seen = []

    def prepare() -> None:
        with patience.preparing():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=prepare)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
