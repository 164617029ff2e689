"""Effects in another order while they sound: heard soon, without a click, tails and all."""

from pathlib import Path

import numpy as np
import pytest
import signals
import slots
import soundfile
import soxr
import voices

from benchmarks.measures import clicks
from ddsp_core.errors import ControlError
from realtime.effects.spec import EffectSpec
from realtime.host import Host
from realtime.host_applied import Applied

RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
CLIP = Path(__file__).parent / "clips" / "vocadito_1.flac"
TONE = signals.tone(220.0, 1.2, RATE, peak=0.3)
TONE *= np.minimum(np.arange(len(TONE), dtype=np.float32) / 9600, 1.0)
"""Begun without a corner."""
EQ = EffectSpec("eq", "tone", values={"low_db": 9.0, "high_db": -9.0})
LOW = EffectSpec("high_pass", "rumble", values={"frequency_hz": 400.0})
LEVEL = EffectSpec("compressor", "level", values={"threshold_db": -30.0, "ratio": 4.0})
ECHO = EffectSpec(
    "delay",
    "echo",
    values={"time_s": 0.1, "mix": 0.5, "feedback": 0.6},
    options={"ping_pong": True},
)
CHORUS = EffectSpec("chorus", "desks")
GATE = EffectSpec("gate", "gate", values={"threshold_db": -50.0})
DRY = {"dry_wet": 0.0}
"""The microphone itself goes through the effects: what is heard is known."""
AT = 96 * HOP


def host_of(*after: EffectSpec, before: tuple[EffectSpec, ...] = (), **controls: float) -> Host:
    engine = slots.engine_of(slots.FOLLOWER)
    one = slots.slot(engine, controls={**DRY, **controls}, before=before, after=after)
    return Host([one, slots.slot(engine, controls=DRY)])


def reordered(order: str):  # type: ignore[no-untyped-def]
    return lambda host: host.order_effects(order)


def sung() -> np.ndarray:
    clip, rate = soundfile.read(CLIP, dtype="float32", stop=2 * 44100)
    return np.asarray(soxr.resample(clip, rate, RATE), np.float32)


def test_soon_it_sounds_as_if_it_had_always_been_so() -> None:
    before = slots.play(host_of(LOW, LEVEL), TONE, HOP)
    expected = slots.play(host_of(LEVEL, LOW), TONE, HOP)
    host = host_of(LOW, LEVEL)
    out = slots.play(host, TONE, HOP, {AT: reordered("level, rumble")})
    np.testing.assert_array_equal(out[:AT], before[:AT])
    late = slice(-RATE // 2, None)
    np.testing.assert_allclose(out[late], expected[late], atol=1e-6)
    assert np.abs(out - before)[late].max() > 0.02
    assert host.latency_samples == host_of(LOW, LEVEL).latency_samples
    assert host.effect_order == {"output": "output: level, rumble"}
    assert Applied(AT, "effect_order", "output: level, rumble", 0.0) in host.applied


@pytest.mark.parametrize(
    "sound", [signals.tone(440.0, 0.8, RATE, 0.3), sung()[: RATE + RATE // 4]], ids=["sine", "sung"]
)
@pytest.mark.parametrize(
    ("effects", "order"),
    [
        ((EQ, LEVEL), "level, tone"),
        ((ECHO, EQ), "tone, echo"),
        ((LEVEL, CHORUS, ECHO), "echo, level, desks"),
    ],
    ids=["mono", "wider later", "three"],
)
def test_no_click(effects: tuple[EffectSpec, ...], order: str, sound: np.ndarray) -> None:
    still = slots.play(host_of(*effects), sound, HOP)
    out = slots.play(host_of(*effects), sound, HOP, {AT: reordered(order)})
    worst = [
        clicks(audio.reshape(len(audio), -1)[AT - 4 * HOP :, 0], RATE).worst_ratio
        for audio in (still, out)
    ]
    assert worst[1] <= max(1.2 * worst[0], 2.0)


def test_echoes_go_on_in_the_row_that_was() -> None:
    audio = np.concatenate((TONE[: AT + 20 * HOP], np.zeros(RATE, np.float32)))
    still = slots.play(host_of(ECHO, LOW), audio, HOP)
    at = len(TONE[: AT + 20 * HOP]) // HOP * HOP + 20 * HOP
    out = slots.play(host_of(ECHO, LOW), audio, HOP, {at: reordered("rumble, echo")})
    np.testing.assert_allclose(out, still, atol=1e-5)
    assert slots.level_db(out[at + 60 * HOP : at + 120 * HOP]) > -50.0


def test_what_follows_the_level_goes_on_where_it_is() -> None:
    """A compressor that began afresh would let through 5 dB too much for a moment."""
    out = slots.play(host_of(EQ, LEVEL), TONE, HOP, {AT: reordered("level, tone")})
    ends = slots.level_db(out[AT - 4800 : AT]), slots.level_db(out[-4800:])
    loudest = max(slots.level_db(out[at : at + 480]) for at in range(AT, AT + 9600, 48))
    assert loudest < max(ends) + 2.0


EVENTS = {
    4800: reordered("rumble, echo"),
    7200: lambda host: host.set_control("echo.mix", 0.3),
    9600: reordered("echo, rumble"),
    9840: reordered("input: gate, level"),
    12000: lambda host: host.choose(1),
    14400: lambda host: host.choose(0),
    15600: reordered("rumble, echo"),
    19200: lambda host: host.panic(),
}


@pytest.mark.parametrize("size", [50, 128, 1024])
def test_cutting_the_input_anywhere_changes_nothing(size: int) -> None:
    def sound(cut: int) -> np.ndarray:
        host = host_of(ECHO, LOW, before=(LEVEL, GATE), dry_wet=0.5)
        return slots.play(host, TONE[:28800], cut, EVENTS)

    np.testing.assert_allclose(sound(size), sound(240), atol=1e-5)


def test_everything_stands_as_it_did() -> None:
    host = host_of(ECHO, EQ, LOW)
    host.set_control("echo.mix", 0.125)
    host.bypass_effect("tone")
    host.set_tempo(99.0)
    host.process(TONE[:HOP])
    host.order_effects("rumble, tone, echo")
    host.set_control("rumble.frequency_hz", 77.0)
    values = host.control_values
    host.process(TONE[:HOP])
    (chain,) = host._done.rows.chains
    assert chain is not host.slots[0].output_chain
    assert {name: values[name] for name in chain.values} == chain.values
    assert chain.is_bypassed("tone")
    assert not chain.is_bypassed("echo")
    assert [effect._bpm for effect in chain.effects] == [99.0] * 3  # type: ignore[attr-defined]


def test_a_preset_brings_its_own_order() -> None:
    host = host_of(EQ, LOW)
    host.order_effects("rumble, tone")
    host.process(TONE[:HOP])
    host.choose(0)
    assert host.effect_order == {"output": "output: tone, rumble"}
    host.order_effects("rumble, tone")
    host.keep_preset()
    for number in (1, 0):
        host.choose(number)
        slots.play(host, TONE, HOP)
    assert host.effect_order == {"output": "output: rumble, tone"}
    still = slots.play(host_of(LOW, EQ), np.tile(TONE, 3), HOP)
    np.testing.assert_allclose(
        slots.play(host, TONE, HOP)[-RATE // 4 :], still[-RATE // 4 :], atol=1e-5
    )


def test_the_voice_hears_through_the_new_order() -> None:
    loud = EffectSpec("gate", "gate", values={"threshold_db": -12.0, "release_s": 0.05})
    boost = EffectSpec("compressor", "boost", values={"makeup_db": 20.0, "ratio": 1.0})
    host = host_of(before=(boost, loud), dry_wet=0.0)
    out = slots.play(host, 0.1 * TONE, HOP, {AT: reordered("gate, boost")})
    assert slots.level_db(out[AT // 2 : AT]) > -40.0
    assert slots.level_db(out[-HOP * 40 :]) < -60.0


def test_what_nobody_plays_any_more_is_ended() -> None:
    host = host_of(ECHO, LOW)
    host.order_effects("rumble, echo")
    made = host._made[0]
    ended: list[str] = []
    made.close = lambda: ended.append("made")  # type: ignore[method-assign]
    slots.play(host, TONE, HOP)
    host.tidy()
    host.order_effects("echo, rumble")
    assert not ended
    slots.play(host, TONE, HOP)
    host.tidy()
    assert not ended  # its echoes are heard
    slots.play(host, np.zeros(8 * RATE, np.float32), HOP)
    host.tidy()
    assert ended == ["made"]
    assert len(host._stage._cast.all_paths) == 2


def test_where_there_is_no_time_old_rows_are_the_first_to_go() -> None:
    host = host_of(ECHO, LOW)
    host.order_effects("rumble, echo")
    slots.play(host, TONE, HOP)
    host.order_effects("echo, rumble")
    slots.play(host, TONE[: RATE // 4], HOP)
    stage = host._stage
    assert stage.relieve() == "tails"
    slots.play(host, TONE[: RATE // 4], HOP)
    assert len(stage._cast.all_paths) == 2
    assert stage.relieve() in {"", "echo"}
    stage.restore()


def test_many_orders_at_once_leave_few_rows_sounding() -> None:
    host = host_of(ECHO, LOW, EQ)
    names = ["echo, tone, rumble", "tone, echo, rumble", "rumble, tone, echo", "tone, rumble, echo"]
    n_sounding: list[int] = []

    def change(h: Host, order: str) -> None:
        n_sounding.append(sum(path.is_sounding for path in h._stage._cast.all_paths))
        h.order_effects(order)

    acts = {at * HOP: (lambda h, n=at: change(h, names[n % 4])) for at in range(120, 330, 7)}
    out = slots.play(host, TONE, HOP, acts)[115 * HOP :, 0]
    assert max(n_sounding) <= 6
    assert clicks(out, RATE).n_above == 0


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("echo, hall", "no effect 'hall'"),
        ("echo", "'rumble' is missing: each once: input: gate; output: echo, rumble"),
        ("echo, echo, rumble", "stands twice"),
        ("gate, echo, rumble", "keep their sides"),
        ("input: echo, rumble", "keep their sides"),
        ("", "no effect ''"),
    ],
)
def test_what_is_no_order(order: str, told: str) -> None:
    host = host_of(ECHO, LOW, before=(GATE,))
    for ask in (host.find_order, host.order_effects):
        with pytest.raises(ControlError, match=told):
            ask(order)
    assert host.find_order(" rumble,echo ") == "output: rumble, echo"
    host.choose(1)
    with pytest.raises(ControlError, match="it has none"):
        host.find_order("echo, rumble")
