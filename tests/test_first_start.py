"""The process that compiled kernels is not the one that plays."""

import os
import subprocess
import sys

import pytest

from realtime import first_start

PROGRAM = """
import os, sys
from realtime import first_start
first_start.count_kernels = lambda: (2, 3)
print(os.getpid(), sys.argv[1:])
if first_start.has_compiled():
    first_start.start_again()
print("plays")
"""


@pytest.fixture(autouse=True)
def unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(first_start.MARK, raising=False)


def test_it_starts_again_once_with_the_same_words_and_number() -> None:
    command = [sys.executable, "-c", PROGRAM, "play", "--midi", "two words"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    first, second, last = done.stdout.splitlines()
    assert first == second
    assert first.endswith("['play', '--midi', 'two words']")
    assert last == "plays"


@pytest.mark.parametrize(("compiled", "expected"), [(0, False), (1, True)])
def test_a_first_start_is_one_that_compiled(
    monkeypatch: pytest.MonkeyPatch, compiled: int, expected: bool
) -> None:
    monkeypatch.setattr(first_start, "count_kernels", lambda: (5, compiled))
    assert first_start.has_compiled() is expected


def test_there_is_no_third_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "count_kernels", lambda: (0, 5))
    monkeypatch.setenv(first_start.MARK, "1")
    assert not first_start.has_compiled()


def test_what_libraries_left_open_is_closed_by_it() -> None:
    program = """
import os, sys
from realtime import first_start
if first_start.MARK in os.environ:
    print(sorted(os.listdir("/dev/fd")))
else:
    os.dup2(os.pipe()[0], 77, inheritable=True)
    first_start.start_again()
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert "'2'" in done.stdout
    assert "'77'" not in done.stdout
