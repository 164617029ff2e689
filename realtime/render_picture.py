"""What a render's picture shows: features as heard, and as the voice was told to play them."""

from collections.abc import Mapping

import numpy as np

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.shaping import Shaping
from ddsp_core.tuning import Tuning
from realtime.report_png import ReportFrames
from realtime.settings import shaping_controls, tuning_controls
from realtime.smoothing import as_vector
from realtime.transfer import Transfer


def frames_of(
    features: Features,
    transfer: Transfer | None,
    voice: VoiceFile,
    control_values: Mapping[str, float],
) -> ReportFrames:
    """A frame a hop.

    Args:
        features: of what was sung, behind the input gain. Shape: (N,) each.
        transfer: what was made of them, knowing the whole recording.
        voice: the preset's first one.
        control_values: of the whole table.
    """
    rate, hop_size = voice.config.sample_rate, voice.config.hop_size
    n_hops = len(features.f0_hz)
    told = features
    if transfer:
        told = features._replace(loudness_db=transfer.loudness_for(voice.statistics))
    values = as_vector(control_values)
    shaped, _ = Shaping(rate, hop_size).forward((told, shaping_controls(values, n_hops)))
    tuned_hz, _ = Tuning(hop_size / rate).forward(
        (shaped.f0_hz, shaped.tone_gain, tuning_controls(values, n_hops))
    )
    delay = FeatureExtractor(rate, hop_size).delay_samples
    time_s = (hop_size * np.arange(1, n_hops + 1) - delay) / rate
    return ReportFrames(
        time_s=time_s,
        f0_hz=features.f0_hz,
        played_f0_hz=tuned_hz,
        confidence=features.confidence,
        loudness_db=features.loudness_db,
        gate=shaped.tone_gain,
        told_db=told.loudness_db if transfer else None,
        mask=transfer.mask if transfer else None,
        trained_hz=_median_hz(voice),
    )


def _median_hz(voice: VoiceFile) -> float | None:
    """Of the pitches that the voice was trained with."""
    quantiles = voice.statistics.get("f0_quantiles_hz", {})
    return float(quantiles["50"]) if "50" in quantiles else None
