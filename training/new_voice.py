"""A voice to begin training with: new, or with what another voice has learned (fine-tuning)."""

from pathlib import Path
from typing import Any

import torch

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig, load_voice
from ddsp_core.errors import RecipeError
from ddsp_core.scaling import InputScaling
from ddsp_core.units import hz_to_midi
from ddsp_core.voice import Voice
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


def start_from(voice: Voice, folder: Path, index: Index) -> dict[str, Any]:
    """Gives a new voice the weights of the one in `folder`; all but the room, which is another.

    Pitch and loudness are scaled by the new recordings' statistics. The first layers are changed to
    match, so that the same note at the same loudness sounds at first as it did: with
    x = (v - m) / d before and x' = (v - m') / d' now, w x + b = (w d'/d) x' + b + w (m' - m) / d.

    Returns:
        What the voice's provenance should say of the old one.
    Raises:
        VoiceError: no voice there, or a damaged one.
        RecipeError: its sizes or features are not those of the recipe and dataset.
    """
    file = load_voice(folder)
    _check_sizes(folder, file.config, voice.config)
    if file.definition != index.definition:
        given = f"its features are {file.definition}"
        raise RecipeError(str(folder), given, f"those of the dataset, {index.definition}")
    tensors = {
        name: torch.from_numpy(array)
        for name, array in file.tensors.items()
        if not name.startswith("room.")
    }
    before, now = file.config.decoder, voice.config.decoder
    scalings = {
        "mlp_f0": (before.pitch, now.pitch),
        "mlp_loudness": (before.loudness, now.loudness),
    }
    for mlp, (old, new) in scalings.items():
        weight = tensors[f"decoder.{mlp}.0.weight"]
        tensors[f"decoder.{mlp}.0.bias"] += weight[:, 0] * (new.mean - old.mean) / old.deviation
        tensors[f"decoder.{mlp}.0.weight"] = weight * (new.deviation / old.deviation)
    voice.load_state_dict({**voice.state_dict(), **tensors})
    kept = ("recordings", "notes", "steps", "started_from")
    told = {key: file.provenance[key] for key in kept if key in file.provenance}
    return {"voice": folder.name, **told}


def _check_sizes(folder: Path, old: VoiceConfig, new: VoiceConfig) -> None:
    """All but the room's length and the scalings."""
    of_voice, of_decoder = ("synth", "hop_size"), ("sample_rate", "n_units", "n_harmonics")
    sizes = [(key, getattr(old, key), getattr(new, key)) for key in of_voice]
    sizes += [
        (key, getattr(old.decoder, key), getattr(new.decoder, key))
        for key in (*of_decoder, "n_bands")
    ]
    differing = [(key, was, now) for key, was, now in sizes if was != now]
    if differing:
        given = ", ".join(f"its {key} is {was}" for key, was, _ in differing)
        allowed = "the recipe says " + ", ".join(f"{now}" for _, _, now in differing)
        todo = " ".join(f"--set {key}={was}" for key, was, _ in differing)
        raise RecipeError(str(folder), given, allowed, todo)
