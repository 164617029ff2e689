"""Plucked tones by frequency modulation, with exact pitch: a corpus that needs no recordings.

A sine whose phase is modulated by another of the same frequency (Chowning, "The synthesis of
complex audio spectra by means of frequency modulation", 1973) has all harmonics, and more of them
the larger the index of modulation. Here both loudness and index decay after each pluck, the index
faster, and hard plucks are brighter: what a decoder must learn from pitch, loudness and time.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray
from rich.console import Console

from ddsp_core.features import FeatureExtractor
from ddsp_core.units import db_to_gain, midi_to_hz
from training.known_pitch import PitchCurve, store_measured
from training.prepare import Options, prepare
from training.recipe import Recipe

N_PHRASES = 10
PHRASE_S = 24.0
"""Long enough that each gives its own end to validation."""
LOWEST_MIDI, HIGHEST_MIDI = 45, 81
"""A2 to A5, 110 to 880 Hz: where people sing."""
LARGEST_INDEX = 3.0
ATTACK_S, RELEASE_S = 0.004, 0.03
PEAK = 0.5

Curve = NDArray[np.float64]


class Note(NamedTuple):
    """One pluck: pitch at its start and end, peak level, how long it lasts and rings."""

    from_midi: float
    to_midi: float
    level_db: float
    length_s: float
    ring_s: float


class Phrase(NamedTuple):
    """Sound and its exact pitch in every sample, 0 in rests. Shape: (T,), (T,)."""

    audio: NDArray[np.float32]
    f0_hz: NDArray[np.float32]


def make_dataset(recipe: Recipe, folder: Path, console: Console | None = None) -> Path:
    """Makes the dataset of a synthetic recipe in `folder` and returns it.

    The sounds depend on recipe.seed and sample_rate alone; what is there already is not measured a
    second time, so a run that goes on sees the same data.
    """
    extractor = FeatureExtractor(recipe.sample_rate, recipe.hop_size)
    sounds = folder / "sounds"
    sounds.mkdir(parents=True, exist_ok=True)
    for n in range(N_PHRASES):
        phrase = make_phrase(np.random.default_rng((recipe.seed, n)), recipe.sample_rate)
        sound = sounds / f"fm_{n:02d}.wav"
        soundfile.write(sound, phrase.audio, recipe.sample_rate, subtype="PCM_16")
        curve = PitchCurve(phrase.f0_hz, recipe.sample_rate)
        store_measured(sound, curve, folder, extractor)
    options = Options(recipe.sample_rate, recipe.hop_size, reference="known")
    prepare([sounds], folder, options, console)
    return folder


def make_phrase(rng: np.random.Generator, sample_rate: int) -> Phrase:
    """Random notes, glides and rests of `PHRASE_S` seconds."""
    parts, length_s = [], 0.0
    while length_s < PHRASE_S:
        note = _draw_note(rng)
        parts.append(pluck(note, sample_rate))
        rest = np.zeros(round(rng.choice([0.0, 0.0, 0.15]) * sample_rate), dtype=np.float32)
        parts.append(Phrase(rest, rest))
        length_s += note.length_s + len(rest) / sample_rate
    n_samples = round(PHRASE_S * sample_rate)
    audio, f0_hz = (np.concatenate(curves)[:n_samples] for curves in zip(*parts, strict=True))
    return Phrase(audio, f0_hz)


def _draw_note(rng: np.random.Generator) -> Note:
    """A quarter of the notes glide; levels over 24 dB, as singers use them."""
    from_midi = rng.uniform(LOWEST_MIDI, HIGHEST_MIDI)
    leap = rng.uniform(-7.0, 7.0) if rng.random() < 0.25 else 0.0
    return Note(
        from_midi,
        float(np.clip(from_midi + leap, LOWEST_MIDI, HIGHEST_MIDI)),
        rng.uniform(-24.0, 0.0),
        rng.uniform(0.2, 1.6),
        rng.uniform(0.3, 1.5),
    )


def pluck(note: Note, sample_rate: int) -> Phrase:
    """One note; its pitch moves evenly in cents, if it does."""
    n_samples = round(note.length_s * sample_rate)
    times_s = np.arange(n_samples) / sample_rate
    f0_hz = midi_to_hz(np.linspace(note.from_midi, note.to_midi, n_samples)).astype(np.float64)
    gain = db_to_gain(note.level_db)
    # Harmonics above index + 2 are faint (Carson's rule): keep those below half the sample rate.
    index = LARGEST_INDEX * gain**0.5 * np.exp(-times_s / (0.4 * note.ring_s))
    index = np.minimum(index, np.maximum(0.5 * sample_rate / f0_hz - 3.0, 0.0))
    audio = PEAK * gain * _envelope(times_s, note) * _modulated_sine(f0_hz, index, sample_rate)
    return Phrase(audio.astype(np.float32), f0_hz.astype(np.float32))


def _modulated_sine(f0_hz: Curve, index: Curve, sample_rate: int) -> Curve:
    """sin(a + I sin a): carrier and modulator at the same frequency. Shape: (T,), (T,) -> (T,)."""
    angle = 2 * np.pi * np.cumsum(f0_hz) / sample_rate
    return np.asarray(np.sin(angle + index * np.sin(angle)))


def _envelope(times_s: Curve, note: Note) -> Curve:
    """Up in `ATTACK_S`, then decay by e every `ring_s`, damped at the end. Shape: (T,)."""
    attack = np.minimum(times_s / ATTACK_S, 1.0)
    release = np.clip((note.length_s - times_s) / RELEASE_S, 0.0, 1.0)
    return np.asarray(attack * np.exp(-times_s / note.ring_s) * release)
