"""`chanterelle-train evaluate`: how close a voice comes to recordings that it was not trained on.

Held-out stretches stand beside training stretches: the distance between the two is what was learned
by heart. Singing played by the voice (cross_synthesis.py) says what the stage will hear.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from ddsp_core.errors import RecipeError
from training import judge as trackers
from training.cross_synthesis import Sung, recordings, sing, songs, sung_table
from training.dataset import Dataset
from training.held_out import evaluate_split
from training.index import Index, read_index
from training.metrics import SplitMetrics
from training.segments import Split

SPLITS: tuple[Split, ...] = ("validation", "test", "train")

NOT_ENOUGH = "record more, or prepare with a larger share held out"

HEADINGS = {
    "n_clips": "clips",
    "seconds": "seconds",
    "spectral_loss": "spectral loss",
    "loudness_l1_db": "loudness L1, dB",
    "f0_l1_semitones": "f0 L1, semitones",
    "f0_outlier_share": "f0 outliers",
    "f0_within_50_cents": "f0 within 50 cents",
    "f0_asked_l1_semitones": "asked by the live f0: L1",
    "f0_asked_outlier_share": "asked so: outliers",
    "f0_asked_within_50_cents": "asked so: within 50 cents",
    "f0_live_l1_semitones": "heard by the live tracker: L1",
    "f0_live_outlier_share": "heard so: outliers",
    "f0_live_within_50_cents": "heard so: within 50 cents",
}


class Evaluation(NamedTuple):
    """Everything that was found out about a voice."""

    voice: str
    dataset: str
    room: str | None
    judge: str
    splits: dict[Split, SplitMetrics]
    sung: list[Sung]


class Options(NamedTuple):
    """What to evaluate."""

    room: str | None = None
    """Recordings of this room only; None: of the voice's room, or of all where it has none."""
    judge: str = trackers.DEFAULT
    sing: Sequence[Path] | None = None
    """Sung recordings; None: those that come along; (): none."""
    splits: Sequence[Split] = SPLITS
    """Of these, what the dataset has."""


def run_evaluate(voice_dir: Path, dataset_path: Path, options: Options, *, as_json: bool) -> None:
    """Evaluates a voice and prints tables, or one JSON object on standard output.

    Raises:
        VoiceError: no voice there, or a damaged one.
        RecipeError: no dataset there, features unlike those of the voice, or an unknown room.
        AudioError: a song that cannot be read.
    """
    found = evaluate(voice_dir, dataset_path, options)
    if as_json:
        print(json.dumps(as_plain(found), allow_nan=False))
        return
    title = f"{found.voice} against recordings in {found.room or 'all rooms'}"
    Console().print(metrics_table(title, found.splits.items()))
    if found.sung:
        Console().print(sung_table(found.sung))


def evaluate(voice_dir: Path, dataset_path: Path, options: Options) -> Evaluation:
    """All figures of a voice.

    A voice that ships knows one room; where the dataset has it, recordings of others are left
    aside, since their rooms would be heard as errors of the voice.
    """
    from training.resynthesis import load_player, spectral_loss

    voice = load_player(voice_dir)
    index = read_index(dataset_path)
    check_definition(index, dataset_path, voice.definition)
    room = options.room or (voice.room if voice.room in index.rooms else None)
    datasets = {split: Dataset(dataset_path, split) for split in splits_of(index, room)}
    how = (voice.play, spectral_loss, room, options.judge)
    results = {
        split: evaluate_split(dataset, *how)
        for split, dataset in datasets.items()
        if split in options.splits
    }
    if not results:
        given = f"nothing held out of {room or 'any room'}"
        raise RecipeError(str(dataset_path), given, " or ".join(options.splits), NOT_ENOUGH)
    sung = []
    if chosen := songs(options.sing, index):
        instrument = recordings(datasets.values(), room)
        sung = [sing(voice_dir, song, instrument, options.judge) for song in chosen]
    return Evaluation(voice_dir.name, dataset_path.name, room, options.judge, results, sung)


def splits_of(index: Index, room: str | None) -> list[Split]:
    """The splits that hold something of a room (None: of any)."""
    number = None if room is None or room not in index.rooms else index.rooms.index(room)
    there = {
        segment.split
        for entry in index.recordings
        for segment in entry.segments
        if number is None or entry.room == number
    }
    return [split for split in SPLITS if split in there]


def metrics_table(title: str, results: Iterable[tuple[str, SplitMetrics]]) -> Table:
    """One column a split."""
    table = Table(title=title)
    table.add_column("")
    rows: dict[str, list[str]] = {field: [] for field in HEADINGS}
    for split, metrics in results:
        table.add_column(split, justify="right")
        for field, value in metrics._asdict().items():
            rows[field].append(f"{value}" if isinstance(value, int) else f"{value:.3f}")
    for field, values in rows.items():
        table.add_row(HEADINGS[field], *values)
    return table


def check_definition(index: Index, path: Path, definition: Mapping[str, str | int | float]) -> None:
    """Raises RecipeError where a dataset's features are not those of the voice."""
    if dict(definition) != index.definition:
        given = f"its features are {index.definition}"
        todo = "prepare the dataset again, or evaluate on the one that the voice was trained on"
        raise RecipeError(str(path), given, f"those of the voice, {dict(definition)}", todo)


def as_plain(found: Evaluation) -> dict[str, Any]:
    """For JSON, which knows neither NaN nor infinity."""
    splits = {str(split): finite(each._asdict()) for split, each in found.splits.items()}
    sung = {one.song.name: finite(one.figures()) for one in found.sung}
    top = {"voice": found.voice, "dataset": found.dataset, "room": found.room}
    return {**top, "judge": found.judge, **splits, "sung": sung}


def finite(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    """The same, None in the place of what is no number."""
    return {
        key: value if value is not None and math.isfinite(value) else None
        for key, value in figures.items()
    }
