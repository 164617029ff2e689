"""`chanterelle-train evaluate`: how close a voice comes to recordings that it was not trained on.

Stretches of the dataset are resynthesised from their features, the extractor that plays listens to
recording and resynthesis alike, and metrics.py compares what it hears. Held-out stretches stand
beside training stretches: the distance between the two is what was learned by heart.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ddsp_core.errors import RecipeError, did_you_mean
from ddsp_core.features import FeatureExtractor, Features
from training.augmentation import Batch
from training.dataset import Clip, Dataset
from training.metrics import ClipMetrics, SplitMetrics, compare_clip, summarise
from training.recording import measure
from training.reference_pitch import is_installed
from training.segments import Split

Audio = NDArray[np.float32]
Play = Callable[[Batch], Audio]
"""Resynthesises a batch of one: (1, N) features to (T,) samples, T = N * hop."""
Loss = Callable[[Audio, Audio], float]
"""Multi-scale spectral loss of (T,) and (T,) samples."""

CLIP_S = 4.0
CONTEXT_S = 1.0
"""Lead-in that is played but not compared: GRU and room start from rest, the recording did not."""
SPLITS: tuple[Split, ...] = ("validation", "train")
MOST_CLIPS = 40
"""Evenly spread over each split; the training split is long."""

HEADINGS = {
    "n_clips": "clips",
    "spectral_loss": "spectral loss",
    "loudness_l1_db": "loudness L1, dB",
    "f0_l1_semitones": "f0 L1, semitones",
    "f0_outlier_share": "f0 outliers",
    "f0_within_50_cents": "f0 within 50 cents",
}


def evaluate_split(
    dataset: Dataset, play: Play, loss: Loss, room: str | None = None
) -> SplitMetrics:
    """Metrics of a voice over (at most `MOST_CLIPS` clips of) one split.

    Args:
        room: compare recordings of this room only.
    Raises:
        RecipeError: no such room, or nothing of it in the split.
    """
    clips = list(dataset.clips(CLIP_S, CONTEXT_S))
    if room is not None:
        if room not in dataset.rooms:
            raise RecipeError("--room", f"no room {room!r}", did_you_mean(room, dataset.rooms))
        number = dataset.rooms.index(room)
        clips = [clip for clip in clips if clip.batch.room[0] == number]
    if not clips:
        raise RecipeError(
            "--room", f"nothing of {room} for {dataset.split}", "another room, or all"
        )
    every = -(-len(clips) // MOST_CLIPS)
    return summarise([_compare(clip, dataset, play, loss) for clip in clips[::every]])


def run_evaluate(
    voice_dir: Path, dataset_path: Path, *, as_json: bool, room: str | None = None
) -> None:
    """Evaluates a voice and prints a table, or one JSON object on standard output.

    A voice that ships knows one room; where the dataset has it, recordings of others are left
    aside, since their rooms would be heard as errors of the voice.

    Args:
        room: compare recordings of this room instead.
    Raises:
        VoiceError: no voice there, or a damaged one.
        RecipeError: no dataset there, features unlike those of the voice, or an unknown room.
    """
    from training.resynthesis import load_player, spectral_loss

    voice = load_player(voice_dir)
    results: dict[str, SplitMetrics] = {}
    for split in SPLITS:
        dataset = Dataset(dataset_path, split)
        _check_definition(dataset, dataset_path, voice.definition)
        room = room or (voice.room if voice.room in dataset.rooms else None)
        results[split] = evaluate_split(dataset, voice.play, spectral_loss, room)
    if as_json:
        print(json.dumps(_plain(voice_dir, results, room), allow_nan=False))
    else:
        title = f"{voice_dir.name} against recordings in {room or 'all rooms'}"
        Console().print(metrics_table(title, results.items()))


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


def _compare(clip: Clip, dataset: Dataset, play: Play, loss: Loss) -> ClipMetrics:
    extractor = FeatureExtractor(dataset.index.sample_rate, dataset.index.hop_size)
    recorded_audio, played_audio = clip.batch.audio[0], play(clip.batch)
    # Both sides are measured alike, from the clip's start: no alignment is left to get wrong.
    frames = slice(clip.n_context, clip.batch.f0_hz.shape[1])
    recorded, played = (
        Features(*(curve[frames] for curve in _analyse(audio, extractor)))
        for audio in (recorded_audio, played_audio)
    )
    heard = slice(clip.n_context * extractor.hop_size, None)
    return compare_clip(recorded, played, loss(recorded_audio[heard], played_audio[heard]))


def _analyse(audio: Audio, extractor: FeatureExtractor) -> Features:
    """Live features with octave errors put right, as the training data has them."""
    return measure(audio, extractor, with_reference=is_installed()).repaired().features


def _check_definition(
    dataset: Dataset, path: Path, definition: Mapping[str, str | int | float]
) -> None:
    if dict(definition) != dataset.index.definition:
        given = f"its features are {dataset.index.definition}"
        todo = "prepare the dataset again, or evaluate on the one that the voice was trained on"
        raise RecipeError(str(path), given, f"those of the voice, {dict(definition)}", todo)


def _plain(
    voice_dir: Path, results: Mapping[str, SplitMetrics], room: str | None
) -> dict[str, str | dict[str, int | float | None] | None]:
    """For JSON, which knows no NaN."""
    plain = {
        split: {key: None if math.isnan(value) else value for key, value in m._asdict().items()}
        for split, m in results.items()
    }
    return {"voice": voice_dir.name, "room": room, **plain}
