"""What a `.chanterelle` file holds: a preset or a voice, in a zip that other programs open too.

    manifest.json                   {"format": "chanterelle", "version": 1, "kind": "preset", ...}
    preset.yaml                     names its voices and rooms by the paths below
    voices/NAME/voice.safetensors   with card.md and voice.yaml
    rooms/NAME.flac                 or .wav: impulse responses

Nothing else may be in it, plug-ins above all: a preset names those, and never brings them along.
"""

import json
import re
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from ddsp_core.checkpoint import FILE_NAME as VOICE_FILE
from ddsp_core.checkpoint import MAX_FILE_BYTES
from ddsp_core.errors import PresetError
from realtime.preset_file import STRICT
from realtime.preset_places import FILE_NAME as PRESET_FILE
from realtime.safe_names import PATTERN, is_safe
from realtime.strict_yaml import MAX_BYTES as MAX_YAML_BYTES

SUFFIX = ".chanterelle"
FORMAT: Literal["chanterelle"] = "chanterelle"
VERSION = 1
MANIFEST = "manifest.json"
VOICES, ROOMS = "voices", "rooms"
TEXTS = ("card.md", "voice.yaml")
"""What belongs to a voice besides its numbers: above all, whom to thank for the recordings."""
ROOM_SUFFIXES = (".wav", ".flac")

MOST_MEMBERS = 64
MAX_ROOM_BYTES = 32 * 1024 * 1024
MAX_TOTAL_BYTES = 4 * MAX_FILE_BYTES
MAX_RATIO = 100
"""Of a member's bytes to those that it takes in the zip; numbers and sound never come near."""
MIN_BOMB_BYTES = 1024 * 1024
"""Smaller members may be as empty as they like."""

Kind = Literal["preset", "voice"]


class Manifest(BaseModel):
    """Says what the zip is."""

    model_config = STRICT

    format: Literal["chanterelle"]
    version: int = Field(ge=1)
    kind: Kind
    name: str


_LIMITS = (
    (re.compile(re.escape(MANIFEST)), 4096),
    (re.compile(re.escape(PRESET_FILE)), MAX_YAML_BYTES),
    (re.compile(f"{VOICES}/{PATTERN}/{re.escape(VOICE_FILE)}"), MAX_FILE_BYTES),
    (re.compile(f"{VOICES}/{PATTERN}/({'|'.join(map(re.escape, TEXTS))})"), MAX_YAML_BYTES),
    (re.compile(f"{ROOMS}/{PATTERN}({'|'.join(map(re.escape, ROOM_SUFFIXES))})"), MAX_ROOM_BYTES),
)


def most_bytes(name: str) -> int:
    """How long a member of that name may be; 0: it does not belong in a bundle.

    >>> most_bytes("preset.yaml"), most_bytes("voices/violin/run.py"), most_bytes("../preset.yaml")
    (65536, 0, 0)
    """
    if not all(is_safe(PurePosixPath(part).stem) for part in name.split("/")):
        return 0
    return next((limit for pattern, limit in _LIMITS if pattern.fullmatch(name)), 0)


def read_manifest(text: bytes, where: str) -> Manifest:
    """The manifest; raises PresetError if it is none, or of a later version."""
    allowed = f"a file that `chanterelle presets export` wrote, version {VERSION}"
    try:
        manifest = Manifest.model_validate(json.loads(text))
    except (ValidationError, ValueError, RecursionError):
        raise PresetError(f"{where}: {MANIFEST}", "not understood", allowed) from None
    if manifest.version > VERSION:
        given = f"version {manifest.version}"
        raise PresetError(f"{where}: {MANIFEST}", given, allowed, "use a newer Chanterelle")
    if not is_safe(manifest.name):
        raise PresetError(f"{where}: {MANIFEST}", "a name that cannot be a folder's", allowed)
    return manifest
