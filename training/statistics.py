"""What the voice's card and the live loudness map need to know of the training recordings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from ddsp_core.units import hz_to_midi
from training.index import Agreement, Entry, Statistics
from training.recording import Recording
from training.segments import CONFIDENT

PERCENTAGES = (0, 1, 5, 25, 50, 75, 95, 99, 100)


def measure_statistics(
    entries: Sequence[Entry], recordings: Sequence[Recording], frame_rate: float
) -> Statistics:
    """Over the voiced frames of the training segments; raises AudioError where there are none."""
    voiced = [
        (recording.features.loudness_db[keep] + entry.gain_db, recording.features.f0_hz[keep])
        for entry, recording in zip(entries, recordings, strict=True)
        for keep in [voiced_frames(entry, recording, "train")]
    ]
    loudness_db, f0_hz = (np.concatenate(parts) for parts in zip(*voiced, strict=True))
    if len(loudness_db) == 0:
        raise AudioError(
            "prepare", "no sound with a clear pitch is left", "one instrument, one note"
        )
    return Statistics(
        loudness_mean_db=round(float(loudness_db.mean()), 3),
        loudness_deviation_db=round(float(loudness_db.std()), 3),
        loudness_quantiles_db=_quantiles(loudness_db),
        f0_mean_midi=round(float(hz_to_midi(f0_hz).mean()), 3),
        f0_deviation_midi=round(float(hz_to_midi(f0_hz).std()), 3),
        f0_quantiles_hz=_quantiles(f0_hz),
        train_hours=sum(entry.used_s("train", frame_rate) for entry in entries) / 3600,
        validation_hours=sum(entry.used_s("validation", frame_rate) for entry in entries) / 3600,
        test_hours=sum(entry.used_s("test", frame_rate) for entry in entries) / 3600,
    )


def voiced_frames(entry: Entry, recording: Recording, split: str | None) -> NDArray[np.bool_]:
    """Frames with a clear pitch inside the entry's segments (of one split, or None: of both)."""
    keep = np.zeros(len(recording.features.f0_hz), dtype=bool)
    for segment in entry.segments:
        if split in (None, segment.split):
            keep[segment.start : segment.end] = True
    return keep & (recording.features.confidence >= CONFIDENT)


def measure_agreement(f0_hz: NDArray[np.float32], reference_hz: NDArray[np.float32]) -> Agreement:
    """Compares pitches where the reference hears one (> 0 Hz). Shape: (N,), (N,)."""
    heard = reference_hz > 0.0
    if not heard.any():
        return Agreement(median_cents=0.0, within_50_cents=0.0, n_frames=0)
    cents = np.abs(1200.0 * np.log2(f0_hz[heard] / reference_hz[heard]))
    return Agreement(
        median_cents=float(np.median(cents)),
        within_50_cents=float(np.mean(cents <= 50.0)),
        n_frames=int(heard.sum()),
    )


def _quantiles(values: NDArray[np.float32]) -> dict[str, float]:
    quantiles = np.percentile(values, PERCENTAGES)
    return {
        str(percentage): round(float(value), 3)
        for percentage, value in zip(PERCENTAGES, quantiles, strict=True)
    }
