"""A take through the speaker, or into a file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from ddsp_core.errors import AudioError, DeviceError
from realtime.audio_io import spread
from realtime.devices import Device, choose_speaker, look_around
from realtime.long_flac import LongFlac
from realtime.long_wav import LongWav
from realtime.quiet import quiet_stderr

Audio = NDArray[np.float32]

BLOCK_S = 0.1
SUFFIXES = (".wav", ".flac")


def play_blocks(
    blocks: Iterable[Audio], sample_rate: int, query: str | None, portaudio: Any
) -> None:
    """Plays until the end.

    Args:
        blocks: of the sound. Shape: (T, C) each.
        sample_rate: theirs, in Hz.
        query: number of the device or part of its name; None: the machine's own.
        portaudio: the sounddevice module, or a fake of it.

    Raises DeviceError if there is no such device, or it refuses.
    """
    device = choose_speaker(query, look_around(portaudio))
    rate = _rate(device, sample_rate, portaudio)
    n_channels = min(2, device.n_outputs)
    try:
        with quiet_stderr():
            stream = portaudio.OutputStream(
                device=device.index, samplerate=rate, channels=n_channels, dtype="float32"
            )
        with stream:
            for block in _for_speaker(blocks, sample_rate, rate, n_channels):
                stream.write(block)
    except portaudio.PortAudioError as error:
        raise DeviceError(device.name, f"does not play ({error})", "another --output") from None


def write_blocks(
    blocks: Iterable[Audio], sample_rate: int, path: Path, n_channels: int, bits: int
) -> int:
    """Writes WAV (RF64 where it has to be) or FLAC, in one piece; returns how many samples.

    Raises AudioError if it cannot be written: an older file stays.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        partial.unlink(missing_ok=True)
        file = _create(partial, sample_rate, n_channels, bits)
        try:
            for block in blocks:
                file.write(block[:, 0] if n_channels == 1 else block)
        finally:
            file.close(file.n_samples)
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # libsndfile's errors are RuntimeErrors
        given = f"could not be written ({error})"
        raise AudioError(str(path), given, "a folder with room to write") from None
    finally:
        partial.unlink(missing_ok=True)
    return file.n_samples


def check_output(path: Path) -> Path:
    """A path that `write_blocks` takes; else raises AudioError."""
    if path.suffix.lower() not in SUFFIXES:
        given = f"a file ending in {path.suffix!r}" if path.suffix else "no file ending"
        raise AudioError(str(path), given, ", ".join(SUFFIXES))
    if not path.parent.is_dir():
        raise AudioError(str(path), f"no folder {path.parent}", "an existing folder")
    return path


def joined(parts: Iterable[Audio], size: int) -> Iterable[Audio]:
    """The same sound in fewer, longer pieces: a file is written faster so. Shape: (T, C) each."""
    held: list[Audio] = []
    n_held = 0
    for part in parts:
        held.append(part)
        n_held += len(part)
        if n_held >= size:
            yield np.concatenate(held)
            held, n_held = [], 0
    if held:
        yield np.concatenate(held)


def _create(path: Path, sample_rate: int, n_channels: int, bits: int) -> LongWav | LongFlac:
    if path.suffix.lower() == ".flac":
        return LongFlac(path, sample_rate, n_channels, min(bits, 24))
    return LongWav(path, sample_rate, n_channels, bits)


def _rate(device: Device, sample_rate: int, portaudio: Any) -> int:
    """The sound's own rate if the device takes it."""
    check: Callable[..., None] = portaudio.check_output_settings
    try:
        with quiet_stderr():
            check(device.index, None, "float32", None, sample_rate)
    except portaudio.PortAudioError:
        return device.default_rate_hz
    return sample_rate


def _for_speaker(
    blocks: Iterable[Audio], from_rate: int, to_rate: int, n_channels: int
) -> Iterable[Audio]:
    """As many channels as it has, at its rate. Shape: (T, C) each."""
    stream = soxr.ResampleStream(from_rate, to_rate, n_channels, dtype="float32")
    like = np.empty((0, n_channels), np.float32)
    for block in blocks:
        wide = np.broadcast_to(spread(block, like), (len(block), n_channels))
        out = np.ascontiguousarray(wide)
        yield out if from_rate == to_rate else stream.resample_chunk(out)
    if from_rate != to_rate:
        yield stream.resample_chunk(like, last=True)
