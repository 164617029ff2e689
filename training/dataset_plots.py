"""The plots of a dataset's page: what pitches, levels and confidence there are, and a sample."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ddsp_core.units import hz_to_midi
from training.advice import note_name
from training.heard_notes import HeardFrames, Notes
from training.recording import Recording

WINDOW_SIZE = 2048
FLOOR_DB = 80.0
HIGHEST_HZ = 4000.0
SAMPLE_S = 6.0
CENTS_SHOWN = 100.0


def pitch_histogram(heard: HeardFrames, frame_rate: float) -> Figure:
    """Seconds on every semitone."""
    figure = Figure(figsize=(9, 2.6))
    axes = figure.subplots()
    numbers = np.round(hz_to_midi(heard.f0_hz)).astype(np.int64)
    lowest, highest = np.percentile(numbers, (0.1, 99.9))
    low, high = round(lowest) - 1, round(highest) + 1
    seconds = np.bincount(np.clip(numbers, 0, 127), minlength=128) / frame_rate
    axes.stairs(seconds[low : high + 1], np.arange(low, high + 2) - 0.5, fill=True)
    ticks = [n for n in range(low, high + 1) if n % 12 in (0, 4, 7)]
    axes.set_xticks(ticks, [note_name(n) for n in ticks])
    axes.set_ylabel("seconds")
    axes.set_title("Pitch")
    return figure


def loudness_histogram(heard: HeardFrames, notes: Notes, frame_rate: float) -> Figure:
    """Seconds at every level, and the levels and lengths of the notes."""
    figure = Figure(figsize=(10, 2.6))
    levels, lengths = figure.subplots(1, 2)
    lowest, highest = np.percentile(heard.loudness_db, (0.5, 100))
    counts, edges = np.histogram(heard.loudness_db, np.arange(np.floor(lowest), highest + 1))
    levels.stairs(counts / frame_rate, edges, fill=True)
    levels.set_xlabel("loudness, dB (A), after the gain")
    levels.set_ylabel("seconds")
    levels.set_title("Loudness")
    lengths.scatter(notes.duration_s, notes.loudness_db, s=5, alpha=0.5)
    lengths.set_xscale("log")
    lengths.set_xlabel("length of a steady pitch, s")
    lengths.set_ylabel("its loudness, dB (A)")
    lengths.set_title("Notes: long ones to the right, soft ones below")
    return figure


def trust_histograms(heard: HeardFrames, reference: str) -> Figure:
    """Confidence of the live tracker, and by how many cents it is off the reference."""
    figure = Figure(figsize=(10, 2.6))
    confidence, cents = figure.subplots(1, 2)
    confidence.stairs(*np.histogram(heard.confidence, np.linspace(0.0, 1.0, 41)), fill=True)
    confidence.set_yscale("log")
    confidence.set_xlabel("confidence of the live tracker")
    confidence.set_ylabel("frames")
    confidence.set_title("Confidence in what is used")
    cents.set_title(f"Live pitch less {reference}")
    cents.set_xlabel("cents; at the edges: further off")
    difference = cents_off(heard)
    if len(difference) == 0:
        cents.text(0.5, 0.5, "no reference", ha="center", transform=cents.transAxes)
        return figure
    edges = np.linspace(-CENTS_SHOWN, CENTS_SHOWN, 81)
    shown = np.clip(difference, -CENTS_SHOWN, CENTS_SHOWN)
    cents.stairs(*np.histogram(shown, edges), fill=True)
    cents.set_yscale("log")
    return figure


def cents_off(heard: HeardFrames) -> NDArray[np.float64]:
    """Live pitch less the reference's, in cents, where both hear one. Shape: (M,)."""
    if len(heard.reference_hz) == 0:
        return np.zeros(0)
    both = heard.reference_hz > 0.0
    ratio = heard.live_hz[both].astype(np.float64) / heard.reference_hz[both]
    return np.asarray(1200.0 * np.log2(ratio))


def sample_spectrogram(recording: Recording, sample_rate: int, first_frame: int) -> Figure:
    """A few seconds of a recording with the live pitch and the reference over it."""
    figure = Figure(figsize=(9, 3.2))
    axes = figure.subplots()
    hop = sample_rate / recording.frame_rate
    start = round(first_frame * hop)
    audio = recording.audio[start : start + round(SAMPLE_S * sample_rate)]
    level_db, times_s = _spectrogram(audio, sample_rate)
    extent = (times_s[0], times_s[-1], 0.0, sample_rate / 2)
    top_db = float(level_db.max())
    axes.imshow(
        level_db, origin="lower", aspect="auto", extent=extent, vmin=top_db - FLOOR_DB, vmax=top_db
    )
    frames = slice(first_frame, first_frame + round(SAMPLE_S * recording.frame_rate))
    curves = {"live": (recording.features.f0_hz, recording.features.confidence >= 0.5)}
    if len(recording.reference_f0_hz):
        curves["reference"] = (recording.reference_f0_hz, recording.reference_f0_hz > 0.0)
    for (name, (f0_hz, sure)), style in zip(curves.items(), ("w-", "r:"), strict=False):
        shown = np.where(sure[frames], f0_hz[frames], np.nan)
        axes.plot(np.arange(len(shown)) / recording.frame_rate, shown, style, lw=1.2, label=name)
    axes.set_ylim(0.0, min(HIGHEST_HZ, sample_rate / 2))
    axes.set_xlabel("s")
    axes.set_ylabel("Hz")
    axes.legend(loc="upper right")
    return figure


def _spectrogram(
    audio: NDArray[np.float32], sample_rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level in dB and the middle of each frame. Shape: (T,) -> (bins, frames), (frames,)."""
    step = WINDOW_SIZE // 4
    padded = np.pad(audio, (0, max(WINDOW_SIZE + step - len(audio), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SIZE)[::step]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(WINDOW_SIZE), axis=1))
    times_s = (np.arange(len(frames)) * step + WINDOW_SIZE / 2) / sample_rate
    return np.asarray(20.0 * np.log10(spectrum.T + 1e-9)), times_s
