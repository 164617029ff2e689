"""One measured recording on disk: its audio and the features that the live extractor saw in it.

A safetensors file holds the whole recording as it was found (no gain, nothing cut out), so that
other spans, gains and splits cost no new measurement. The file's name holds a key, a hash over the
sound file and the features' definition: what is there under its name needs no second measurement.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ddsp_core.errors import RecipeError
from ddsp_core.features import FeatureExtractor, Features
from training.audio_files import Sound
from training.octaves import ECHO_S, repaired_f0_hz
from training.reference_pitch import HEARD_UP_TO_HZ, Reference, reference_pitch
from training.segments import CONFIDENT

LAYOUT = "3"
"""Part of the key: raised when what is stored changes."""
CHUNK_HOPS = 4096
CURVES = ("reference_f0_hz", "reference_confidence", "clipped")


class Recording(NamedTuple):
    """Audio as int16 with the value of its full scale, and a frame of features a hop.

    Shape:
        pcm: (T,) int16; audio = pcm * scale
        features: (N,) each, with N * hop >= T + delay: the last sample has its frame
        reference_f0_hz: (N,) float32, an offline tracker's pitch at the frames, 0 where it hears
            none; (0,) where none was asked
        reference_confidence: (N,) float32, or (0,)
        clipped: (N,) bool, or (0,): frames whose sound is clipped, or just beside
    """

    pcm: NDArray[np.int16]
    scale: float
    features: Features
    reference_f0_hz: NDArray[np.float32]
    reference_confidence: NDArray[np.float32] = np.zeros(0, np.float32)
    clipped: NDArray[np.bool_] = np.zeros(0, np.bool_)
    reference: Reference = "swift-f0"
    frame_rate: float = 375.0

    @property
    def unsure(self) -> NDArray[np.bool_]:
        """Frames whose pitch one of the trackers does not hear. Shape: (N,)."""
        unsure = np.asarray(self.features.confidence < CONFIDENT)
        if len(self.reference_f0_hz) == 0:
            return unsure
        within_reach = self.features.f0_hz < HEARD_UP_TO_HZ
        return np.asarray(unsure | (within_reach & (self.reference_f0_hz == 0.0)))

    def repaired(self) -> "Recording":
        """The same with octave errors of the live pitch put right, as far as that is possible."""
        if len(self.reference_f0_hz) == 0:
            return self
        # A pitch that is known is right however long the live tracker says otherwise.
        longest = np.inf if self.reference == "known" else ECHO_S * self.frame_rate
        f0_hz = repaired_f0_hz(self.features.f0_hz, self.reference_f0_hz, longest)
        return self._replace(features=self.features._replace(f0_hz=f0_hz))

    @property
    def audio(self) -> NDArray[np.float32]:
        """The samples at the level of the sound file. Shape: (T,)."""
        return self.pcm * np.float32(self.scale)


def key_of(content_hash: str, extractor: FeatureExtractor, reference: Reference) -> str:
    """What a stored measurement depends on, as 16 hexadecimal digits."""
    parts = [
        LAYOUT,
        content_hash,
        dict(extractor.definition),
        extractor.delay_samples,
        _fingerprint(extractor.sample_rate, extractor.hop_size),
        reference,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@cache
def _fingerprint(sample_rate: int, hop_size: int) -> list[float]:
    """How the extractor behaves: its definition may stay while its constants are improved."""
    extractor = FeatureExtractor(sample_rate, hop_size)
    n_hops = round(0.5 * extractor.sample_rate / extractor.hop_size)
    times_s = np.arange(n_hops * extractor.hop_size) / extractor.sample_rate
    # A saw that slides up from 100 Hz through breath: every decision of a tracker is asked for.
    cycles = 100.0 * times_s + 400.0 * times_s**2
    breath = np.random.default_rng(0).normal(0.0, 0.1, len(times_s))
    audio = (0.3 * (cycles % 1.0 - 0.5) + breath * times_s).astype(np.float32)
    features, _ = extractor.forward(audio.reshape(n_hops, extractor.hop_size))
    return [round(float(np.mean(curve, dtype=np.float64)), 2) for curve in features]


def measure(sound: Sound, extractor: FeatureExtractor, reference: Reference = "none") -> Recording:
    """Runs the live extractor (and, if asked, an offline pitch tracker) over a whole recording.

    The samples are rounded to 16 bits first, so that features and target come from equal audio.
    """
    scale = max(float(np.abs(sound.samples).max()), 1e-6) / np.iinfo(np.int16).max
    pcm = np.round(sound.samples / scale).astype(np.int16)
    audio = pcm * np.float32(scale)
    features = _extract(audio, extractor)
    times_s = frame_times_s(extractor, len(features.f0_hz))
    return Recording(
        pcm,
        scale,
        features,
        *reference_pitch(audio, reference, extractor.sample_rate, times_s),
        clipped=_within(sound.clipped_s, times_s),
        reference=reference,
        frame_rate=extractor.sample_rate / extractor.hop_size,
    )


def frame_times_s(extractor: FeatureExtractor, n_frames: int) -> NDArray[np.float64]:
    """The moments of the recording that the live feature frames describe.

    Frame n has seen the input before sample (n + 1) * hop and describes it `delay` earlier.

    Shape:
        (n_frames,)
    """
    seen = (np.arange(n_frames) + 1) * extractor.hop_size
    return np.asarray((seen - extractor.delay_samples) / extractor.sample_rate)


def _extract(audio: NDArray[np.float32], extractor: FeatureExtractor) -> Features:
    n_hops = -(-(len(audio) + extractor.delay_samples) // extractor.hop_size)
    hops = np.zeros((n_hops, extractor.hop_size), dtype=np.float32)
    hops.reshape(-1)[: len(audio)] = audio
    chunks, state = [], None
    for start in range(0, n_hops, CHUNK_HOPS):
        features, state = extractor.forward(hops[start : start + CHUNK_HOPS], state)
        chunks.append(features)
    return Features(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))


def _within(
    stretches_s: Sequence[tuple[float, float]], times_s: NDArray[np.float64]
) -> NDArray[np.bool_]:
    inside = np.zeros(len(times_s), dtype=np.bool_)
    for start_s, end_s in stretches_s:
        inside |= (times_s >= start_s) & (times_s <= end_s)
    return inside


def save(recording: Recording, path: Path) -> None:
    """Writes beside the name first: a stopped run leaves no half a file under it."""
    arrays: dict[str, np.ndarray] = dict(recording.features._asdict())
    arrays |= {name: getattr(recording, name) for name in ("pcm", *CURVES)}
    partial = path.with_suffix(f".{os.getpid()}.partial")
    metadata = {
        "scale": repr(recording.scale),
        "reference": recording.reference,
        "frame_rate": repr(recording.frame_rate),
    }
    save_file(arrays, partial, metadata=metadata)
    partial.replace(path)


def load(path: Path) -> Recording:
    """Reads what `save` wrote; raises RecipeError where the file is missing or damaged."""
    try:
        with safe_open(path, framework="numpy") as file:
            # Layout 2 had a scale and swift-f0's pitch alone; the rest has defaults.
            facts = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
        features = Features(*(arrays[name] for name in Features._fields))
        others = {name: arrays[name] for name in CURVES if name in arrays}
        recording = Recording(arrays["pcm"], float(facts["scale"]), features, **others)
        if "reference" in facts:
            reference, frame_rate = (
                cast("Reference", facts["reference"]),
                float(facts["frame_rate"]),
            )
            recording = recording._replace(reference=reference, frame_rate=frame_rate)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        todo = "make the dataset again with `chanterelle-train prepare`"
        raise RecipeError(str(path), str(error), "a recording measured by prepare", todo) from None
    return recording
