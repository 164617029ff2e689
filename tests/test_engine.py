"""The engine, as its callers hear it: latency, gate, controls, and input that is no music."""

import itertools
from collections.abc import Mapping

import numpy as np
import pytest
import signals
import voices

from ddsp_core.errors import ControlError, VoiceError
from realtime.controls import default_values
from realtime.engine import Engine

RATE = voices.SAMPLE_RATE
LATENCY = 216 + 127  # the features' delay, and what blocks of any size cost
MINUS_1_DBFS = 10.0 ** (-1.0 / 20.0)
FOLLOWER = voices.follower_file()
RANDOM = voices.random_file()


def played(
    audio: np.ndarray,
    controls: Mapping[str, float] | None = None,
    size: int = 480,
    voice: object = FOLLOWER,
    seed: int = 0,
) -> np.ndarray:
    engine = Engine(voice, controls, seed)  # type: ignore[arg-type]
    blocks = [engine.process(audio[at : at + size]) for at in range(0, len(audio), size)]
    return np.concatenate(blocks)


def level_db(audio: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(audio.astype(float) ** 2) + 1e-20))


def sung(duration_s: float = 0.5, f0_hz: float = 330.0) -> np.ndarray:
    return signals.rich_tone(f0_hz, duration_s, RATE, peak=0.3)


LATER = slice(round(0.3 * RATE), None)
"""Where a tone's beginning has passed."""


@pytest.mark.parametrize("size", [1, 16, 100, 128, 480, 1024, 8192])
@pytest.mark.parametrize("at", [0, 1, 127, 1000])
def test_a_click_comes_out_of_the_dry_path_after_the_declared_latency(size: int, at: int) -> None:
    audio = np.zeros(4096, np.float32)
    audio[at] = 0.25
    out = played(audio, {"dry_wet": 0.0}, size)
    assert Engine(FOLLOWER).latency_samples == LATENCY
    expected = np.zeros(4096, np.float32)
    expected[at + LATENCY] = 0.25
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(("size", "lead"), [(64, 64), (128, 0), (192, 64), (256, 0), (100, 124)])
def test_blocks_that_end_with_hops_have_the_least_latency(size: int, lead: int) -> None:
    engine = Engine(FOLLOWER, {"dry_wet": 0.0}, block_size=size)
    assert engine.latency_samples == LATENCY - 127 + lead
    audio = np.zeros(40 * size, np.float32)
    audio[1000] = 0.25
    out = np.concatenate([engine.process(audio[i : i + size]) for i in range(0, len(audio), size)])
    assert np.flatnonzero(out).tolist() == [1000 + engine.latency_samples]


def test_an_unexpected_block_makes_latency_grow_once() -> None:
    engine = Engine(FOLLOWER, {"dry_wet": 0.0}, block_size=128)
    audio = np.zeros(20_000, np.float32)
    audio[[5000, 9000, 15_000]] = 0.25
    sizes = [128] * 50 + [100] * 30 + [1] * 300 + [128] * 60
    at = np.cumsum([0, *sizes])
    blocks = [engine.process(audio[a:b]) for a, b in itertools.pairwise(at)]
    assert [len(block) for block in blocks] == sizes
    assert engine.latency_samples == LATENCY
    clicks = np.flatnonzero(np.concatenate(blocks)).tolist()
    assert clicks == [5000 + LATENCY - 127, 9000 + LATENCY, 15_000 + LATENCY]


def test_after_a_block_that_failed_sound_comes_when_it_would_have_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(FOLLOWER, {"dry_wet": 0.0})
    audio = np.zeros(6000, np.float32)
    audio[[300, 5000]] = 0.25
    blocks = []
    for at in range(0, len(audio), 100):
        with monkeypatch.context() as patch:
            if at in (1000, 2000, 2100):
                patch.setattr(engine, "_play_hops", None)
            try:
                blocks.append(engine.process(audio[at : at + 100]))
            except TypeError:
                blocks.append(np.zeros(100, np.float32))
    assert {len(block) for block in blocks} == {100}
    assert engine.latency_samples == LATENCY
    clicks = np.flatnonzero(np.concatenate(blocks)).tolist()
    assert clicks == [300 + LATENCY, 5000 + LATENCY]


def envelope(audio: np.ndarray) -> np.ndarray:
    """Loudness in dB by a window whose centre is known, every 8 samples; centred."""
    window = np.hanning(721)
    power = np.convolve(audio.astype(float) ** 2, window / window.sum(), mode="same")[::8]
    return np.maximum(10 * np.log10(power + 1e-12), -60.0)


def test_the_instrument_follows_the_singer_s_loudness_after_the_declared_latency() -> None:
    times_s = np.arange(2 * RATE) / RATE
    swell = 10.0 ** ((-14.0 + 9.0 * np.sin(2 * np.pi * 4.3 * times_s)) / 20.0)
    audio = (signals.tone(1000.0, 2.0, RATE, peak=1.0) * swell).astype(np.float32)
    heard, answer = envelope(audio)[2000:-2000], envelope(played(audio))
    lags = range(20, 120)
    likeness = [
        np.corrcoef(heard, answer[2000 + lag : 2000 + lag + len(heard)])[0, 1] for lag in lags
    ]
    assert max(likeness) > 0.99
    lag_samples = 8 * lags[int(np.argmax(likeness))]
    assert abs(lag_samples - LATENCY) <= 0.0015 * RATE


def test_the_follower_is_as_loud_as_the_singer() -> None:
    """What the tests here build on: at 1 kHz A-weighting is 0 dB."""
    for peak in (0.4, 0.04):
        tone = signals.tone(1000.0, 0.6, RATE, peak)
        assert level_db(played(tone)[LATER]) == pytest.approx(level_db(tone), abs=1.5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38, -3e38])
@pytest.mark.parametrize("dry_wet", [0.0, 1.0])
def test_a_broken_sample_is_forgotten(bad: float, dry_wet: float) -> None:
    audio = sung(1.6)
    spoiled = audio.copy()
    spoiled[[9000, 9001, 9500]] = bad
    controls = {"dry_wet": dry_wet, "input_gain_db": 6.0}
    engine = Engine(FOLLOWER, controls)
    out = engine.process(spoiled)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= MINUS_1_DBFS * (1 + 1e-6)
    clean = played(audio, controls)
    end = slice(round(1.4 * RATE), None)
    assert level_db(out[end]) == pytest.approx(level_db(clean[end]), abs=0.1)
    assert np.isfinite(engine.meters).all()


def test_an_input_of_nothing_but_nan_is_silence() -> None:
    engine = Engine(FOLLOWER)
    assert not engine.process(np.full(48000, np.nan, np.float32)).any()
    assert np.isfinite(engine.meters).all()
    assert level_db(engine.process(sung())[LATER]) > -40.0


def test_silence_gives_silence() -> None:
    for voice in (FOLLOWER, RANDOM):
        out = played(np.concatenate((sung(), signals.silence(2.0, RATE))), voice=voice)
        assert level_db(out[round(0.3 * RATE) : round(0.5 * RATE)]) > -40.0
        assert np.abs(out[-RATE:]).max() < 1e-4
        assert not played(signals.silence(0.5, RATE), voice=voice).any()


def test_nothing_passes_minus_1_dbfs() -> None:
    loud = {"input_gain_db": 36.0, "output_gain_db": 12.0, "loudness_shift_db": 24.0}
    for dry_wet in (0.0, 0.5, 1.0):
        out = played(sung(), {**loud, "dry_wet": dry_wet})
        assert 0.7 < np.abs(out).max() <= MINUS_1_DBFS * (1 + 1e-6)


def test_meters_say_what_was_heard() -> None:
    engine = Engine(FOLLOWER)
    engine.process(signals.tone(1000.0, 0.5, RATE, peak=0.5))
    meters = engine.meters
    assert meters.f0_hz == pytest.approx(1000.0, rel=0.002)
    assert meters.loudness_db == pytest.approx(-9.03, abs=0.1)
    assert meters.input_peak_db == pytest.approx(-6.02, abs=0.1)
    assert meters.confidence > 0.9
    assert meters.gate_open


def test_after_warming_up_or_a_reset_it_plays_as_if_new() -> None:
    audio = sung(0.2)
    fresh = played(audio, voice=RANDOM)
    engine = Engine(RANDOM)
    engine.warm_up(0.1)
    np.testing.assert_allclose(engine.process(audio), fresh, rtol=0, atol=2e-6)
    engine.reset()
    np.testing.assert_allclose(engine.process(audio), fresh, rtol=0, atol=2e-6)


def test_the_seed_is_the_noise_s() -> None:
    audio = sung(0.2)
    one, again, other = (played(audio, voice=RANDOM, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_allclose(one, again, rtol=0, atol=2e-6)
    assert not np.array_equal(one, other)


def test_blocks_are_left_alone_and_may_be_empty() -> None:
    engine, audio = Engine(FOLLOWER), sung(0.01)
    before = audio.copy()
    out = engine.process(audio)
    np.testing.assert_array_equal(audio, before)
    assert (out.shape, out.dtype) == (audio.shape, np.float32)
    assert not np.shares_memory(out, audio)
    assert engine.process(audio[:0]).shape == (0,)


def test_mistakes_are_named() -> None:
    with pytest.raises(ControlError, match="did you mean octave_shift"):
        Engine(FOLLOWER, {"octave_shif": 1.0})
    engine = Engine(FOLLOWER)
    with pytest.raises(ControlError, match="above"):
        engine.set_control("room_mix", 1.5)
    assert dict(engine.control_values) == default_values()
    other = {**FOLLOWER.definition, "loudness_window_s": 0.02}
    with pytest.raises(VoiceError, match="train it again"):
        Engine(FOLLOWER._replace(definition=other))


def test_a_new_engine_that_learns_its_block_size_prepares_nothing_again() -> None:
    # A card's first callback asks, and is to take no longer than the others.
    engine = Engine(RANDOM)
    engine.warm_up(0.01)
    memory = engine._memory
    engine.expect_blocks_of(128)
    assert engine._memory is memory
    assert engine.latency_samples == LATENCY - 127


def test_an_engine_that_has_played_starts_afresh_for_another_block_size() -> None:
    audio, engine = sung(0.1), Engine(RANDOM)
    engine.expect_blocks_of(len(audio))
    first = engine.process(audio)
    engine.expect_blocks_of(len(audio))
    np.testing.assert_array_equal(engine.process(audio), first)
