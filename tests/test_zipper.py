"""No control zips when it is turned in 50 ms, and the measure of it would notice."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.zipper import (
    NAMES,
    held_tone,
    lines_beside,
    measure,
    sine_voice,
    spectrum_dbfs,
    table,
)
from benchmarks.zipper import Scene as Held
from ddsp_core.checkpoint import load_voice

RATE, HOP = 48000, 128
VOICE = sine_voice(load_voice(Path(__file__).parent.parent / "presets" / "voices" / "violin"))


@pytest.mark.parametrize("name", NAMES)
def test_no_control_zips(name: str) -> None:
    row = measure(VOICE, name, 562.5, slow_s=1.0)
    assert row["n_lines"] == 0, row
    assert row["click"] < 1.5, row
    assert row["top_dbfs"] > -35.0  # it was heard


def turned_up(sweep_s: float, kind: str) -> np.ndarray:
    """A tone at -8 dBFS that comes from 72 dB below, by one value a hop."""
    tone = held_tone(Held(peak=0.4), 562.5, 1.0 + sweep_s, RATE)
    n_hops = len(tone) // HOP
    level_db = np.clip((np.arange(n_hops) * HOP / RATE - 0.4) / sweep_s, 0.0, 1.0) * 72.0 - 72.0
    gain = 10.0 ** (level_db / 20.0)
    if kind == "steps":
        return tone * np.repeat(gain, HOP)
    return tone * np.interp(np.arange(len(tone)) / HOP, np.arange(n_hops), gain)


@pytest.mark.parametrize("kind", ["steps", "straight lines"])
def test_what_is_turned_once_a_hop_is_found(kind: str) -> None:
    quick, slow = (spectrum_dbfs(turned_up(s, kind)) for s in (0.05, 3.0))
    found = np.array(lines_beside(quick, slow)) * RATE / 4096
    beside = 562.5 + RATE / HOP * np.array([-1, 1])
    assert all(np.abs(found - line).min() < 60.0 for line in beside)
    assert lines_beside(slow, slow) == []


def test_a_table_names_the_worst_line() -> None:
    row = {"control": "a", "top_dbfs": -6.0, "n_lines": 0, "worst_hz": None, "worst_dbfs": None}
    bad = {**row, "n_lines": 2, "worst_hz": 937.5, "worst_dbfs": -60.0, "click": 3.0}
    lines = table([{**row, "click": 1.0}, bad]).splitlines()
    assert lines[1].split() == ["a", "-6.0", "2", "-60.0", "at", "937.5", "Hz", "3.0"]
