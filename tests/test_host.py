"""The host, as its callers hear it: one preset like an engine, the law, latency, bypass, panic."""

import numpy as np
import pytest
import signals
import slots
import voices

from ddsp_core.errors import ControlError
from realtime.effects.spec import EffectSpec
from realtime.engine import Engine
from realtime.host import Host
from realtime.host_applied import Applied

RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
SUNG = signals.rich_tone(330.0, 1.0, RATE, peak=0.3)


def two_voices() -> Host:
    first = slots.slot(slots.engine_of(slots.RANDOM), name="first", controls={"room_mix": 0.5})
    second = slots.slot(slots.engine_of(slots.OTHER), name="second", controls={"octave_shift": 1})
    return Host([first, second])


def delayed_host(**controls: float) -> Host:
    return Host([slots.slot(slots.engine_of(slots.FOLLOWER), controls=controls)])


def test_one_plain_preset_sounds_like_an_engine() -> None:
    host = Host([slots.slot(slots.engine_of(slots.RANDOM))], block_size=HOP)
    engine = Engine(slots.RANDOM, block_size=HOP)
    assert host.latency_samples == engine.latency_samples
    expected = np.concatenate(
        [engine.process(b) for b in np.split(SUNG, range(HOP, len(SUNG), HOP))]
    )
    np.testing.assert_allclose(slots.play(host, SUNG), expected, atol=1e-6)


EVENTS = {
    4800: lambda host: host.choose(1),
    7200: lambda host: host.choose(0),
    9600: lambda host: host.set_control("output_gain_db", -6.0),
    12000: lambda host: host.choose(1),
    12240: lambda host: host.choose(0),
    14400: lambda host: host.bypass(True),
    16800: lambda host: host.bypass(False),
    19200: lambda host: host.choose(1),
    24000: lambda host: host.panic(),
    31200: lambda host: host.choose(0),
}


@pytest.mark.parametrize("size", [1, 16, 64, 100, 128, 480, 1024])
def test_cutting_the_input_anywhere_changes_nothing(size: int) -> None:
    audio = SUNG[:38400]
    if size == 1:
        audio = audio[:9600]
    events = {at: event for at, event in EVENTS.items() if at < len(audio)}
    expected = slots.play(two_voices(), audio, 240, events)
    out = slots.play(two_voices(), audio, size, events)
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_it_says_what_took_effect_when() -> None:
    host = two_voices()
    slots.play(host, SUNG[:9600], 240, {
        2400: lambda host: host.choose(1),
        4800: lambda host: host.set_control("dry_wet", 0.5),
        7200: lambda host: host.bypass(True),
    })  # fmt: skip
    told = list(host.applied)
    assert told[0] == Applied(2400, "preset", "second", 1.0)
    assert Applied(2400, "control", "octave_shift", 1.0) in told
    assert Applied(4800, "control", "dry_wet", 0.5) in told
    assert told[-1] == Applied(7200, "bypass", "", 1.0)


def test_readings_are_of_the_hops_that_were_completed() -> None:
    host = delayed_host()
    assert host.process(SUNG[:100]).shape == (100,)
    assert host.readings.shape == (0, 3)
    host.process(SUNG[100:24000])
    assert host.readings.shape == (24000 // HOP, 3)
    f0_hz, confidence, loudness_db = host.readings[-1]
    assert f0_hz == pytest.approx(330.0, rel=0.002)
    assert confidence > 0.9
    assert loudness_db == pytest.approx(host.meters.loudness_db)


def test_bypass_is_the_microphone_as_late_as_the_instrument() -> None:
    host = delayed_host()
    audio = np.random.default_rng(0).normal(0, 0.05, 24000).astype(np.float32)
    out = slots.play(host, audio, 100, {0: lambda host: host.bypass(True)})
    late = host.latency_samples
    np.testing.assert_allclose(out[4800:], audio[4800 - late : -late], atol=1e-6)


def test_panic_is_silence_within_five_milliseconds_and_then_goes_on() -> None:
    at = 188 * HOP
    host = delayed_host(dry_wet=0.0)
    host.expect_blocks_of(HOP)
    out = slots.play(host, SUNG, HOP, {at: lambda host: host.panic()})
    assert np.abs(out[at + 2 * HOP - 1]) < 1e-4
    assert slots.level_db(out[-4800:]) == pytest.approx(slots.level_db(out[9600:14400]), abs=0.2)
    bends = np.abs(np.diff(out, 3))
    assert bends[at - 300 :].max() < 1.5 * bends[9600:23000].max()
    again = slots.play(delayed_host(), SUNG, HOP, {at: lambda host: host.panic()})
    assert slots.level_db(again[-4800:]) > -20.0


def test_panic_forgets_what_rings() -> None:
    host = two_voices()
    audio = np.concatenate((SUNG[:24000], np.zeros(9600, np.float32)))
    out = slots.play(host, audio, 128, {24064: lambda host: host.panic()})
    assert np.abs(out[24064 + 3 * HOP + 127 :]).max() == 0.0


def test_a_preset_that_is_kept_begins_as_it_stood() -> None:
    after = [EffectSpec("high_pass", "rumble")]
    engine = slots.engine_of(slots.FOLLOWER)
    host = Host([slots.slot(engine, after=after), slots.slot(engine)])
    host.set_control("room_mix", 0.25)
    host.set_control("rumble.frequency_hz", 200.0)
    host.bypass_effect("rumble")
    host.keep_preset()
    stood = host.control_values
    host.set_control("room_mix", 0.75)
    host.bypass_effect("rumble")
    for number in (1, 0):
        host.choose(number)
        host.process(np.zeros(HOP, np.float32))
    assert host.control_values == stood
    assert host.effects_out == {"rumble"}
    assert host.slots[0].output_chain.is_bypassed("rumble")


def test_unknown_names_are_answered_with_what_exists() -> None:
    after = [EffectSpec("high_pass", "rumble")]
    host = Host([slots.slot(slots.engine_of(slots.FOLLOWER), after=after)])
    assert host.find_control("rumble.frequency_hz").unit == "Hz"
    with pytest.raises(ControlError, match=r"rumble\.frequency_hz"):
        host.find_control("rumble.frequenzy_hz")
    with pytest.raises(ControlError, match="rumble"):
        host.bypass_effect("rumbel")
    with pytest.raises(ControlError, match="above"):
        host.set_control("dry_wet", 2.0)
    assert host.bypass_effect("rumble")
    assert not host.bypass_effect("rumble")
