"""A voice that begins with what another has learned: `chanterelle-train train --from`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ddsp_core.checkpoint import VoiceConfig, VoiceFile, load_voice
from ddsp_core.errors import RecipeError
from ddsp_core.voice import Voice
from training.index import Index
from training.voice_source import voice_folders

KEPT = ("recordings", "notes", "steps", "started_from")
"""Of the old voice's provenance."""
ROOM = "room.taps"


class Beginning(NamedTuple):
    """Where to begin."""

    source: Path
    """Folder of a voice, or of a run: that has a voice for every one of its rooms."""
    other_features: bool = False
    """Take it although its pitch or loudness was measured in another way."""


def start_from(voice: Voice, beginning: Beginning, index: Index) -> dict[str, Any]:
    """Gives a new voice the weights of an old one, and its rooms where the dataset has them.

    A room is known by its name. Of a run all rooms are taken along, of a voice folder the one that
    it was exported with; a room of another length, or which the old voice has not heard, is new.

    Returns:
        What the voice's provenance should say of the old one.
    Raises:
        VoiceError: no voice there, or a damaged one.
        RecipeError: its sizes or features are not those of the recipe and dataset.
    """
    source = beginning.source
    files = [load_voice(folder) for folder in voice_folders(source).values()]
    file = files[0]  # what differs between the rooms of a run is the room alone
    _check_sizes(source, file.config, voice.config)
    if not beginning.other_features:
        _check_features(source, file.definition, index.definition)
    taps = voice.room.taps.detach().clone()
    rooms = _take_rooms(taps, files, index.rooms)
    voice.load_state_dict({**voice.state_dict(), **_instrument(file, voice.config), ROOM: taps})
    told = {key: file.provenance[key] for key in KEPT if key in file.provenance}
    return {"voice": source.resolve().name, "rooms": rooms, **told}


def _instrument(file: VoiceFile, config: VoiceConfig) -> dict[str, Tensor]:
    """All weights but the room's, for inputs that are scaled by other recordings' statistics.

    The first layers are changed to match, so that the same note at the same loudness sounds at
    first as it did: with x = (v - m) / d before and x' = (v - m') / d' now,
    w x + b = (w d'/d) x' + b + w (m' - m) / d.
    """
    tensors = {key: torch.from_numpy(array) for key, array in file.tensors.items() if key != ROOM}
    before, now = file.config.decoder, config.decoder
    scalings = {
        "mlp_f0": (before.pitch, now.pitch),
        "mlp_loudness": (before.loudness, now.loudness),
    }
    for mlp, (old, new) in scalings.items():
        weight = tensors[f"decoder.{mlp}.0.weight"]
        tensors[f"decoder.{mlp}.0.bias"] += weight[:, 0] * (new.mean - old.mean) / old.deviation
        tensors[f"decoder.{mlp}.0.weight"] = weight * (new.deviation / old.deviation)
    return tensors


def _take_rooms(taps: Tensor, files: list[VoiceFile], names: list[str]) -> list[str]:
    """Puts the old rooms' taps in the places of their names; returns those names.

    Shape:
        taps: (len(names), length)
    """
    taken = []
    for file in files:
        name, old = file.provenance.get("room"), torch.from_numpy(file.tensors[ROOM])[0]
        if name in names and len(old) == taps.shape[1]:
            taps[names.index(name)] = old
            taken.append(name)
    return taken


def _check_features(source: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    differing = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    if differing:
        given = ", ".join(f"its {key} is {old.get(key)}" for key in differing)
        allowed = f"those of the dataset, {', '.join(f'{new.get(key)}' for key in differing)}"
        todo = "--other-features takes it all the same, to be trained on until it has learned them"
        raise RecipeError(str(source), given, allowed, todo)


def _check_sizes(source: Path, old: VoiceConfig, new: VoiceConfig) -> None:
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
        raise RecipeError(str(source), given, allowed, todo)
