"""The 12 tests of BRAVE's evaluation: noise, sine and harmonic tone, short and long, at two levels.

Rebuilt from the paper and its evaluation's source (see `latency_onsets.py`): noise is uniform; a
tone's pitch is drawn evenly in semitones over MIDI notes 24 to 96, a harmonic tone has 1 to 49
harmonics, those above the first at -60 to 0 dB; phases are random, so that a sound may begin
anywhere in its period; each is scaled to its peak and decays exponentially by 60 dB over its
length, from its first sample on, at full level.

Where this differs: what is called sinusoidal there is a stack of sines a quarter tone apart, from
20...400 to 5,000...15,000 Hz, which is here as `stack`, beside the sine; the harmonic tones there
are at 8.2 to 8.7 Hz, as the note is used before it is scaled; the model is reset before each sound,
not led through silence; a second detector may be earlier; and an onset may come at any time later.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.units import midi_to_hz
from realtime.latency_onsets import find_onset

Audio = NDArray[np.float32]
Wave = NDArray[np.floating]
Random = np.random.Generator
Play = Callable[[Audio], Audio]
"""A whole stream through the instrument, same length, sample for sample."""

Kind = Literal["noise", "sine", "harmonic", "stack"]
KINDS: tuple[Kind, ...] = ("noise", "sine", "harmonic")
LENGTHS = (4096, 44_100)
LEVELS_DB = (0.0, -6.0)
DECAY_DB = -60.0
NOTES = (24.0, 96.0)
MOST_HARMONICS = 49
STACK_LOW_HZ, STACK_HIGH_HZ = (20.0, 400.0), (5_000.0, 15_000.0)
STACK_STEP_SEMITONES = 0.5

HEARD_S = 0.12
"""After this a sound is cut and silence follows: what is later moves no earlier onset."""
MISSED_S = 0.1
"""An onset that is later than this, or earlier than `EARLY_S` before the sound, is missed."""
EARLY_S = 0.01
SILENCE_S = (0.5, 0.6)
"""Between two sounds, at random: the gate has closed and let go, no room rings on."""


class OnsetTest(NamedTuple):
    """One of the tests."""

    kind: Kind
    n_samples: int
    level_db: float
    notes: tuple[float, float] = NOTES
    """Between which a tone's pitch is drawn, MIDI."""


class Onsets(NamedTuple):
    """What came of one test. `lags`: onset out minus onset in, in samples."""

    test: OnsetTest
    lags: list[int]
    n_missed: int


TESTS = tuple(OnsetTest(*parts) for parts in product(KINDS, LENGTHS, LEVELS_DB))


def run_test(
    test: OnsetTest, play: Play, sample_rate: int, n_runs: int = 100, seed: int = 0
) -> Onsets:
    """Plays the test's sounds one after the other, silence between them, in one stream.

    Args:
        play: the instrument.
        n_runs: sounds, each drawn anew, beginning anywhere in a block.
    """
    random = np.random.default_rng([seed, *map(ord, test.kind), test.n_samples])
    sounds = [draw(test, sample_rate, random) for _ in range(n_runs)]
    stream, starts = in_a_row(sounds, sample_rate, random)
    return Onsets(test, *lags(play(stream), starts, sample_rate))


def in_a_row(
    sounds: Sequence[Audio], sample_rate: int, random: Random, heard_s: float = HEARD_S
) -> tuple[Audio, NDArray[np.int64]]:
    """The sounds with random silence before each and behind the last, and where each begins."""
    n_heard = round(heard_s * sample_rate)
    gaps = np.round(random.uniform(*SILENCE_S, len(sounds) + 1) * sample_rate).astype(np.int64)
    starts = np.cumsum(gaps[:-1] + n_heard) - n_heard
    stream = np.zeros(starts[-1] + n_heard + gaps[-1], np.float32)
    for start, sound in zip(starts, sounds, strict=True):
        stream[start : start + min(len(sound), n_heard)] = sound[:n_heard]
    return stream, starts


def lags(played: Audio, starts: NDArray[np.int64], sample_rate: int) -> tuple[list[int], int]:
    """How long after each start the first onset is heard, in samples, and how many never are."""
    early, late = (round(s * sample_rate) for s in (EARLY_S, MISSED_S))
    found = [find_onset(played[start - early : start + late], sample_rate) for start in starts]
    heard = [onset - early for onset in found if onset is not None]
    return heard, len(found) - len(heard)


def draw(test: OnsetTest, sample_rate: int, random: Random) -> Audio:
    """A new sound of that test. Shape: returns (n_samples,)."""
    sound = SOURCES[test.kind](test, sample_rate, random)
    decay_db = np.linspace(test.level_db, test.level_db + DECAY_DB, test.n_samples)
    gain = 10.0 ** (decay_db / 20.0) / np.abs(sound).max()
    return np.asarray(gain * sound, np.float32)


def _noise(test: OnsetTest, sample_rate: int, random: Random) -> Wave:
    return random.uniform(-1.0, 1.0, test.n_samples)


def _sine(test: OnsetTest, sample_rate: int, random: Random) -> Wave:
    return _partials(
        np.array([_pitch_hz(test, random)]), np.ones(1), test.n_samples, sample_rate, random
    )


def _harmonic(test: OnsetTest, sample_rate: int, random: Random) -> Wave:
    numbers = np.arange(1, 1 + random.integers(1, MOST_HARMONICS + 1))
    frequencies_hz = _pitch_hz(test, random) * numbers
    gains = 10.0 ** (random.uniform(-60.0, 0.0, len(numbers)) / 20.0)
    gains[0] = 1.0
    audible = frequencies_hz < sample_rate / 2
    return _partials(frequencies_hz[audible], gains[audible], test.n_samples, sample_rate, random)


def _stack(test: OnsetTest, sample_rate: int, random: Random) -> Wave:
    low_hz, high_hz = random.uniform(*STACK_LOW_HZ), random.uniform(*STACK_HIGH_HZ)
    n_partials = round(12.0 * np.log2(high_hz / low_hz) / STACK_STEP_SEMITONES) + 1
    octaves = STACK_STEP_SEMITONES / 12.0 * np.arange(n_partials)
    frequencies_hz = np.asarray(low_hz * 2.0**octaves, np.float64)
    return _partials(frequencies_hz, np.ones(n_partials), test.n_samples, sample_rate, random)


SOURCES = {"noise": _noise, "sine": _sine, "harmonic": _harmonic, "stack": _stack}


def _pitch_hz(test: OnsetTest, random: Random) -> float:
    return float(midi_to_hz(random.uniform(*test.notes)))


def _partials(
    frequencies_hz: Wave, gains: Wave, n_samples: int, sample_rate: int, random: Random
) -> Wave:
    """Sines of those frequencies and gains, each from a phase of its own."""
    n = min(n_samples, round(HEARD_S * sample_rate))
    radians = 2.0 * np.pi / sample_rate * np.arange(n)
    out = np.zeros(n_samples)
    for hz, gain, phase in zip(
        frequencies_hz, gains, random.uniform(0.0, 2.0 * np.pi, len(gains)), strict=True
    ):
        out[:n] += gain * np.sin(hz * radians + phase)
    return out
