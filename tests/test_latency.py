"""Following, note starts and the budget: known answers first, then through the engine."""

import numpy as np
import pytest
import signals
import voices

from realtime import latency
from realtime.engine import Engine
from realtime.latency import Setup
from realtime.latency_budget import WAYS, budget, total_ms
from realtime.latency_following import (
    NOTE_S,
    REGISTERS_HZ,
    STEADY_NOTES_HZ,
    VIBRATO_CENTS,
    VIBRATO_HZ,
    in_tune_s,
    level_step_ms,
    sine_hz,
    swell,
    vibrato,
)
from realtime.latency_starts import NOTE_S as START_NOTE_S
from realtime.latency_starts import note_starts
from realtime.latency_voices import bare_sine, follower, player

RATE = voices.SAMPLE_RATE
MS = RATE // 1000
NOTE_SAMPLES = round(START_NOTE_S * RATE)
CLOSE_MS = {"dry": 1e-9, "loudness": 0.5, "pitch": 0.5}
"""A hop would be 2.7 ms: the sums are far closer than the ramps are long."""
LIKE = voices.random_file()


def delayed(audio: np.ndarray, by: int) -> np.ndarray:
    return np.concatenate((np.zeros(by, np.float32), audio))[: len(audio)]


@pytest.mark.parametrize("f0_hz", [80.0, 333.0, 1500.0])
def test_a_sine_s_frequency_is_read_where_it_is(f0_hz: float) -> None:
    curve = signals.steps((f0_hz, 1.5 * f0_hz), 0.2, RATE)
    heard_hz = sine_hz(signals.harmonic(curve, RATE), RATE)
    far = np.abs(np.arange(len(curve)) - len(curve) // 2) > 42
    far[:60] = far[-60:] = False
    np.testing.assert_allclose(heard_hz[far], curve[far], rtol=2e-4)
    assert not sine_hz(signals.silence(0.1, RATE), RATE).max() > 1.0


@pytest.mark.parametrize(("by_ms", "depth"), [(0, 1.0), (7, 1.0), (20, 0.5)])
def test_lag_and_depth_of_vibrato_are_found(by_ms: int, depth: float) -> None:
    def late_sine(audio: np.ndarray) -> np.ndarray:
        times_s = np.arange(len(audio)) / RATE
        swing = VIBRATO_CENTS * depth * np.sin(2 * np.pi * VIBRATO_HZ * times_s)
        return delayed(signals.harmonic(440.0 * 2.0 ** (swing / 1200.0), RATE), by_ms * MS)

    found = vibrato(late_sine, RATE, 440.0)
    assert found.lag_ms == pytest.approx(by_ms, abs=0.05)
    assert found.depth_kept == pytest.approx(depth, abs=0.01)


@pytest.mark.parametrize("f0_hz", STEADY_NOTES_HZ)
def test_lag_and_depth_of_a_swell_are_found(f0_hz: float) -> None:
    lag_ms, depth = swell(lambda audio: delayed(0.1 * audio, 6 * MS), RATE, f0_hz)
    assert (lag_ms, depth) == pytest.approx((6.0, 1.0), abs=0.02)


def test_a_step_s_half_way_is_found_up_and_down() -> None:
    up_ms, down_ms = level_step_ms(lambda audio: delayed(audio, 9 * MS), RATE, 1000.0 / 3.0)
    assert (up_ms, down_ms) == pytest.approx((9.0, 9.0), abs=0.05)


def test_a_new_note_counts_from_where_it_stays_in_tune() -> None:
    """First at once right for 10 ms, then wrong, then right for good from 30 ms on."""

    def wavering(audio: np.ndarray) -> np.ndarray:
        first, second = (np.flatnonzero(step == curve)[-1] + 1 for step in (low, high))
        heard = curve.copy()
        for at, old in ((first, low), (second, high)):
            heard[at + 10 * MS : at + 30 * MS] = old
        return signals.harmonic(heard, RATE)[: len(audio)]

    low, high = 200.0, 300.0
    lengths = [round(NOTE_S * RATE)] * 3
    curve = np.repeat([low, high, 0.999 * low], lengths)
    heard_hz = sine_hz(wavering(np.zeros(len(curve), np.float32)), RATE)
    for at, f0_hz in ((lengths[0], high), (2 * lengths[0], low)):
        found_ms = 1e3 * in_tune_s(heard_hz[at : at + lengths[0]], f0_hz, RATE)
        assert found_ms == pytest.approx(30.0, abs=1.0)
    assert in_tune_s(np.full(RATE, 400.0), 300.0, RATE) == float("inf")


def test_the_follower_follows_and_the_bare_sine_does_not() -> None:
    for voice, depth in ((follower(LIKE), 1.0), (bare_sine(LIKE), 0.0)):
        found = swell(player(voice, {}, 128), RATE, 1000.0 / 3.0)
        assert found.depth_kept == pytest.approx(depth, abs=0.05)


@pytest.mark.parametrize("block_size", [64, 128, 256, 480])
def test_the_budget_is_what_the_engine_declares(block_size: int) -> None:
    latency_samples = Engine(LIKE, block_size=block_size).latency_samples
    whole_ms = 1e3 * (latency_samples + 2 * block_size) / RATE
    assert total_ms(budget(LIKE, block_size, "dry")) == pytest.approx(whole_ms)


@pytest.mark.parametrize("block_size", [64, 128, 256])
def test_the_parts_add_up_to_what_is_measured(block_size: int) -> None:
    rows = latency.budget_rows(Setup(LIKE, {}, block_size))
    assert [row["way"] for row in rows] == list(WAYS)
    for row in rows:
        assert row["sum_ms"] == pytest.approx(sum(row["parts_ms"].values()))
        assert row["measured_ms"] == pytest.approx(row["sum_ms"], abs=CLOSE_MS[row["way"]])


def test_a_note_that_begins_an_octave_off_is_counted_and_a_moment_of_it_is_not() -> None:
    random = np.random.default_rng(7)
    f0_hz = REGISTERS_HZ[0] * (REGISTERS_HZ[-1] / REGISTERS_HZ[0]) ** random.random(3)

    def sine(stream: np.ndarray) -> np.ndarray:
        """Right at once; 4 ms an octave high; 20 ms an octave low."""
        begins = np.flatnonzero(np.diff(np.abs(stream) > 1e-4, prepend=False))
        firsts = begins[np.diff(begins, prepend=-RATE) > 0.3 * RATE]
        out = np.zeros_like(stream)
        for at, hz, other, ms in zip(firsts, f0_hz, (1.0, 2.0, 0.5), (0, 4, 20), strict=True):
            curve = np.full(NOTE_SAMPLES, hz)
            curve[: ms * MS] *= other
            out[at : at + NOTE_SAMPLES] = signals.harmonic(curve, RATE, peak=0.1)
        return out

    starts = note_starts(sine, RATE, 3, seed=7)
    np.testing.assert_allclose([start.f0_hz for start in starts], f0_hz)
    assert [start.is_wrong for start in starts] == [False, False, True]
    assert [start.in_tune_ms for start in starts] == pytest.approx([0.0, 4.0, 20.0], abs=1.5)
    assert starts[2].wrong_octave_ms == pytest.approx(20.0, abs=2.0)


def test_the_engine_begins_notes_in_the_right_octave() -> None:
    starts = note_starts(Setup(LIKE, {}, 128).sine(), RATE, 12)
    assert not any(start.is_wrong for start in starts)
    assert np.median([start.in_tune_ms for start in starts]) < 30.0
