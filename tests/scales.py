"""Small datasets and voices to evaluate with: a few seconds of a scale, and a voice of 16 units."""

from pathlib import Path

import numpy as np
import signals
import soundfile
import voices
from rich.console import Console

from ddsp_core.checkpoint import FILE_NAME, save_voice
from training.dataset import Dataset
from training.prepare import Options, prepare

SAMPLE_RATE = voices.SAMPLE_RATE
NOTES_HZ = [262.0, 294.0, 330.0, 392.0, 440.0]


def prepare_scale(folder: Path, seconds: float = 22.5) -> Path:
    """A dataset of notes of half a second each, in one room named `a`; returns its folder."""
    n_notes = round(seconds / 0.5)
    notes_hz = (NOTES_HZ * n_notes)[:n_notes]
    curve = signals.steps(notes_hz, 0.5, SAMPLE_RATE)
    audio = signals.harmonic(curve, SAMPLE_RATE, [1.0 / k for k in range(1, 21)])
    soundfile.write(folder / "a.wav", audio, SAMPLE_RATE)
    prepare([folder / "a.wav"], folder / "set", Options(), Console(quiet=True))
    return folder / "set"


def save_small_voice(folder: Path, room: str = "a", seed: int = 0) -> Path:
    """A random voice that says which room it was left with; returns its folder."""
    file = voices.voice_file(voices.random_voice(seed=seed))
    folder.mkdir(parents=True)
    save_voice(folder / FILE_NAME, file._replace(provenance={"room": room}))
    return folder


def first(dataset: Path) -> Dataset:
    """Its validation split."""
    return Dataset(dataset, "validation")


def song(path: Path, seconds: float = 1.5) -> Path:
    """Something like singing: a note with vibrato and one below it, then a rest."""
    curve = signals.steps([330.0, 294.0], seconds / 3, SAMPLE_RATE)
    curve = curve * 2 ** (0.3 / 12 * np.sin(2 * np.pi * 5.0 * np.arange(len(curve)) / SAMPLE_RATE))
    tone = 0.2 * signals.harmonic(curve, SAMPLE_RATE, [1.0, 0.8, 0.1, 0.4])
    rest = np.zeros(round(seconds / 3 * SAMPLE_RATE), np.float32)
    soundfile.write(path, np.concatenate([tone, rest]), SAMPLE_RATE)
    return path
