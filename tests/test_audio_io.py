import threading

import numpy as np
import pytest
from fakes import DelayEngine, FakePortAudio, FakeStatus, FakeStream

from ddsp_core.errors import DeviceError, StreamError
from realtime import audio_io
from realtime.audio_io import PortAudioCard, Watchdog, believable_latency, read_flags
from realtime.devices import look_around
from realtime.session import Session
from realtime.stats import NO_FLAGS, CardFlags


def make_card(fake: FakePortAudio) -> PortAudioCard:
    device = look_around(fake).devices[0]
    return PortAudioCard(device, device, 48000, 256, fake)


@pytest.fixture
def alsa() -> FakePortAudio:
    return FakePortAudio().add("Scarlett", 2, 8)


def opened(fake: FakePortAudio, engine: DelayEngine | None = None) -> tuple[Session, FakeStream]:
    card = make_card(fake)
    session = Session(engine or DelayEngine(), card)
    card.open(session.on_block)
    return session, fake.streams[0]


def test_the_stream_is_opened_as_a_performer_needs_it(alsa: FakePortAudio) -> None:
    _, stream = opened(alsa)
    kwargs = stream.kwargs
    assert kwargs["samplerate"] == 48000
    assert kwargs["blocksize"] == 256
    assert kwargs["channels"] == (1, 2)
    assert kwargs["dtype"] == "float32"
    assert kwargs["latency"] == pytest.approx(2 * 256 / 48000)  # ALSA's periods are then blocks
    assert stream.active


def test_jack_keeps_its_own_block_size() -> None:
    _, stream = opened(FakePortAudio().add("system", 2, 2, host=1))
    assert (stream.kwargs["blocksize"], stream.kwargs["latency"]) == (0, "low")


def test_a_card_with_one_speaker_gets_one_channel() -> None:
    _, stream = opened(FakePortAudio().add("Phone", 1, 1))
    assert stream.kwargs["channels"] == (1, 1)


@pytest.mark.parametrize("n_samples", [1, 64, 1000])
def test_all_channels_get_the_same_sound_in_blocks_of_any_size(
    alsa: FakePortAudio, n_samples: int
) -> None:
    _, stream = opened(alsa, DelayEngine(48000, 0))
    block = np.random.default_rng(0).uniform(-1, 1, n_samples).astype(np.float32)
    np.testing.assert_array_equal(stream.run_callback(block), np.stack([block, block], axis=1))


def test_the_block_handed_on_is_not_portaudios_own(alsa: FakePortAudio) -> None:
    kept = []
    card = make_card(alsa)
    card.open(lambda dry, _flags: (kept.append(dry), dry)[1])
    lent = np.ones(64, np.float32)
    alsa.streams[0].run_callback(lent)
    lent[:] = 7.0
    assert (kept[0] == 1.0).all()


def test_the_output_is_filled_with_silence_when_the_engine_fails(alsa: FakePortAudio) -> None:
    engine = DelayEngine()
    engine.process = lambda block: 1 / 0  # type: ignore[assignment, method-assign]
    session, stream = opened(alsa, engine)
    assert not stream.run_callback(np.ones(64, np.float32)).any()
    assert session.n_errors == 1


def test_status_is_looked_at_every_time(alsa: FakePortAudio) -> None:
    session, stream = opened(alsa)
    block = np.zeros(64, np.float32)
    stream.run_callback(block, FakeStatus(output_underflow=True))
    stream.run_callback(block, FakeStatus())
    stream.run_callback(block, FakeStatus(output_underflow=True, input_overflow=True))
    assert session.times.xruns == CardFlags(0, 1, 2, 0)


def test_priming_loses_no_sound() -> None:
    assert read_flags(FakeStatus()) is NO_FLAGS
    assert not any(read_flags(FakeStatus(priming_output=True)))


def test_a_card_that_refuses_is_an_error_for_people() -> None:
    card = make_card(FakePortAudio(refuses=True).add("Scarlett", 2, 2))
    with pytest.raises(DeviceError, match=r"Scarlett -> Scarlett: does not open .*unavailable"):
        card.open(lambda dry, _flags: dry)


def test_a_stream_that_stopped_by_itself_is_gone(alsa: FakePortAudio) -> None:
    card = make_card(alsa)
    card.open(lambda dry, _flags: dry)
    assert card.is_playing()
    alsa.streams[0].active = False
    with pytest.raises(StreamError, match="Scarlett: the sound server went away"):
        card.is_playing()


def test_close_does_not_wait_for_ever(alsa: FakePortAudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_io, "CLOSE_LIMIT_S", 0.05)
    card = make_card(alsa)
    card.open(lambda dry, _flags: dry)
    alsa.streams[0].hang.clear()
    assert not card.close()
    alsa.streams[0].hang.set()
    for thread in threading.enumerate():
        if thread.name == "closing":
            thread.join()
    assert card.close()


def test_closing_a_card_that_never_opened_is_no_matter(alsa: FakePortAudio) -> None:
    assert make_card(alsa).close()


def test_the_cards_latency_is_known_once_it_is_open(alsa: FakePortAudio) -> None:
    card = make_card(alsa)
    assert card.latency_s is None
    card.open(lambda dry, _flags: dry)
    assert card.latency_s == pytest.approx(0.010)


@pytest.mark.parametrize("bad", [89478.0, -0.1, float("nan"), float("inf")])
def test_garbage_for_latency_is_not_believed(bad: float) -> None:
    assert believable_latency((0.005, bad)) is None
    assert believable_latency((bad, 0.005)) is None


def looks(watchdog: Watchdog, n_calls: int, start_s: float, n_looks: int) -> list[str]:
    return [watchdog.look(True, n_calls, start_s + 0.1 * i) for i in range(n_looks)]


def test_silence_of_half_a_second_is_the_end() -> None:
    watchdog = Watchdog()
    watchdog.look(True, 5, 10.0)
    problems = looks(watchdog, 5, 10.1, 6)
    assert problems[:4] == [""] * 4
    assert problems[-1] == "silent for 0.5 s"


def test_the_first_block_may_take_longer() -> None:
    watchdog = Watchdog()
    assert not any(looks(watchdog, 0, 10.0, 29))
    assert watchdog.look(True, 0, 13.1) == "silent for 3 s"


def test_a_pause_of_the_whole_program_is_forgiven() -> None:
    watchdog = Watchdog()
    watchdog.look(True, 5, 10.0)
    assert watchdog.look(True, 5, 60.0) == ""  # stopped in a debugger for 50 s
    assert watchdog.look(True, 9, 60.1) == ""
    assert looks(watchdog, 9, 60.2, 7)[-1] == "silent for 0.5 s"


def test_a_stream_that_is_not_active_is_not_forgiven() -> None:
    watchdog = Watchdog()
    watchdog.look(True, 5, 10.0)
    assert watchdog.look(False, 6, 60.0) == "the stream stopped"
