"""A new voice: sizes from the recipe, scaling of its inputs from the recordings."""

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig
from ddsp_core.scaling import InputScaling
from ddsp_core.units import hz_to_midi
from training.index import Index
from training.recipe import Recipe


def voice_config(recipe: Recipe, index: Index) -> VoiceConfig:
    """Sizes from the recipe, input scaling from the training set."""
    stats = index.statistics
    notes = {key: float(hz_to_midi(hz)) for key, hz in stats.f0_quantiles_hz.items()}
    pitch = InputScaling(notes["50"], 12.0, notes["1"] - 1.0, notes["99"] + 3.0)
    loudness = InputScaling(
        stats.loudness_mean_db,
        max(stats.loudness_deviation_db, 1.0),
        stats.loudness_quantiles_db["50"] - 60.0,
        stats.loudness_quantiles_db["100"],
    )
    decoder = DecoderConfig(
        recipe.sample_rate, recipe.n_units, recipe.n_harmonics, recipe.n_bands, pitch, loudness
    )
    return VoiceConfig(decoder, recipe.hop_size, recipe.reverb_len, recipe.synth)
