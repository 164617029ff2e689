"""TFRecord windows put together to recordings again: sound, magenta's features, a name."""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.known_pitch import PitchCurve
from training.overlaps import Piece, paste
from training.tfrecord_windows import Window

CONFIDENT = 0.85
"""CREPE's confidence from which its pitch is believed; magenta/ddsp's metrics ask for the same
(ddsp/training/metrics.py, MIN_F0_CONFIDENCE)."""

Floats = NDArray[np.float32]


class TFRecording(NamedTuple):
    """A recording put together from windows.

    Shape:
        audio: (T,); f0_hz, loudness_db: (M,) each, frame k at k / frame_rate seconds or up to 32 ms
            later, as the file's maker padded them
    """

    name: str
    audio: Floats
    sample_rate: int
    frame_rate: int
    f0_hz: Floats
    """0 where CREPE was not sure."""
    loudness_db: Floats

    def pitch_curve(self, late_s: float) -> PitchCurve:
        """The pitch with its frames `late_s` later than they say."""
        return PitchCurve(self.f0_hz, self.frame_rate, late_s)


def recording_of(pieces: Sequence[Piece], window_of: Callable[[int], Window]) -> TFRecording:
    """Pastes a chain of windows together."""
    windows = [window_of(piece.window) for piece in pieces]
    first = windows[0]
    starts = [piece.start for piece in pieces]
    frames = [round(start * first.frame_rate / first.sample_rate) for start in starts]
    audio = paste([w.audio for w in windows], starts)
    return TFRecording(
        _name(first, audio),
        audio,
        first.sample_rate,
        first.frame_rate,
        paste([_sure_f0_hz(w) for w in windows], frames),
        paste([w.loudness_db for w in windows], frames),
    )


def _sure_f0_hz(window: Window) -> Floats:
    """Magenta fills up f0 with 0 Hz and its confidence with 1: neither alone says enough."""
    n_frames = min(len(window.f0_hz), len(window.f0_confidence))
    f0_hz, confidence = window.f0_hz[:n_frames], window.f0_confidence[:n_frames]
    return np.where((confidence >= CONFIDENT) & (f0_hz > 0.0), f0_hz, 0.0).astype(np.float32)


def _name(first: Window, audio: Floats) -> str:
    """The note's name, or the file's and the record's; unique by what it sounds like."""
    said = first.name or f"{first.record.path.stem}-{first.record.number}"
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", said)[:60].strip("-")
    return f"{plain}-{sha256(audio.tobytes()).hexdigest()[:8]}"
