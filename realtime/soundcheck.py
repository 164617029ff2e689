"""The sound check: from some seconds of singing to a singer's profile.

Everything is measured with the features that play later. The noise is what the quietest half second
holds; so whoever sings should pause once.
"""

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.loudness_map import QUANTILES
from ddsp_core.units import gain_to_db
from realtime.singer import Singer

Audio = NDArray[np.float32]

HOP_SIZE = 128
SURE = 0.5
PAUSE_S = 0.5
LEAST_SUNG_S = 2.0
ABOVE_NOISE_DB = 8.0
"""Where the gate opens; it closes 6 dB below, which is still above the noise."""
BELOW_SINGING_DB = 6.0
LOUD_DB, HIGHEST_PEAK_DB = -20.0, -3.0
"""Where the gain brings loud singing (95 % are softer), unless a peak would reach higher."""
FLOOR_DB = -85.0
CLIPPED = 0.99
LEAST_CLIPPED = 5


def check_sound(audio: Audio, sample_rate: int) -> tuple[Singer, list[str]]:
    """The profile of who sings here, and what the singer should know. Shape: (T,).

    Raises:
        AudioError: too little is sung, or nothing comes in.
    """
    hops = audio[: len(audio) // HOP_SIZE * HOP_SIZE].reshape(-1, HOP_SIZE)
    features, _ = FeatureExtractor(sample_rate, HOP_SIZE).forward(hops)
    hop_s = HOP_SIZE / sample_rate
    noise_db = _noise_db(features.loudness_db, round(PAUSE_S / hop_s))
    sung = (features.confidence >= SURE) & (features.loudness_db > noise_db)
    if sung.sum() * hop_s < LEAST_SUNG_S:
        given = f"{sung.sum() * hop_s:.1f} s of singing heard"
        todo = "nearer to the microphone? the right one (chanterelle devices)? its switch?"
        raise AudioError("soundcheck", given, f"{LEAST_SUNG_S:g} s or more", todo)
    loudness_db, f0_hz = _quantiles(features.loudness_db[sung]), _quantiles(features.f0_hz[sung])
    peak_db = gain_to_db(float(np.abs(audio).max()))
    gain_db = _rounded(min(LOUD_DB - loudness_db["95"], HIGHEST_PEAK_DB - peak_db), -24.0, 36.0)
    softest_db = loudness_db["5"] - BELOW_SINGING_DB
    gate_db = max(min(noise_db + ABOVE_NOISE_DB, softest_db), noise_db + BELOW_SINGING_DB)
    singer = Singer(
        noise_db=round(noise_db, 1),
        loudness_quantiles_db=loudness_db,
        f0_quantiles_hz=f0_hz,
        peak_db=round(peak_db, 1),
        input_gain_db=gain_db,
        gate_db=_rounded(max(gate_db, FLOOR_DB) + gain_db, -90.0, 0.0),
    )
    return singer, _advice(singer, audio, features, hop_s)


def _noise_db(loudness_db: NDArray[np.float32], n_pause: int) -> float:
    """The loudest but a few hops of the quietest stretch."""
    if len(loudness_db) <= n_pause:
        raise AudioError("soundcheck", "hardly any sound came in", "some seconds of it")
    sums = np.cumsum(np.concatenate(([0.0], loudness_db)))
    start = int(np.argmin(sums[n_pause:] - sums[:-n_pause]))
    return max(float(np.quantile(loudness_db[start : start + n_pause], 0.95)), -120.0)


def _quantiles(values: NDArray[np.float32]) -> dict[str, float]:
    shares = [float(key) / 100.0 for key in QUANTILES]
    return {
        key: round(float(value), 2)
        for key, value in zip(QUANTILES, np.quantile(values, shares), strict=True)
    }


def _rounded(value: float, least: float, most: float) -> float:
    return round(min(max(value, least), most), 1)


def _advice(singer: Singer, audio: Audio, features: Features, hop_s: float) -> list[str]:
    """What could be better, in plain words."""
    said = []
    if (np.abs(audio) >= CLIPPED).sum() >= LEAST_CLIPPED:
        said.append("the microphone clips: turn its gain down and check again")
    elif singer.input_gain_db > 20.0:
        said.append("the microphone is soft: turn its gain up, if it has one, and check again")
    if singer.loudness_quantiles_db["5"] - singer.noise_db < ABOVE_NOISE_DB:
        said.append(
            "between singing and noise there is little room: soft notes may be cut off, or you did"
            " not pause while I listened"
        )
    quantiles = singer.loudness_quantiles_db
    if quantiles["95"] - quantiles["5"] < 6.0:
        said.append("all of it was equally loud: sing softly and loudly for a better map")
    octaves = singer.f0_quantiles_hz["95"] / singer.f0_quantiles_hz["5"]
    if octaves < 2.0 ** (4.0 / 12.0):
        said.append("all of it was near one note: sing low and high for a better range")
    return said
