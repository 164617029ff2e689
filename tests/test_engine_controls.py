"""The engine's knobs: each does what the table says, without clicks, from any thread."""

import threading
import time
from collections.abc import Mapping

import numpy as np
import pytest
import signals
from test_engine import FOLLOWER, LATER, MINUS_1_DBFS, RANDOM, RATE, level_db, played, sung

from realtime.controls import CONTROLS, default_values
from realtime.engine import Engine
from realtime.smoothing import as_vector


def test_every_control_does_something() -> None:
    curve = signals.vibrato(337.0, 0.8, RATE, rate_hz=6.0, depth_cents=60.0)
    note = signals.harmonic(curve, RATE, [1, 0.5, 0.3], peak=0.3)
    audio = np.concatenate((note, sung(0.2, 500.0)))
    base = {"dry_wet": 0.7, "loudness_shift_db": -6.0, "autotune": 0.5, "scale": 1.0}
    before = played(audio, base, voice=RANDOM)
    for control in CONTROLS:
        value = control.maximum if control.default < control.maximum else control.minimum
        after = played(audio, {**base, control.name: value}, voice=RANDOM)
        assert np.abs(after - before).max() > 1e-3, control.name


@pytest.mark.parametrize(
    ("controls", "change_db"),
    [
        ({"output_gain_db": -12.0}, -12.0),
        ({"output_gain_db": 6.0}, 6.0),
        ({"loudness_shift_db": -10.0}, -10.0),
        ({"input_gain_db": -8.0}, -8.0),
        ({"harmonic_gain_db": -20.0}, -20.0),
    ],
)
def test_levels_change_by_as_much_as_is_asked_for(
    controls: dict[str, float], change_db: float
) -> None:
    audio = signals.tone(1000.0, 0.6, RATE, peak=0.2)
    difference = level_db(played(audio, controls)[LATER]) - level_db(played(audio)[LATER])
    assert difference == pytest.approx(change_db, abs=1.2)


def test_halfway_between_dry_and_wet_is_half_of_each() -> None:
    audio = sung()
    wet, dry, mixed = (played(audio, {"dry_wet": share}) for share in (1.0, 0.0, 0.5))
    np.testing.assert_allclose(mixed, 0.5 * (wet + dry), atol=1e-6)


def pitch_hz(audio: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 8 * len(audio)))
    return float(np.argmax(spectrum) * RATE / (8 * len(audio)))


@pytest.mark.parametrize(
    ("controls", "ratio"),
    [
        ({}, 1.0),
        ({"octave_shift": 1.0}, 2.0),
        ({"octave_shift": -1.0}, 0.5),
        ({"transpose_semitones": 7.0}, 2.0 ** (7 / 12)),
        ({"octave_shift": 1.0, "transpose_semitones": -12.0}, 1.0),
    ],
)
def test_pitch_is_shifted(controls: dict[str, float], ratio: float) -> None:
    assert pitch_hz(played(sung(), controls)[LATER]) == pytest.approx(330.0 * ratio, rel=0.002)


def test_room_and_noise_can_be_turned_off() -> None:
    audio = np.concatenate((sung(0.4), signals.silence(0.2, RATE)))
    quiet = {"noise_gain_db": -60.0, "harmonic_gain_db": -60.0}
    assert level_db(played(audio, quiet, voice=RANDOM)[LATER]) < -50.0
    with_room, without = (played(audio, {"room_mix": mix}, voice=RANDOM) for mix in (1.0, 0.0))
    assert np.abs(with_room - without).max() > 1e-3


def test_the_gate_has_hysteresis() -> None:
    engine = Engine(FOLLOWER, {"gate_db": -40.0})

    def gate_after(loudness_db: float) -> bool:
        engine.process(signals.tone(1000.0, 0.3, RATE, peak=2.0**0.5 * 10 ** (loudness_db / 20)))
        return engine.meters.gate_open

    assert [gate_after(x) for x in (-41.0, -39.0, -45.0, -47.0, -45.0, -41.0, -39.0)] == [
        False, True, True, False, False, False, True,
    ]  # fmt: skip


def test_turning_a_knob_makes_no_click() -> None:
    audio = signals.tone(300.0, 1.0, RATE, peak=0.3)
    still = played(audio, {"dry_wet": 0.0})
    engine = Engine(FOLLOWER, {"dry_wet": 0.0})
    out = []
    for number, at in enumerate(range(0, len(audio), 480)):
        if number % 10 == 5:
            engine.set_control("output_gain_db", -30.0 if number % 20 == 5 else 0.0)
        out.append(engine.process(audio[at : at + 480]))
    bends = np.abs(np.diff(np.concatenate(out), 3))
    # A jump by 30 dB without ramp bends 0.3: thousands of times more than the tone itself.
    assert bends[1000:].max() < 100 * np.abs(np.diff(still, 3))[1000:].max()


def test_knobs_turned_from_other_threads_while_playing() -> None:
    engine, audio = Engine(RANDOM), sung(0.25)
    names = [control.name for control in CONTROLS]
    done = threading.Event()
    failed: list[BaseException] = []

    def turn(mine: list[str], seed: int) -> None:
        rng = np.random.default_rng(seed)
        try:
            while not done.is_set():
                for control in CONTROLS:
                    if control.name in mine:
                        value = rng.uniform(control.minimum, control.maximum)
                        engine.set_control(control.name, value)
        except BaseException as error:
            failed.append(error)

    hands = [threading.Thread(target=turn, args=(names[i::2], i)) for i in range(2)]
    for hand in hands:
        hand.start()
    out = engine.process(np.tile(audio, 3))
    done.set()
    for hand in hands:
        hand.join()
    assert not failed
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= MINUS_1_DBFS * (1 + 1e-6)
    for name, value in default_values().items():
        engine.set_control(name, value)
    assert dict(engine.control_values) == default_values()


def test_no_turn_is_lost_when_two_hands_turn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(FOLLOWER)
    in_the_middle = threading.Event()

    def slow_for_the_first(values: Mapping[str, float]) -> np.ndarray:
        vector = as_vector(values)
        if not in_the_middle.is_set():
            in_the_middle.set()
            time.sleep(0.1)  # the other hand comes and goes, if it is let
        return vector

    monkeypatch.setattr("realtime.engine.as_vector", slow_for_the_first)
    first = threading.Thread(target=engine.set_control, args=("room_mix", 0.25))
    first.start()
    in_the_middle.wait()
    engine.set_control("dry_wet", 0.5)
    first.join()
    assert (engine.control_values["room_mix"], engine.control_values["dry_wet"]) == (0.25, 0.5)
    np.testing.assert_array_equal(engine._targets, as_vector(engine.control_values))
