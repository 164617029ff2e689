"""Autotune, drone, glide and A4: at once where a note begins, without flutter, none to the bit."""

import numpy as np
import pytest
from tuned import HOP_S, at, in_key, played, seconds, wobble

from ddsp_core.autotune import HYSTERESIS_SEMITONES, nearest_in_scale
from ddsp_core.scales import SCALES

TUNED = {"autotune": 1.0, "autotune_time_s": 0.0}
MAJOR = in_key(0, "major")
A, B, C = 0.0, 2.0, 3.0


def test_with_everything_off_any_pitch_passes_to_the_bit() -> None:
    semitones = np.random.default_rng(0).uniform(-40.0, 40.0, 500)
    hz = (440.0 * 2.0 ** (semitones / 12.0)).astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(played(semitones), 12.0 * np.log2(hz / 440.0))


@pytest.mark.parametrize(
    ("note", "key", "scale", "nearest"),
    [
        (60.4, 0, "chromatic", 60),
        (61.4, 0, "major", 62),
        (60.9, 0, "major", 60),
        (66.0, 2, "major", 66),
        (62.9, 0, "minor", 63),
        (61.6, 9, "blues", 62),
        (-0.4, 0, "chromatic", 0),
        (49.1, 0, "blues", 48),
    ],
)
def test_the_nearest_note_of_key_and_scale(note: float, key: int, scale: str, nearest: int) -> None:
    assert nearest_in_scale(note, in_key(key, scale)) == nearest


@pytest.mark.parametrize("scale", list(SCALES))
@pytest.mark.parametrize("key", [0, 5, 11])
def test_every_note_of_a_scale_stays_and_nothing_else_comes_out(scale: str, key: int) -> None:
    notes = in_key(key, scale)
    found = {nearest_in_scale(x, notes) for x in np.arange(40.0, 90.0, 0.1)}
    assert {int(note - key) % 12 for note in found} == set(SCALES[scale])
    assert all(nearest_in_scale(note, notes) == note for note in found)


@pytest.mark.parametrize("amount", [0.25, 0.5, 1.0])
def test_the_amount_is_the_share_of_the_way(amount: float) -> None:
    out = played(np.full(100, 0.4), autotune=amount, autotune_time_s=0.0)
    np.testing.assert_allclose(out, 0.4 * (1.0 - amount), atol=1e-4)


@pytest.mark.parametrize("time_s", [0.0, 0.05, 0.5])
def test_a_new_note_is_in_tune_with_its_first_hop(time_s: float) -> None:
    sung = np.where(seconds(1.0) < 0.5, A + 0.3, C - 0.35)
    out = played(sung, autotune=1.0, autotune_time_s=time_s)
    np.testing.assert_allclose(out, np.where(seconds(1.0) < 0.5, A, C), atol=1e-4)


def test_a_note_after_silence_is_in_tune_with_its_first_hop() -> None:
    sung = np.where(seconds(1.0) < 0.5, A + 0.45, A - 0.45)
    tone = np.where(np.abs(seconds(1.0) - 0.5) < 0.1, 0.0, 1.0)
    out = played(sung, tone, autotune=1.0, autotune_time_s=0.3)
    np.testing.assert_allclose(out[tone > 0], A, atol=1e-3)


def test_within_a_note_the_correction_takes_its_time() -> None:
    sung = 0.4 * np.clip((seconds(1.0) - 0.5) / 0.02, 0.0, 1.0)
    out = played(sung, autotune=1.0, autotune_time_s=0.1)
    assert out[at(0.53)] > 0.3
    assert out[at(0.52) + at(0.1)] == pytest.approx(0.4 / np.e, abs=0.05)
    assert abs(out[-1]) < 0.01


def test_vibrato_survives_a_slow_correction_and_not_a_hard_one() -> None:
    sung = 0.2 + wobble(40.0, 6.0, seconds(2.0))
    slow = played(sung, autotune=1.0, autotune_time_s=0.2)[at(1.0) :]
    assert np.ptp(slow) > 0.9 * np.ptp(sung)
    assert abs(slow.mean()) < 0.03
    assert np.ptp(played(sung, **TUNED)[at(1.0) :]) < 1e-3


@pytest.mark.parametrize("cents", [20.0, 40.0, 70.0])
def test_vibrato_between_two_notes_does_not_flutter(cents: float) -> None:
    sung = 0.45 + wobble(cents, 6.0, seconds(3.0))
    notes = np.round(played(sung, **TUNED)[at(1.0) :])
    assert len(set(notes)) == 1


def test_a_pitch_between_two_notes_does_not_flutter() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.02, 2000)
    out = played(0.5 + noise, **TUNED)
    assert np.count_nonzero(np.abs(np.diff(out)) > 0.5) == 0
    rise = np.linspace(0.0, 1.0, 2000)
    turn = rise[np.argmax(np.diff(played(rise, **TUNED)))]
    assert turn == pytest.approx(0.5 + HYSTERESIS_SEMITONES, abs=0.01)


def test_scale_and_a4_move_what_is_in_tune() -> None:
    flat = 12.0 * np.log2(432.0 / 440.0)
    out = played(np.full(50, 1.2), **TUNED, notes=MAJOR, a4_hz=432.0)
    np.testing.assert_allclose(out, B + flat, atol=1e-4)  # A# is not in C major


def test_a_drone_is_its_note_whatever_is_sung() -> None:
    sung = wobble(300.0, 1.0, seconds(1.0))
    np.testing.assert_allclose(played(sung, drone_note=57.0), -12.0, atol=1e-4)
    sharp = 12.0 * np.log2(444.0 / 440.0)
    out = played(sung, drone_note=57.0, a4_hz=444.0)
    np.testing.assert_allclose(out, -12.0 + sharp, atol=1e-4)


@pytest.mark.parametrize("glide_s", [0.05, 0.3])
@pytest.mark.parametrize("step", [-7.0, 12.0])
def test_a_glide_is_straight_in_semitones_and_takes_its_time(glide_s: float, step: float) -> None:
    sung = np.where(seconds(1.0) < 0.4, 0.0, step)
    out = played(sung, glide_s=glide_s)
    past = np.clip((seconds(1.0) - seconds(1.0)[at(0.4) - 1]) / glide_s, 0.0, 1.0)
    np.testing.assert_allclose(out, step * past, atol=abs(step) * HOP_S / glide_s + 1e-3)
    assert np.abs(np.diff(out)).max() < 1.5 * abs(step) * HOP_S / glide_s


def test_glides_that_overtake_one_another_stay_in_one_piece() -> None:
    sung = np.select([seconds(2.0) < 0.5, seconds(2.0) < 0.6, seconds(2.0) < 0.65], [0, 12, 5], 7.0)
    out = played(sung, glide_s=0.3)
    assert np.abs(np.diff(out)).max() < 20.0 * HOP_S / 0.3
    np.testing.assert_allclose(out[at(1.0) :], 7.0, atol=1e-4)


def test_after_silence_nothing_glides() -> None:
    sung = np.where(seconds(1.0) < 0.5, 0.0, 7.0)
    tone = np.where((seconds(1.0) > 0.45) & (seconds(1.0) < 0.55), 0.0, 1.0)
    np.testing.assert_allclose(played(sung, tone, glide_s=0.5), sung, atol=1e-4)


def test_autotune_glides_from_note_to_note() -> None:
    sung = 3.0 * np.clip(seconds(2.0) - 0.5, 0.0, 1.0)
    stairs, slope = played(sung, **TUNED), played(sung, **TUNED, glide_s=0.1)
    assert np.abs(np.diff(stairs)).max() > 0.99
    assert np.abs(np.diff(slope)).max() < 1.5 * HOP_S / 0.1


def test_vibrato_and_slides_do_not_glide() -> None:
    sung = wobble(100.0, 7.0, seconds(1.0)) + 5.0 * seconds(1.0)
    np.testing.assert_allclose(played(sung, glide_s=1.0), sung, atol=1e-4)


def test_no_pitch_at_all_passes() -> None:
    assert played(np.full(3, -np.inf), **TUNED).tolist() == [-np.inf] * 3
