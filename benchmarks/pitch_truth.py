"""What the pitch benchmark measures against: recordings with a known f0, and synthetic ones."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Curve = NDArray[np.float64]

SAMPLE_RATE = 48_000
VOICE_FORMANTS = ((600.0, 150.0), (1200.0, 200.0), (2700.0, 300.0), (3500.0, 400.0))  # at, width
VIOLIN_BODY = ((280.0, 60.0), (460.0, 80.0), (900.0, 300.0), (2500.0, 900.0))
REFERENCE_CONFIDENCE = 0.9


class Case(NamedTuple):
    """A sound whose pitch is known. Shapes: audio (T,), times_s and f0_hz (M,)."""

    name: str
    audio: NDArray[np.float32]
    times_s: Curve  # evenly spaced, ascending
    f0_hz: Curve  # 0 where there is no pitch, NaN where nobody knows


def from_csv(audio_path: Path, f0_path: Path) -> Case:
    """A recording with rows of `time in s, f0 in Hz (0: unvoiced)`."""
    with f0_path.open(newline="") as file:
        rows = np.array([[float(cell) for cell in row[:2]] for row in csv.reader(file)])
    return Case(audio_path.stem, read_mono(audio_path), rows[:, 0], rows[:, 1])


def from_swift(audio_path: Path, spans_path: Path | None) -> Case:
    """A recording judged by swift-f0, which looks ahead; unsure frames count as unknown.

    Args:
        spans_path: rows of `file, start_s, end_s`; only inside them is anything counted.
    """
    from swift_f0 import SwiftF0

    audio = read_mono(audio_path)
    found = SwiftF0(threads=1).detect(audio, SAMPLE_RATE)
    sure = found.confidence >= REFERENCE_CONFIDENCE
    surely_not = found.confidence <= 0.3
    f0_hz = np.where(sure, found.pitch_hz, np.where(surely_not, 0.0, np.nan)).astype(float)
    times_s = np.asarray(found.timestamps, dtype=float)
    if spans_path is not None:
        inside = np.zeros(len(times_s), dtype=bool)
        with spans_path.open(newline="") as file:
            for row in csv.DictReader(file):
                if row["file"] == audio_path.name:
                    inside |= (times_s > float(row["start_s"])) & (times_s < float(row["end_s"]))
        f0_hz[~inside] = np.nan
    return Case(audio_path.stem, audio, times_s, f0_hz)


def read_mono(path: Path) -> NDArray[np.float32]:
    """A sound file at `SAMPLE_RATE`, its channels averaged."""
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    resampled = soxr.resample(audio.mean(axis=1), rate, SAMPLE_RATE)
    return np.ascontiguousarray(resampled, dtype=np.float32)


def truth_at(case: Case, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Known f0 between its rows: along a glide; from the nearest row at jumps and edges."""
    after = np.clip(np.searchsorted(case.times_s, times_s), 1, len(case.times_s) - 1)
    low, high = case.f0_hz[after - 1], case.f0_hz[after]
    share = (times_s - case.times_s[after - 1]) / (case.times_s[after] - case.times_s[after - 1])
    share = np.clip(share, 0.0, 1.0)
    nearest = np.where(share < 0.5, low, high)
    smooth = (low > 0) & (high > 0) & (np.abs(high - low) < 0.1 * np.maximum(low, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(smooth, low * (high / low) ** share, nearest)


def synthetic(breath_db: float, seed: int = 0) -> list[Case]:
    """Glides, vibrato, steps of a fifth and onsets: sung 80 to 1000 Hz, bowed an octave higher.

    Args:
        breath_db: how far the breath lies below the tone.
    """
    rng = np.random.default_rng(seed)
    curves = {
        "glides": _glides(),
        "vibrato": _vibrato(),
        "fifths": _notes(_FIFTHS_HZ, 0.3, 0.0),
        "onsets": _notes(_FIFTHS_HZ, 0.25, 0.15),
    }
    cases = []
    for instrument, peaks in (("voice", VOICE_FORMANTS), ("violin", VIOLIN_BODY)):
        for kind, f0_hz in curves.items():
            if instrument == "violin":
                f0_hz = f0_hz * 2.0
            audio = sound(f0_hz, peaks, breath_db, rng)
            times_s = np.arange(0, len(f0_hz), 48) / SAMPLE_RATE
            cases.append(Case(f"{instrument} {kind}", audio, times_s, f0_hz[::48]))
    return cases


_FIFTHS_HZ = [base * ratio for base in np.geomspace(80, 1000 / 1.5, 15) for ratio in (1.0, 1.5)]


def _glides() -> Curve:
    up = [np.geomspace(80, 1000, round(s * SAMPLE_RATE)) for s in (1.0, 2.0, 4.0)]
    return np.concatenate([part for one in up for part in (one, one[::-1])])


def _vibrato() -> Curve:
    times_s = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    swing = np.sin(2 * np.pi * 5.8 * times_s)
    return np.concatenate(
        [
            base * 2 ** (cents / 1200 * swing)
            for base in (85.0, 147.0, 220.0, 330.0, 494.0, 740.0, 940.0)
            for cents in (30.0, 100.0)
        ]
    )


def _notes(notes_hz: list[float], note_s: float, pause_s: float) -> Curve:
    pause = np.zeros(round(pause_s * SAMPLE_RATE))
    note = np.ones(round(note_s * SAMPLE_RATE))
    return np.concatenate([part for f0 in notes_hz for part in (f0 * note, pause)])


def sound(
    f0_hz: Curve, peaks: tuple[tuple[float, float], ...], breath_db: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Harmonics through resonances, 6 dB an octave softer; breath through the same. (T,)."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE
    audio = np.zeros(len(f0_hz))
    for k in range(1, 41):
        here_hz = k * f0_hz
        heard = (f0_hz > 0) & (here_hz < 10_000)
        audio += np.where(heard, _gain(here_hz, peaks) / k, 0.0) * np.sin(k * phase + 0.7 * k * k)
    edge = np.hanning(round(0.01 * SAMPLE_RATE))
    audio *= np.convolve(f0_hz > 0, edge / edge.sum(), mode="same")
    white = np.fft.rfft(rng.standard_normal(len(audio)))
    freqs_hz = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)
    breath = np.fft.irfft(white * _gain(freqs_hz, peaks), len(audio))
    rms = np.sqrt(np.mean(audio[f0_hz > 0] ** 2))
    audio += breath * rms * 10 ** (-breath_db / 20) / np.sqrt(np.mean(breath**2))
    return np.asarray(0.2 * audio / rms, dtype=np.float32)


def _gain(freqs_hz: Curve, peaks: tuple[tuple[float, float], ...]) -> Curve:
    gain = np.full(freqs_hz.shape, 0.1)
    for at_hz, width_hz in peaks:
        gain += 1.0 / (1.0 + ((freqs_hz - at_hz) / width_hz) ** 2)
    return gain
