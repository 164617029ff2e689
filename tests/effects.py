"""Effects as the tests play them: made as a preset makes them, in blocks of any size."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.effects.chain import Chain
from realtime.effects.kinds import KINDS, check_effects

RATE = 48_000
OURS = [name for name in KINDS if name != "plugin"]
Channels = NDArray[np.float32]
Turn = Callable[[Chain], None]


def chain(*lines: Mapping[str, Any], n_inputs: int = 1, folder: Path = Path()) -> Chain:
    """Made from lines of YAML."""
    return Chain(check_effects(list(lines), "effects", folder), RATE, n_inputs)


def one(kind: str, folder: Path, n_inputs: int = 1, **values: Any) -> Chain:
    """One effect; a room has that of `write_room`."""
    if kind == "room" and "file" not in values:
        values["file"] = str(write_room(folder))
    return chain({"kind": kind, **values}, n_inputs=n_inputs, folder=folder)


def write_room(folder: Path, seconds: float = 0.2, n_channels: int = 2) -> Path:
    """Decaying noise, a file."""
    path = folder / f"room-{seconds}-{n_channels}.wav"
    times = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(0).standard_normal((len(times), n_channels))
    soundfile.write(path, 0.1 * noise * 10.0 ** (-3 * times[:, None] / seconds), RATE, "FLOAT")
    return path


def play(
    effects: Chain, sound: Channels, cuts: Iterable[int] = (), turns: Mapping[int, Turn] = {}
) -> Channels:
    """The sound through the chain in pieces, and something turned at some samples.

    Shape: (C, T) or (T,), which is (1, T), -> (N, T). Nothing may have gone wrong within.
    """
    sound = np.atleast_2d(sound)
    n_samples = sound.shape[1]
    parts = []
    for start, stop in pairwise(sorted({0, *cuts, *turns, n_samples})):
        if start in turns:
            turns[start](effects)
        parts.append(effects.process(sound[:, start:stop]))
    assert not effects.problems()
    return np.concatenate(parts, axis=1)


def blocks_of(size: int, n_samples: int) -> Sequence[int]:
    """Cuts into blocks of one size."""
    return range(size, n_samples, size)


def sine(hz: float, seconds: float = 0.5, peak: float = 0.5) -> Channels:
    """Shape: (T,)."""
    times = np.arange(round(seconds * RATE)) / RATE
    return (peak * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def level_db(sound: Channels) -> float:
    """Of the second half's rms, where all has settled."""
    settled = sound[..., sound.shape[-1] // 2 :].astype(np.float64)
    return float(10 * np.log10(np.mean(settled**2) + 1e-20))


def gain_db(effects: Chain, hz: float, peak: float = 0.5) -> float:
    """Of the first channel at a frequency."""
    tone = sine(hz, peak=peak)
    return level_db(play(effects, tone)[0]) - level_db(tone)
