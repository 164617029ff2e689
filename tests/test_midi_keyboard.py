"""Playing by keyboard: when notes are heard, how loud, how high; and a voice that plays them."""

import numpy as np
import pytest
import voices
from desks import a_preset
from signals import hops_of

from ddsp_core.features import FeatureExtractor
from ddsp_core.units import cents_between, midi_to_hz
from realtime.desk import Change
from realtime.engine import Engine
from realtime.hearing import Ears
from realtime.midi_keyboard import PRESSURE_DB, Keyboard, KeyboardPlayer, Range, range_of
from realtime.note_source import CERTAIN

HOP_S = 128 / 48000
LOUDNESS = Range(-40.0, -10.0)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def keyboard() -> tuple[Keyboard, KeyboardPlayer, Clock]:
    clock = Clock()
    one = Keyboard(now_s=clock)
    return one, one.player(HOP_S, LOUDNESS), clock


def hops(player: KeyboardPlayer, clock: Clock, n: int) -> tuple[np.ndarray, ...]:
    """n hops, one by one."""
    found = []
    for _ in range(n):
        clock.now_s += HOP_S
        found.append(player.read(1))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def test_nothing_is_played_before_the_first_note() -> None:
    _, player, clock = keyboard()
    _, confidence, loudness_db = hops(player, clock, 5)
    assert (confidence == 0).all()
    assert (loudness_db == -100).all()


def test_a_note_has_its_pitch_and_the_loudness_of_its_velocity() -> None:
    one, player, clock = keyboard()
    for velocity, expected_db in ((127, -10.0), (64, -40 + 30 * 64 / 127)):
        one.on_message([0x90, 69, velocity])
        f0_hz, confidence, loudness_db = hops(player, clock, 40)
        np.testing.assert_allclose(f0_hz, 440.0, rtol=1e-6)
        assert (confidence == CERTAIN).all()
        assert loudness_db[-1] == pytest.approx(expected_db, abs=0.1)
        assert (np.diff(loudness_db) >= 0).all()  # an attack, no step
        one.on_message([0x80, 69, 0])
        hops(player, clock, 400)


def test_it_ends_in_silence_at_its_pitch() -> None:
    one, player, clock = keyboard()
    one.on_message([0x90, 57, 127])
    hops(player, clock, 40)
    one.on_message([0x80, 57, 0])
    f0_hz, confidence, loudness_db = hops(player, clock, 150)
    np.testing.assert_allclose(f0_hz, 220.0, rtol=1e-6)
    assert loudness_db[-1] == -100
    assert confidence[-1] == 0
    assert (np.diff(loudness_db) <= 0).all()


def test_tied_notes_change_pitch_without_a_new_attack() -> None:
    one, player, clock = keyboard()
    one.on_message([0x90, 60, 100])
    hops(player, clock, 60)
    one.on_message([0x90, 64, 100])
    f0_hz, _, loudness_db = hops(player, clock, 5)
    np.testing.assert_allclose(f0_hz, midi_to_hz(64), rtol=1e-6)
    np.testing.assert_allclose(loudness_db, loudness_db[0], atol=0.01)


@pytest.mark.parametrize("n_hops", [1, 2, 8])
def test_events_keep_their_time_within_the_block(n_hops: int) -> None:
    """In blocks of any size a note begins one block after its key, to the hop."""
    for at in range(8):
        one, player, clock = keyboard()
        begun_s = clock.now_s
        one.on_message([0x90, 69, 100], time_s=begun_s + (at + 0.5) * HOP_S)
        confidence = []
        for _ in range(16 // n_hops):
            clock.now_s += n_hops * HOP_S
            confidence.extend(player.read(n_hops)[1])
        assert np.flatnonzero(confidence)[0] == at


def test_pressure_raises_and_expression_lowers_without_steps() -> None:
    one, player, clock = keyboard()
    one.on_message([0x90, 69, 64])
    _, _, before_db = hops(player, clock, 60)
    one.on_message([0xD0, 127])
    _, _, pressed_db = hops(player, clock, 60)
    one.on_message([0xB0, 11, 64])
    _, _, lower_db = hops(player, clock, 60)
    assert pressed_db[-1] - before_db[-1] == pytest.approx(PRESSURE_DB, abs=0.1)
    assert lower_db[-1] - pressed_db[-1] == pytest.approx(-12.0, abs=0.3)
    assert np.abs(np.diff(np.concatenate((before_db, pressed_db, lower_db))[30:])).max() < 2.0


def test_the_wheel_is_vibrato_around_the_note() -> None:
    one, player, clock = keyboard()
    one.on_message([0xB0, 1, 127])
    one.on_message([0x90, 69, 100])
    f0_hz, _, _ = hops(player, clock, 750)
    cents = cents_between(f0_hz, 440.0)
    assert cents.max() == pytest.approx(50, abs=1)
    assert cents.min() == pytest.approx(-50, abs=1)
    assert (np.diff(np.signbit(cents)) != 0).sum() == pytest.approx(2 * 5.5 * 2.0, abs=1)


def test_it_is_tuned_to_the_a_of_the_others() -> None:
    one, player, clock = keyboard()
    one.follow(Change("control", "a4_hz", 442.0, "osc"))
    one.on_message([0x90, 69, 100])
    np.testing.assert_allclose(hops(player, clock, 5)[0], 442.0, rtol=1e-6)


def test_panic_ends_all_notes_of_all_voices() -> None:
    one, player, clock = keyboard()
    other = one.player(HOP_S, LOUDNESS)
    one.on_message([0x90, 69, 100])
    hops(player, clock, 10)
    one.follow(Change("panic", "", 0.0, "midi"))
    assert hops(player, clock, 150)[1][-1] == 0
    assert other.read(400)[1][-1] == 0


def test_velocities_mean_what_the_voice_has_learned() -> None:
    assert range_of({"loudness_quantiles_db": {"5": -44.0, "99": -14.0}}) == (-44.0, -14.0)
    assert range_of({}) == Range(-42.0, -16.0)


def test_a_voice_plays_what_the_keyboard_says() -> None:
    clock = Clock()
    one = Keyboard(now_s=clock)
    voice = voices.follower_file()
    engine = Engine(voice, block_size=128, notes=one.player(HOP_S, LOUDNESS))
    played = []
    silence = np.zeros(128, np.float32)
    for n in range(500):
        if n == 50:
            one.on_message([0x90, 64, 120])
        if n == 250:
            one.on_message([0x90, 71, 120])
        clock.now_s += HOP_S
        played.append(engine.process(silence))
    audio = np.concatenate(played)
    assert np.abs(audio[: 49 * 128]).max() < 1e-4
    features, _ = FeatureExtractor(48000, 128).forward(hops_of(audio, 128))
    for part, note in ((slice(100, 240), 64), (slice(290, 480), 71)):
        heard_hz = np.median(features.f0_hz[part])
        assert abs(cents_between(heard_hz, midi_to_hz(note))) < 5


def test_no_gate_cuts_off_what_a_pedal_makes_soft() -> None:
    preset = a_preset("violin", gate_db=-40.0)
    assert Ears(keyboard=Keyboard()).controls_of(preset)["gate_db"] == -90.0
    assert Ears().controls_of(preset)["gate_db"] == -40.0
