"""Changes of preset: engines shared, tails heard, latency constant, nothing that clicks."""

import numpy as np
import pytest
import signals
import slots
import voices

from benchmarks.measures import clicks
from realtime.engine import Engine
from realtime.host import Host
from realtime.host_coming import LISTENING_HOPS

RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
SUNG = signals.rich_tone(330.0, 1.5, RATE, peak=0.2)
FADED = (LISTENING_HOPS + 16) * HOP
"""From the choice until only the new preset's own sound is left."""

WITH_ROOM = voices.random_file(voices.config(reverb_len=24000), seed=2)


def test_one_voice_in_two_presets_goes_on_as_one_engine() -> None:
    engine = slots.engine_of(slots.RANDOM)
    low, high = {"output_gain_db": -12.0}, {"room_mix": 0.2, "transpose_semitones": 3.0}
    host = Host(
        [slots.slot(engine, controls=low), slots.slot(engine, controls=high)], block_size=HOP
    )
    out = slots.play(host, SUNG, HOP, {200 * HOP: lambda h: h.choose(1)})
    alone = Engine(slots.RANDOM, low, block_size=HOP)
    expected = []
    for at in range(0, len(SUNG), HOP):
        if at == 200 * HOP:
            for name, value in host.presets[1].controls.items():
                alone.set_control(name, value)
        expected.append(alone.process(SUNG[at : at + HOP]))
    np.testing.assert_array_equal(out, np.concatenate(expected))


def test_the_old_room_rings_out_as_if_the_engine_played_on_without_a_tone() -> None:
    whole, ringing = slots.engine_of(WITH_ROOM), slots.engine_of(WITH_ROOM)
    hops = SUNG[: 400 * HOP].reshape(-1, HOP)
    for n, hop in enumerate(hops[:220]):
        for engine in (whole, ringing):
            engine.presence = max(min(1.0, (215 - n) / 15), 0.0)
            engine.play(hop[np.newaxis])
    expected = np.concatenate([whole.play(hop[np.newaxis]) for hop in hops[220:]])
    np.testing.assert_allclose(ringing.ring(len(hops) - 220), expected, atol=1e-6)
    assert slots.level_db(expected[: 20 * HOP]) > -50.0


def test_what_rings_is_heard_beside_the_new_preset() -> None:
    quiet = {"output_gain_db": -60.0, "harmonic_gain_db": -60.0, "noise_gain_db": -60.0}
    silent = slots.slot(slots.engine_of(slots.FOLLOWER), controls=quiet)
    host = Host([slots.slot(slots.engine_of(WITH_ROOM)), silent], block_size=HOP)
    at = 250 * HOP
    out = slots.play(host, SUNG, HOP, {at: lambda h: h.choose(1)})
    levels_db = [slots.level_db(out[at + FADED :][k * HOP : (k + 20) * HOP]) for k in (0, 60, 240)]
    assert levels_db[0] > -45.0
    assert levels_db[1] == pytest.approx(levels_db[0] - 60 * 60 * HOP / 24000, abs=6.0)
    assert levels_db[2] < -90.0


def test_an_engine_that_has_rung_out_costs_nothing_more() -> None:
    old, new = slots.engine_of(slots.RANDOM), slots.engine_of(slots.OTHER)
    host = Host([slots.slot(old), slots.slot(new)], block_size=HOP)
    n_rung, rang = 0, old.ring

    def counted(n_hops: int) -> np.ndarray:
        nonlocal n_rung
        n_rung += n_hops
        return rang(n_hops)

    old.ring = counted  # type: ignore[method-assign]
    slots.play(host, SUNG, HOP, {0: lambda h: h.choose(1)})
    assert 10 < n_rung <= old.n_ringing_hops + 1


def test_a_hundred_quick_changes_make_no_click_and_few_engines() -> None:
    engines = [slots.engine_of(voices.random_file(seed=seed)) for seed in range(4)]
    host = Host([slots.slot(engine) for engine in engines], block_size=HOP)
    still = [clicks(slots.play(Host([slots.slot(e)]), SUNG), RATE).worst_ratio for e in engines]
    for engine in engines:
        engine.reset()
    rng = np.random.default_rng(0)
    n_playing = []

    def change(h: Host) -> None:
        acts = h._stage._cast.acts
        n_playing.append(sum(act.phase == "playing" for act in acts))
        h.choose(int(rng.integers(4)))

    places = np.sort(rng.choice(np.arange(10, len(SUNG) // HOP), 100, replace=False))
    out = slots.play(host, SUNG, HOP, {int(at) * HOP: change for at in places})
    assert clicks(out, RATE).worst_ratio <= 1.2 * max(still)
    assert max(n_playing) <= 4


def test_latency_is_that_of_the_slowest_preset_for_all() -> None:
    audio = np.zeros(188 * HOP, np.float32)
    audio[[6000, 18000]] = 0.25
    dry = {"dry_wet": 0.0}
    host = Host(
        [
            slots.slot(slots.engine_of(slots.FOLLOWER), controls=dry,
                       after=[slots.FakeEffect("slow", 480)]),
            slots.slot(slots.engine_of(slots.FOLLOWER), controls=dry,
                       before=[slots.FakeEffect("late", 100)]),
            slots.slot(slots.engine_of(slots.FOLLOWER), controls=dry),
        ],
        block_size=HOP,
    )  # fmt: skip
    assert host.latency_samples == 216 + 480 + 100
    for number in (1, 2):
        at = 96 * HOP
        out = slots.play(host, audio, HOP, {at: lambda h, n=number: h.choose(n)})
        loudest = np.flatnonzero(np.abs(out) > 0.2).tolist()
        assert loudest == [6000 + host.latency_samples, 18000 + host.latency_samples]
        host.expect_blocks_of(HOP)
        host.choose(0)
        slots.play(host, np.zeros(48000, np.float32), HOP)


def test_two_voices_sound_at_once_and_keep_their_own_controls() -> None:
    first, second = slots.engine_of(slots.FOLLOWER), slots.engine_of(slots.FOLLOWER)
    both = slots.slot(first, second, own=({}, {"octave_shift": -1.0}))
    host = Host([both], block_size=HOP)
    out = slots.play(host, SUNG, HOP, {9600: lambda h: h.set_control("transpose_semitones", 12)})
    assert second.control_values["octave_shift"] == -1.0
    assert second.control_values["transpose_semitones"] == 12.0
    spectrum = np.abs(np.fft.rfft(out[-24000:] * np.hanning(24000)))
    assert {int(k) * 2 for k in np.argsort(spectrum)[-2:]} == {330, 660}


def test_stereo_comes_from_any_preset_once_one_is_in_stereo() -> None:
    wide = slots.slot(slots.engine_of(slots.OTHER), after=[slots.FakeEffect("wide", 0, 2)])
    host = Host([slots.slot(slots.engine_of(slots.RANDOM)), wide], block_size=HOP)
    assert host.n_outputs == 2
    out = slots.play(host, SUNG, HOP, {200 * HOP: lambda h: h.choose(1)})
    assert out.shape == (len(SUNG), 2)
    np.testing.assert_array_equal(out[:, 0], out[:, 1])
    assert slots.level_db(out[-4800:, 0]) > -50.0


def test_readings_and_number_follow_the_choice() -> None:
    host = Host(
        [slots.slot(slots.engine_of(slots.RANDOM)), slots.slot(slots.engine_of(slots.OTHER))],
        block_size=HOP,
    )
    slots.play(host, SUNG[: 100 * HOP])
    host.choose(1)
    assert host.number == 1
    f0_hz = []
    for at in range(100 * HOP, 140 * HOP, HOP):
        host.process(SUNG[at : at + HOP])
        f0_hz.append(float(host.readings[0, 0]))
    np.testing.assert_allclose(f0_hz, 330.0, rtol=0.003)


def test_nothing_passes_minus_1_dbfs_however_much_sounds() -> None:
    loud = {"input_gain_db": 20.0, "output_gain_db": 12.0, "loudness_shift_db": 12.0}
    engines = [slots.engine_of(slots.FOLLOWER) for _ in range(3)]
    host = Host([slots.slot(*engines[:2], controls=loud), slots.slot(engines[2], controls=loud)])
    out = slots.play(host, SUNG, 100, {
        9600: lambda h: h.choose(1),
        19200: lambda h: h.choose(0),
        24000: lambda h: h.bypass(True),
    })  # fmt: skip
    assert 0.7 < np.abs(out).max() <= 10.0 ** (-1.0 / 20.0) * (1 + 1e-6)
