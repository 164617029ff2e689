"""A recording through the very instrument that plays live, into a file."""

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from realtime.processor import Processor
from realtime.stats import BlockReport, BlockTimes

Audio = NDArray[np.float32]

SUBTYPES = {
    ".wav": "PCM_24",
    ".flac": "PCM_24",
    ".aiff": "PCM_24",
    ".aif": "PCM_24",
    ".ogg": "VORBIS",
}


class Rendering(NamedTuple):
    """What came out, and how long the blocks took. Shape of audio: (T,) or (T, 2)."""

    audio: Audio
    report: BlockReport


def render(player: Processor, sung: Audio, block_size: int, *, keep_latency: bool) -> Rendering:
    """Plays a whole recording through an engine or a host, from its beginning.

    Args:
        player: begins afresh.
        sung: at the player's rate.
        block_size: samples, 1 or more.
        keep_latency: as live; else the output lines up with the input.

    Shape:
        sung (T,) -> audio (T,), or (T, 2).
    """
    player.expect_blocks_of(block_size)
    skipped = 0 if keep_latency else player.latency_samples
    n_samples = len(sung) + skipped
    padded = np.zeros(-(-n_samples // block_size) * block_size, np.float32)
    padded[: len(sung)] = sung
    times = BlockTimes(player.sample_rate)
    blocks = []
    for start in range(0, len(padded), block_size):
        block = padded[start : start + block_size]
        begun_s = time.perf_counter()
        blocks.append(player.process(block))
        times.add(time.perf_counter() - begun_s, len(block))
    return Rendering(np.concatenate(blocks)[skipped:n_samples], times.report())


def write_audio(path: Path, audio: Audio, sample_rate: int) -> None:
    """Writes a sound file in one piece: if it fails, an older file stays.

    Raises:
        AudioError: the folder or the disk refuses.
    """
    import soundfile

    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    subtype, n_channels = SUBTYPES[path.suffix.lower()], audio.ndim
    try:
        with soundfile.SoundFile(partial, "w", sample_rate, n_channels, subtype) as file:
            # A second at a time: libsndfile's Vorbis overflows the stack if given minutes at once.
            for start in range(0, len(audio), sample_rate):
                file.write(audio[start : start + sample_rate])
        partial.replace(path)
    except (soundfile.SoundFileError, OSError) as error:
        partial.unlink(missing_ok=True)
        given = f"could not be written ({error})"
        raise AudioError(str(path), given, "a folder with room to write") from None
