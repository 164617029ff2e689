"""Measures recordings on all cores or on a cluster, each once, and keeps what is done.

The caller reads the sound files and sends their bytes; workers send measurements back, and the
caller alone writes them (recording.py: whole, or not at all). So workers share no disk with the
caller, and whatever dies, no file in the dataset is half a measurement. What died is measured again
by another worker, or by the next run of the same command.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky.process_executor import BrokenProcessPool
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ddsp_core.errors import AudioError, ChanterelleError, RecipeError
from ddsp_core.features import FeatureExtractor
from training.audio_files import read_sound
from training.recording import Recording, measure, save
from training.reference_pitch import Reference

ALONE_UP_TO_S = 60.0
"""Of less audio than this one process is through before others have started."""
MOST_LOSSES = 2
"""Times that the work goes on after workers died and something was done in between, or not."""


class Task(NamedTuple):
    """A sound file, its length, and where its measurement goes."""

    path: Path
    duration_s: float
    stored: Path


class Workers(NamedTuple):
    """Who measures: processes on this machine (-1: one a core), or a cluster's scheduler."""

    jobs: int = -1
    scheduler: str | None = None


class Measured(NamedTuple):
    """What a worker sends back: the measurement, or why there is none."""

    number: int
    recording: Recording | None
    error: str


Measure = Callable[[int, bytes, str, int, int, Reference], Measured]


def measure_sound(
    number: int, content: bytes, name: str, sample_rate: int, hop_size: int, reference: Reference
) -> Measured:
    """Measures the bytes of one sound file; what runs in a worker."""
    try:
        sound = read_sound(content, name, sample_rate)
        recording = measure(sound, FeatureExtractor(sample_rate, hop_size), reference)
    except ChanterelleError as error:
        return Measured(number, None, str(error))
    return Measured(number, recording, "")


def measure_all(
    tasks: Sequence[Task],
    extractor: FeatureExtractor,
    reference: Reference,
    workers: Workers,
    console: Console,
    measure_one: Measure = measure_sound,
) -> None:
    """Measures and stores every task.

    Raises:
        AudioError: recordings that cannot be read; the others are stored by then.
        RecipeError: no cluster there, or workers die again and again.
    """
    waiting = dict(enumerate(sorted(tasks, key=lambda task: -task.duration_s)))
    settings = (extractor.sample_rate, extractor.hop_size, reference)
    failed: list[str] = []
    losses = 0
    with _progress(console) as progress, _pool(tasks, workers) as work:
        bar = progress.add_task("", total=sum(task.duration_s for task in tasks))
        while waiting:
            try:
                for done in work(_calls(dict(waiting), settings, measure_one)):
                    task = waiting.pop(done.number)
                    progress.update(bar, advance=task.duration_s, description=task.path.name)
                    if done.recording is None:
                        failed.append(done.error)
                    else:
                        save(done.recording, task.stored)
            except BrokenProcessPool as error:
                losses += 1
                if losses > MOST_LOSSES:
                    raise _lost(waiting) from error
                console.print("a worker process died; its recordings are measured again")
    if failed:
        more = f" (and {len(failed) - 1} more recordings)" if len(failed) > 1 else ""
        raise AudioError(failed[0] + more, "", "")


def _calls(waiting: dict[int, Task], settings: Any, measure_one: Measure) -> Iterator[Any]:
    """Calls for joblib; each file is read when its turn comes."""
    for number, task in waiting.items():
        yield delayed(measure_one)(number, task.path.read_bytes(), str(task.path), *settings)


@contextmanager
def _pool(
    tasks: Sequence[Task], workers: Workers
) -> Iterator[Callable[[Iterable[Any]], Iterable[Measured]]]:
    """A function that runs joblib's calls and gives their results as they come."""
    if workers.scheduler:
        with _cluster(workers.scheduler) as n_workers:
            yield lambda calls: _in_rounds(calls, 4 * n_workers)
        return
    jobs = cpu_count() if workers.jobs == -1 else workers.jobs
    if len(tasks) == 1 or sum(task.duration_s for task in tasks) < ALONE_UP_TO_S:
        jobs = min(jobs, 1) if workers.jobs == -1 else jobs
    yield Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)


def _in_rounds(calls: Iterable[Any], length: int) -> Iterator[Measured]:
    """Dask gives results when all are done: by rounds, what is done is stored every few files."""
    calls = iter(calls)
    while some := list(islice(calls, length)):
        yield from Parallel(batch_size=1)(some)


@contextmanager
def _cluster(address: str) -> Iterator[int]:
    where = f"--scheduler {address}"
    try:
        from distributed import Client
    except ImportError:
        todo = "pip install 'chanterelle[cluster]'"
        raise RecipeError(where, "dask.distributed is not installed", "it is", todo) from None
    try:
        client: Any = Client(address, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        allowed, todo = "a scheduler's address, tcp://HOST:PORT", "start one with `dask scheduler`"
        raise RecipeError(where, f"no answer ({error})", allowed, todo) from None
    with client:
        n_workers = len(client.scheduler_info()["workers"])
        if n_workers == 0:
            todo = f"start some with `dask worker {address}`, where chanterelle is installed"
            raise RecipeError(where, "the cluster has no workers", "at least one", todo)
        with parallel_config(backend="dask", wait_for_workers_timeout=30):
            yield n_workers


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} s"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


def _lost(waiting: dict[int, Task]) -> RecipeError:
    names = ", ".join(task.path.name for task in list(waiting.values())[:3])
    given = f"worker processes died {MOST_LOSSES + 1} times; not measured: {names}"
    todo = "mostly memory was short: try --jobs 1; what is done is kept"
    return RecipeError("prepare", given, "workers that live", todo)
