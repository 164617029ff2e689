"""Echoes come when they should, as loud as they should, and move without a click."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from effects import RATE, blocks_of, one, play, sine

from benchmarks.measures import clicks
from realtime.effects.chain import Chain

CLICK = np.zeros(2 * RATE, np.float32)
CLICK[100] = 1.0
CLEAR = {"damping_hz": 20_000, "mix": 1}


def echoes_at(sound: np.ndarray, at_least: float = 0.01) -> list[int]:
    return [int(n) for n in np.flatnonzero(np.abs(sound) > at_least)]


def test_first_echo_is_the_sound_itself_on_time() -> None:
    out = play(one("delay", Path(), time_s=0.25, feedback=0, mix=1), CLICK)[0]
    assert echoes_at(out) == [12_100]
    assert out[12_100] == 1.0


def test_dry_sound_and_echoes_are_mixed() -> None:
    out = play(one("delay", Path(), time_s=0.25, feedback=0, mix=0.25), CLICK)[0]
    assert out[[100, 12_100]] == pytest.approx([0.75, 0.25])


def test_later_echoes_fall_by_the_feedback() -> None:
    out = play(one("delay", Path(), time_s=0.25, feedback=0.5, **CLEAR), CLICK)[0]
    energies = [np.abs(out[at - 5 : at + 50]).sum() for at in (12_100, 24_100, 36_100)]
    assert energies == pytest.approx([1.0, 0.5, 0.25], rel=1e-3)


def test_damping_is_a_pole_at_its_frequency_in_the_loop() -> None:
    values = {"time_s": 0.5, "feedback": 0.5, "damping_hz": 1000, "mix": 1}
    out = play(one("delay", Path(), **values), CLICK)[0]
    second = np.fft.rfft(out[48_100 : 48_100 + 4800])
    gains = np.abs(second[[0, 100, 300]])  # 0, 1 and 3 kHz
    pole = np.exp(-2 * np.pi * 1000 / RATE)
    z = np.exp(-2j * np.pi * np.array([0, 1000, 3000]) / RATE)
    assert gains == pytest.approx(0.5 * np.abs((1 - pole) / (1 - pole * z)), rel=1e-3)


@pytest.mark.parametrize(
    ("beats", "bpm", "seconds"), [(1, 120, 0.5), (0.75, 90, 0.5), (0.5, 120, 0.25), (4, 40, 3.0)]
)
def test_beats_follow_the_tempo(beats: float, bpm: float, seconds: float) -> None:
    delay = one("delay", Path(), beats=beats, feedback=0, mix=1)
    delay.set_tempo(bpm)
    click = np.pad(CLICK, (0, 3 * RATE))
    assert echoes_at(play(delay, click)[0]) == [100 + round(seconds * RATE)]


def test_a_tempo_too_slow_for_the_memory_is_halved() -> None:
    delay = one("delay", Path(), beats=4, feedback=0, mix=1)
    delay.set_tempo(20)  # 12 s
    assert echoes_at(play(delay, np.pad(CLICK, (0, 3 * RATE)))[0]) == [100 + 3 * RATE]


def trembling(chain: Chain, n: int) -> None:
    chain.set_tempo(120 + 0.3 * (-1) ** n)


def test_a_clock_that_trembles_does_not_move_the_echoes() -> None:
    tone = sine(220.0, 2.0)
    turns = {1000 * n: partial(trembling, n=n) for n in range(1, 90)}
    still, delay = (one("delay", Path(), beats=1, mix=0.5) for _ in range(2))
    assert np.array_equal(play(delay, tone, (), turns), play(still, tone))


def test_ping_pong_goes_left_and_right() -> None:
    delay = one("delay", Path(), ping_pong=True, time_s=0.25, feedback=0.5, **CLEAR)
    left, right = play(delay, CLICK)
    assert echoes_at(left, 0.1)[0] == 12_100
    assert abs(echoes_at(right, 0.1)[0] - 24_100) <= 1
    assert not echoes_at(right[:24_000], 1e-6)
    assert not echoes_at(left[13_000:36_000], 1e-3)


def test_without_ping_pong_channels_keep_to_themselves() -> None:
    sound = np.stack((CLICK, np.zeros_like(CLICK)))
    out = play(one("delay", Path(), n_inputs=2, time_s=0.25, mix=1), sound)
    assert echoes_at(out[0])
    assert not out[1].any()


def test_changes_of_time_do_not_click() -> None:
    tone = sine(220.0, 2.0)
    tone[:9600] *= np.sin(np.pi * np.arange(9600) / 19_200) ** 2  # no corner that echoes
    times = {24_000 + 1000 * n: 0.1 + 0.037 * n for n in range(40)}
    turns = {at: lambda chain, s=s: chain.set("delay.time_s", s) for at, s in times.items()}
    delay = one("delay", Path(), time_s=0.1, mix=0.7, feedback=0.6)
    out = play(delay, tone, blocks_of(128, len(tone)), turns)[0]
    assert clicks(out[24_000:], RATE).worst_ratio < 5.0


@pytest.mark.parametrize("feedback", [0.0, 0.35, 0.95])
def test_tail_is_as_long_as_it_says(feedback: float) -> None:
    delay = one("delay", Path(), time_s=0.05, feedback=feedback, **CLEAR)
    tail = round(delay.tail_s * RATE)
    out = play(delay, np.pad(CLICK[:200], (0, tail + RATE)))[0]
    level = np.abs(out)
    assert level[100 + tail + 100 :].max() < 1e-4  # -80 dB of the click
    assert delay.tail_s == pytest.approx(0.05) or level[100 + tail // 2 :].max() > 1e-4


def test_after_panic_nothing_of_before_is_heard() -> None:
    delay = one("delay", Path(), time_s=0.25, feedback=0.9, mix=1)
    play(delay, np.ones(RATE, np.float32))
    delay.reset()
    assert not play(delay, np.zeros(3 * RATE, np.float32)).any()
