"""What people see of `quality`: its figures as lines, and the spectra as a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measures import average_spectrum

Row = dict[str, Any]
Sound = NDArray[np.float32]


def as_text(name: str, row: Row) -> str:
    """All figures of one clip, for people."""
    loud, high, level = row["loudness"], row["above_8khz_db"], row["levels"]
    lines = [
        name,
        f"  f0 of the output   {_pitch_line(row['f0_output'])}",
        f"  f0 of the engine   {_pitch_line(row['f0_engine'])}",
        f"  loudness           r {loud['correlation']:.3f}, open {loud['correlation_open']:.3f},"
        f" floor -60 dB {loud['correlation_floor_60']:.3f}, raw {loud['correlation_raw']:.3f};"
        f" gate open {loud['gate_open']:.0f} %;"
        f" output - input {loud['output_minus_input_db']:+.1f} dB",
        f"  above 8 kHz        {high['output']:.1f} dB; recordings {high['recordings']:.1f},"
        f" input {high['input']:.1f}",
        *(_click_line(which, found) for which, found in row["clicks"].items()),
        f"  level              peak {level['peak_db']:.1f} dBFS, silent {level['silent']:.1f} %,"
        f" DC {level['dc']:.1e}",
    ]
    return "\n".join(lines)


def _pitch_line(match: Row) -> str:
    return (
        f"{match['within_50_cents']:.1f} % within 50 cents, median {match['median_cents']:.1f}"
        f" (bias {match['bias_cents']:+.1f}), no pitch {match['missing']:.1f} %,"
        f" other octave {match['octave_errors']:.1f} %;"
        f" {match['within_50_cents_at_best_lag']:.1f} % at {match['best_lag_ms']:+.1f} ms"
    )


def _click_line(which: str, found: Row) -> str:
    places = " ".join(f"{at_s:.3f}" for at_s in found["places_s"][:8])
    return (
        f"  clicks: {which:<11}worst {found['worst_ratio']:.1f} x rms at {found['worst_at_s']:.3f}"
        f" s; {found['n_above']} above 12{': ' * bool(places)}{places}"
    )


def plot_spectra(
    path: Path, pairs: Mapping[str, tuple[Sound, Sound]], recordings: Sound, sample_rate: int
) -> None:
    """Long-term average spectra, each against its own total. `pairs`: a clip's input and output."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    curves = {"recordings": (recordings, "black")}
    for number, (name, (dry, wet)) in enumerate(pairs.items()):
        curves[f"{name}: output"] = (wet, f"C{number}")
        curves[f"{name}: input"] = (dry, f"C{number}")
    for label, (audio, colour) in curves.items():
        power = average_spectrum(audio)
        freqs_hz = np.linspace(0, sample_rate / 2, len(power))
        level_db = 10 * np.log10(np.maximum(power / power.sum(), 1e-14))
        style = ":" if label.endswith("input") else "-"
        axes.semilogx(freqs_hz[1:], level_db[1:], style, color=colour, label=label, linewidth=1)
    axes.axvline(8000, color="0.6", linestyle="--")
    axes.set(xlim=(80, sample_rate / 2), ylim=(-110, 0))
    axes.set(xlabel="frequency (Hz)", ylabel="share of the whole power (dB)")
    axes.set_title("long-term average spectra")
    axes.grid(which="both", alpha=0.2)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
