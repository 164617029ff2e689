"""Where a performance stands outlives the process that wrote it, whenever that was killed."""

import os
import subprocess
import sys

import pytest

from realtime.standing import HEADER, PAGE_BYTES, Standing, StandingFile, new_file

FIRST = Standing(song=1, place=2, controls={"room_mix": 0.25, "echo.mix": 0.5}, take="takes/one")
SECOND = Standing(song=3, effects_out=("echo",), is_bypassed=True, tempo_bpm=96.0)


def test_nothing_stands_in_a_new_file() -> None:
    with new_file() as file:
        assert StandingFile(file.fileno()).read() is None


def test_the_last_one_is_read_again() -> None:
    with new_file() as file:
        for standing in (FIRST, SECOND, FIRST, SECOND):
            StandingFile(file.fileno()).write(standing)
            assert StandingFile(file.fileno()).read() == standing


@pytest.mark.parametrize("place", [0, HEADER.size - 1, HEADER.size, HEADER.size + 40])
def test_a_page_that_was_not_finished_leaves_the_one_before(place: int) -> None:
    with new_file() as file:
        pages = StandingFile(file.fileno())
        pages.write(FIRST)  # page 1
        pages.write(SECOND)  # page 0
        os.pwrite(file.fileno(), b"\xff", place)
        assert StandingFile(file.fileno()).read() == FIRST


def test_what_does_not_fit_is_not_written() -> None:
    with new_file() as file:
        pages = StandingFile(file.fileno())
        pages.write(FIRST)
        pages.write(Standing(take="x" * PAGE_BYTES))
        assert StandingFile(file.fileno()).read() == FIRST


def test_a_killed_writer_leaves_what_it_wrote() -> None:
    program = """
import os, signal, sys
from realtime.standing import Standing, StandingFile
StandingFile(int(sys.argv[1])).write(Standing(song=7))
os.kill(os.getpid(), signal.SIGKILL)
"""
    with new_file() as file:
        number = file.fileno()
        command = [sys.executable, "-c", program, str(number)]
        assert subprocess.run(command, pass_fds=(number,)).returncode == -9
        assert StandingFile(number).read() == Standing(song=7)
