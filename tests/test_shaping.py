"""Pitch and loudness shifts, and the gate: what opens it, what keeps it open, what closes it."""

from typing import Any

import numpy as np
import pytest

from ddsp_core.features import Features
from ddsp_core.shaping import (
    ATTACK_S,
    DOUBT_S,
    HYSTERESIS_DB,
    LOUD_DB,
    RELEASE_S,
    SCRATCH_S,
    SCRATCH_SHARE,
    SOFT_DB,
    SOFT_SCRATCH_SHARE,
    UNPITCHED_S,
    Shaped,
    Shaping,
    ShapingControls,
)

RATE = 48000
HOP = 128
HOP_S = HOP / RATE
GATE_DB = -50.0


def curve(values: Any, n_frames: int) -> np.ndarray:
    return np.broadcast_to(np.float32(values), n_frames).copy()


def shape(
    n_frames: int,
    f0_hz: Any = 440.0,
    confidence: Any = 1.0,
    loudness_db: Any = -20.0,
    semitones: Any = 0.0,
    loudness_shift_db: Any = 0.0,
) -> Shaped:
    features = Features(*(curve(x, n_frames) for x in (f0_hz, confidence, loudness_db)))
    controls = (semitones, loudness_shift_db, GATE_DB)
    shifts = ShapingControls(*(curve(x, n_frames) for x in controls))
    return Shaping(RATE, HOP).forward((features, shifts))[0]


def stretches(*pairs: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(n, value, np.float32) for n, value in pairs])


@pytest.mark.parametrize(("semitones", "ratio"), [(12.0, 2.0), (-24.0, 0.25), (7.0, 1.498307)])
def test_semitones_multiply_the_pitch(semitones: float, ratio: float) -> None:
    shaped = shape(5, semitones=semitones)
    np.testing.assert_allclose(shaped.f0_hz, 440.0 * ratio, rtol=1e-6)


def test_loudness_shift_is_added() -> None:
    np.testing.assert_allclose(shape(5, loudness_shift_db=7.5).loudness_db, -12.5)


def test_the_gate_is_closed_at_the_beginning_and_opens_within_the_attack() -> None:
    gain = shape(10).tone_gain
    n_attack = int(np.ceil(ATTACK_S / HOP_S))
    assert 0 < gain[0] < 1
    assert np.all(gain[n_attack - 1 :] == 1.0)


@pytest.mark.parametrize(
    ("confidence", "loudness_db", "tone", "noise"),
    [
        (0.5, GATE_DB, True, True),
        (0.49, -10.0, False, True),  # loud, but no note
        (1.0, GATE_DB - 0.1, False, False),  # a note, but too soft
    ],
)
def test_noise_takes_loudness_and_a_tone_takes_a_note(
    confidence: float, loudness_db: float, tone: bool, noise: bool
) -> None:
    shaped = shape(20, confidence=confidence, loudness_db=loudness_db)
    for gain, opens in ((shaped.tone_gain, tone), (shaped.noise_gain, noise)):
        assert (gain[-1] == 1.0) == opens
        assert np.any(gain) == opens


def test_a_note_begins_with_noise_at_once_and_its_tone_has_the_right_pitch_from_the_first() -> None:
    f0_hz = stretches((20, 300.0), (4, 500.0), (20, 600.0))  # the tracker's first guess is wrong
    confidence = stretches((20, 0.0), (4, 0.4), (20, 1.0))
    loudness_db = stretches((18, -90.0), (26, -20.0))
    shaped = shape(44, f0_hz=f0_hz, confidence=confidence, loudness_db=loudness_db)
    assert np.all(shaped.noise_gain == stretches((18, 0.0), (26, 1.0)))
    assert np.all(shaped.tone_gain[:24] == 0.0)
    assert np.all(shaped.tone_gain[24:] > 0.0)
    np.testing.assert_allclose(shaped.f0_hz[shaped.tone_gain > 0.0], 600.0)
    np.testing.assert_allclose(shaped.loudness_db, loudness_db)


def test_hiss_is_played_for_a_moment_and_not_again_before_there_was_silence_or_a_note() -> None:
    n_held = round(UNPITCHED_S / HOP_S)
    loudness_db = stretches((1000, -30.0), (1, -90.0), (20, -30.0))
    noise = shape(1021, confidence=0.0, loudness_db=loudness_db).noise_gain
    assert np.all(noise[: n_held - 1] == 1.0)
    assert np.all(noise[n_held + 200 : 1000] == 0.0)
    assert np.all(noise[1001:] == 1.0)


def test_the_gate_does_not_flutter_around_its_threshold() -> None:
    swinging = GATE_DB + 0.9 * HYSTERESIS_DB * np.sin(np.arange(300) / 5.0) - 0.05
    gain = shape(300, loudness_db=swinging).tone_gain
    opened = np.flatnonzero(gain == 1.0)[0]
    assert np.all(gain[opened:] == 1.0)


def test_it_closes_below_the_hysteresis_over_the_release_time() -> None:
    below = GATE_DB - HYSTERESIS_DB - 0.1
    gain = shape(300, loudness_db=stretches((50, -20.0), (250, below))).tone_gain
    assert gain[49] == 1.0
    n_release = round(RELEASE_S / HOP_S)
    assert gain[49 + n_release] == pytest.approx(np.exp(-1.0), rel=0.06)
    assert gain[-1] == 0.0


def test_a_consonant_does_not_close_it_but_breath_does() -> None:
    n_held = round(UNPITCHED_S / HOP_S)
    confidence = stretches((20, 1.0), (n_held - 2, 0.0), (20, 1.0), (n_held + 20, 0.0))
    shaped = shape(len(confidence), confidence=confidence)
    for gain in (shaped.tone_gain, shaped.noise_gain):
        assert np.all(gain[5 : 20 + n_held - 2 + 20 + n_held - 2] == 1.0)
        assert gain[-1] < 1.0


def test_pitch_is_held_and_loudness_does_not_rise_while_unsure() -> None:
    shaped = shape(
        30,
        f0_hz=stretches((10, 300.0), (10, 350.0), (10, 310.0)),
        confidence=stretches((10, 1.0), (10, 0.2), (10, 1.0)),
        loudness_db=stretches((10, -30.0), (5, -10.0), (5, -40.0), (10, -25.0)),
    )
    np.testing.assert_allclose(shaped.f0_hz, stretches((20, 300.0), (10, 310.0)))
    expected_db = stretches((15, -30.0), (5, -40.0), (10, -25.0))
    np.testing.assert_allclose(shaped.loudness_db, expected_db)


@pytest.mark.parametrize(
    ("leap", "fall_db", "at_once"),
    [
        (1.3, 20.0, False),  # softer and far: a consonant's edge, until it lasts
        (1.3, 0.0, True),  # as loud: a note
        (1.2, 20.0, True),  # near
        (2.5, 0.0, False),  # wider than an octave
    ],
)
def test_a_leap_is_believed_when_it_is_a_note(leap: float, fall_db: float, at_once: bool) -> None:
    f0_hz = stretches((20, 300.0), (30, 300.0 * leap))
    shaped = shape(50, f0_hz=f0_hz, loudness_db=stretches((20, -20.0), (30, -20.0 - fall_db)))
    n_doubted = int(np.ceil(DOUBT_S / HOP_S))
    wait = 0 if at_once else n_doubted - 1
    np.testing.assert_allclose(shaped.f0_hz[: 20 + wait], 300.0)
    assert wait == 0 or shaped.f0_hz[20 + wait - 1] == 300.0
    np.testing.assert_allclose(shaped.f0_hz[20 + wait + 1 :], 300.0 * leap, rtol=1e-6)


def test_out_of_silence_any_pitch_is_believed() -> None:
    assert shape(1, f0_hz=1500.0).f0_hz[0] == 1500.0


def test_a_closed_gate_is_exactly_silent() -> None:
    confidence = stretches((20, 1.0), (1000, 0.0))
    shaped = shape(1020, confidence=confidence)
    assert not np.any(shaped.tone_gain[-200:])
    assert not np.any(shaped.noise_gain[-200:])


def test_noise_stands_in_for_a_tone_until_it_is_open_and_not_for_long() -> None:
    loudness_db = stretches((5, -90.0), (45, -20.0))
    hiss = shape(50, confidence=0.0, loudness_db=loudness_db).scratch
    n_scratch = round(SCRATCH_S / HOP_S)
    assert np.all(hiss[:5] == 0.0)
    assert np.all(np.diff(hiss[5 : 5 + n_scratch]) < 0.0)
    assert 0.9 * SCRATCH_SHARE < hiss[5] < SCRATCH_SHARE
    assert not np.any(hiss[5 + n_scratch :])
    sung = shape(50, loudness_db=loudness_db, confidence=stretches((8, 0.0), (42, 1.0)))
    assert sung.scratch[7] > 0.7 * SCRATCH_SHARE
    assert np.all(sung.scratch[sung.tone_gain == 1.0] == 0.0)


def test_a_soft_beginning_gets_the_larger_share() -> None:
    shares = [
        shape(2, confidence=0.0, loudness_db=level_db).scratch[0]
        for level_db in (0.0, LOUD_DB, 0.5 * (LOUD_DB + SOFT_DB), GATE_DB)
    ]
    middle = 0.5 * (SCRATCH_SHARE + SOFT_SCRATCH_SHARE)
    wanted = np.array([SCRATCH_SHARE, SCRATCH_SHARE, middle, SOFT_SCRATCH_SHARE])
    np.testing.assert_allclose(shares, wanted * (1.0 - HOP_S / SCRATCH_S), rtol=1e-5)
