"""No number from any stage: the hop is silent, that stage begins afresh, and it is counted."""

from collections.abc import Callable

import numpy as np
import pytest
import signals
import slots
import voices

from realtime.effects.chain import Chain
from realtime.effects.spec import EffectSpec
from realtime.engine import Engine
from realtime.host import Host

RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
SUNG = signals.rich_tone(330.0, 0.6, RATE, peak=0.3)
AT = 100 * HOP

Spoil = Callable[[Engine], None]


def _pitch(engine: Engine) -> None:
    engine._pitch = engine._pitch._replace(scores=engine._pitch.scores * np.nan)


STAGES: dict[str, Spoil] = {
    "pitch": _pitch,
    "loudness": lambda engine: engine._memory.loudness.squares.fill(np.nan),
    "shaping": lambda engine: engine._memory.shaping.memory.fill(np.nan),
    "tuning": lambda engine: engine._memory.tuning.vibrato.pitches.fill(np.nan),
    "decoder": lambda engine: engine._memory.voice.decoder.hidden.fill(np.nan),
    "oscillators' phases": lambda engine: engine._memory.voice.tone.phases_cycles.fill(np.nan),
    "oscillators' levels": lambda engine: engine._memory.voice.tone.amplitudes.fill(np.inf),
    "noise": lambda engine: engine._memory.voice.noise.tail.fill(np.nan),
    "room": lambda engine: engine._memory.voice.room.short_spectra.fill(np.nan),
    "room's far end": lambda engine: engine._memory.voice.room.due.fill(np.nan),
    "limiter": lambda engine: engine._memory.limiter_peak.fill(np.nan),
    "dry sound": lambda engine: engine._memory.history.fill(np.nan),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_holds_no_numbers_is_put_right_and_counted(stage: str) -> None:
    engine = slots.engine_of(voices.random_file(voices.config(reverb_len=9000)))
    host = Host([slots.slot(engine, controls={"dry_wet": 0.8})], block_size=HOP)
    out = slots.play(host, SUNG, HOP, {AT: lambda _host: STAGES[stage](engine)})
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 0.9
    assert host.n_bad == 1 or stage == "limiter"  # the limiter forgets by itself
    if host.n_bad:
        assert host.problem == "1 hops muted: no numbers"
        host.reset_counters()
        assert host.problem == ""
    again = Host([slots.slot(slots.engine_of(voices.random_file(voices.config(reverb_len=9000))),
                             controls={"dry_wet": 0.8})], block_size=HOP)  # fmt: skip
    expected = slots.play(again, SUNG, HOP)
    end = slice(-60 * HOP, None)
    assert slots.level_db(out[end]) == pytest.approx(slots.level_db(expected[end]), abs=1.5)


def test_an_input_that_is_no_number_reaches_nobody() -> None:
    spoiled = SUNG.copy()
    spoiled[AT : AT + 300 : 7] = np.nan
    spoiled[AT + 1] = np.inf
    before = [EffectSpec("high_pass", "rumble")]
    for host in (
        Host([slots.slot(slots.engine_of(slots.RANDOM), before=before)]),
        Host([slots.slot(slots.engine_of(slots.RANDOM), after=before)]),
    ):
        host.bypass(True)
        out = slots.play(host, spoiled, 100, {AT: lambda host: host.bypass(False)})
        assert np.isfinite(out).all()
        assert slots.level_db(out[-4800:]) > -40.0


def test_an_effect_that_gives_no_numbers_is_the_chain_s_business() -> None:
    class Broken(slots.FakeEffect):
        def process(self, block: np.ndarray) -> np.ndarray:
            return block * np.nan

    slot = slots.slot(slots.engine_of(slots.FOLLOWER), after=[Broken("broken")])
    host = Host([slot])
    out = slots.play(host, SUNG, 128)
    assert isinstance(slot.output_chain, Chain)
    assert np.isfinite(out).all()
    assert slots.level_db(out[-4800:]) > -40.0
    assert "broken" in host.problem
