"""A knob turned from end to end in 50 ms, a step of its 128 a block: nothing of the steps is heard.

Beside it the same sweep in steps of a sample, which is as smooth as a sweep can be. What the one
has in its spectrum and the other has not is zipper noise.
"""

from pathlib import Path

import numpy as np
import pytest
from effects import OURS, RATE, one, play

from benchmarks.measures import clicks
from realtime.controls import Control
from realtime.effects.kinds import KINDS

TURNED = [(kind, control) for kind in OURS for control in KINDS[kind].parameters]
NAMES = [f"{kind}.{control.name}" for kind, control in TURNED]
SWEEP_S = 0.05
START = 24_000
BLOCK = 128
LIKELY = {
    "gate": {"threshold_db": -40},
    "eq": {"low_db": 9, "low_mid_db": 9, "high_mid_db": 9, "high_db": 9},
}
"""Where a parameter is heard at all."""


def tone() -> np.ndarray:
    """1 kHz at -6 dBFS, begun without a corner."""
    n = np.arange(2 * RATE)
    return (0.5 * np.minimum(n / 9600, 1.0) * np.sin(2 * np.pi * 1000 * n / RATE)).astype("f4")


def swept(kind: str, control: Control, folder: Path, every: int) -> np.ndarray:
    """The tone while a parameter goes from its minimum to its maximum."""
    chain = one(kind, folder, **{**LIKELY.get(kind, {}), control.name: control.minimum})
    n_sweep = round(SWEEP_S * RATE)

    def turn_to(share: float):  # type: ignore[no-untyped-def]
        knob = round(127 * share) / 127 if every > 1 else share
        value = control.minimum + knob * (control.maximum - control.minimum)
        return lambda c: c.set(f"{kind}.{control.name}", value)

    turns = {START + at: turn_to(min(at / n_sweep, 1.0)) for at in range(0, n_sweep + BLOCK, every)}
    return play(chain, tone(), (), turns)[0]


def spectrum_db(sound: np.ndarray) -> np.ndarray:
    """Of the sweep and of what is around it, in dBFS of a sine."""
    window = np.blackman(16_384)
    piece = sound[START - 4096 : START - 4096 + len(window)]
    return 20 * np.log10(np.abs(np.fft.rfft(piece * window)) * 2 / window.sum() + 1e-9)


@pytest.mark.parametrize(("kind", "control"), TURNED, ids=NAMES)
def test_no_zipper(kind: str, control: Control, tmp_path: Path) -> None:
    stepped, smooth = (spectrum_db(swept(kind, control, tmp_path, every)) for every in (BLOCK, 1))
    # the widest of what is around: the smooth sweep's lines are not exactly where the steps' are
    around = np.lib.stride_tricks.sliding_window_view(np.pad(smooth, 20, "edge"), 41).max(axis=1)
    lines = stepped[(stepped > around + 6.0) & (stepped > -80.0)]
    assert not len(lines), lines.max()


@pytest.mark.parametrize(("kind", "control"), TURNED, ids=NAMES)
def test_no_click(kind: str, control: Control, tmp_path: Path) -> None:
    out = swept(kind, control, tmp_path, BLOCK)
    assert clicks(out[START - 9600 :], RATE).worst_ratio < 5.0
