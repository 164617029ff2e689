"""What the pitch benchmark says of readings whose faults are known."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from signals import harmonic, noise

from benchmarks.pitch import measure
from benchmarks.pitch_errors import PLACES, likeness, places, where_errors_lie
from benchmarks.pitch_notes import Note, filled, from_label, from_rows, wrong_starts
from benchmarks.pitch_steps import (
    HOP_SIZE,
    LONGEST,
    VIBRATO_CENTS,
    VIBRATO_HZ,
    follow_steps,
    follow_vibrato,
    settling_s,
    steps_of_a_fifth,
)
from benchmarks.pitch_truth import SAMPLE_RATE, Case, truth_at

HOP_S = HOP_SIZE / SAMPLE_RATE
MS = np.arange(0, 1.0, 0.001)


def sung(f0_hz: NDArray[np.float64]) -> Case:
    """One second at a known pitch (a value a ms), without a sound."""
    return Case("known", np.zeros(SAMPLE_RATE, np.float32), MS, f0_hz)


def now_s(n_hops: int = 375) -> NDArray[np.float64]:
    return (np.arange(n_hops) + 1) * HOP_S


def readings(case: Case, lag_s: float) -> NDArray[np.float32]:
    """The truth, `lag_s` late; 100 Hz where there is none."""
    truth_hz = truth_at(case, now_s() - lag_s)
    return np.where(truth_hz > 0, truth_hz, 100.0).astype(np.float32)


def test_settling_runs_to_the_end_of_the_first_reading_that_stays_in_tune() -> None:
    case = sung(np.where(MS < 0.5, 200.0, 300.0))
    f0_hz = np.full(375, 200.0, np.float32)
    f0_hz[190:192] = 300.0  # touches the note, then leaves it
    f0_hz[194:] = 305.0  # 29 cents off
    assert settling_s(case, (0.5,), f0_hz) == pytest.approx([195 * HOP_S - 0.5])


def test_a_note_that_is_never_in_tune_counts_as_the_longest() -> None:
    case = sung(np.where(MS < 0.5, 200.0, 300.0))
    never = np.full(375, 310.0, np.float32)  # 57 cents off
    first = np.ceil(0.5 / HOP_S)
    assert settling_s(case, (0.5,), never) == pytest.approx([(first + LONGEST + 1) * HOP_S - 0.5])


class Told:
    """A tracker that knows what is sung, hop by hop, and says it late."""

    delay_s = 0.0

    def __init__(self, f0_hz: Any) -> None:
        self.f0_hz = f0_hz

    def forward(self, hops: NDArray[np.float32], state: Any = None) -> Any:
        at_s = now_s(len(hops))
        return (self.f0_hz(at_s).astype(np.float32), np.ones(len(hops), np.float32)), None


def test_steps_are_told_by_register_up_and_down() -> None:
    steps = steps_of_a_fifth(30, n_low_notes=6)[:1]
    case, steps_s, onsets_s = steps[0]
    assert len(steps_s) == 4 * len(onsets_s)
    for start_s in steps_s:
        before, after = truth_at(case, np.array([start_s - 0.002, start_s + 0.002]))
        assert abs(np.log2(after / before)) == pytest.approx(np.log2(1.5))
    late = Told(lambda at_s: np.maximum(truth_at(case, at_s - 0.015), 1.0))
    rows = follow_steps(late, steps)
    for row in rows.values():
        # 15 ms, and what is left of a hop: half of it by chance, all of it at most.
        assert 15.0 <= row["step_p50_ms"] <= 18.0
        assert row["up_n"] + row["down_n"] == row["step_n"] > 0
        assert 15.0 <= row["onset_p90_ms"] <= 18.0


def test_vibrato_is_told_by_lag_and_depth() -> None:
    def half_as_deep_7_ms_late(at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        swing = 0.5 * VIBRATO_CENTS * np.sin(2 * np.pi * VIBRATO_HZ * (at_s - 0.007))
        return 500.0 * 2.0 ** (swing / 1200)

    row = follow_vibrato(Told(half_as_deep_7_ms_late))["500 Hz"]
    assert row["lag_ms"] == pytest.approx(7.0, abs=0.01)
    assert row["depth_kept"] == pytest.approx(0.5, abs=0.001)


def test_readings_are_compared_at_their_own_lag() -> None:
    case = sung(200.0 * 2.0 ** (0.1 * np.sin(2 * np.pi * 5 * MS)))
    late = Told(lambda at_s: truth_at(case, at_s - 0.0075))
    row = measure(late, [case])
    assert row["lag_ms"] == 7.5
    assert row["rpa"] == row["recall"] == 100.0
    assert row["median_cents"] < 0.1


def test_octaves_and_other_errors_are_shares_of_the_voiced_frames() -> None:
    case = sung(np.where(MS < 0.5, 0.0, 200.0))

    def sometimes_wrong(at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        octave, third = abs(at_s - 0.7) < 0.05, abs(at_s - 0.85) < 0.025
        return np.select([octave, third], [400.0, 250.0], default=200.0)

    row = measure(Told(sometimes_wrong), [case])
    assert row["octave"] == pytest.approx(20.0, abs=1.0)
    assert row["rpa"] == pytest.approx(70.0, abs=1.0)
    assert row["false_alarm"] == 100.0


def test_notes_are_read_from_rows_and_from_labels() -> None:
    assert from_rows(["0.5,440.0,0.25", "1.0,220.0,0.5"]) == [Note(0.5, 0.75), Note(1.0, 1.5)]
    label = (
        "0 5000000 a^pau/E:xx]xx/F:C4#0\n"
        "5000000 6000000 k^o/E:C4]0~1#3/F:D4#2\n"
        "6000000 9000000 o^k/E:C4]0~1#3/F:D4#2\n"
        "9000000 12000000 a^t/E:C4]0~2#2/F:D4#2\n"
    )
    found = from_label(label)
    np.testing.assert_allclose(found, [(0.5, 0.9), (0.9, 1.2)])


def wrong_of(f0_hz: NDArray[np.float32], case: Case, sure: bool = True) -> list:
    return wrong_starts(case, [Note(0.2, 0.8)], f0_hz, np.full(len(f0_hz), sure))


def test_a_note_that_starts_an_octave_off_is_wrong_and_says_when() -> None:
    case = sung(np.where(MS < 0.21, 0.0, 200.0))
    f0_hz = readings(case, 0.005)
    assert wrong_of(f0_hz, case) == []
    first = int(np.flatnonzero(now_s() - 0.005 >= 0.2095)[0])
    f0_hz[first + 5 : first + 8] = 405.0
    (wrong,) = wrong_of(f0_hz, case)
    assert wrong.at_s == pytest.approx(now_s()[first + 5])
    assert wrong.after_ms == pytest.approx(5e3 * HOP_S)
    assert wrong.lasts_ms == pytest.approx(3e3 * HOP_S)
    assert wrong.read_hz == pytest.approx(405.0)
    assert wrong.sung_hz == pytest.approx(200.0)
    assert wrong_of(f0_hz, case, sure=False) == []


def test_what_is_no_octave_or_late_in_the_note_is_not_a_wrong_start() -> None:
    case = sung(np.where(MS < 0.21, 0.0, 200.0))
    fifth, late = readings(case, 0.005), readings(case, 0.005)
    fifth[85:90] = 300.0
    late[140:150] = 400.0
    assert wrong_of(fifth, case) == wrong_of(late, case) == []


def test_the_note_before_may_sound_on_for_20_ms_but_no_longer() -> None:
    case = sung(np.where(MS < 0.2, 400.0, 200.0))
    assert wrong_of(readings(case, 0.018), case) == []
    assert len(wrong_of(readings(case, 0.035), case)) == 1


def test_an_unknown_pitch_is_that_of_its_neighbours_for_50_ms() -> None:
    f0_hz = np.full(1000, np.nan)
    f0_hz[500:600] = 200.0
    f0_hz[600:620] = 0.0
    case = filled(sung(f0_hz))
    assert np.all(case.f0_hz[450:600] == 200.0)
    assert np.all(np.isnan(case.f0_hz[:449]))
    assert np.all(case.f0_hz[600:620] == 0.0)
    assert np.isnan(case.f0_hz[660:]).all()


def test_every_frame_has_its_place() -> None:
    f0_hz = np.where((MS < 0.2) | (MS >= 0.9), 0.0, np.where(MS < 0.5, 200.0, 300.0))
    curve = np.repeat(np.where(f0_hz > 0, f0_hz, 200.0), SAMPLE_RATE // 1000)
    audio = harmonic(curve, SAMPLE_RATE, [1, 0.5])
    hoarse = slice(round(0.64 * SAMPLE_RATE), round(0.76 * SAMPLE_RATE))
    audio[hoarse] = noise(0.12, SAMPLE_RATE)
    case = Case("notes", audio, MS, f0_hz)
    at_s = now_s()
    found = [PLACES[p] for p in places(case, at_s)]
    for moment_s, place in (
        (0.22, "start"), (0.3, "elsewhere"), (0.48, "end"), (0.52, "start"), (0.6, "elsewhere"),
        (0.7, "rough"), (0.82, "elsewhere"), (0.88, "end"),
    ):  # fmt: skip
        assert found[int(np.searchsorted(at_s, moment_s))] == place


def test_errors_are_counted_where_they_are() -> None:
    f0_hz = np.where((MS < 0.2) | (MS >= 0.9), 0.0, 200.0)
    audio = harmonic(np.full(SAMPLE_RATE, 200.0), SAMPLE_RATE, [1, 0.5])
    case = Case("note", audio, MS, f0_hz)
    read_hz, confidence = readings(case, 0.0), np.ones(375, np.float32)
    starts = np.flatnonzero((now_s() > 0.2) & (now_s() < 0.24))
    read_hz[starts[:6]] = 250.0
    confidence[starts[:3]] = 0.0
    rows = where_errors_lie([case], [(read_hz, confidence)], [0.0])
    assert rows["where, start"]["errors"] == 100.0
    assert rows["where, start"]["wrong"] == pytest.approx(100 * 6 / 15, abs=4)
    assert rows["where, start"]["heard"] == pytest.approx(100 * 12 / 15, abs=4)
    assert rows["where, start"]["wrong_heard"] == pytest.approx(100 * 3 / 12, abs=4)
    assert rows["where, elsewhere"]["wrong"] == 0.0
    assert sum(row["frames"] for row in rows.values()) == pytest.approx(100.0)


def test_a_steady_tone_is_like_itself_and_noise_is_not() -> None:
    at_s, f0_hz = np.array([0.3, 0.5]), np.array([220.0, 220.0])
    tone = Case("", harmonic(np.full(SAMPLE_RATE, 220.0), SAMPLE_RATE, [1, 1]), MS, MS)
    assert likeness(tone, at_s, f0_hz).min() > 0.99
    assert likeness(Case("", noise(1.0, SAMPLE_RATE), MS, MS), at_s, f0_hz).max() < 0.6
