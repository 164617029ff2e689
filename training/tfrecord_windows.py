"""What DDSP's and NSynth's TFRecords hold: a window of sound, magenta's features, its label.

Keys as written by ddsp_prepare_tfrecord (audio, f0_hz, f0_confidence, loudness_db; also audio_16k
beside audio of another rate), and by TensorFlow Datasets' NSynth (f0/hz, f0/confidence,
loudness/db, instrument/family, id) or NSynth's own files (instrument_family_str, note_str).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from training.tfexample import Values, parse_example
from training.tfrecord import TODO, Record

FAMILIES = (
    "bass brass flute guitar keyboard mallet organ reed string synth_lead vocal".split()  # noqa: SIM905
)
"""NSynth's instrument families in the order of their numbers (Engel et al. 2017)."""
DEFAULT_RATE_HZ = 16000
"""Of CREPE, and so of these files where they do not say."""
RATES_HZ = (8000, 192_000)
FRAME_RATES_HZ = (10.0, 1000.0)

Floats = NDArray[np.float32]


class Window(NamedTuple):
    """One example: sound and magenta's features of it. Shape: audio (T,), the others (M,) each."""

    audio: Floats
    sample_rate: int
    f0_hz: Floats
    f0_confidence: Floats
    loudness_db: Floats
    family: str
    """'' where the file does not say."""
    name: str
    record: Record

    @property
    def frame_rate(self) -> int:
        """Feature frames a second; one more frame than that (centred frames) changes nothing."""
        return round(len(self.f0_hz) * self.sample_rate / len(self.audio))


def read_window(record: Record, rate_hz: int | None = None) -> Window:
    """The window in a record; raises AudioError where it is none, or is not usable.

    Args:
        rate_hz: of the audio, where the record does not say (None: 16 kHz).
    """
    example = parse_example(record)
    window = Window(
        _floats(example, record, "audio"),
        _rate(example, record, rate_hz),
        _floats(example, record, "f0_hz", "f0/hz"),
        _floats(example, record, "f0_confidence", "f0/confidence"),
        _floats(example, record, "loudness_db", "loudness/db"),
        _family(example, record),
        _text(example, "note_str", "id"),
        record,
    )
    lengths = [len(window.f0_hz), len(window.f0_confidence), len(window.loudness_db)]
    if max(lengths) - min(lengths) > 1:
        given = "f0, confidence and loudness of {}, {} and {} frames".format(*lengths)
        raise AudioError(record.where, given, "as many frames of each", TODO)
    if not FRAME_RATES_HZ[0] <= window.frame_rate <= FRAME_RATES_HZ[1]:
        given = f"{lengths[0]} frames with {len(window.audio)} samples"
        allowed = "{:g} to {:g} frames a second".format(*FRAME_RATES_HZ)
        raise AudioError(record.where, given, allowed, "say --tfrecord-rate HZ if it is not 16000")
    return window


def _floats(example: Mapping[str, Values], record: Record, *keys: str) -> Floats:
    """The first of `keys` that is there, finite and not empty."""
    for key in keys:
        values = example.get(key)
        if isinstance(values, np.ndarray) and values.dtype == np.float32 and len(values):
            if not np.isfinite(values).all():
                raise AudioError(
                    record.where, f"{key} holds NaN or infinity", "finite numbers", TODO
                )
            return values.astype(np.float32)
    there = ", ".join(sorted(example)) or "nothing"
    allowed = "audio, f0, confidence and loudness, as DDSP and NSynth write them"
    raise AudioError(record.where, f"no {' or '.join(keys)}; it holds {there}", allowed, TODO)


def _rate(example: Mapping[str, Values], record: Record, rate_hz: int | None) -> int:
    said = _number(example, "sample_rate")
    audio, resampled = example.get("audio", []), example.get("audio_16k", [])
    if said is None and len(resampled):
        said = round(len(audio) * DEFAULT_RATE_HZ / len(resampled))
    rate = rate_hz or said or DEFAULT_RATE_HZ
    if not RATES_HZ[0] <= rate <= RATES_HZ[1]:
        raise AudioError(record.where, f"{rate} Hz", "{} to {} Hz".format(*RATES_HZ), TODO)
    return rate


def _family(example: Mapping[str, Values], record: Record) -> str:
    text = _text(example, "instrument_family_str")
    if text:
        return text
    number = _number(example, "instrument_family", "instrument/family")
    if number is None:
        return ""
    if not 0 <= number < len(FAMILIES):
        allowed = f"0 to {len(FAMILIES) - 1}, NSynth's families"
        raise AudioError(record.where, f"instrument family {number}", allowed, TODO)
    return FAMILIES[number]


def _number(example: Mapping[str, Values], *keys: str) -> int | None:
    for key in keys:
        values = example.get(key)
        if isinstance(values, np.ndarray) and len(values):
            return round(float(values[0])) if np.isfinite(values[0]) else None
    return None


def _text(example: Mapping[str, Values], *keys: str) -> str:
    for key in keys:
        values = example.get(key)
        if isinstance(values, list) and values:
            return values[0].decode("utf-8", errors="replace")
    return ""
