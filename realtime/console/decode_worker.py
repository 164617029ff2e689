"""Turns a stranger's sound file into a plain one: a process of its own, with little to lose.

    python -m realtime.console.decode_worker SOURCE TARGET

Prints one JSON object: what it wrote, or why not. Its memory, its time and what it may write are
limited before it looks at the file, so that a file made to break or to exhaust a decoder breaks and
exhausts this process alone.
"""

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

MOST_MINUTES = 10.0
MOST_SAMPLES = int(MOST_MINUTES * 60 * 48_000) * 2
"""That come out, of all channels: 230 MB."""

MOST_RATE_HZ, LEAST_RATE_HZ = 192_000, 8_000
MOST_CHANNELS = 32
BLOCK_SAMPLES = 1 << 18

MEMORY_BYTES = 1 << 30
CPU_S = 60
FILE_BYTES = MOST_SAMPLES * 4 + 4096
PRIORITY = 10

LIMITS = {
    resource.RLIMIT_AS: MEMORY_BYTES,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_CPU: CPU_S,
    resource.RLIMIT_FSIZE: FILE_BYTES,
    resource.RLIMIT_NOFILE: 64,
}


def main() -> int:
    """Decodes."""
    source, target = map(Path, sys.argv[1:3])
    limit()
    try:
        answer = decode(source, target)
    except MemoryError:
        answer = {"error": "it needs more memory than a recording should"}
    except Exception as error:  # whatever a decoder comes up with is the file's fault
        words = str(error).replace(f"Error opening {str(source)!r}: ", "").rstrip(".")
        answer = {"error": words.replace(str(source), source.name)[:300] or "not audio"}
    print(json.dumps(answer), flush=True)
    return 0


def limit() -> None:
    """From now on this process can do little harm; systems differ in what they can limit."""
    os.nice(PRIORITY)
    for what, most in LIMITS.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def decode(source: Path, target: Path) -> dict[str, Any]:
    """Writes the first minutes as 32-bit float WAV of one or two channels at the file's own rate.

    Args:
        source: anything that libsndfile knows.
        target: is written.
    """
    import numpy as np
    import soundfile

    with soundfile.SoundFile(str(source)) as sound:
        rate, n_channels = sound.samplerate, sound.channels
        if not LEAST_RATE_HZ <= rate <= MOST_RATE_HZ or not 1 <= n_channels <= MOST_CHANNELS:
            raise ValueError(f"{rate} Hz, {n_channels} channels: nothing that a voice is sung to")
        n_out = n_channels if n_channels <= 2 else 1
        n_left, n_written = min(int(MOST_MINUTES * 60 * rate), MOST_SAMPLES // n_out), 0
        with soundfile.SoundFile(str(target), "w", rate, n_out, "FLOAT", format="WAV") as copy:
            while n_left and len(block := _block(sound, n_left)):
                if not np.isfinite(block).all():
                    raise ValueError("it holds samples that are no numbers")
                mixed = block if n_out == n_channels else block.mean(axis=1, keepdims=True)
                copy.write(mixed)
                n_left -= len(block)
                n_written += len(block)
        is_cut = not n_left and len(_block(sound, 1)) > 0
    if not n_written:
        raise ValueError("it is 0 s long")
    duration_s = n_written / rate
    return {
        "sample_rate": rate,
        "n_channels": n_out,
        "duration_s": duration_s,
        "is_cut": is_cut,
    }


def _block(sound: Any, n_frames: int) -> Any:
    most = BLOCK_SAMPLES // sound.channels
    return sound.read(min(n_frames, most), dtype="float32", always_2d=True)


if __name__ == "__main__":
    sys.exit(main())
