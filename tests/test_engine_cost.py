"""What an engine may not do while it plays: compile, grow, or pay for silence more than sound."""

import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import signals
import voices

from ddsp_core.synths import SYNTHS, SynthName
from realtime.engine import Engine

RATE = voices.SAMPLE_RATE
LONGEST_S = 0.25
"""For one block, on whatever machine; compiling any of its kernels takes seconds."""


def seconds_for(engine: Engine, block: np.ndarray) -> float:
    """Computing only: on a busy machine others run in between."""
    begun_s = time.thread_time()
    engine.process(block)
    return time.thread_time() - begun_s


@pytest.mark.parametrize("synth", SYNTHS)
def test_after_warming_up_nothing_is_left_to_compile(synth: SynthName) -> None:
    engine = Engine(voices.random_file(voices.config(synth=synth)), block_size=64)
    engine.warm_up(0.05)
    sung = signals.rich_tone(330.0, 0.1, RATE, peak=0.3)
    for size in (64, 128, 256, 480, 1, 4096):
        assert seconds_for(engine, sung[:size]) < LONGEST_S, size
    engine.set_control("room_mix", 0.2)
    assert seconds_for(engine, sung[:128]) < LONGEST_S


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return 4096 * pages


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how much memory is in use")
def test_memory_does_not_grow_in_100_000_blocks() -> None:
    engine = Engine(voices.random_file())
    engine.warm_up(0.1)
    block = signals.rich_tone(330.0, 0.01, RATE, peak=0.3)[:8]
    for number in range(100_000):
        if number == 10_000:
            whole = resident_bytes()
        if number == 90_000:
            tracemalloc.start()
            engine.process(block)
            python = tracemalloc.get_traced_memory()[0]
        engine.process(block)
    grown = tracemalloc.get_traced_memory()[0] - python
    tracemalloc.stop()
    assert grown < 10_000
    assert resident_bytes() - whole < 2_000_000


def test_what_dies_away_costs_no_more_than_what_is_loud() -> None:
    """A dry signal below the smallest normal number, in all filters and in the mix."""
    loud = signals.rich_tone(330.0, 0.4, RATE, peak=0.3)
    times_s = {}
    for name, level in (("loud", 1.0), ("dying", 1e-39)):
        engine = Engine(voices.random_file(voices.FULL_BUILD), {"dry_wet": 0.5, "gate_db": -90.0})
        engine.warm_up(0.1)
        pieces = np.split((level * loud).astype(np.float32)[: 128 * 150], 150)
        times_s[name] = np.median([seconds_for(engine, piece) for piece in pieces])
    assert times_s["dying"] < 1.5 * times_s["loud"]
