"""A take as a recorder leaves it: the sung clip, and the same again more softly."""

from pathlib import Path
from typing import Any

import soundfile
import takes as recordings

from realtime.preset import load_preset
from rig.console import CLIP

RATE = recordings.RATE
LATENCY = 480


def make_take(folder: Path, seconds: float = 2.0, **options: Any) -> Path:
    """A take that has ended: the sung clip, and the same again an octave of level lower."""
    about = {
        "title": "a song",
        "latency_samples": LATENCY,
        "presets": (load_preset("violin"),),
        "start": {"preset": 0, "controls": {"room_mix": 1.0}},
    }
    recorder = recordings.begin(folder, about=about, **options)
    sung = soundfile.read(CLIP, dtype="float32", frames=round(seconds * RATE))[0]
    for start in range(0, len(sung), 4800):
        block = sung[start : start + 4800]
        recorder.push(0.5 * block, block)
    recorder.stop()
    recorder.close()
    return Path(recorder.finished[-1].folder)
