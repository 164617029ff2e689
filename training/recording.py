"""One measured recording on disk: its audio and the features that the live extractor saw in it.

A safetensors file holds the whole recording as it was found (no gain, nothing cut out), so that
other spans, gains and splits cost no new measurement. The file's name holds a key, a hash over the
sound file and the features' definition: what is there under its name needs no second measurement.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ddsp_core.errors import RecipeError
from ddsp_core.features import FeatureExtractor, Features
from training.octaves import repaired_f0_hz
from training.reference_pitch import HEARD_UP_TO_HZ, reference_f0_hz
from training.segments import CONFIDENT

LAYOUT = "2"
"""Part of the key: raised when what is stored changes."""
CHUNK_HOPS = 4096


class Recording(NamedTuple):
    """Audio as int16 with the value of its full scale, and a frame of features a hop.

    Shape:
        pcm: (T,) int16; audio = pcm * scale
        features: (N,) each, with N * hop >= T + delay: the last sample has its frame
        reference_f0_hz: (N,) float32, an offline tracker's pitch at the frames, 0 where it hears
            none; (0,) where no such tracker is installed
    """

    pcm: NDArray[np.int16]
    scale: float
    features: Features
    reference_f0_hz: NDArray[np.float32]

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
        f0_hz = repaired_f0_hz(self.features.f0_hz, self.reference_f0_hz)
        return self._replace(features=self.features._replace(f0_hz=f0_hz))

    @property
    def audio(self) -> NDArray[np.float32]:
        """The samples at the level of the sound file. Shape: (T,)."""
        return self.pcm * np.float32(self.scale)


def key_of(content_hash: str, extractor: FeatureExtractor, *, with_reference: bool) -> str:
    """What a stored measurement depends on, as 16 hexadecimal digits."""
    parts = [
        LAYOUT,
        content_hash,
        dict(extractor.definition),
        extractor.delay_samples,
        _fingerprint(extractor),
        with_reference,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _fingerprint(extractor: FeatureExtractor) -> list[float]:
    """How the extractor behaves: its definition may stay while its constants are improved."""
    n_hops = round(0.5 * extractor.sample_rate / extractor.hop_size)
    times_s = np.arange(n_hops * extractor.hop_size) / extractor.sample_rate
    # A saw that slides up from 100 Hz through breath: every decision of a tracker is asked for.
    cycles = 100.0 * times_s + 400.0 * times_s**2
    breath = np.random.default_rng(0).normal(0.0, 0.1, len(times_s))
    audio = (0.3 * (cycles % 1.0 - 0.5) + breath * times_s).astype(np.float32)
    features, _ = extractor.forward(audio.reshape(n_hops, extractor.hop_size))
    return [round(float(np.mean(curve, dtype=np.float64)), 2) for curve in features]


def measure(
    samples: NDArray[np.float32],
    extractor: FeatureExtractor,
    *,
    with_reference: bool = False,
) -> Recording:
    """Runs the live extractor (and, if asked, the offline pitch tracker) over a whole recording.

    The samples are rounded to 16 bits first, so that features and target come from equal audio.
    """
    scale = max(float(np.abs(samples).max()), 1e-6) / np.iinfo(np.int16).max
    pcm = np.round(samples / scale).astype(np.int16)
    audio = pcm * np.float32(scale)
    n_hops = -(-(len(audio) + extractor.delay_samples) // extractor.hop_size)
    hops = np.zeros((n_hops, extractor.hop_size), dtype=np.float32)
    hops.reshape(-1)[: len(audio)] = audio
    chunks, state = [], None
    for start in range(0, n_hops, CHUNK_HOPS):
        features, state = extractor.forward(hops[start : start + CHUNK_HOPS], state)
        chunks.append(features)
    joined = Features(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))
    reference = np.zeros(0, dtype=np.float32)
    if with_reference:
        grid = (extractor.sample_rate, extractor.hop_size, extractor.delay_samples, n_hops)
        reference = reference_f0_hz(audio, *grid)
    return Recording(pcm, scale, joined, reference)


def save(recording: Recording, path: Path) -> None:
    """Writes beside the name first: a stopped run leaves no half a file under it."""
    arrays: dict[str, np.ndarray] = dict(recording.features._asdict())
    arrays |= {"pcm": recording.pcm, "reference_f0_hz": recording.reference_f0_hz}
    partial = path.with_suffix(".partial")
    save_file(arrays, partial, metadata={"scale": repr(recording.scale)})
    partial.replace(path)


def load(path: Path) -> Recording:
    """Reads what `save` wrote; raises RecipeError where the file is missing or damaged."""
    try:
        with safe_open(path, framework="numpy") as file:
            scale = float(file.metadata()["scale"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
        features = Features(*(arrays[name] for name in Features._fields))
        return Recording(arrays["pcm"], scale, features, arrays["reference_f0_hz"])
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        todo = "make the dataset again with `chanterelle-train prepare`"
        raise RecipeError(str(path), str(error), "a recording measured by prepare", todo) from None
