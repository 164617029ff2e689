"""Recordings to test with: blocks whose samples tell their own number, and both files read back."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from realtime.pcm import FULL_SCALE
from realtime.take_recorder import TakeRecorder

RATE = 48000
BLOCK = 128


def begin(folder: Path, rate: int = RATE, **options: Any) -> TakeRecorder:
    """A recorder whose first take has begun."""
    recorder = TakeRecorder(folder, rate, **options)
    recorder.start(wait=True)
    return recorder


def counting(start: int, n_samples: int) -> np.ndarray:
    """Samples that tell their own number: exact in 24 bits up to 8 million."""
    return (np.arange(start, start + n_samples, dtype=np.float32) + 1) / FULL_SCALE


def push_counting(
    take: TakeRecorder, n_blocks: int, start_block: int = 0, size: int = BLOCK
) -> None:
    for number in range(start_block, start_block + n_blocks):
        block = counting(number * size, size)
        take.push(block, -block)


def read_pair(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    (wet, wet_rate), (dry, dry_rate) = (
        soundfile.read(folder / name, dtype="float32") for name in ("wet.wav", "dry.wav")
    )
    assert wet_rate == dry_rate == RATE
    return wet, dry
