"""Sound cards under test: fakes of PortAudio and of a card."""

import threading
import time
from typing import Any

import numpy as np
import pytest
from fakes import DelayEngine, FailingEngine, FakeCard, FakePortAudio

from ddsp_core.errors import DeviceError
from realtime.doctor_cards import open_card, sizes_to_try, survey, try_card
from realtime.doctor_findings import BLOCK_SIZES, HUNG
from realtime.stats import NO_FLAGS, CardFlags

RATE = 48_000
SONG = np.full(RATE, 0.1, np.float32)


class PacedCard(FakeCard):
    """Calls back from a thread of its own, until it is closed."""

    lets_go = True

    def open(self, on_block: Any) -> None:
        self._thread = threading.Thread(target=self._run, args=(on_block,), daemon=True)
        self._thread.start()

    def _run(self, on_block: Any) -> None:
        while not self.is_closed:
            for block, flags in zip(self.blocks, self.flags, strict=True):
                self.played.append(on_block(block, flags))
                time.sleep(0.002)

    def is_playing(self) -> bool:
        if self.breaks_down:
            super().is_playing()
        return True

    def close(self) -> bool:
        self.is_closed = True
        self._thread.join()
        return self.lets_go


def blocks(*sizes: int) -> list[np.ndarray]:
    return [np.ones(size, np.float32) for size in sizes]


def scarlett(**facts: Any) -> FakePortAudio:
    fake = FakePortAudio(**facts).add("Scarlett 2i2", 2, 2)
    fake.default.device = [0, 0]
    return fake


def test_the_pair_that_play_would_take_with_the_rates_that_open() -> None:
    fake = scarlett()
    cards, pair = survey(None, None, RATE, lambda: fake)
    assert (cards.microphone, cards.speaker, cards.host_api) == (*["Scarlett 2i2"] * 2, "ALSA")
    assert cards.rates_hz == (44_100, 48_000)
    assert cards.rate_hz == 48_000
    assert cards.blocks_ready == 2
    assert cards.problem == ""
    card = open_card(pair, 48_000, 64)
    card.open(lambda block, _: block)
    assert fake.streams[0].kwargs["blocksize"] == 64


def test_no_card_is_said_and_a_card_that_was_asked_for_is_missed() -> None:
    cards, pair = survey(None, None, RATE, FakePortAudio)
    assert pair is None
    assert "no input found" in cards.problem
    with pytest.raises(DeviceError, match="no input"):
        survey("Scarlett", None, RATE, FakePortAudio)


def test_no_portaudio_is_said() -> None:
    def missing() -> Any:
        raise DeviceError("PortAudio", "not found", "", "apt-get install libportaudio2")

    cards, pair = survey(None, None, RATE, missing)
    assert pair is None
    assert "libportaudio2" in cards.problem


def test_jack_is_tried_once_with_its_own_size() -> None:
    assert sizes_to_try("JACK Audio Connection Kit") == (0,)
    assert sizes_to_try("Core Audio") == BLOCK_SIZES


def test_a_stream_is_counted_while_silence_is_heard() -> None:
    engine, card = DelayEngine(), PacedCard(blocks(64))
    trial = try_card(card, 64, engine, SONG, seconds=0.5)
    assert (trial.block_sizes, trial.xruns, trial.problem) == ((64,), 0, "")
    assert trial.latency_ms == 10.0
    assert 0.1 < trial.seconds < 2.0
    assert set(engine.block_sizes) == {64}
    assert all(not block.any() for block in card.played)


def test_losses_count_once_the_stream_has_settled() -> None:
    lossy = [CardFlags(output_underflow=1)]
    card = PacedCard(blocks(64), flags=lossy)
    trial = try_card(card, 64, DelayEngine(), SONG, seconds=0.5)
    assert 1 <= trial.xruns < len(card.played)  # each block is lossy, the first ones do not count
    early = try_card(PacedCard(blocks(64), flags=lossy), 64, DelayEngine(), SONG, seconds=0.1)
    assert early.xruns == 0


def test_a_card_that_gives_other_sizes_and_nonsense_is_seen_through() -> None:
    card = PacedCard(blocks(100, 200), flags=[NO_FLAGS] * 2)
    card.latency_s = None
    trial = try_card(card, 64, DelayEngine(), SONG, seconds=0.2)
    assert trial.block_sizes == (100, 200)
    assert trial.latency_ms is None
    card = PacedCard(blocks(64))
    card.latency_s = 0.0
    assert try_card(card, 64, DelayEngine(), SONG, seconds=0.1).latency_ms is None


def test_failures_are_said() -> None:
    gone = try_card(PacedCard(blocks(64), breaks_down=True), 64, DelayEngine(), SONG, 0.2)
    assert "went away" in gone.problem
    failing = try_card(PacedCard(blocks(64)), 64, FailingEngine(), SONG, 0.2)
    assert "ZeroDivisionError" in failing.problem
    card = PacedCard(blocks(64))
    card.lets_go = False
    assert try_card(card, 64, DelayEngine(), SONG, 0.1).problem == HUNG


def test_a_card_that_refuses_is_said() -> None:
    _, pair = survey(None, None, RATE, lambda: scarlett(refuses=True))
    trial = try_card(open_card(pair, RATE, 32), 32, DelayEngine(), SONG, seconds=1.0)
    assert "Device unavailable" in trial.problem
    assert trial.block_sizes == ()
