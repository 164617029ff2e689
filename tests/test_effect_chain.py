"""A chain: names, widths, bypass, relief, and effects that fail."""

import threading
from pathlib import Path

import numpy as np
import pytest
from effects import RATE, blocks_of, chain, one, play, sine
from late_effect import Late

from benchmarks.measures import clicks
from ddsp_core.errors import AudioError, ControlError
from realtime.effects.chain import Chain
from realtime.effects.spec import EffectSpec

TONE = sine(220.0, 1.0)
BLOCKS = blocks_of(128, len(TONE))


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


def test_what_was_begun_is_ended_when_another_cannot_be_made(tmp_path: Path) -> None:
    late = Late("a")
    with pytest.raises(ControlError, match="two effects of this name"):
        Chain([late, Late("a")], RATE)
    assert late.is_closed
    late = Late("b")
    with pytest.raises(AudioError, match="no such file"):
        Chain([late, EffectSpec("room", "room", options={"file": str(tmp_path / "x")})], RATE)
    assert late.is_closed


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


def test_a_block_of_no_samples_does_no_harm() -> None:
    both = chain({"kind": "delay"}, {"kind": "chorus"}, {"kind": "eq"}, {"kind": "gate"})
    assert both.process(np.zeros((1, 0), np.float32)).shape == (2, 0)
    assert not both.problems()


def test_channels_that_were_not_agreed_are_refused() -> None:
    with pytest.raises(ValueError, match="2 channels for a chain of 1"):
        chain({"kind": "eq"}).process(np.zeros((2, 10), np.float32))


def test_many_hands_may_turn_while_it_plays() -> None:
    echoes = chain({"kind": "delay"}, {"kind": "eq"}, {"kind": "chorus"})
    names, is_over = list(echoes.parameters), threading.Event()

    def turn(seed: int) -> None:
        random = np.random.default_rng(seed)
        while not is_over.is_set():
            control = echoes.parameters[name := str(random.choice(names))]
            echoes.set(name, random.uniform(control.minimum, control.maximum))
            echoes.set_tempo(random.uniform(60, 180))
            echoes.bypass(name.partition(".")[0], bool(random.integers(2)))

    hands = [threading.Thread(target=turn, args=(seed,)) for seed in range(3)]
    for hand in hands:
        hand.start()
    out = play(echoes, TONE, BLOCKS)
    is_over.set()
    for hand in hands:
        hand.join()
    assert np.isfinite(out).all()
    assert set(echoes.values) == set(names)
