"""Offline pitch trackers to measure the live one against, by name: swift-f0 or CREPE.

They look ahead and hear a whole recording at leisure; the difference to the live tracker is what
playing costs. swift-f0 (Nieradzik, https://github.com/lars76/swift-f0) is within 50 cents on 99 %
of clean synthetic voice, at a hundred times real time; it hears 47 to 2094 Hz. CREPE (crepe.py) is
what the field compares with; it hears 32 to 2006 Hz. Notes above are not compared.
"""

import importlib.util
from functools import cache
from typing import Any, Literal, NamedTuple, cast, get_args

import numpy as np
import soxr
from numpy.typing import NDArray

from ddsp_core.errors import RecipeError, did_you_mean

Reference = Literal["crepe-full", "crepe-tiny", "swift-f0", "none", "known"]
"""`known`: put in beforehand, for synthetic sounds (known_pitch.py)."""
TRACKERS = ("crepe-full", "crepe-tiny", "swift-f0", "none")

HEARD_UP_TO_HZ = 2000.0
VOICED = 0.5
"""swift-f0 calls a frame voiced from here on; on reverberant violin 0.02 % of these are too low."""
VOICED_CREPE = 0.3
"""CREPE's likelihood from which its pitch is compared: lower on instruments than on voices."""

Curve = NDArray[np.float32]


class Heard(NamedTuple):
    """What a tracker hears, at its own times. Shape: (M,) each."""

    times_s: NDArray[np.float64]
    f0_hz: NDArray[np.float64]
    confidence: NDArray[np.float64]


def is_installed(reference: str = "swift-f0") -> bool:
    """Whether the tracker of that name can be asked."""
    if reference.startswith("crepe-"):
        return importlib.util.find_spec("torchcrepe") is not None
    return reference == "none" or importlib.util.find_spec("swift_f0") is not None


def checked(name: str) -> Reference:
    """The tracker of that name; raises RecipeError where there is none, or it lacks its package."""
    where = f"--reference {name}"
    if name not in get_args(Reference):
        raise RecipeError(where, "no such tracker", did_you_mean(name, TRACKERS))
    if name != "known" and not is_installed(name):
        package = "torchcrepe" if name.startswith("crepe-") else "swift-f0"
        extra = "crepe" if name.startswith("crepe-") else "train"
        todo = f"pip install 'chanterelle[{extra}]', or --reference none"
        raise RecipeError(where, f"{package} is not installed", "an installed tracker", todo)
    return cast("Reference", name)


def reference_pitch(
    audio: Curve, reference: Reference, sample_rate: int, times_s: NDArray[np.float64]
) -> tuple[Curve, Curve]:
    """Pitch, 0 where none is heard, and confidence at `times_s`.

    Shape:
        audio (T,), times_s (N,) -> (N,), (N,); (0,), (0,) for "none" and "known"
    """
    if reference in ("none", "known"):
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    return at_times(hear(audio, reference, sample_rate), times_s, voiced_from(reference))


def hear(audio: Curve, tracker: str, sample_rate: int) -> Heard:
    """What a tracker that is installed hears, at its own times. Shape: (T,)."""
    if tracker == "swift-f0":
        return _ask_swift_f0(audio, sample_rate)
    return _ask_crepe(audio, sample_rate, "full" if tracker == "crepe-full" else "tiny")


def voiced_from(tracker: str) -> float:
    """The confidence from which a tracker's pitch is believed."""
    return VOICED if tracker == "swift-f0" else VOICED_CREPE


def at_times(heard: Heard, times_s: NDArray[np.float64], voiced: float) -> tuple[Curve, Curve]:
    """Pitch between a tracker's frames, 0 where it is unsure or leaps; the lesser confidence.

    Shape:
        (M,) each, (N,) -> (N,), (N,)
    """
    if len(heard.times_s) < 2:
        return np.zeros(len(times_s), np.float32), np.zeros(len(times_s), np.float32)
    after = np.clip(np.searchsorted(heard.times_s, times_s), 1, len(heard.times_s) - 1)
    share = (times_s - heard.times_s[after - 1]) / np.diff(heard.times_s)[after - 1]
    # Between two frames of a glide the pitch lies between, in cents; across a step it does not.
    low, high = heard.f0_hz[after - 1], heard.f0_hz[after]
    f0_hz = low * (high / low) ** np.clip(share, 0.0, 1.0)
    confidence = np.minimum(heard.confidence[after - 1], heard.confidence[after])
    steady = np.abs(np.log2(high / low)) < 1 / 12
    known = (confidence >= voiced) & steady & (f0_hz < HEARD_UP_TO_HZ)
    return np.where(known, f0_hz, 0.0).astype(np.float32), confidence.astype(np.float32)


@cache
def _detector() -> Any:
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1)


def _ask_swift_f0(audio: Curve, sample_rate: int) -> Heard:
    found = _detector().detect(audio, sample_rate)
    curves = (found.timestamps, found.pitch_hz, found.confidence)
    return Heard(*(np.asarray(curve, dtype=np.float64) for curve in curves))


def _ask_crepe(audio: Curve, sample_rate: int, size: Literal["tiny", "full"]) -> Heard:
    from training import crepe
    from training.crepe_decoder import decode

    resampled = np.asarray(soxr.resample(audio, sample_rate, crepe.SAMPLE_RATE), dtype=np.float32)
    f0_hz, confidence = decode(crepe.likelihoods(resampled, size))
    times_s = np.arange(len(f0_hz), dtype=np.float64) * crepe.HOP_SIZE / crepe.SAMPLE_RATE
    return Heard(times_s, f0_hz.astype(np.float64), confidence.astype(np.float64))
