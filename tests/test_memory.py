"""Playing does not eat memory: what an hour needs is there after seconds."""

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeCard
from signals import glide, harmonic
from takes import begin
from voices import random_file

from realtime.engine import Engine
from realtime.session import Session
from realtime.stats import NO_FLAGS

BLOCK, RATE = 128, 48000
STATUS = Path("/proc/self/status")
BLOCKS_A_LOOK = 37
"""How often the live line is drawn: ten times a second."""

N_FIRST, N_MORE = 4000, 12_000
GROWTH_BYTES_A_BLOCK = 40
"""Less than any Python object that could be left over from each block; an hour has 1.35 million."""


def private_bytes() -> int:
    return 1024 * int(STATUS.read_text(encoding="ascii").partition("RssAnon:")[2].split()[0])


def play(session: Session, sung: np.ndarray, n_blocks: int) -> None:
    blocks = sung[: len(sung) // BLOCK * BLOCK].reshape(-1, BLOCK)
    for number in range(n_blocks):
        session.on_block(blocks[number % len(blocks)], NO_FLAGS)
        if number % BLOCKS_A_LOOK == 0:
            session.status()


@pytest.mark.skipif(not STATUS.exists(), reason="memory by kind is Linux's to tell")
def test_memory_stays_as_it_is(tmp_path: Path) -> None:
    recorder = begin(tmp_path, RATE, queue_s=1.0)
    session = Session(Engine(random_file()), FakeCard([]), recorder)
    sung = harmonic(glide(80.0, 800.0, 2.0, RATE), RATE)
    play(session, sung, N_FIRST)
    before = private_bytes()
    play(session, sung, N_MORE)
    grown = private_bytes() - before
    recorder.close()
    assert session.n_errors == 0
    assert grown / N_MORE < GROWTH_BYTES_A_BLOCK
