from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes import DelayEngine

from ddsp_core.errors import AudioError, StreamError
from realtime.session import Session
from realtime.stats import CardFlags
from realtime.virtual_card import TAIL_S, VirtualCard

RATE = 48000


class FakeClock:
    """Time that only passes in sleep, and where a test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)
        self.now_s += duration_s


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.wav"
    signal = np.random.default_rng(0).uniform(-0.5, 0.5, 4800)
    soundfile.write(path, signal, RATE, "PCM_24")
    return path


def card(clip: Path, clock: FakeClock, block_size: int = 128) -> VirtualCard:
    return VirtualCard(
        clip, clip.with_name("out.wav"), RATE, block_size, clock=clock, sleep=clock.sleep
    )


def play(a_card: VirtualCard, on_block) -> None:  # type: ignore[no-untyped-def]
    a_card.open(on_block)
    assert a_card._thread is not None
    a_card._thread.join()
    a_card.is_playing()
    a_card.close()


def test_the_output_file_is_the_clip_delayed_by_the_engine_alone(clip: Path) -> None:
    engine = DelayEngine(RATE)
    a_card = card(clip, FakeClock())
    play(a_card, Session(engine, a_card).on_block)
    dry, _ = soundfile.read(clip)
    wet, rate = soundfile.read(clip.with_name("out.wav"))
    assert rate == RATE
    delay = engine.latency_samples
    np.testing.assert_allclose(wet[delay : delay + len(dry)], dry, atol=2**-22)
    assert not wet[:delay].any()
    assert not wet[delay + len(dry) :].any()


def test_it_listens_on_for_the_tail_and_gives_whole_blocks(clip: Path) -> None:
    engine = DelayEngine(RATE)
    a_card = card(clip, FakeClock(), 1000)
    play(a_card, Session(engine, a_card).on_block)
    assert set(engine.block_sizes) == {1000}
    n_samples = 4800 + TAIL_S * RATE
    assert n_samples <= sum(engine.block_sizes) < n_samples + 1000


def test_blocks_come_at_the_pace_of_real_time(clip: Path) -> None:
    clock = FakeClock()
    moments = []
    a_card = card(clip, clock)
    play(a_card, lambda dry, _flags: (moments.append(clock.now_s), dry)[1])
    np.testing.assert_allclose(np.diff(moments), 128 / RATE, rtol=1e-6)
    assert moments[0] == pytest.approx(100.0 + 128 / RATE)  # a block must be heard before it is had


def test_a_slow_block_does_not_shift_the_pace(clip: Path) -> None:
    clock = FakeClock()
    moments = []

    def on_block(dry: np.ndarray, _flags: CardFlags) -> np.ndarray:
        moments.append(clock.now_s)
        clock.now_s += 128 / RATE * (1.5 if len(moments) == 5 else 0.1)
        return dry

    play(card(clip, clock), on_block)
    expected = 100.0 + 128 / RATE * (1 + np.arange(len(moments)))
    late = np.array(moments) - expected
    assert late[5] == pytest.approx(0.5 * 128 / RATE)
    np.testing.assert_allclose(np.delete(late, 5), 0.0, atol=1e-9)


def test_a_block_late_by_more_than_the_buffers_is_an_xrun(clip: Path) -> None:
    clock = FakeClock()
    seen = []

    def on_block(dry: np.ndarray, flags: CardFlags) -> np.ndarray:
        seen.append(flags.output_underflow)
        clock.now_s += 128 / RATE * (3.0 if len(seen) == 5 else 0.1)
        return dry

    play(card(clip, clock), on_block)
    assert np.flatnonzero(seen).tolist() == [5]


def test_closing_stops_it_at_once(clip: Path) -> None:
    a_card = VirtualCard(clip, clip.with_name("out.wav"), RATE, 128)
    a_card.open(lambda dry, _flags: dry)
    assert a_card.is_playing()
    assert a_card.close()
    assert not a_card.is_playing()
    assert soundfile.info(clip.with_name("out.wav")).duration < 1.0


def test_stereo_of_another_rate_is_mixed_and_resampled(tmp_path: Path) -> None:
    path = tmp_path / "clip.flac"
    t_s = np.arange(22050) / 22050
    tone = 0.5 * np.sin(2 * np.pi * 300 * t_s)
    soundfile.write(path, np.stack([tone, 0 * tone], axis=1), 22050)
    a_card = card(path, FakeClock())
    play(a_card, lambda dry, _flags: dry)
    played, _ = soundfile.read(tmp_path / "out.wav")
    expected = 0.25 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)
    np.testing.assert_allclose(played[2000:46000], expected[2000:46000], atol=1e-3)


def test_a_full_disk_ends_it_with_an_error(clip: Path) -> None:
    a_card = card(clip, FakeClock())

    class FullDisk:
        name = "out.wav"

        def write(self, _block: np.ndarray) -> None:
            raise OSError("No space left on device")

        def close(self) -> None:
            pass

    a_card._speaker.close()
    a_card._speaker = FullDisk()
    with pytest.raises(StreamError, match=r"out.wav: cannot be written \(No space"):
        play(a_card, lambda dry, _flags: dry)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("clip.wav", "is the clip itself"),
        ("missing/out.wav", "no folder"),
        ("out.xyz", r"ends in \.wav"),
        ("folder.wav", "cannot be written"),
    ],
)
def test_an_output_that_cannot_be_is_refused(clip: Path, name: str, message: str) -> None:
    (clip.parent / "folder.wav").mkdir()
    with pytest.raises(AudioError, match=message):
        VirtualCard(clip, clip.parent / name, RATE, 128)


def test_the_clip_survives_being_named_as_the_output(clip: Path) -> None:
    before = clip.read_bytes()
    with pytest.raises(AudioError):
        VirtualCard(clip, clip, RATE, 128)
    assert clip.read_bytes() == before


@pytest.mark.parametrize("shape", [(128,), (128, 2)])
def test_a_stereo_output_takes_either(clip: Path, tmp_path: Path, shape: tuple[int, ...]) -> None:
    output = tmp_path / "stereo.wav"
    clock = FakeClock()
    a_card = VirtualCard(clip, output, RATE, 128, 2, clock=clock, sleep=clock.sleep)
    played = np.full(shape, 0.5, np.float32)
    if len(shape) == 2:
        played[:, 1] = -0.25
    play(a_card, lambda _dry, _flags: played)
    found, _ = soundfile.read(output)
    assert found.shape[1] == 2
    np.testing.assert_allclose(found[:128], np.broadcast_to(played.reshape(128, -1), (128, 2)))
