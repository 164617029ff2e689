"""Vibrato is scaled as asked for; notes, slides and scoops pass as they are sung, at once."""

import numpy as np
import pytest
from tuned import HOP_S, at, played, seconds, wobble

LATER = slice(at(1.0), None)
DEPTHS = pytest.mark.parametrize("depth", [0.0, 0.5, 1.5, 2.0])


@DEPTHS
@pytest.mark.parametrize("rate_hz", [5.0, 5.6, 6.3, 7.0])
@pytest.mark.parametrize("cents", [20.0, 50.0, 100.0])
def test_depth_is_scaled_and_the_mean_is_kept(depth: float, rate_hz: float, cents: float) -> None:
    sung = wobble(cents, rate_hz, seconds(3.0))
    out = played(sung, vibrato_depth=depth)[LATER]
    extent = np.ptp(out) / np.ptp(sung[LATER])
    assert extent == pytest.approx(depth, abs=0.1)
    window = np.hanning(len(out))
    assert abs(100.0 * (window @ out) / window.sum()) < 5.0  # cents


def test_as_sung_is_as_sung_to_the_bit() -> None:
    sung = wobble(80.0, 6.0, seconds(1.0)) + 3.0
    hz = (440.0 * 2.0 ** (sung / 12.0)).astype(np.float32)
    np.testing.assert_array_equal(played(sung), 12.0 * np.log2(hz.astype(np.float64) / 440.0))


@DEPTHS
def test_a_step_to_another_note_is_there_with_its_first_hop(depth: float) -> None:
    time_s = seconds(3.0)
    step = at(1.5)
    sung = wobble(60.0, 6.0, time_s) + 2.0 * (time_s >= time_s[step])
    out = played(sung, vibrato_depth=depth)
    np.testing.assert_allclose(out[step], sung[step], atol=1e-5)


@DEPTHS
@pytest.mark.parametrize("semitones", [-2.0, 1.0, 5.0])
def test_a_legato_step_without_vibrato_is_left_alone(depth: float, semitones: float) -> None:
    sung = semitones * np.clip((seconds(2.0) - 1.0) / 0.06, 0.0, 1.0)
    np.testing.assert_allclose(played(sung, vibrato_depth=depth), sung, atol=1e-4)


@DEPTHS
def test_a_beginning_from_below_is_left_alone(depth: float) -> None:
    sung = -1.0 + np.clip(seconds(0.5) / 0.1, 0.0, 1.0)
    np.testing.assert_allclose(played(sung, vibrato_depth=depth), sung, atol=1e-4)


def test_a_legato_step_amid_vibrato_yelps_no_more_than_the_vibrato_itself() -> None:
    time_s = seconds(3.0)
    for start_s in 1.5 + np.linspace(0.0, 1.0 / 6.0, 7):
        step = 2.0 * np.clip((time_s - start_s) / 0.06, 0.0, 1.0)
        out = played(wobble(60.0, 6.0, time_s) + step, vibrato_depth=2.0)
        assert np.abs(out - step)[at(1.0) :].max() < 2.0 * 0.6 * 1.25 + 0.05, start_s


def test_a_slow_slide_is_not_taken_for_vibrato() -> None:
    sung = 4.0 * np.clip(seconds(3.0) - 1.0, 0.0, 1.0)
    for depth in (0.0, 2.0):
        assert np.abs(played(sung, vibrato_depth=depth) - sung).max() < 0.02


def test_nothing_jumps_where_the_voice_does_not() -> None:
    time_s = seconds(6.0)
    drift = np.interp(time_s, [0, 1, 1.3, 2, 4, 4.1, 6], [0, 0, 1, 1, -2, -1, -1])
    swell = np.interp(time_s, [0, 2, 3, 5, 6], [0.0, 1.0, 0.3, 0.8, 0.0])
    sung = drift + swell * wobble(80.0, 5.7, time_s)
    fastest = np.abs(np.diff(sung)).max()
    for depth in (0.0, 2.0):
        moved = np.abs(np.diff(played(sung, vibrato_depth=depth))).max()
        assert moved < 3.0 * fastest + 0.1, depth


@DEPTHS
@pytest.mark.parametrize(
    "turn",
    [
        [(0.2, 1.0), (0.4, -1.0), (0.6, 1.0), (0.8, -1.0), (1.0, 0.0)],  # slower than any vibrato
        [(0.1, 1.2), (0.2, -0.2), (0.6, 0.0), (0.7, -1.2), (0.8, 0.2)],  # a mordent, and another
        [(0.031, 1.25), (0.062, 0.0), (0.093, -0.15), (0.123, 0.0), (0.178, 1.0), (0.232, 0.0)],
        [(0.03, 0.5), (0.06, -0.5), (0.09, 0.5), (0.12, -0.5), (0.15, 0.0)],  # a croak
    ],
)
def test_turns_are_left_alone(depth: float, turn: list[tuple[float, float]]) -> None:
    times, notes = zip(*turn, strict=True)
    sung = np.interp(seconds(2.0) - 0.6, [0.0, *times], [0.0, *notes])
    np.testing.assert_allclose(played(sung, vibrato_depth=depth), sung, atol=1e-4)


@pytest.mark.parametrize("depth", [0.0, 2.0])
def test_what_turns_out_to_be_no_vibrato_is_let_go_softly(depth: float) -> None:
    time_s = seconds(3.0)
    fastest = np.abs(np.diff(wobble(60.0, 6.0, time_s))).max() + 1.0 * HOP_S / 0.06
    for start_s in 1.5 + np.linspace(0.0, 1.0 / 6.0, 13):
        step = np.clip((time_s - start_s) / 0.06, 0.0, 1.0)
        out = played(wobble(60.0, 6.0, time_s) + step, vibrato_depth=depth)
        # At most twice what is sung, and a swing of 1.25 * 0.6 let go with a time of 20 ms.
        assert np.abs(np.diff(out)).max() < 2.0 * fastest + 0.75 * HOP_S / 0.02, start_s


def test_turning_the_depth_while_a_note_is_held_is_smooth() -> None:
    time_s = seconds(3.0)
    depth = np.interp(time_s, [1.0, 1.05, 2.0, 2.05], [1.0, 0.0, 0.0, 2.0])
    sung = wobble(50.0, 6.0, time_s)
    out = played(sung, vibrato_depth=depth)
    assert np.abs(np.diff(out))[at(0.5) :].max() < 2.0 * np.abs(np.diff(sung)).max() + 0.5 / 18
    assert HOP_S * 18 < 0.05  # hops of the fastest turn
