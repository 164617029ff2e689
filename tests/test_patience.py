"""The wait before the first note."""

import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from realtime import patience

PROGRAM = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
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
        try:
            _, told = process.communicate(timeout=10.0)
        finally:
            process.kill()
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


@pytest.mark.parametrize(
    ("handler", "meanwhile"),
    [(signal.default_int_handler, signal.SIG_DFL), (signal.SIG_IGN, signal.SIG_IGN)],
)
def test_ctrl_c_does_afterwards_what_it_did_before(handler: Any, meanwhile: Any) -> None:
    outside = signal.signal(signal.SIGINT, handler)
    try:
        with patience.preparing():
            assert signal.getsignal(signal.SIGINT) is meanwhile
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, outside)


def test_in_another_thread_the_signal_stays_as_it_is() -> None:
    seen = []

    def prepare() -> None:
        with patience.preparing():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=prepare)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
