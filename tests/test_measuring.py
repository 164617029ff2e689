"""Work that is done stays done: recordings are measured once, whatever dies in between."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import signals
from recordings import SAMPLE_RATE, melody, prepare_quietly, write
from rich.console import Console

from ddsp_core.errors import RecipeError
from ddsp_core.features import FeatureExtractor
from training.measuring import Task, Workers, measure_all, measure_sound
from training.recording import load

HOP_SIZE = 128
EXTRACTOR = FeatureExtractor(SAMPLE_RATE, HOP_SIZE)


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    return [write(folder / f"{n}.wav", signals.tone(220.0 + n, 0.5, SAMPLE_RATE)) for n in range(4)]


def tasks_of(tones, out):
    out.mkdir(parents=True, exist_ok=True)
    return [Task(path, 0.5, out / f"{path.stem}.safetensors") for path in tones]


def run(tasks, workers, measure_one=measure_sound):
    console = Console(file=io.StringIO())
    measure_all(tasks, EXTRACTOR, "none", workers, console, measure_one)
    return console.file.getvalue()


def stored_f0(tasks):
    return [round(float(np.median(load(task.stored).features.f0_hz))) for task in tasks]


def die_once(number, content, name, *settings):
    """A worker that is killed while it measures the third file, the first time."""
    mark = Path(name).parent / "died"
    if name.endswith("2.wav") and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return measure_sound(number, content, name, *settings)


def die(number, content, name, *settings):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_costs_nothing_but_time(tones, tmp_path):
    (tones[0].parent / "died").unlink(missing_ok=True)
    tasks = tasks_of(tones, tmp_path)
    said = run(tasks, Workers(jobs=2), die_once)
    assert "measured again" in said
    assert stored_f0(tasks) == [220, 221, 222, 223]
    assert not list(tmp_path.glob("*.partial"))


def test_workers_that_always_die_end_in_a_clear_error(tones, tmp_path):
    with pytest.raises(RecipeError, match=r"worker processes died 3 times.*--jobs 1"):
        run(tasks_of(tones[:2], tmp_path), Workers(jobs=2), die)
    assert not list(tmp_path.iterdir())


def test_a_cluster_measures_the_same_and_loses_a_worker(tones, tmp_path):
    distributed = pytest.importorskip("distributed", reason="pip install 'chanterelle[cluster]'")
    (tones[0].parent / "died").unlink(missing_ok=True)
    here, there = tasks_of(tones, tmp_path / "here"), tasks_of(tones, tmp_path / "there")
    run(here, Workers(jobs=1))
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster as own:
        run(there, Workers(scheduler=own.scheduler_address), die_once)
    for ours, theirs in zip(here, there, strict=True):
        left, right = load(ours.stored), load(theirs.stored)
        np.testing.assert_array_equal(left.pcm, right.pcm)
        np.testing.assert_array_equal(np.stack(left.features), np.stack(right.features))


def test_no_scheduler_at_that_address(tones, tmp_path):
    pytest.importorskip("distributed", reason="pip install 'chanterelle[cluster]'")
    with pytest.raises(RecipeError, match=r"--scheduler tcp://127\.0\.0\.1:9: no answer"):
        run(tasks_of(tones, tmp_path), Workers(scheduler="tcp://127.0.0.1:9"))


def test_killed_in_the_middle_it_goes_on(tmp_path):
    sounds = tmp_path / "in"
    for n in range(6):
        write(sounds / f"take_{n}.wav", melody(12.0 - n, SAMPLE_RATE))
    out = tmp_path / "out"
    options = ["--out", out, "--reference", "none", "--jobs", "1"]
    command = [sys.executable, "-m", "training.cli", "prepare", sounds, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120.0
    while not list(out.glob("recordings/*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    before = {path: path.stat().st_mtime_ns for path in out.glob("recordings/*.safetensors")}
    assert before
    index, _ = prepare_quietly([sounds], out, reference="none", jobs=1)
    assert len(index.recordings) == 6
    assert {path: path.stat().st_mtime_ns for path in before} == before
