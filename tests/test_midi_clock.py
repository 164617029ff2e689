"""Tempo: asked for, tapped, and from a clock that is not exact."""

import numpy as np
import pytest
from desks import a_desk

from ddsp_core.errors import ControlError
from realtime.midi_clock import ClockTempo, MidiClock
from realtime.midi_router import MidiRouter
from realtime.tempo import Taps, Tempo

TICK, START, STOP = 0xF8, 0xFA, 0xFC
CYCLE_S = 128 / 48000


def ticks(bpm, n_beats, start_s=10.0):
    """When the ticks of a clock come, exactly."""
    return start_s + np.arange(n_beats * 24) * 60.0 / (24 * bpm)


def told(times_s, bpm_before=()):
    """The tempos that a clock sets."""
    desk, instrument, _ = a_desk()
    Tempo(desk)
    router = MidiRouter(desk, MidiClock(desk))
    for time_s in times_s:
        router.on_message([TICK], "drums", float(time_s))
    return [value for name, value in instrument.asked if name == "set_tempo"]


@pytest.mark.parametrize("bpm", [40.0, 90.0, 120.0, 174.0, 300.0])
def test_a_clock_is_read_once_and_exactly(bpm):
    assert told(ticks(bpm, 8)) == [bpm]


@pytest.mark.parametrize("bpm", [60.0, 120.0, 200.0])
def test_a_clock_through_jack_is_read_to_half_a_per_cent(bpm):
    in_cycles = np.ceil(ticks(bpm, 40) / CYCLE_S) * CYCLE_S
    found = told(in_cycles)
    assert 1 <= len(found) <= 3
    assert found[-1] == pytest.approx(bpm, rel=0.005)


def test_stalls_of_a_computer_change_nothing():
    random = np.random.default_rng(0)
    times_s = ticks(120.0, 40)
    late_s = random.random(len(times_s)) * 0.002
    late_s[random.random(len(times_s)) < 0.03] += 0.018
    late = np.maximum.accumulate(times_s + late_s)
    estimate = ClockTempo()
    found = [bpm for bpm in map(estimate.tick, late) if bpm]
    assert np.abs(np.array(found) / 120.0 - 1.0).max() < 0.012
    assert len(told(late)) <= 6


def test_a_new_tempo_is_followed_within_two_beats():
    first = ticks(120.0, 8)
    second = ticks(90.0, 8, first[-1] + 60.0 / (24 * 90.0))
    found = told([*first, *second[: 2 * 24 + 1]])
    assert found[0] == 120.0
    assert found[-1] == pytest.approx(90.0, rel=0.005)


def test_a_pause_is_no_slow_beat():
    first = ticks(120.0, 4)
    assert told([*first, *ticks(120.0, 4, first[-1] + 7.0)]) == [120.0]


def test_two_clocks_do_not_mix_and_the_second_takes_over_when_the_first_ends():
    desk, instrument, _ = a_desk()
    Tempo(desk)
    clock = MidiClock(desk)
    for time_s in ticks(120.0, 4):
        clock.on_realtime(TICK, "a", time_s)
        clock.on_realtime(TICK, "b", time_s + 0.003)
    for time_s in ticks(100.0, 4, 20.0):
        clock.on_realtime(TICK, "b", time_s)
    assert [bpm for _, bpm in instrument.asked] == [120.0, 100.0]


def test_start_begins_anew():
    estimate = MidiClock(a_desk()[0])
    for time_s in ticks(120.0, 1):
        estimate.on_realtime(TICK, "a", time_s)
    estimate.on_realtime(START, "a", 11.0)
    estimate.on_realtime(STOP, "a", 11.0)
    estimate.on_realtime(TICK, "a", 11.0)  # a 25th tick would need somebody for the tempo


def test_nonsense_is_no_tempo():
    assert told(np.full(100, 3.0)) == []
    assert told(3.0 - np.arange(100)) == []
    assert told(ticks(2000.0, 8)) == []


def test_a_tempo_by_hand_stays_until_the_clock_changes():
    desk, instrument, _ = a_desk()
    Tempo(desk)
    clock = MidiClock(desk)
    times_s = ticks(120.0, 8)
    for number, time_s in enumerate(times_s):
        clock.on_realtime(TICK, "a", time_s)
        if number == 100:
            desk.do("tempo", 77.0)
    assert instrument.tempo_bpm == 77.0


@pytest.mark.parametrize(
    ("times_s", "bpm"),
    [
        ((0.0, 0.5), 120.0),
        ((0.0, 0.5, 1.02, 1.49, 2.0), 120.0),
        ((0.0, 0.5, 1.0, 5.0, 5.6), 100.0),
        ((0.0, 0.5, 1.0, 1.5, 2.5, 3.5), 60.0),
        ((0.0, 0.01), 400.0),
        ((0.0,), None),
        ((0.0, 9.0), None),
    ],
)
def test_taps(times_s, bpm):
    taps = Taps()
    assert [taps.tap(time_s) for time_s in times_s][-1] == (bpm and pytest.approx(bpm, rel=0.03))


def test_tapping_sets_the_tempo_and_tells_it():
    desk, instrument, changes = a_desk()
    now_s = iter((1.0, 1.6))
    tempo = Tempo(desk, lambda: next(now_s))
    desk.do("tap_tempo", source="keys")
    assert tempo.bpm == 0.0
    desk.do("tap_tempo", source="keys")
    assert (tempo.bpm, instrument.tempo_bpm) == (100.0, 100.0)
    assert ("tempo", "", 100.0, "keys") in changes


@pytest.mark.parametrize("bpm", [19.9, 401.0, 0.0])
def test_a_tempo_out_of_range_is_an_error(bpm):
    desk, instrument, _ = a_desk()
    Tempo(desk)
    with pytest.raises(ControlError, match="20 to 400 beats a minute"):
        desk.do("tempo", bpm)
    assert instrument.asked == []
