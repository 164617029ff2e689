"""One picture of a render: what was sung beside what was played.

From the top: both spectrograms, pitch with the tracker's confidence, loudness with the gate, and
the first onsets as waveforms. The latency is taken out everywhere. matplotlib is loaded only when a
report is asked for.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.loudness import NO_PITCH_HZ, Loudness
from ddsp_core.spectrogram import log_spectrogram

Audio = NDArray[np.float32]
Curve = NDArray[np.floating]

RANGE_DB = 80.0
LOUDNESS_HOP_S = 0.01
N_ONSETS = 4
ONSET_S = (-0.02, 0.1)
VOICED = 0.5
SPECTRUM_TICKS_HZ = (100, 200, 500, 1000, 2000, 5000, 10000)
PITCH_TICKS_HZ = (
    50,
    60,
    80,
    100,
    125,
    150,
    200,
    250,
    300,
    400,
    500,
    600,
    800,
    1000,
    1500,
    2000,
    3000,
)
SUNG, PLAYED = "#1f77b4", "#d9480f"


class ReportFrames(NamedTuple):
    """What the engine heard and meant, a value a hop. Shape: (N,) each.

    `time_s` is the moment of the *input* that the frame describes: for hop k (from 0), with D the
    features' delay in samples, ((k + 1) * hop_size - D) / sample_rate.
    """

    time_s: Curve
    f0_hz: Curve  # as sung
    played_f0_hz: Curve  # after octave shift and transposition
    confidence: Curve  # 0...1
    loudness_db: Curve  # of the input
    gate: Curve  # 0...1
    told_db: Curve | None = None
    """Loudness as the voice was told, where that was fitted to it."""
    mask: NDArray[np.bool_] | None = None
    """Where notes are, as far as the whole recording was looked at."""
    trained_hz: float | None = None
    """Median pitch of what the voice was trained with."""


def write_report(
    folder: Path, name: str, dry: Audio, wet: Audio, sample_rate: int, frames: ReportFrames
) -> Path:
    """Writes `folder/name.png` (and the folder, if it is missing) and returns its path.

    Args:
        dry, wet: input and output, lined up: the latency is taken out.
        sample_rate: Hz, of both.

    Shape:
        dry, wet (T,); frames (N,).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(16, 18), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(5, 1, height_ratios=[1.25, 1.25, 1.0, 0.8, 0.8])
    sung = figure.add_subplot(rows[0])
    _draw_spectrogram(figure, sung, dry, sample_rate, "sung (input)")
    others = [figure.add_subplot(row, sharex=sung) for row in (rows[1], rows[2], rows[3])]
    _draw_spectrogram(figure, others[0], wet, sample_rate, "played (output)")
    _draw_pitch(others[1], frames)
    _draw_loudness(others[2], wet, sample_rate, frames)
    sung.set_xlim(0.0, max(len(dry) / sample_rate, 0.01))
    others[2].set_xlabel("time (s)")
    _draw_onsets(figure, rows[4], dry, wet, sample_rate, frames)
    title = f"{name}: {len(dry) / sample_rate:.1f} s at {sample_rate} Hz"
    figure.suptitle(title.replace("$", r"\$"), fontsize=15)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    figure.savefig(path)
    return path


def find_onsets(frames: ReportFrames, count: int = N_ONSETS) -> list[float]:
    """Times in s at which the gate opens, the first few that are 0.3 s apart."""
    opens = np.flatnonzero(np.diff(np.asarray(frames.gate) > 0.5, prepend=False))
    opens = opens[np.asarray(frames.gate)[opens] > 0.5]
    found: list[float] = []
    for at_s in np.asarray(frames.time_s)[opens]:
        if not found or at_s - found[-1] >= 0.3:
            found.append(float(at_s))
    return found[:count]


def _draw_spectrogram(figure: Any, axes: Any, audio: Audio, sample_rate: int, title: str) -> None:
    times_s, edges_hz, levels_db = log_spectrogram(audio, sample_rate)
    below_db = np.maximum(levels_db - levels_db.max(), -RANGE_DB)
    image = axes.pcolormesh(
        times_s, edges_hz, below_db, cmap="magma", vmin=-RANGE_DB, vmax=0.0, rasterized=True
    )
    axes.set_yscale("log")
    _label_hz(axes, SPECTRUM_TICKS_HZ, (edges_hz[0], edges_hz[-1]))
    axes.set_title(title, loc="left")
    figure.colorbar(image, ax=axes, label="dB below the loudest", pad=0.01, aspect=12)


def _draw_pitch(axes: Any, frames: ReportFrames) -> None:
    """Pitches, as opaque as the tracker is sure; the played one only where the gate is open."""
    from matplotlib.colors import to_rgba

    axes.set_title("pitch; the surer the tracker, the more opaque", loc="left")
    axes.set_yscale("log")
    shown = []
    opacity = np.clip(np.asarray(frames.confidence, np.float64), 0.0, 1.0)
    pitches = (("sung", frames.f0_hz, SUNG, 14), ("played", frames.played_f0_hz, PLAYED, 3))
    for label, f0_hz, colour, size in pitches:
        heard = (np.asarray(f0_hz) > 0) & (opacity > 0.05)
        heard &= (np.asarray(frames.gate) > 0.5) | (label == "sung")
        colours = np.tile(to_rgba(colour), (int(heard.sum()), 1))
        colours[:, 3] = opacity[heard]
        at_s, shown_hz = np.asarray(frames.time_s)[heard], np.asarray(f0_hz)[heard]
        axes.scatter(at_s, shown_hz, s=size, c=colours, linewidths=0)
        axes.plot([], [], color=colour, linewidth=3, label=label)
        shown.append(np.asarray(f0_hz)[heard & (opacity >= VOICED)])
        _draw_middle(axes, shown[-1], colour)
    if frames.trained_hz is not None:
        axes.axhline(frames.trained_hz, color="0.3", linestyle=":", linewidth=1)
        axes.plot([], [], color="0.3", linestyle=":", label="median of the voice's training")
    pitches_hz = np.concatenate(shown)
    low, high = np.percentile(pitches_hz, (1, 99)) if len(pitches_hz) else (80.0, 1000.0)
    # The lowest fifth of the axes is left to the confidence.
    _label_hz(axes, PITCH_TICKS_HZ, (0.85 * low * (low / high) ** 0.3, 1.2 * high))
    second = axes.twinx()
    second.fill_between(frames.time_s, opacity, color="0.6", alpha=0.35, linewidth=0)
    second.set_ylim(0.0, 5.0)
    second.set_yticks([0.0, 1.0])
    second.set_ylabel("confidence", loc="bottom")
    axes.plot([], [], color="0.6", linewidth=6, label="confidence")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right", ncols=4)


def _draw_middle(axes: Any, f0_hz: Curve, colour: str) -> None:
    """The median, dashed."""
    if len(f0_hz):
        axes.axhline(float(np.median(f0_hz)), color=colour, linestyle="--", linewidth=1, alpha=0.6)


def _draw_loudness(axes: Any, wet: Audio, sample_rate: int, frames: ReportFrames) -> None:
    hop_size = max(1, round(LOUDNESS_HOP_S * sample_rate))
    n_hops = len(wet) // hop_size
    hops = np.ascontiguousarray(wet[: n_hops * hop_size], np.float32).reshape(n_hops, hop_size)
    meter = Loudness(sample_rate, hop_size)
    played_db, _ = meter.forward((hops, np.full(n_hops, NO_PITCH_HZ, np.float32)))
    times_s = ((np.arange(n_hops) + 1) * hop_size - meter.delay_samples) / sample_rate
    axes.set_title("loudness; grey where the gate is open", loc="left")
    top = float(max(np.max(frames.loudness_db, initial=-60.0), np.max(played_db, initial=-60.0)))
    axes.set_ylim(top - 80.0, top + 5.0)
    axes.fill_between(
        frames.time_s, 0, 1, where=np.asarray(frames.gate) > 0.5, color="0.88",
        transform=axes.get_xaxis_transform(), linewidth=0,
    )  # fmt: skip
    axes.plot(frames.time_s, frames.loudness_db, color=SUNG, linewidth=0.9, label="sung")
    axes.plot(times_s, played_db, color=PLAYED, linewidth=0.9, label="played")
    if frames.told_db is not None:
        axes.plot(frames.time_s, frames.told_db, color="0.3", linewidth=0.7, label="as told")
    if frames.mask is not None:
        axes.fill_between(
            frames.time_s, 0, 0.03, where=np.asarray(frames.mask), color="#2b8a3e",
            transform=axes.get_xaxis_transform(), linewidth=0, label="note",
        )  # fmt: skip
    axes.set_ylabel("A-weighted level (dB)")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right", ncols=4)


def _draw_onsets(
    figure: Any, cell: Any, dry: Audio, wet: Audio, sample_rate: int, frames: ReportFrames
) -> None:
    """Input and output on top of each other around the moments at which the gate opens."""
    onsets = find_onsets(frames)
    if not onsets:
        axes = figure.add_subplot(cell)
        axes.text(0.5, 0.5, "the gate never opened", ha="center", va="center")
        axes.set_axis_off()
        return
    columns = cell.subgridspec(1, len(onsets))
    for column, at_s in enumerate(onsets):
        axes = figure.add_subplot(columns[column])
        first = max(0, round((at_s + ONSET_S[0]) * sample_rate))
        last = min(len(dry), len(wet), round((at_s + ONSET_S[1]) * sample_rate))
        times_ms = 1e3 * (np.arange(first, last) / sample_rate - at_s)
        axes.plot(times_ms, dry[first:last], color=SUNG, linewidth=0.9, label="sung")
        axes.plot(times_ms, wet[first:last], color=PLAYED, linewidth=0.9, alpha=0.8, label="played")
        axes.axvline(0.0, color="0.4", linestyle=":", linewidth=1)
        axes.set_title(f"gate opens at {at_s:.2f} s", loc="left")
        axes.set_xlabel("time from there (ms)")
        if column == 0:
            axes.set_ylabel("amplitude (1 = full scale)")
            axes.legend(loc="lower left")
        axes.grid(alpha=0.3)


def _label_hz(axes: Any, ticks_hz: tuple[int, ...], limits_hz: tuple[float, float]) -> None:
    low, high = limits_hz
    shown = [tick for tick in ticks_hz if low <= tick <= high]
    axes.set_yticks(
        shown, [f"{tick // 1000} k" if tick % 1000 == 0 else f"{tick}" for tick in shown]
    )
    axes.set_yticks([], minor=True)
    axes.set_ylim(low, high)
    axes.set_ylabel("frequency (Hz)")
