"""The room: partitions against one long FFT, impulse responses, and mixing."""

import numpy as np
import pytest
import torch
import voices

from ddsp_core.live_room import SHORT_PARTITIONS, RoomStep
from ddsp_core.room import Room, fast_fft_size
from ddsp_core.tail import tail_envelope
from ddsp_core.voice import voice_from_file

HOP = voices.HOP_SIZE
FILES = voices.parity_files()


def dry_sound(n_hops: int, hop_size: int = HOP) -> np.ndarray:
    return np.random.default_rng(0).normal(0.0, 0.1, (n_hops, hop_size)).astype(np.float32)


def by_torch(room: Room, audio: np.ndarray, mix: np.ndarray | float = 1.0) -> np.ndarray:
    flat = torch.from_numpy(audio.reshape(1, -1))
    share = mix if isinstance(mix, float) else torch.from_numpy(mix.reshape(1, -1))
    with torch.inference_mode():
        return room(flat, mix=share)[0].numpy().reshape(audio.shape)


def response_of(room: Room) -> np.ndarray:
    return room.impulse_responses()[0].detach().numpy()


def a_room(length: int) -> Room:
    room = Room(length)
    generator = torch.Generator().manual_seed(length)
    room.taps.data.normal_(0.0, 0.1, generator=generator)
    return room


SHORT_PART = 16 * SHORT_PARTITIONS
"""How much of a response is convolved hop by hop, at 16 samples a hop."""
LENGTHS = (1, 2, 15, 16, 17, SHORT_PART - 1, SHORT_PART, SHORT_PART + 1, 2 * SHORT_PART + 100, 3000)


@pytest.mark.parametrize("hop_size", [16, 15])
@pytest.mark.parametrize("length", LENGTHS)
def test_the_live_step_computes_what_was_trained(length: int, hop_size: int) -> None:
    room, audio = a_room(length), dry_sound(400, hop_size)
    mix = np.random.default_rng(1).uniform(0.0, 1.0, audio.shape).astype(np.float32)
    live, _ = RoomStep(response_of(room), hop_size).forward((audio, mix))
    np.testing.assert_allclose(live, by_torch(room, audio, mix), atol=2e-6)


@pytest.mark.parametrize("name", FILES)
def test_parity_in_a_voice_s_own_room(name: str) -> None:
    room = voice_from_file(FILES[name]).room
    audio = dry_sound(2 * room.length // HOP)
    live, _ = RoomStep(response_of(room), HOP).forward((audio, np.ones_like(audio)))
    np.testing.assert_allclose(live, by_torch(room, audio), atol=1e-5)


@pytest.mark.parametrize("at", [0, 3, 700])
def test_an_impulse_gives_the_impulse_response(at: int) -> None:
    room = a_room(3000)
    audio = np.zeros((250, 16), np.float32)
    audio.reshape(-1)[at] = 1.0
    expected = np.zeros(4000)
    expected[at] = 1.0  # the direct sound
    expected[at : at + 3000] += response_of(room)
    live, _ = RoomStep(response_of(room), 16).forward((audio, np.ones_like(audio)))
    np.testing.assert_allclose(live.reshape(-1), expected, atol=1e-6)
    np.testing.assert_allclose(by_torch(room, audio).reshape(-1), expected, atol=1e-6)


def test_without_mix_not_one_bit_is_touched() -> None:
    room, audio = a_room(500), dry_sound(20)
    live, _ = RoomStep(response_of(room), HOP).forward((audio, np.zeros_like(audio)))
    np.testing.assert_array_equal(live, audio)
    np.testing.assert_array_equal(by_torch(room, audio, 0.0), audio)


def test_every_recording_keeps_its_own_room() -> None:
    rooms = Room(50, n_rooms=3)
    rooms.taps.data.normal_(0.0, 0.2, generator=torch.Generator().manual_seed(0))
    audio = torch.from_numpy(dry_sound(2).reshape(1, -1))
    together, _ = rooms(audio.expand(3, -1), room=torch.tensor([2, 0, 1]))
    for row, number in enumerate((2, 0, 1)):
        alone, _ = rooms(audio, room=torch.tensor([number]))
        torch.testing.assert_close(together[row], alone[0])
    assert not torch.allclose(together[0], together[1])


def test_the_envelope_falls_by_60_db_and_leaves_the_direct_sound_alone() -> None:
    envelope = tail_envelope(48000)
    assert envelope[0] == 0.0
    assert envelope[1] == pytest.approx(1.0, abs=1e-3)
    assert 20 * np.log10(envelope[24000]) == pytest.approx(-30.0, abs=0.01)
    assert envelope[-1] < 1e-3 * 0.01
    assert np.all(np.diff(envelope[1:]) < 0)


def test_no_tap_can_exceed_the_envelope() -> None:
    room = Room(100)
    room.taps.data.fill_(1e6)
    np.testing.assert_allclose(response_of(room), tail_envelope(100), atol=1e-7)


@pytest.mark.parametrize(("at_least", "size"), [(1, 1), (7, 8), (97, 100), (1025, 1080)])
def test_fft_sizes(at_least: int, size: int) -> None:
    assert fast_fft_size(at_least) == size
