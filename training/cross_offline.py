"""Plays a song offline: the torch voice over the whole recording at once, as training hears it.

It stands beside the live engine (live_render.py), which plays the same song in blocks with compiled
kernels. Both take pitch and loudness from the same extractor and shaping, and noise from the same
seed, so apart from rounding they must give the same samples.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ddsp_core.attack import raise_noise
from ddsp_core.checkpoint import load_voice
from ddsp_core.features import FeatureExtractor
from ddsp_core.shaping import Shaped, Shaping, ShapingControls
from ddsp_core.units import db_to_gain
from ddsp_core.voice import Voice, voice_from_file

Audio = NDArray[np.float32]

LIVE_SEED = 0
"""Of the noise of `chanterelle render`, unless told otherwise."""
COMPARABLE = {"gate_db": -55.0, "output_gain_db": -12.0}
"""What a song is played with beside its own controls. The gate is where the engine has it; so quiet
an output stays below the limiter's knee (-6 dBFS), where it changes nothing."""


def render_offline(
    voice_dir: Path, song: Audio, sample_rate: int, controls: Mapping[str, float]
) -> Audio:
    """A song through the torch voice; what comes back lines up with it.

    Args:
        sample_rate: Hz, the voice's.
        controls: `input_gain_db`, `octave_shift`, `gate_db` and `output_gain_db`, as the engine has
            them; no limiter.

    Shape:
        (T,) -> (T,).
    Raises:
        VoiceError: no voice there, or a damaged one.
    """
    file = load_voice(voice_dir)
    hop_size = file.config.hop_size
    extractor = FeatureExtractor(sample_rate, hop_size)
    # The synth sounds each frame the extractor's delay after the sound that it describes.
    n_hops = -(-(len(song) + extractor.delay_samples) // hop_size)
    hops = np.zeros((n_hops, hop_size), np.float32)
    hops.reshape(-1)[: len(song)] = song * db_to_gain(controls["input_gain_db"])
    features, _ = extractor.forward(hops)
    shaping = (12.0 * controls["octave_shift"], 0.0, controls["gate_db"])
    settings = ShapingControls(*(np.full(n_hops, value, np.float32) for value in shaping))
    shaped, _ = Shaping(sample_rate, hop_size).forward((features, settings))
    rng = np.random.default_rng(LIVE_SEED)
    white = 2.0 * rng.random(hops.shape, dtype=np.float32) - np.float32(1.0)
    played = _play(voice_from_file(file), shaped, white.reshape(1, -1))
    played = played[extractor.delay_samples :][: len(song)]
    return np.asarray(played * np.float32(db_to_gain(controls["output_gain_db"])))


@torch.inference_mode()
def _play(voice: Voice, shaped: Shaped, white: Audio) -> Audio:
    """Voice.forward with the gate in its place: before the synthesizers, so that tails ring on."""
    f0_hz, loudness_db, tone_gain, noise_gain, _ = (
        torch.from_numpy(curve)[None] for curve in shaped
    )
    controls, _ = voice.decoder((f0_hz, loudness_db))
    for n, share in enumerate(shaped.scratch):  # in place: the tensors share their memory
        raise_noise(controls.amplitudes[0, n].numpy(), controls.noise_bands[0, n].numpy(), share)
    amplitudes = controls.amplitudes * tone_gain[..., None]
    tone, _ = voice.oscillators((controls.frequencies_hz, amplitudes))
    breath, _ = voice.noise((controls.noise_bands * noise_gain[..., None], torch.from_numpy(white)))
    wet, _ = voice.room(tone + breath)
    return np.asarray(wet[0].numpy(), np.float32)
