"""A process of its own: a sound that browsers do not play, as one 16-bit FLAC file."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.console.takes_child import Tell, answer
from realtime.take_play import write_blocks

BLOCK = 1 << 18


def make_plain(request: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Does it, unless it has been done."""
    out, paths = Path(request["out"]), [Path(path) for path in request["paths"]]
    infos = [soundfile.info(path) for path in paths]
    n_samples = sum(info.frames for info in infos)

    def blocks() -> Iterator[NDArray[np.float32]]:
        n_done = 0
        for path in paths:
            for block in soundfile.blocks(path, BLOCK, dtype="float32", always_2d=True):
                yield np.nan_to_num(block)
                n_done += len(block)
                tell(n_done / max(n_samples, 1))

    if not out.exists():
        write_blocks(blocks(), infos[0].samplerate, out, infos[0].channels, 16)
    return {}


if __name__ == "__main__":
    sys.exit(answer(make_plain))
