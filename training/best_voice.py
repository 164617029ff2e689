"""The voices of a run, ready to play: `voice/<room>/voice.safetensors`, the best by validation.

What differs between the rooms of the recordings is the impulse response alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ddsp_core.checkpoint import FILE_NAME, VoiceFile, save_voice
from ddsp_core.voice import Voice
from training.index import Index
from training.recipe import Recipe
from training.whole_files import saving

FOLDER = "voice"


def save_rooms(
    folder: Path, voice: Voice, index: Index, provenance: Mapping[str, Any]
) -> list[Path]:
    """One voice folder a room; returns them in the order of the dataset's rooms.

    Raises:
        RecipeError: the disk is full; what was there is untouched.
    """
    tensors = {key: value.cpu().numpy() for key, value in voice.state_dict().items()}
    taps = tensors["room.taps"]
    statistics = index.statistics.model_dump(mode="json")
    folders = [folder / name for name in index.rooms]
    for room, place in enumerate(folders):
        of_room = {**tensors, "room.taps": taps[room : room + 1]}
        told = {**provenance, "room": index.rooms[room]}
        file = VoiceFile(voice.config, index.definition, statistics, told, of_room)
        path = place / FILE_NAME
        with saving(path, path.with_suffix(".partial")):
            place.mkdir(parents=True, exist_ok=True)
            save_voice(path, file)
    return folders


def provenance_of(
    recipe: Recipe, index: Index, step: int, loss: float, started_from: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Where a voice comes from, for its file and card: recipe, steps, recordings.

    Args:
        loss: validation loss.
        started_from: of the voice that fine-tuning began with; its recordings want naming too.
    """
    told = {
        "recipe": recipe.model_dump(mode="json"),
        "steps": step,
        "held_out_loss": round(loss, 4),
        "recordings": [entry.name for entry in index.recordings if entry.kind == "phrases"],
        "notes": sum(entry.kind == "notes" for entry in index.recordings),
    }
    return told if started_from is None else {**told, "started_from": dict(started_from)}
