"""Timbre transfer of a whole recording: what can be done when its end is known.

As in the notebooks of DDSP (Engel et al. 2020, https://github.com/magenta/ddsp, `timbre_transfer`
and `training/postprocessing.py`): a mask says where notes are, their loudness is brought onto that
of the instrument's training data by its quantiles, and what lies between them is attenuated. Pitch
and loudness then go the way of a keyboard's notes. On stage a sound check does the same with what
it heard before (`singer.py`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import AudioError
from ddsp_core.features import Features
from ddsp_core.loudness_map import QUANTILES, map_onto
from realtime.note_source import NoteSource
from realtime.singer import octave_for

Curve = NDArray[np.float32]
Mask = NDArray[np.bool_]

FLOOR_DB = -80.0
SMOOTH_S = 0.16
SURE_ENOUGH, EXPONENT = 0.7, 2.0
"""Of the confidence: DDSP's figures."""
LEAST_NOTES_S = 0.5


class Wanted(NamedTuple):
    """What shall be done; nothing by default."""

    fits_loudness: bool = False
    fits_octave: bool = False
    mask_threshold: float | None = None
    """Ratio from which a frame belongs to a note; 1 is usual, more is stricter."""
    attenuation_db: float = 20.0
    """What frames outside of notes lose."""

    @property
    def is_anything(self) -> bool:
        """Whether the recording has to be looked at as a whole."""
        return self.fits_loudness or self.fits_octave or self.mask_threshold is not None


def note_ratio(features: Features, hop_s: float) -> Curve:
    """How clearly each frame belongs to a note: 1 and more does. Shape: (N,).

    Confidence squared and smoothed, times how far the loudness is above the floor, against the
    mean loudness at a confidence of 0.7.
    """
    if not len(features.f0_hz):
        return np.zeros(0, np.float32)
    n_smooth = min(max(round(SMOOTH_S / hop_s), 1), len(features.f0_hz))
    sure = np.minimum(features.confidence, 1.0).astype(np.float64) ** EXPONENT
    above_db = np.maximum(features.loudness_db - FLOOR_DB, 0.0)
    usual = max(float(above_db.mean()), 1e-6) * SURE_ENOUGH**EXPONENT
    return np.asarray(_smooth(sure, n_smooth) * above_db / usual, np.float32)


def _smooth(values: NDArray[np.float64], n_smooth: int) -> NDArray[np.float64]:
    """Mean over a window around each frame; at the ends over what there is."""
    ones = np.ones(n_smooth)
    counts = np.convolve(np.ones(len(values)), ones, "same")
    return np.asarray(np.convolve(values, ones, "same") / counts, np.float64)


class Transfer:
    """A recording's features, changed as wanted for each voice that plays them.

    Args:
        features: of the recording, a frame a hop.
        hop_s: seconds a hop.
        wanted: what shall be done.

    Raises:
        AudioError: loudness or octave shall be fitted, and nothing is sung.
    """

    controls: Mapping[str, float] = {}

    def __init__(self, features: Features, hop_s: float, wanted: Wanted) -> None:
        self.features, self._wanted = features, wanted
        self.ratio = note_ratio(features, hop_s)
        threshold = 1.0 if wanted.mask_threshold is None else wanted.mask_threshold
        self.mask: Mask = self.ratio >= threshold
        if self.mask.sum() * hop_s < LEAST_NOTES_S and wanted.is_anything:
            given = f"{self.mask.sum() * hop_s:.1f} s of notes heard"
            todo = "a lower --mask-threshold"
            raise AudioError("render", given, f"{LEAST_NOTES_S:g} s or more", todo)
        self._tracks: list[Track] = []

    def loudness_for(self, statistics: Mapping[str, Any]) -> Curve:
        """What a voice is told; in dB. Shape: (N,)."""
        loudness_db = self.features.loudness_db.copy()
        if self._wanted.fits_loudness:
            fitted = map_onto(statistics, _quantiles(loudness_db[self.mask]))
            loudness_db = np.array([fitted(float(level)) for level in loudness_db], np.float32)
        if self._wanted.mask_threshold is not None:
            loudness_db[~self.mask] -= np.float32(self._wanted.attenuation_db)
        return np.maximum(loudness_db, np.float32(-120.0))

    def octave_for(self, statistics: Mapping[str, Any]) -> int:
        """Octaves that bring the notes into what a voice was trained with; 0 if nobody asks."""
        if not self._wanted.fits_octave:
            return 0
        return octave_for(_quantiles(self.features.f0_hz[self.mask]), statistics)

    def notes_for(self, voice: VoiceFile) -> NoteSource:
        """For one voice, from the recording's beginning."""
        loudness_db = self.loudness_for(voice.statistics)
        track = Track(self.features.f0_hz, self.features.confidence, loudness_db)
        self._tracks.append(track)
        return track

    def rewind(self) -> None:
        """All voices begin again: whoever warms up plays, too."""
        for track in self._tracks:
            track.at = 0


class Track:
    """Hands out frames one after the other; then silence: a `NoteSource`. Shape: (N,) each."""

    def __init__(self, f0_hz: Curve, confidence: Curve, loudness_db: Curve) -> None:
        self.at = 0
        self._f0_hz, self._confidence, self._loudness_db = f0_hz, confidence, loudness_db

    def read(self, n_hops: int) -> tuple[Curve, Curve, Curve]:
        """The next hops' f0_hz, confidence and loudness_db. Shape: (N,) each."""
        span = slice(self.at, self.at + n_hops)
        self.at += n_hops
        last_hz = float(self._f0_hz[-1]) if len(self._f0_hz) else 440.0
        return (
            _padded(self._f0_hz[span], n_hops, last_hz),
            _padded(self._confidence[span], n_hops, 0.0),
            _padded(self._loudness_db[span], n_hops, -120.0),
        )


def _padded(values: Curve, n_values: int, filling: float) -> Curve:
    padded = np.full(n_values, filling, np.float32)
    padded[: len(values)] = values
    return padded


def _quantiles(values: Curve) -> dict[str, float]:
    shares = [float(key) / 100.0 for key in QUANTILES]
    return dict(zip(QUANTILES, np.quantile(values, shares).tolist(), strict=True))
