"""What is said after a performance, and that its first block was played with the rights granted."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import cli_fixtures
import numpy as np
import pytest
from cli_fixtures import Run
from fakes import DelayEngine, FakeCard
from test_cli_play import files

from realtime import session as session_module
from realtime.closing import as_json, closing_lines
from realtime.session import Session
from realtime.stats import NO_FLAGS

same_environment, engines = cli_fixtures.same_environment, cli_fixtures.engines
portaudio, run = cli_fixtures.portaudio, cli_fixtures.run


class SlowEngine(DelayEngine):
    """Computes for so long at every block."""

    cpu_s = 0.0

    def process(self, block: np.ndarray) -> np.ndarray:
        end_s = time.thread_time() + self.cpu_s
        while time.thread_time() < end_s:
            pass
        return super().process(block)


class ThreadCard(FakeCard):
    """Calls from a thread of its own, as cards do."""

    def open(self, on_block: Callable[..., Any]) -> None:
        thread = threading.Thread(target=super().open, args=(on_block,))
        thread.start()
        thread.join()


def blocks(n: int, size: int = 48) -> list[np.ndarray]:
    return [np.zeros(size, np.float32)] * n


def test_nothing_is_explained_while_nothing_is_late() -> None:
    session = Session(DelayEngine(), FakeCard(blocks(3, size=4800)))
    session.run(threading.Event())
    played, block_time, losses = closing_lines(session, None)
    assert played == "played 0.3 s: 3 blocks of 4800 samples"
    assert block_time.startswith("block time p50 ")
    assert losses == "late blocks 0, xruns 0, latency 20.7 ms"


def test_a_slow_engine_is_late_by_itself_and_it_is_said_what_to_do() -> None:
    engine = SlowEngine()
    engine.cpu_s = 0.002
    session = Session(engine, FakeCard(blocks(4)))
    assert session.run(threading.Event()).late_blocks == 4
    words = closing_lines(session, None)[3:]
    assert words[0] == "late 4: 4 own"
    assert "--block-size" in words[1]
    said = json.loads(json.dumps(as_json(session, None)))
    assert said["late"] == {"own": 4, "machine": 0, "card": 0, "interpreter": 0, "unclear": 0}
    assert said["computing_ms"]["p50"] >= 2.0
    assert all(event["cpu_ms"] >= 2.0 for event in said["late_events"])
    assert session.status().late_words == "late 4: 4 own"


def test_the_cards_thread_asks_once_for_its_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str]] = []

    def raise_it(priority: int) -> bool:
        asked.append((priority, threading.current_thread().name))
        return True

    monkeypatch.setattr(session_module, "raise_this_thread", raise_it)
    monkeypatch.setattr(session_module, "thread_priority", lambda: 42)
    session = Session(DelayEngine(), ThreadCard(blocks(5)), priority=70)
    begun: list[int | None] = []
    session.run(threading.Event(), lambda: begun.append(session.audio_priority))
    assert [priority for priority, _ in asked] == [70]
    assert asked[0][1] != threading.main_thread().name
    assert begun == [42]


def test_the_main_thread_and_who_is_not_told_to_keep_their_priority(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(session_module, "raise_this_thread", asked.append)
    Session(DelayEngine(), FakeCard(blocks(1)), priority=70).run(threading.Event())
    Session(DelayEngine(), ThreadCard(blocks(1))).run(threading.Event())
    assert asked == []


def test_a_card_that_never_asked_began_nothing() -> None:
    session = Session(DelayEngine(), FakeCard([]))
    begun: list[bool] = []
    session.run(threading.Event(), lambda: begun.append(True))
    assert begun == []
    session.on_block(np.zeros(48, np.float32), NO_FLAGS)
    assert session.audio_priority is not None


def test_play_can_say_it_all_to_a_program(run: Run, engines: object, tmp_path: Any) -> None:
    code, out, err = run("play", *files(tmp_path), "--block-size", "480", "--json")
    assert code == 0
    said = json.loads(out)
    assert said["n_blocks"] > 0
    assert said["late_blocks"] == sum(said["late"].values())
    assert isinstance(said["memory_locked"], bool)
    assert said["realtime_priority"] in range(100)
    assert "Ctrl-C ends" in err
