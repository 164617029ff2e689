"""A whole show with the real program; and its benchmark finds clicks and gaps that are there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import signals

from benchmarks import show_judge
from benchmarks.show_plan import DEEDS, N_PRESETS, Deed, plan

RATE = 48000
ROOT = Path(__file__).resolve().parent.parent
CHANGE = Deed(2 * RATE, "program change", (0xC0, 1))


def stereo(audio: np.ndarray) -> np.ndarray:
    return np.stack((audio, audio)).astype(np.float32)


def test_a_plan_is_the_same_for_the_same_seed_and_leaves_time_at_both_ends() -> None:
    deeds = plan(60.0, 3, 0.7)
    assert deeds == plan(60.0, 3, 0.7)
    assert deeds != plan(60.0, 4, 0.7)
    assert min(deed.sample for deed in deeds) >= 2 * RATE
    assert max(deed.sample for deed in deeds) < 60 * RATE
    kinds = {deed.kind for deed in deeds}
    assert {"panic", "bypass", "record", "clock", "tap", "quick changes"} <= kinds
    assert len(DEEDS) < len(deeds)
    programs = [deed.midi[1] for deed in deeds if deed.midi[:1] == (0xC0,)]
    assert max(programs) < N_PRESETS


@pytest.mark.parametrize(("at_s", "kind"), [(2.03, "program change"), (3.0, "elsewhere")])
def test_a_click_is_found_and_told_by_the_deed_before(at_s: float, kind: str) -> None:
    out = stereo(signals.rich_tone(220.0, 4.0, RATE, peak=0.3))
    still = show_judge.click_figures(out[0], out, [CHANGE], 800)
    assert all(found["n"] == 0 for found in still.values())
    mic = out[0].copy()
    out[:, round(at_s * RATE) :] *= -0.5
    found = show_judge.click_figures(mic, out, [CHANGE], 800)
    assert {name: one["n"] for name, one in found.items() if one["n"]} == {kind: 1}
    assert found[kind]["at_s"] == pytest.approx([at_s], abs=0.001)


def test_silence_is_a_gap_where_somebody_sings() -> None:
    mic = signals.rich_tone(220.0, 4.0, RATE, peak=0.3)
    out = stereo(mic)
    assert show_judge.gaps(mic, out, [], 0) == []
    out[:, RATE : RATE + RATE // 10] = 0.0
    ((at_s, length_s),) = show_judge.gaps(mic, out, [], 0)
    assert (at_s, length_s) == (pytest.approx(1.0), pytest.approx(0.1))
    assert show_judge.gaps(mic, out, [Deed(RATE, "panic")], 0) == []


def test_a_take_is_found_in_what_was_heard() -> None:
    out = stereo(signals.noise(4.0, RATE, 0.1, seed=0))
    wet = out[:, RATE : 3 * RATE].copy()
    assert show_judge.against(wet, out) == {"at_s": 1.0, "apart_bits": 0.0}
    wet[1, 5000] += 2.0**-20
    assert show_judge.against(wet, out)["apart_bits"] == pytest.approx(8.0, rel=0.01)


@pytest.mark.jack
def test_nothing_goes_wrong_in_a_short_show() -> None:
    command = [sys.executable, "-m", "benchmarks.show", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=400)
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["exit_code"], found["problem"]) == (0, "")
    assert found["card"]["lost"] == 0
    assert found["late"]["own"] <= found["n_blocks"] / 1000, (
        "so much a virtual machine's clock adds"
    )
    assert found["gaps_s"] == []
    assert {kind: one["n"] for kind, one in found["clicks"].items() if one["n"]} == {}
    takes = found["takes"]
    assert takes["n"] >= 1
    assert takes["problems"] == []
    assert all(take["apart_bits"] <= 1.0 for take in takes["rows"])
    assert takes["rows"][0]["rendered_db"] < -90.0
    assert sum(take["events"]["preset"] for take in takes["rows"]) > takes["n"]
    assert not any(take["events_outside"] for take in takes["rows"])
    assert found["tablet"]["presets"] > 2
    assert not any("Traceback" in line for line in found["stderr"])
