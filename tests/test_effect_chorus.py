"""The chorus sways as far and as fast as it says, on both sides, as bright as the sound."""

from pathlib import Path

import numpy as np
import pytest
from effects import RATE, blocks_of, level_db, one, play, sine

from benchmarks.measures import clicks
from realtime.effects.fractional import line_size, make_table, read, write


def read_late(sound: np.ndarray, delay: float) -> np.ndarray:
    table, line = make_table(), np.zeros(2 * line_size(64), np.float32)
    out = np.empty(len(sound))
    for n, sample in enumerate(sound):
        write(line, n, sample)
        out[n] = read(line, n, delay, table)
    return out


@pytest.mark.parametrize("delay", [8.0, 13.25, 20.5, 30.999])
@pytest.mark.parametrize("hz", [100.0, 5000.0, 16_000.0])
def test_sound_is_read_between_samples(delay: float, hz: float) -> None:
    n = np.arange(2000)
    late = np.sin(2 * np.pi * hz * (n - delay) / RATE)
    found = read_late(np.sin(2 * np.pi * hz * n / RATE), delay)
    assert np.abs(found - late)[100:].max() < 2e-3  # -54 dB at 16 kHz, halfway between two


def test_without_depth_it_is_an_echo_at_its_delay() -> None:
    click = np.zeros(4800, np.float32)
    click[100] = 1.0
    out = play(one("chorus", Path(), depth_s=0, delay_s=0.02, mix=1), click)
    assert np.argmax(np.abs(out[0])) == 100 + 960
    assert out[0].sum() == pytest.approx(2 * np.sqrt(0.5), rel=1e-3)


def test_a_voice_is_sharp_and_flat_by_its_depth_and_rate() -> None:
    """delay(t) = middle + depth sin(2 pi r t): the pitch sways by 2 pi r depth."""
    values = {"rate_hz": 2, "depth_s": 0.002, "width": 0, "mix": 1}
    out = play(one("chorus", Path(), **values), sine(1000.0, 2.0))[0]
    spectrum = np.abs(np.fft.rfft(out[RATE:] * np.hanning(RATE)))
    loud = np.flatnonzero(spectrum > 0.5 * spectrum.max())
    sway_hz = 2 * np.pi * 2 * 0.002 * 1000
    assert loud.min() == pytest.approx(1000 - sway_hz, abs=4)
    assert loud.max() == pytest.approx(1000 + sway_hz, abs=4)


def test_width_is_the_difference_of_the_sides() -> None:
    for width, is_wide in ((0, False), (1, True)):
        left, right = play(one("chorus", Path(), width=width), sine(440.0, 1.0))
        assert (level_db(left - right) > -30) == is_wide


def test_noise_keeps_its_loudness() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(2 * RATE)).astype(np.float32)
    out = play(one("chorus", Path(), mix=1, depth_s=0.004), noise)
    assert level_db(out) == pytest.approx(level_db(noise), abs=0.5)


def test_turning_everything_at_once_does_not_click() -> None:
    tone = sine(220.0, 1.5)
    ends = {"rate_hz": 5.0, "depth_s": 0.006, "delay_s": 0.03, "width": 0.0, "mix": 1.0}

    def turn(chain: object) -> None:
        for name, value in ends.items():
            chain.set(f"chorus.{name}", value)  # type: ignore[attr-defined]

    out = play(one("chorus", Path()), tone, blocks_of(128, len(tone)), {36_000: turn})
    assert max(clicks(side[12_000:], RATE).worst_ratio for side in out) < 5.0
