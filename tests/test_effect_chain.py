"""A chain: names, widths, bypass, relief, and effects that fail."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from effects import RATE, blocks_of, chain, level_db, one, play, sine

from benchmarks.measures import clicks
from ddsp_core.errors import ControlError
from realtime.controls import Control
from realtime.effects.chain import Chain
from realtime.effects.effect import Channels
from realtime.effects.link import MOST_FAILURES

TONE = sine(220.0, 1.0)
BLOCKS = blocks_of(128, len(TONE))


class Late:
    """Half as loud, some samples later; goes wrong when it is told."""

    kind = "late"
    n_outputs = 1
    tail_s = 0.0
    problem = ""

    def __init__(
        self, name: str = "late", latency: int = 100, *, is_expensive: bool = True
    ) -> None:
        self.name, self.latency_samples, self.is_expensive = name, latency, is_expensive
        self.parameters: tuple[Control, ...] = (Control("gain", 0, 1, 0.5, "", 0, ""),)
        self.is_bypassed = False
        self.turned: Mapping[str, float] = {}
        self.wrong: object = None
        self.n_played = self.n_reset = 0
        self.reset()

    def process(self, block: Channels) -> Channels:
        self.n_played += 1
        if isinstance(self.wrong, Exception):
            raise self.wrong
        heard = np.concatenate((self._past, block), axis=1)
        self._past = heard[:, block.shape[1] :]
        out = heard[:, : block.shape[1]] * np.float32(1.0 if self.is_bypassed else 0.5)
        return out if self.wrong is None else out * np.float32(self.wrong)

    def set(self, parameter: str, value: float) -> None:
        self.turned = {parameter: value}

    def bypass(self, on: bool) -> None:
        self.is_bypassed = on

    def set_tempo(self, bpm: float) -> None:
        self.bpm = bpm

    def reset(self) -> None:
        self.n_reset += 1
        self._past = np.zeros((1, self.latency_samples), np.float32)

    def close(self) -> None:
        self.is_closed = True


def test_an_empty_chain_changes_nothing() -> None:
    empty = chain()
    assert (empty.n_outputs, empty.latency_samples, empty.tail_s, len(empty)) == (1, 0, 0, 0)
    assert np.array_equal(play(empty, TONE)[0], TONE)


def test_effects_play_in_their_order_and_widen_the_sound() -> None:
    both = chain({"kind": "compressor"}, {"kind": "chorus"}, {"kind": "eq", "low_db": 6})
    parts = [one("compressor", Path()), one("chorus", Path()), one("eq", Path(), 2, low_db=6)]
    sound = TONE[None]
    for part in parts:
        sound = play(part, sound)
    assert both.n_outputs == 2
    assert np.array_equal(play(both, TONE), sound)


def test_parameters_have_full_names() -> None:
    echoes = chain({"kind": "delay", "name": "echo", "mix": 0.5}, {"kind": "limiter"})
    assert echoes.values["echo.mix"] == 0.5
    assert echoes.values["limiter.ceiling_db"] == -1
    assert echoes.parameters["echo.mix"].name == "mix"
    assert set(echoes.parameters) == set(echoes.values)
    echoes.set("echo.mix", 0.75)
    assert echoes.values["echo.mix"] == 0.75


def test_what_cannot_be_turned() -> None:
    echoes = chain({"kind": "delay", "name": "echo"})
    with pytest.raises(ControlError, match=r"did you mean echo\.mix\?"):
        echoes.set("echo.mixx", 0.5)
    with pytest.raises(ControlError, match=r"1\.5 is above 1"):
        echoes.set("echo.mix", 1.5)
    with pytest.raises(ControlError, match="unknown effect: did you mean echo"):
        echoes.bypass("ecko", True)


def test_latency_and_tails_add_up() -> None:
    two = Chain([Late("a", 100), Late("b", 50)], RATE)
    assert two.latency_samples == 150
    values = {"time_s": 0.1, "feedback": 0}
    echoes = chain({"kind": "delay", **values}, {"kind": "delay", **values})
    assert echoes.tail_s == pytest.approx(0.2)


def test_all_are_told_of_tempo_panic_and_the_end() -> None:
    late = Late()
    alone = Chain([late], RATE)
    alone.set_tempo(90)
    before = late.n_reset
    alone.reset()
    alone.close()
    assert (late.bpm, late.n_reset - before, late.is_closed) == (90, 1, True)


def test_bypass_gives_the_sound_as_it_came_without_a_click() -> None:
    turns = {12_000: lambda c: c.bypass("eq", True), 30_000: lambda c: c.bypass("eq", False)}
    loud = one("eq", Path(), low_db=20, low_hz=500)
    out = play(loud, 0.1 * TONE, BLOCKS, turns)[0]
    assert not loud.is_bypassed("eq")
    assert np.array_equal(out[13_000:30_000], 0.1 * TONE[13_000:30_000])
    assert clicks(out[4800:], RATE).worst_ratio < 4.0


def test_an_effect_can_begin_bypassed() -> None:
    eq = one("eq", Path(), low_db=20, low_hz=500, bypassed=True)
    assert eq.is_bypassed("eq")
    assert np.array_equal(play(eq, TONE)[0], TONE)


def test_not_a_number_from_the_microphone_becomes_silence() -> None:
    broken = TONE.copy()
    broken[[1000, 2000, 3000]] = [np.nan, np.inf, -np.inf]
    out = play(one("eq", Path()), broken, BLOCKS)[0]
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 100.0


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e9, ValueError("dear me")])
def test_an_effect_that_goes_wrong_is_put_right(wrong: object) -> None:
    late = Late()
    alone = Chain([late], RATE)
    alone.process(TONE[None, :1000])
    late.wrong, resets = wrong, late.n_reset
    out = alone.process(TONE[None, 1000:1500])
    assert np.array_equal(out[0], TONE[900:1400])  # what went in, as late as the effect
    assert (alone.n_bad, late.n_reset) == (1, resets + 1)
    assert alone.problems()[0].startswith("late: put right 1 times")
    late.wrong = None
    alone.process(TONE[None, 1500:1600])
    assert np.array_equal(alone.process(TONE[None, 1600:1700])[0], 0.5 * TONE[1500:1600])


def test_one_that_fails_again_and_again_is_left_out_until_panic() -> None:
    late = Late()
    alone = Chain([late], RATE)
    late.wrong = ValueError("dear me")
    for n in range(2 * MOST_FAILURES):
        alone.process(TONE[None, 100 * n : 100 * (n + 1)])
    assert alone.n_bad == MOST_FAILURES
    assert alone.problems() == ["late: left out: ValueError: dear me"]
    late.wrong = None
    alone.reset()
    alone.process(TONE[None, :500])
    assert np.array_equal(alone.process(TONE[None, 500:600])[0], 0.5 * TONE[400:500])


def test_stereo_from_anywhere_is_seen_as_it_lies() -> None:
    """An effect may hand out a view, whose rows do not follow one another in memory."""
    late = Late(latency=200)
    late.process = lambda block: np.repeat(block, 4, axis=1)[:, ::4]  # type: ignore[method-assign]
    alone = Chain([late], RATE)
    assert np.array_equal(play(alone, TONE, BLOCKS)[0], TONE)


def test_a_block_of_no_samples_does_no_harm() -> None:
    both = chain({"kind": "delay"}, {"kind": "chorus"}, {"kind": "eq"}, {"kind": "gate"})
    assert both.process(np.zeros((1, 0), np.float32)).shape == (2, 0)
    assert not both.problems()


def test_relief_takes_out_the_expensive_and_brings_them_back_in_turn() -> None:
    names = [("a", False), ("b", True), ("c", True), ("d", False)]
    chain = Chain([Late(name, 0, is_expensive=dear) for name, dear in names], RATE)
    chain.bypass("d", True)
    assert [chain.relieve() for _ in range(4)] == ["c", "b", "", ""]
    assert [chain.restore() for _ in range(4)] == ["b", "c", "", ""]


def test_a_relieved_room_goes_and_comes_back_without_a_click(tmp_path: Path) -> None:
    room = one("room", tmp_path, mix=0.5)
    out = play(room, TONE, BLOCKS, {9600: Chain.relieve, 24_000: Chain.restore})
    assert np.array_equal(out[0, 12_000:24_000], TONE[12_000:24_000])
    assert level_db(out[:, 36_000:]) != level_db(TONE[36_000:])
    assert clicks(out[0, 4800:], RATE).worst_ratio < 4.0


def test_a_late_effect_is_as_late_while_it_rests() -> None:
    late = Late(latency=300)
    alone = Chain([late], RATE)
    parts = []
    for n, start in enumerate(range(0, 36_000, 100)):
        if n == 100:
            alone.relieve()
        if n == 200:
            played = late.n_played
            alone.restore()
        parts.append(alone.process(TONE[None, start : start + 100])[0])
    out = np.concatenate(parts)
    assert played < 150  # it rested
    assert np.array_equal(out[13_000:20_000], TONE[12_700:19_700])  # not later, not earlier
    assert np.array_equal(out[22_000:36_000], 0.5 * TONE[21_700:35_700])


def test_bypass_by_hand_outlasts_relief() -> None:
    late = Late(latency=0)
    alone = Chain([late], RATE)
    alone.relieve()
    alone.process(TONE[None, :4800])
    alone.bypass("late", True)
    alone.restore()
    alone.process(TONE[None, :4800])
    alone.process(TONE[None, :4800])
    assert late.is_bypassed
    alone.bypass("late", False)
    assert not late.is_bypassed
