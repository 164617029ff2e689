import gc
import sys
import threading
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
from fakes import DelayEngine, FailingEngine, FakeCard, FakeTape

from ddsp_core.errors import StreamError
from realtime.host_applied import Applied
from realtime.session import Session, Status, undisturbed
from realtime.stats import NO_FLAGS, CardFlags


def some_blocks(*sizes: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, size).astype(np.float32) for size in sizes]


def test_what_is_played_and_what_was_sung_are_recorded() -> None:
    card, tape = FakeCard(some_blocks(128, 64, 1000)), FakeTape()
    report = Session(DelayEngine(), card, tape).run(threading.Event())
    np.testing.assert_array_equal(np.concatenate(tape.wet), np.concatenate(card.played))
    np.testing.assert_array_equal(np.concatenate(tape.dry), np.concatenate(card.blocks))
    assert tape.is_closed
    assert card.is_closed
    assert (report.n_blocks, report.n_samples) == (3, 1192)


def test_a_block_that_fails_is_silent_counted_and_shown() -> None:
    card = FakeCard(some_blocks(512, 512, 512, 512))
    session = Session(FailingEngine(), card)
    session.run(threading.Event())
    assert [bool(block.any()) for block in card.played] == [False, False, True, False]
    assert session.n_errors == 2
    assert session.status().problem == "2 blocks failed (ZeroDivisionError: made up)"
    assert session.times.n_blocks == 4


def test_a_block_of_the_wrong_length_becomes_silence() -> None:
    engine = DelayEngine()
    engine.process = lambda block: block[:-1]  # type: ignore[method-assign]
    card = FakeCard(some_blocks(128))
    session = Session(engine, card)
    session.run(threading.Event())
    assert card.played[0].shape == (128,)
    assert not card.played[0].any()
    assert "ValueError" in session.problem


def test_a_recorder_that_fails_does_not_stop_the_music() -> None:
    class BrokenTape(FakeTape):
        def push(self, wet_block: np.ndarray, dry_block: np.ndarray, *more: object) -> None:
            raise RuntimeError("broken")

    card = FakeCard(some_blocks(1000, 1000))
    session = Session(DelayEngine(), card, BrokenTape())
    session.run(threading.Event())
    assert card.played[1].any()
    assert "RuntimeError" in session.problem


def test_a_full_disk_is_shown() -> None:
    tape = FakeTape()
    tape.failed = "no space left"
    assert Session(DelayEngine(), FakeCard([]), tape).problem == "recording stopped (no space left)"


def test_a_slow_disk_is_shown() -> None:
    tape = FakeTape()
    tape.seconds_dropped = 1.5
    session = Session(DelayEngine(), FakeCard([]), tape)
    assert session.problem == "disk too slow (1.5 s not recorded)"


def test_when_the_card_breaks_down_the_recording_is_closed_and_the_card_left_alone() -> None:
    card, tape = FakeCard(some_blocks(128), breaks_down=True), FakeTape()
    session = Session(DelayEngine(), card, tape)
    with pytest.raises(StreamError):
        session.run(threading.Event())
    assert not session.card_let_go
    assert tape.is_closed
    assert not card.is_closed


def test_the_music_goes_on_without_a_terminal() -> None:
    class ClosedTerminal:
        def show(self, status: Status) -> None:
            raise OSError("Input/output error")

    card = FakeCard(some_blocks(128))
    looks = iter([True, True, False])
    card.is_playing = lambda: next(looks)  # type: ignore[method-assign]
    Session(DelayEngine(), card, view=ClosedTerminal()).run(threading.Event())
    assert card.is_closed


def test_nothing_is_recorded_after_the_end() -> None:
    card, tape = FakeCard(some_blocks(128)), FakeTape()
    session = Session(DelayEngine(), card, tape)
    session.run(threading.Event())
    session.on_block(np.zeros(128, np.float32), NO_FLAGS)
    assert len(tape.wet) == 1


def test_the_stop_event_ends_it() -> None:
    card = FakeCard([])
    card.is_playing = lambda: True  # type: ignore[method-assign]
    stop = threading.Event()
    stop.set()
    Session(DelayEngine(), card).run(stop)
    assert card.is_closed


def test_the_cards_losses_are_counted() -> None:
    flags = [NO_FLAGS, CardFlags(output_underflow=1), CardFlags(input_overflow=1)]
    session = Session(DelayEngine(), FakeCard(some_blocks(128, 128, 128), flags=flags))
    assert session.run(threading.Event()).xruns == 2


def test_latency_is_the_engines_and_the_cards() -> None:
    assert Session(DelayEngine(48000, 480), FakeCard([])).latency_ms == pytest.approx(20.0)


def test_an_unknown_card_latency_counts_as_none() -> None:
    card = SimpleNamespace(latency_s=None)
    session = Session(DelayEngine(48000, 480), card)  # type: ignore[arg-type]
    assert session.latency_ms == pytest.approx(10.0)


def test_playing_is_undisturbed_and_all_is_as_before_afterwards() -> None:
    interval_s = sys.getswitchinterval()
    with undisturbed():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
        assert sys.getswitchinterval() == pytest.approx(5e-5)
    assert gc.isenabled()
    assert sys.getswitchinterval() == pytest.approx(interval_s)


def test_counters_can_be_reset_and_the_report_is_of_everything() -> None:
    flags = [CardFlags(output_underflow=1)] * 3
    session = Session(DelayEngine(), FakeCard(some_blocks(128, 128, 128), flags=flags))
    session.run(threading.Event())
    before = session.status()
    assert before.xruns == 3
    assert 0.0 < before.load_mean <= before.load_max
    session.reset_counters()
    after = session.status()
    assert (after.xruns, after.late_blocks, after.load_mean, after.load_max) == (0, 0, 0.0, 0.0)
    assert session.report().xruns == 3


def test_the_tape_is_told_what_was_read_and_what_took_effect() -> None:
    class TellingEngine(DelayEngine):
        def __init__(self) -> None:
            super().__init__()
            self.applied = deque([Applied(0, "preset", "violin", 0.0)])
            self.readings = np.ones((1, 3), np.float32)

    class ListeningTape(FakeTape):
        def push(self, wet_block: np.ndarray, dry_block: np.ndarray, *more: object) -> None:
            told.append(more)

    told: list[tuple[object, ...]] = []
    Session(TellingEngine(), FakeCard(some_blocks(128, 128)), ListeningTape()).run(
        threading.Event()
    )
    assert told[0][1] == (Applied(0, "preset", "violin", 0.0),)
    assert told[1][1] == ()
    assert told[1][0].shape == (1, 3)


def test_a_block_that_fails_is_silent_in_stereo_too() -> None:
    engine = FailingEngine()
    engine.n_outputs = 2  # type: ignore[attr-defined]
    card = FakeCard(some_blocks(512, 512))
    Session(engine, card).run(threading.Event())
    assert card.played[1].shape == (512, 2)
