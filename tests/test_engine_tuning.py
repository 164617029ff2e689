"""Tuning, a loudness map and given notes, through the whole engine."""

import numpy as np
import pytest
import signals
import voices
from test_engine import FOLLOWER, RATE, level_db, played, sung

from ddsp_core.features import FeatureExtractor
from ddsp_core.loudness_map import LoudnessMap
from realtime.engine import Engine
from realtime.note_source import CERTAIN

HOP = voices.HOP_SIZE
LATER = slice(round(0.4 * RATE), None)
FLAT_A = 440.0 * 2.0 ** (-30.0 / 1200.0)


def pitch_of(audio: np.ndarray) -> float:
    """The median pitch of its later part, in Hz."""
    hops = audio[: len(audio) // HOP * HOP].reshape(-1, HOP)
    features, _ = FeatureExtractor(RATE, HOP).forward(hops)
    return float(np.median(features.f0_hz[len(hops) // 2 :]))


@pytest.mark.parametrize(
    ("controls", "wanted_hz"),
    [
        ({}, FLAT_A),
        ({"autotune": 1.0}, 440.0),
        ({"autotune": 1.0, "a4_hz": 432.0}, 432.0),
        ({"autotune": 1.0, "scale": 1.0, "key": 10.0}, 440.0),
        ({"autotune": 1.0, "scale": 1.0, "key": 8.0}, 440.0 * 2.0 ** (-1 / 12)),
        ({"autotune": 1.0, "scale": 1.0, "transpose_semitones": 1.5}, 440.0 * 2.0 ** (2 / 12)),
        ({"autotune": 0.5}, FLAT_A * 2.0 ** (15.0 / 1200.0)),
        ({"drone_note": 57.0}, 220.0),
        ({"drone_note": 57.0, "octave_shift": 1.0}, 220.0),
    ],
)
def test_what_is_played_is_in_tune(controls: dict[str, float], wanted_hz: float) -> None:
    out = played(sung(0.8, FLAT_A), controls)
    assert 1200.0 * np.log2(pitch_of(out) / wanted_hz) == pytest.approx(0.0, abs=3.0)


def test_a_drone_is_silent_while_nobody_sings() -> None:
    assert not played(signals.silence(0.3, RATE), {"drone_note": 57.0}).any()


def test_tuning_costs_no_latency_and_all_at_defaults_is_as_without() -> None:
    audio = sung()
    neutral = {"autotune_time_s": 0.3, "key": 5.0, "scale": 4.0, "a4_hz": 415.0}
    np.testing.assert_array_equal(played(audio, neutral), played(audio))
    engine = Engine(FOLLOWER, {"autotune": 1.0, "glide_s": 0.2, "vibrato_depth": 2.0})
    assert engine.latency_samples == Engine(FOLLOWER).latency_samples


def test_a_loudness_map_moves_what_is_played_and_not_the_gate() -> None:
    audio = np.concatenate((signals.tone(1000.0, 0.8, RATE, peak=0.1), np.zeros(RATE // 2)))
    curve = LoudnessMap((-40.0, -10.0), (-50.0, -20.0))
    outs, gates = [], []
    for loudness_map in (None, curve):
        engine = Engine(FOLLOWER, loudness_map=loudness_map)
        outs.append(engine.process(audio[: round(0.8 * RATE)].astype(np.float32)))
        gates.append(engine.meters.gate_open)
    assert level_db(outs[1][LATER]) - level_db(outs[0][LATER]) == pytest.approx(-10.0, abs=1.0)
    assert gates == [True, True]


class Keyboard:
    """A3, then E6 in one leap, then nothing."""

    def __init__(self) -> None:
        self.n_read = 0

    def read(self, n_hops: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        hops = np.arange(self.n_read, self.n_read + n_hops)
        self.n_read += n_hops
        f0_hz = np.where(hops < 100, 220.0, 1320.0)
        is_down = hops < 300
        curves = f0_hz, np.where(is_down, CERTAIN, 0.0), np.where(is_down, -20.0, -100.0)
        return tuple(curve.astype(np.float32) for curve in curves)  # type: ignore[return-value]


def test_given_notes_are_played_at_once_and_the_microphone_is_not_heard() -> None:
    outs = []
    for heard in (signals.silence(1.2, RATE), signals.tone(700.0, 1.2, RATE)):
        engine = Engine(FOLLOWER, notes=Keyboard())
        outs.append(engine.process(heard.astype(np.float32)))
    np.testing.assert_array_equal(*outs)
    engine = Engine(FOLLOWER, notes=Keyboard())
    readings = []
    for _ in range(110):
        engine.process(np.zeros(HOP, np.float32))
        readings.append(engine.meters.f0_hz)
    assert readings[99:101] == [220.0, 1320.0]
    assert pitch_of(outs[0][: 95 * HOP]) == pytest.approx(220.0, rel=1e-3)
    assert pitch_of(outs[0][102 * HOP : 290 * HOP]) == pytest.approx(1320.0, rel=1e-3)
    assert level_db(outs[0][420 * HOP :]) < -60.0


def test_notes_come_alike_in_blocks_of_any_size() -> None:
    heard = np.zeros(320 * HOP, np.float32)
    whole = Engine(FOLLOWER, notes=Keyboard()).process(heard)
    engine = Engine(FOLLOWER, notes=Keyboard())
    pieces = [engine.process(piece) for piece in np.array_split(heard, 77)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-6)


def test_a_leap_of_a_keyboard_is_not_doubted() -> None:
    out = Engine(FOLLOWER, notes=Keyboard()).process(np.zeros(104 * HOP, np.float32))
    crossings = np.count_nonzero(np.diff(np.sign(out[-2 * HOP :])))
    assert crossings == pytest.approx(2 * 1320.0 * 2 * HOP / RATE, abs=2)
