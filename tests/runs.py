"""Tiny training runs for tests: two seconds of sound, a voice of eight units, a few steps."""

import csv
from pathlib import Path
from typing import Any

import signals
import torch
from test_dataset import HOP_SIZE, SAMPLE_RATE, make_dataset

from training.checkpoints import list_checkpoints, load_checkpoint
from training.index import Statistics, read_index, write_index
from training.recipe import Recipe, load_recipe
from training.segments import Segment

TINY = [
    "n_units=8", "n_harmonics=2", "n_bands=3", "reverb_len=20", "window_s=0.1", "warm_up_s=0.02",
    "batch_size=2", "loss.window_sizes=[256, 64]", "steps=6", "precision=32-true",
    "checkpoint_every=3", "validate_every=3", "level_range_db=[0, 0]", "pitch_range_semitones=0",
]  # fmt: skip


def recipe(*overrides: str) -> Recipe:
    return load_recipe("live", [*TINY, *overrides])


def tiny_dataset(folder: Path, f0_hz: float = 440.0, n_rooms: int = 2) -> Path:
    """One tone in two rooms (or one); the last quarter is for validation."""
    folder.mkdir(exist_ok=True)
    audio = signals.rich_tone(f0_hz, 2.0, SAMPLE_RATE)
    n_frames = len(audio) // HOP_SIZE
    cut = n_frames * 3 // 4
    segments = [Segment(0, cut, 0, "train"), Segment(cut, n_frames, cut, "validation")]
    recordings = [(audio, "phrases", room, 0.0, segments) for room in range(n_rooms)]
    made: Path = make_dataset(folder, recordings)
    statistics = Statistics(
        loudness_mean_db=-20.0,
        loudness_deviation_db=6.0,
        loudness_quantiles_db={"50": -20.0, "100": -10.0},
        f0_mean_midi=69.0,
        f0_deviation_midi=5.0,
        f0_quantiles_hz={"1": f0_hz / 2, "50": f0_hz, "99": f0_hz * 2},
        train_hours=0.0,
        validation_hours=0.0,
    )
    changed = {"statistics": statistics, "rooms": ["one", "two"][:n_rooms]}
    write_index(read_index(made).model_copy(update=changed), made)
    return made


def newest(run_dir: Path) -> dict[str, Any]:
    """The newest checkpoint."""
    return load_checkpoint(list_checkpoints(run_dir)[-1])


def weights(run_dir: Path) -> dict[str, Any]:
    """All tensors of the newest checkpoint, and how far it has come."""
    saved = newest(run_dir)
    flat = dict(saved["voice"])
    for number, moments in saved["optimizer"]["state"].items():
        flat |= {f"{number}.{name}": value for name, value in moments.items()}
    standing = saved["standing"]
    return flat | {key: torch.tensor(standing[key]) for key in ("step", "best", "stale")}


def assert_same_weights(one: Path, other: Path) -> None:
    """Bit for bit."""
    found, wanted = weights(one), weights(other)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        assert torch.equal(found[name], value), name


def curve(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "curve.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def losses(run_dir: Path) -> list[tuple[str, ...]]:
    """The curve without its clock."""
    return [(row["step"], row["loss"], row["validation_loss"]) for row in curve(run_dir)]
