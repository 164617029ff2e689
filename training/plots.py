"""Pictures of sound, recorded beside resynthesised: what TensorBoard and the reports show.

Every function returns a matplotlib Figure of its own, drawn without pyplot: no window, no global
state, safe in any thread. What belongs together shares its axes and its scale, so that a difference
in the picture is one in the sound.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ddsp_core.features import Features
from ddsp_core.spectrogram import log_spectrogram

Audio = NDArray[np.float32]
Pair = tuple[str, str]

RANGE_DB = 80.0
FIRST, SECOND = "#1f77b4", "#d9480f"
SURE = 0.5
"""Confidence from which on a pitch is drawn."""
FREQUENCY_TICKS_HZ = (100, 200, 500, 1000, 2000, 5000, 10000)
PITCH_TICKS_HZ = tuple(round(55.0 * 2.0 ** (n / 3)) for n in range(18))
N_COLUMNS = 500
CLOSE_UP_S = 0.03


class Track(NamedTuple):
    """Features of one sound. Shape: time_s (N,); features (N,) each."""

    name: str
    time_s: NDArray[np.floating]
    features: Features


def spectrogram_pair(first: Audio, second: Audio, sample_rate: int, titles: Pair) -> Figure:
    """Two spectrograms side by side, on one scale: dB below the louder one's maximum.

    Shape:
        (T,), (T,).
    """
    figure = new_figure(12.0, 4.2)
    found = [log_spectrogram(audio, sample_rate, N_COLUMNS) for audio in (first, second)]
    top_db = max(float(one.level_db.max()) for one in found)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, one, title in zip(panels, found, titles, strict=True):
        # Rows are even in the logarithm: an image on log2(Hz) is drawn far faster than a mesh.
        low, high = np.log2(one.frequency_hz[[0, -1]])
        image = axes.imshow(
            np.maximum(one.level_db - top_db, -RANGE_DB), cmap="magma", vmin=-RANGE_DB, vmax=0.0,
            extent=(one.time_s[0], one.time_s[-1], low, high), origin="lower", aspect="auto",
            interpolation="nearest",
        )  # fmt: skip
        axes.set_title(plain(title), loc="left")
        axes.set_xlabel("time (s)")
    ticks_hz = [tick for tick in FREQUENCY_TICKS_HZ if low < np.log2(tick) < high]
    panels[0].set_yticks(np.log2(ticks_hz), [str(tick) for tick in ticks_hz])
    panels[0].set_ylabel("frequency (Hz)")
    figure.colorbar(image, ax=list(panels), label="dB", pad=0.01)
    return figure


def feature_tracks(first: Track, second: Track) -> Figure:
    """Pitch (where it is sure) and loudness of two sounds on top of each other."""
    figure = new_figure(12.0, 5.0)
    pitch, loudness = figure.subplots(2, 1, sharex=True)
    shown = []
    for track, colour, size in ((first, FIRST, 9.0), (second, SECOND, 2.0)):
        time_s, (f0_hz, confidence, loudness_db) = track.time_s, track.features
        sure = confidence >= SURE
        shown.append(f0_hz[sure])
        pitch.scatter(time_s[sure], f0_hz[sure], s=size, c=colour, linewidths=0)
        loudness.plot(time_s, loudness_db, color=colour, linewidth=1.0, label=plain(track.name))
    pitches_hz = np.concatenate(shown)
    low, high = np.percentile(pitches_hz, (1, 99)) if len(pitches_hz) else (100.0, 1000.0)
    pitch.set_yscale("log")
    _ticks_hz(pitch, PITCH_TICKS_HZ, (0.84 * low, 1.19 * high))
    pitch.set_ylabel("f0 (Hz)")
    top_db = max(float(np.max(track.features.loudness_db)) for track in (first, second))
    loudness.set_ylim(top_db - RANGE_DB, top_db + 5.0)
    loudness.set_ylabel("A-weighted level (dB)")
    loudness.set_xlabel("time (s)")
    loudness.legend(loc="lower right", ncols=2)
    for axes in (pitch, loudness):
        axes.grid(alpha=0.3)
    return figure


def waveform_pair(first: Audio, second: Audio, sample_rate: int, titles: Pair) -> Figure:
    """Two waveforms, and beside each its wave at the first one's loudest moment.

    Shape:
        (T,), (T,).
    """
    figure = new_figure(12.0, 4.2)
    at = _loudest(first, round(CLOSE_UP_S * sample_rate))
    grid = figure.subplots(2, 2, sharex="col", sharey="all", width_ratios=(3, 2))
    for row, audio, title, colour in zip(
        grid, (first, second), titles, (FIRST, SECOND), strict=True
    ):
        _draw_wave(row[0], audio, sample_rate, colour)
        close_up = audio[at]
        time_ms = 1e3 * np.arange(len(close_up)) / sample_rate
        row[1].plot(time_ms, close_up, color=colour, linewidth=1.0)
        row[0].set_title(plain(title), loc="left")
        row[1].set_title(f"from {at.start / sample_rate:.2f} s", loc="left")
        row[0].set_ylabel("amplitude")
    grid[1][0].set_xlabel("time (s)")
    grid[1][1].set_xlabel("time (ms)")
    for axes in grid.flat:
        axes.grid(alpha=0.3)
    return figure


def impulse_response(taps: NDArray[np.floating], sample_rate: int, title: str) -> Figure:
    """A room's reverberation: its wave, and the energy that is yet to come (Schroeder 1965).

    Args:
        taps: without the direct sound, which is 1 and 0 dB.

    Shape:
        (T,).
    """
    figure = new_figure(12.0, 4.2)
    wave, level = figure.subplots(1, 2)
    energy = np.cumsum(np.asarray(taps, np.float64)[::-1] ** 2)[::-1]
    energy = energy[:: max(len(taps) // N_COLUMNS, 1)]
    time_s = np.linspace(0.0, len(taps) / sample_rate, len(energy), endpoint=False)
    _draw_wave(wave, taps, sample_rate, FIRST)
    wave.set_title(plain(title), loc="left")
    wave.set_ylabel("amplitude (direct sound: 1)")
    level.plot(time_s, 10.0 * np.log10(np.maximum(energy, 1e-12)), color=SECOND, linewidth=1.2)
    level.set_title("reverberation from there on, against the direct sound", loc="left")
    level.set_ylabel("energy (dB)")
    for axes in (wave, level):
        axes.set_xlabel("time (s)")
        axes.grid(alpha=0.3)
    return figure


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty figure that can be drawn anywhere, 100 pixels an inch."""
    figure = Figure(figsize=(width_in, height_in), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def pixels(figure: Figure) -> NDArray[np.uint8]:
    """The figure as an image. Shape: returns (height, width, 3)."""
    file = BytesIO()
    figure.savefig(file, format="rgba", dpi=figure.dpi)
    width, height = figure.canvas.get_width_height()
    rgba = np.frombuffer(file.getvalue(), np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(rgba[..., :3])


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def plain(text: str) -> str:
    """Text that matplotlib does not take for mathematics.

    >>> plain("5$ and 6$")
    '5\\\\$ and 6\\\\$'
    """
    return text.replace("$", r"\$")


def _draw_wave(axes: Any, audio: NDArray[np.floating], sample_rate: int, colour: str) -> None:
    """What a line through every sample would cover: minimum to maximum, column by column."""
    width = -(-len(audio) // (2 * N_COLUMNS))
    columns = np.pad(audio, (0, -len(audio) % width), mode="edge").reshape(-1, width)
    # Each reaches the next one's first sample, so that nothing between the two is left white.
    reached = np.append(columns[1:, 0], columns[-1, -1])
    low, high = (f(columns, axis=1) for f in (np.min, np.max))
    time_s = width * np.arange(len(columns)) / sample_rate
    low, high = np.minimum(low, reached), np.maximum(high, reached)
    axes.fill_between(time_s, low, high, color=colour, linewidth=0.4, step="post")


def _loudest(audio: Audio, length: int) -> slice:
    """The stretch of that length (or all) with the most energy, on a grid of half its length."""
    starts = range(0, max(len(audio) - length, 0) + 1, max(length // 2, 1))
    start = max(starts, key=lambda first: float(np.sum(audio[first : first + length] ** 2)))
    return slice(start, start + length)


def _ticks_hz(axes: Any, ticks_hz: Sequence[int], limits_hz: tuple[float, float]) -> None:
    shown = [tick for tick in ticks_hz if limits_hz[0] <= tick <= limits_hz[1]]
    axes.set_yticks(shown, [str(tick) for tick in shown])
    axes.set_yticks([], minor=True)
    axes.set_ylim(*limits_hz)
