"""The studio's rendering process, and its server's end of it."""

import asyncio
import base64
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from rig.console import CLIP
from signals import tone
from takes import begin, push_counting

from ddsp_core.errors import ChanterelleError
from realtime.cli import main
from realtime.console import transfer_job
from realtime.console.transfer_job import (
    FLAC,
    ORIGINAL,
    PICTURES,
    RESULT,
    TransferJobs,
    Unwanted,
)
from realtime.console.transfer_job_pictures import (
    MOST_FRAMES,
    MOST_PEAKS,
    curve,
    loudness,
    mean_hz,
    mean_level,
    peaks,
    spectrogram,
)
from realtime.console.transfer_job_work import MOST_S

FAKE = """
import json, os, sys, threading, time
stopped = threading.Event()
def read():
    for line in sys.stdin:
        request = json.loads(line)
        if "stop" in request:
            stopped.set()
            continue
        stopped.clear()
        threading.Thread(target=work, args=[request], daemon=True).start()
    os._exit(0)
def say(**words):
    print(json.dumps(words), flush=True)
def work(request):
    number, what = request["number"], request["words"][0]
    say(number=number, doing="rendering", share=0.5)
    if what == "crash":
        os._exit(7)
    if what == "bad":
        say(number=number, error="it is no song")
    elif what == "leave":
        if not mark(request["words"][1]):
            os._exit(0)
        say(number=number, done={"pid": os.getpid()})
    elif what == "long":
        stopped.wait()
        say(number=number, error="")
    elif what == "quick":
        say(number=number, done={"pid": os.getpid()})
def mark(path):
    known = os.path.exists(path)
    open(path, "w").close()
    return known
read()
"""


def fake(silent_s: float = 30.0) -> TransferJobs:
    return TransferJobs([sys.executable, "-Sc", FAKE], silent_s)


def nothing(doing: str, share: float) -> None:
    pass


def with_jobs(
    use: Callable[[TransferJobs], Coroutine[Any, Any, None]], jobs: TransferJobs | None = None
) -> None:
    async def run() -> None:
        used = jobs or fake()
        try:
            async with asyncio.timeout(60):
                await use(used)
        finally:
            await used.close()

    asyncio.run(run())


def test_one_process_does_one_job_after_the_other_and_tells_of_it(tmp_path: Path) -> None:
    async def use(jobs: TransferJobs) -> None:
        told: list[tuple[str, float]] = []
        first = await jobs.transfer(["quick"], tmp_path, lambda *news: told.append(news))
        second = await jobs.transfer(["quick"], tmp_path, nothing)
        assert first == second
        assert told == [("rendering", 0.5)]
        assert not jobs.is_busy

    with_jobs(use)


def test_the_newest_job_wins(tmp_path: Path) -> None:
    async def use(jobs: TransferJobs) -> None:
        begun = asyncio.Event()
        old = asyncio.create_task(jobs.transfer(["long"], tmp_path, lambda *_: begun.set()))
        await begun.wait()
        between = asyncio.create_task(jobs.transfer(["long"], tmp_path, nothing))
        await asyncio.sleep(0)
        assert "pid" in await jobs.transfer(["quick"], tmp_path, nothing)
        for unwanted in (old, between):
            with pytest.raises(Unwanted):
                await unwanted

    with_jobs(use)


def test_a_job_that_does_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_job, "LET_GO_S", 0.1)

    async def use(jobs: TransferJobs) -> None:
        begun = asyncio.Event()
        deaf = asyncio.create_task(jobs.transfer(["deaf"], tmp_path, lambda *_: begun.set()))
        await begun.wait()
        await jobs.stop()
        with pytest.raises(Unwanted):
            await deaf
        assert "pid" in await jobs.transfer(["quick"], tmp_path, nothing)

    with_jobs(use)


@pytest.mark.parametrize(
    ("words", "silent_s", "said"),
    [
        (["bad"], 30.0, "^it is no song$"),
        (["crash"], 30.0, "the renderer: ended with 7: try again"),
        (["deaf"], 0.6, "the renderer: no sign of life for 1 s: try again"),
    ],
)
def test_errors_are_for_people_and_the_next_job_is_done(
    words: list[str], silent_s: float, said: str, tmp_path: Path
) -> None:
    async def use(jobs: TransferJobs) -> None:
        with pytest.raises(ChanterelleError, match=said):
            await jobs.transfer(words, tmp_path, nothing)
        jobs._silent_s = 30.0
        assert "pid" in await jobs.transfer(["quick"], tmp_path, nothing)

    with_jobs(use, fake(silent_s))


def test_a_process_that_left_as_nobody_wanted_anything_is_started_again(tmp_path: Path) -> None:
    async def use(jobs: TransferJobs) -> None:
        assert "pid" in await jobs.transfer(["leave", str(tmp_path / "left")], tmp_path, nothing)

    with_jobs(use)


def test_a_recording_is_shown_and_rendered_as_by_the_command_line(tmp_path: Path) -> None:
    sound, rate = soundfile.read(CLIP, start=48000, frames=2 * 48000, dtype="int16")
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, sound, rate)
    source, result = tmp_path / "source", tmp_path / "result"
    source.mkdir()
    result.mkdir()
    flags = ["--preset", "flute", "--fit-octave", "--fit-loudness", "--mask-threshold", "0.5"]
    (tmp_path / "no song.txt").write_text("la la la")
    soundfile.write(tmp_path / "long.flac", np.zeros(int((MOST_S + 1) * 8000), np.int16), 8000)

    async def use(jobs: TransferJobs) -> None:
        for name, why in (("no song.txt", "not audio"), ("long.flac", "10.0 min long: up to 10")):
            with pytest.raises(ChanterelleError, match=why):
                await jobs.look(tmp_path / name, source, nothing)
        take = make_take(tmp_path / "takes", 0.5)
        heard = await jobs.look(take, source, nothing)
        assert heard["duration_s"] == pytest.approx(0.5, abs=0.01)
        dry = next(take.glob("dry*"))
        dry.rename(tmp_path / "elsewhere.wav")
        dry.symlink_to(tmp_path / "elsewhere.wav")
        with pytest.raises(ChanterelleError, match="missing, or a link"):
            await jobs.look(take, source, nothing)
        looked = await jobs.look(clip, source, nothing)
        assert looked["duration_s"] == pytest.approx(len(sound) / rate)
        words = ["render", str(source / ORIGINAL), str(result / RESULT), *flags]
        told: list[float] = []
        done = await jobs.transfer(words, result, lambda _, share: told.append(share))
        assert told == sorted(told)
        assert done["sung_hz"] * 2.0 ** done["octave_shift"] == pytest.approx(done["played_hz"])

    with_jobs(use, TransferJobs())
    assert main(["render", str(clip), str(tmp_path / "out.wav"), *flags]) == 0
    wanted, wav, flac = (
        soundfile.read(path, dtype="int32")[0]
        for path in (tmp_path / "out.wav", result / RESULT, result / FLAC)
    )
    for other in (wanted, flac):  # a step of 24 bits: the order of sums, libsndfile's rounding
        np.testing.assert_allclose(wav, other, atol=2**8)
    shown = json.loads((result / PICTURES).read_text())
    assert {"peaks", "spectrogram", "told_db", "level", "mask", "played_f0_hz"} <= shown.keys()
    assert "ratio" in json.loads((source / PICTURES).read_text())


def make_take(folder: Path, seconds: float) -> Path:
    recorder = begin(folder)
    push_counting(recorder, round(seconds * 48000 / 128))
    recorder.stop()
    recorder.close()
    return Path(recorder.finished[-1].folder)


def test_a_tone_stands_in_the_row_of_its_pitch() -> None:
    shown = spectrogram(tone(1000.0, 0.5, 48000), 48000)
    levels = numbers(shown, np.uint8).reshape(shown["rows"], shown["columns"])
    loudest = levels[:, shown["columns"] // 2].argmax()
    hz = shown["low_hz"] * (shown["high_hz"] / shown["low_hz"]) ** ((loudest + 0.5) / shown["rows"])
    assert hz == pytest.approx(1000.0, rel=0.02)


def test_what_is_drawn_is_bounded() -> None:
    hour = np.zeros(3600 * 100, np.float32)
    hour[1000] = -1.0
    drawn = numbers(peaks(hour), np.int8)
    assert (len(drawn) <= 2 * MOST_PEAKS, drawn.min(), drawn.max()) == (True, -127, 0)
    thinned = curve(hour, 0.5, 0.01)
    assert (n_kept := len(numbers(thinned, np.float32))) <= MOST_FRAMES
    assert thinned["step_s"] * n_kept == pytest.approx(3600, rel=0.01)


def test_means_are_of_notes_and_of_what_sounds() -> None:
    f0_hz = np.array([220.0, 880.0, 5.0])
    assert mean_hz(f0_hz, np.array([True, True, False])) == pytest.approx(440.0)
    assert mean_hz(f0_hz, np.zeros(3, np.bool_)) is None
    assert mean_level(np.array([-20.0, -20.0, -90.0])) == pytest.approx(-20.0)
    quiet, loud = (loudness(0.1**n * tone(1000.0, 1.0, 48000), 48000)[1] for n in (1, 0))
    assert loud - quiet == pytest.approx(20.0, abs=0.1)


def numbers(told: dict[str, Any], kind: type) -> "np.ndarray[Any, Any]":
    return np.frombuffer(base64.b64decode(told["data"]), kind)
