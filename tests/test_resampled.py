from collections import deque
from itertools import cycle

import numpy as np
import pytest
from fakes import DelayEngine

from realtime.host_applied import Applied
from realtime.resampled import Resampled

VOICE_RATE = 48000
RATES = (44100, 48000, 96000, 16000)


def sizes(kind: int | str) -> "cycle[int]":
    rng = np.random.default_rng(7)
    return cycle([kind] if isinstance(kind, int) else rng.integers(1, 2000, 997).tolist())


def play(player: Resampled, signal: np.ndarray, kind: int | str) -> np.ndarray:
    out, start = [], 0
    for size in sizes(kind):
        out.append(player.process(signal[start : start + size]))
        assert len(out[-1]) == len(signal[start : start + size])
        start += size
        if start >= len(signal):
            return np.concatenate(out)
    raise AssertionError


def centre(signal: np.ndarray, around: int = 2000) -> float:
    """Centre of gravity near the peak: far from it, rounding errors would have long levers."""
    start = max(int(np.argmax(signal)) - around, 0)
    near = signal[start : start + 2 * around].astype(np.float64)
    return start + float(np.arange(len(near)) @ near / near.sum())


def click(rate: int, at: int, n_samples: int) -> np.ndarray:
    """A click of 1 ms, smooth enough to pass any of the rates."""
    signal = np.zeros(n_samples, np.float32)
    width = rate // 1000
    signal[at : at + width] = np.hanning(width)
    return signal


@pytest.mark.parametrize("kind", [64, 128, 441, 1024, "random"])
@pytest.mark.parametrize("rate", RATES)
def test_a_click_comes_out_after_the_declared_delay(rate: int, kind: int | str) -> None:
    player = Resampled(DelayEngine(VOICE_RATE), rate)
    at = round(0.4321 * rate)
    signal = click(rate, at, rate)
    played = play(player, signal, kind)
    assert player.n_underruns == 0
    # Half a sample of rounding in the declaration, and what the width of the click leaves open.
    assert abs(centre(played) - centre(signal) - player.latency_samples) < 0.6


@pytest.mark.parametrize("rate", RATES)
def test_the_delay_is_as_long_at_the_end_as_at_the_beginning(rate: int) -> None:
    player = Resampled(DelayEngine(VOICE_RATE), rate)
    n_samples = 30 * rate
    signal = click(rate, rate // 2, n_samples) + click(rate, n_samples - rate, n_samples)
    played = play(player, signal, "random")
    half = n_samples // 2
    first = centre(played[:half]) - centre(signal[:half])
    last = centre(played[half:]) - centre(signal[half:])
    assert abs(first - last) < 0.02


@pytest.mark.parametrize("kind", [1, 64, 8192, "random"])
def test_any_cutting_gives_the_same_sound(kind: int | str) -> None:
    rng = np.random.default_rng(1)
    signal = rng.uniform(-0.5, 0.5, 30000).astype(np.float32)
    whole = play(Resampled(DelayEngine(VOICE_RATE), 44100), signal, 128)
    cut = play(Resampled(DelayEngine(VOICE_RATE), 44100), signal, kind)
    np.testing.assert_allclose(cut, whole, atol=1e-6)


@pytest.mark.parametrize("f0_hz", [100.0, 1000.0, 10000.0, 17000.0])
def test_a_tone_passes_unharmed(f0_hz: float) -> None:
    rate = 44100
    t_s = np.arange(rate) / rate
    signal = np.sin(2 * np.pi * f0_hz * t_s).astype(np.float32)
    played = play(Resampled(DelayEngine(VOICE_RATE), rate), signal, 128)[rate // 2 :]
    basis = np.stack([np.sin(2 * np.pi * f0_hz * t_s), np.cos(2 * np.pi * f0_hz * t_s)], axis=1)
    basis = basis[rate // 2 :]
    fit, *_ = np.linalg.lstsq(basis, played.astype(np.float64), rcond=None)
    assert 20 * np.log10(np.hypot(*fit)) == pytest.approx(0.0, abs=0.1)
    rest = np.std(played - basis @ fit) / np.std(played)
    assert 20 * np.log10(rest) < -90


@pytest.mark.parametrize(("rate", "limit_ms"), [(44100, 11.5), (96000, 8.5)])
def test_resampling_costs_no_more_delay_than_measured(rate: int, limit_ms: float) -> None:
    engine = DelayEngine(VOICE_RATE)
    player = Resampled(engine, rate)
    extra_ms = 1e3 * (player.latency_samples / rate - engine.latency_samples / VOICE_RATE)
    assert 0.0 < extra_ms < limit_ms


def test_stereo_what_took_effect_and_readings_come_through() -> None:
    class Wide(DelayEngine):
        n_outputs = 2
        readings = np.ones((2, 3), np.float32)

        def __init__(self) -> None:
            super().__init__()
            self.applied = deque([Applied(4800, "panic", "", 0.0)])

        def process(self, block: np.ndarray) -> np.ndarray:
            out = super().process(block)
            return np.stack((out, -out), axis=1)

    wide = Resampled(Wide(), 44100)
    t_s = np.arange(44100) / 44100
    sung = (0.5 * np.sin(2 * np.pi * 500 * t_s)).astype(np.float32)
    out = np.concatenate([wide.process(sung[i : i + 128]) for i in range(0, len(sung), 128)])
    assert out.shape == (len(sung), 2)
    np.testing.assert_allclose(out[:, 0], -out[:, 1], atol=1e-6)
    assert np.abs(out[-10000:]).max() == pytest.approx(0.5, abs=0.01)
    assert wide.readings.shape == (2, 3)
    assert wide.applied.popleft() == Applied(4410, "panic", "", 0.0)
    assert wide.n_underruns == 0
