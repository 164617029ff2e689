"""What a training step hears: windows and noise, drawn while the step before is being computed.

Both depend on seed and step alone. With several processes the whole batch is drawn by step, and
each takes its own rows of it: what is learned does not depend on how many share the work.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.augmentation import Batch
from training.dataset import Clip, Dataset
from training.recipe import Recipe

CLIP_S = 2.0
VALIDATION_CLIPS = 24
RESERVED_FOR_VALIDATION = 2**31
"""Noise of validation clips is drawn from seeds above any training step."""


class Drawn(NamedTuple):
    """Windows, and white noise in -1...1 for the noise band synthesizer. Shape: white (B, T)."""

    batch: Batch
    white: NDArray[np.float32]


def batches(dataset: Dataset, recipe: Recipe, steps: range, rows: slice) -> Iterator[Drawn]:
    """These rows of the batches of `steps`, each drawn one step ahead by a second thread."""

    def draw(step: int) -> Drawn:
        n_frames, n_batch = recipe.window_frames, recipe.batch_size
        batch = dataset.batch(step, recipe.seed, n_batch, n_frames, rows)
        return Drawn(batch, white_noise(step, (n_batch, n_frames * recipe.hop_size))[rows])

    with ThreadPoolExecutor(max_workers=1) as ahead:
        coming = ahead.submit(draw, steps.start)
        for step in steps:
            drawn = coming.result()
            if step + 1 < steps.stop:
                coming = ahead.submit(draw, step + 1)
            yield drawn


def rows_of(rank: int, n_processes: int, batch_size: int) -> slice:
    """The share of one process.

    >>> rows_of(1, 2, 16)
    slice(8, 16, None)
    """
    share = batch_size // n_processes
    return slice(rank * share, (rank + 1) * share)


def white_noise(seed: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Uniform in -1...1."""
    return 2.0 * np.random.default_rng((seed, 1)).random(shape, dtype=np.float32) - 1.0


def validation_clips(dataset: Dataset, warm_up_s: float) -> list[Drawn]:
    """Clips spread evenly over the held-out stretches, and their noise: the same each time."""

    def clips() -> Iterator[Clip]:
        return dataset.clips(CLIP_S, warm_up_s)

    every = max(1, sum(1 for _ in clips()) // VALIDATION_CLIPS)
    chosen = [clip.batch for n, clip in enumerate(clips()) if n % every == 0]
    return [
        Drawn(batch, white_noise(RESERVED_FOR_VALIDATION + n, batch.audio.shape))
        for n, batch in enumerate(chosen)
    ]
