"""Uploads become plain sound: `decode_worker.py` is run on them, watched from here."""

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddsp_core.errors import AudioError

WORKER = ("-m", "realtime.console.decode_worker")
WALL_S = 90.0
MOST_ANSWERED = 1 << 16
KEPT = ("PATH", "PYTHONPATH", "LANG", "TMPDIR", "VIRTUAL_ENV")
"""Of the environment; what else stands there is none of a decoder's business."""

ALLOWED = "a sound file (WAV, FLAC, OGG, MP3, AIFF, ...)"

_TURN = asyncio.Semaphore(1)
"""One at a time: the rest of the machine plays."""


@dataclass(frozen=True)
class Decoded:
    """A sound file that can be trusted: 32-bit float WAV, one or two channels, finite samples."""

    path: Path
    sample_rate: int
    n_channels: int
    duration_s: float
    is_cut: bool
    """Whether it was longer: ten minutes at most come out, fewer of more than 48 kHz stereo."""


async def decode(source: Path, target: Path, title: str = "") -> Decoded:
    """A stranger's sound file, decoded elsewhere.

    Args:
        source: the file.
        target: of what comes out.
        title: what people call the file; its name, unless given.

    Raises:
        AudioError: it is not one, or is made to harm.
    """
    async with _TURN:
        answer = await _run(source, target)
    if "error" in answer:
        with contextlib.suppress(OSError):
            target.unlink()
        raise AudioError(title or source.name, f"cannot be read ({answer['error']})", ALLOWED)
    return Decoded(target, **answer)


async def _run(source: Path, target: Path) -> dict[str, Any]:
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*WORKER, str(source), str(target)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        async with asyncio.timeout(WALL_S):
            return _understood(await _answer_of(worker))
    except TimeoutError:
        return {"error": f"it took longer than {WALL_S:.0f} s"}
    finally:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()


async def _answer_of(worker: asyncio.subprocess.Process) -> bytes:
    assert worker.stdout is not None
    with contextlib.suppress(asyncio.LimitOverrunError, ValueError):
        return await worker.stdout.readline()
    return b""


def _understood(line: bytes) -> dict[str, Any]:
    """What the worker said, checked: it may have been taken over by what it read."""
    try:
        answer = json.loads(line[:MOST_ANSWERED])
        if "error" in answer:
            return {"error": str(answer["error"])[:300]}
        return {
            "sample_rate": int(answer["sample_rate"]),
            "n_channels": int(answer["n_channels"]),
            "duration_s": float(answer["duration_s"]),
            "is_cut": bool(answer["is_cut"]),
        }
    except (ValueError, TypeError, KeyError):
        return {"error": "its decoder broke off: the file is damaged, or too large to unpack"}
