"""The guide's process: its answers are those computed in place, nobody waits, and it may die."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import signals

from ddsp_core.crepe_reading import NO_READING, CrepeReader, Reading
from ddsp_core.guide import Guide, Pace
from realtime import guide_pages
from realtime.guide_pages import GuidePages, new_file
from realtime.guide_process import GuideProcess
from realtime.guide_worker import serve

ROOT = Path(__file__).resolve().parent.parent
RATE, HOP = 48_000, 128
N_PAST = CrepeReader(RATE).n_past
PATIENCE_S = 5.0


@pytest.fixture
def pages():
    """The page as both sides see it."""
    with new_file(N_PAST) as file:
        yield GuidePages(file.fileno(), N_PAST), GuidePages(file.fileno(), N_PAST)


def test_the_page_lies_elsewhere_where_linux_s_folder_may_not_be_written(monkeypatch):
    folders = []
    monkeypatch.setattr(guide_pages.os, "access", lambda *_: False)
    monkeypatch.setattr(
        guide_pages.tempfile,
        "TemporaryFile",
        lambda **how: folders.append(how["dir"]) or io.BytesIO(),
    )
    new_file(N_PAST)
    assert folders == [None]


def audio(seed: int) -> np.ndarray:
    return signals.noise(1.0, N_PAST, 0.1, seed)


def test_question_and_answer_cross_the_page(pages):
    engine, guide = pages
    assert guide.question() is None
    engine.ask(1, audio(1))
    number, past = guide.question()
    assert number == 1
    np.testing.assert_array_equal(past, audio(1))
    assert engine.answer(1) is None
    guide.reply(1, Reading(220.0, 0.9))
    assert engine.answer(1) == Reading(220.0, 0.9)
    engine.ask(2, audio(2))
    assert engine.answer(2) is None


def test_a_question_that_is_being_overwritten_is_no_question(pages):
    engine, guide = pages
    engine.ask(1, audio(1))
    half = N_PAST // 2
    engine._past._content[:half] = audio(2)[:half]
    assert guide.question() is None
    engine.ask(2, audio(2))
    assert guide.question()[0] == 2


def test_it_serves_until_it_is_told_to_stop(pages):
    engine, guide = pages
    engine.ask(1, audio(1))
    looks = iter(range(100))

    def is_wanted() -> bool:
        if next(looks) == 3:
            engine.set_over()
        return True

    reader = CrepeReader(RATE)
    serve(guide, reader, 0.0, is_wanted)
    assert engine.answer(1) == reader.read(audio(1))
    assert next(looks) == 4
    serve(guide, reader, 0.0, lambda: False)


@pytest.fixture(scope="module")
def process():
    with GuideProcess(RATE, every_s=0.02) as process:
        assert process.wait_until_ready()
        yield process


def answered(process: GuideProcess, past: np.ndarray) -> Reading:
    """The answer, however busy the computer is."""
    number, end_s = process.ask(past), time.monotonic() + PATIENCE_S
    while process._pages.answer(number) is None and time.monotonic() < end_s:
        time.sleep(0.002)
    return process.answer(number, past)


def test_its_answers_are_those_computed_in_place(process):
    """To the last bit, so that a render is what was heard."""
    reader = CrepeReader(RATE)
    sung = signals.rich_tone(311.0, 0.5, RATE) + signals.noise(0.5, RATE, 0.02)
    for end in range(N_PAST, len(sung), 2500):
        past = sung[end - N_PAST : end]
        assert answered(process, past) == reader.read(past)


def test_a_late_answer_is_counted_and_not_waited_for(process):
    process.forget_late()
    number = process.ask(audio(4))
    started_s = time.perf_counter()
    assert process.answer(number, audio(4)) == NO_READING
    assert time.perf_counter() - started_s < 0.05
    assert process.n_late == 1
    assert process.problem == "pitch guide late (100 %)"


def test_played_slowly_enough_it_is_the_guide_of_a_render(process):
    """Each answer has come when it is due: every reading is that of the guide in place."""
    pace = Pace(every_s=2 * HOP / RATE, answer_s=2 * HOP / RATE)
    hops = signals.hops_of(signals.rich_tone(220.0, 0.1, RATE), HOP)
    expected = Guide(RATE, HOP, pace).forward(hops)[0]
    guide, state, heard = Guide(RATE, HOP, pace, process), None, []
    for hop in hops:
        before = process._number
        outputs, state = guide.forward(hop[None], state)
        heard.append(outputs)
        end_s = time.monotonic() + PATIENCE_S
        while process._number > before and process._pages.answer(process._number) is None:
            assert time.monotonic() < end_s
            time.sleep(0.002)
    np.testing.assert_array_equal(np.concatenate([f0 for f0, _ in heard]), expected[0])
    np.testing.assert_array_equal(np.concatenate([p for _, p in heard]), expected[1])


def test_it_may_die(process):
    process._process.kill()
    process._process.wait()
    process.forget_late()
    assert process.problem == "pitch guide gone"
    assert process.answer(process.ask(audio(5)), audio(5)) == NO_READING
    process.close()
    process.close()


ORPHAN = """
import os
from realtime.guide_process import GuideProcess
process = GuideProcess(48000, 0.02)
assert process.wait_until_ready()
print(process._process.pid, flush=True)
os._exit(1)
"""


def test_it_goes_when_its_parent_has_died():
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, cwd=ROOT)
    pid, end_s = int(done.stdout), time.monotonic() + PATIENCE_S
    while is_running(pid):
        assert time.monotonic() < end_s
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # One that nobody has waited for yet is a name and no more.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # it has just ended; or the system has no /proc, as macOS
        return not Path("/proc").exists()
