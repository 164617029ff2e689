"""What take.yaml says of a take: enough to know what it is, and to play it again.

format: 1
chanterelle: 0.1.0
title: ...
started: 2026-11-21T20:15:00.250+01:00   # its first sample; pre-roll is before the pedal
preroll_s: 10.0
sample_rate: 48000
block_size: 128
latency_samples: 512                     # of wet behind dry
layout: {file: wav, bits: 24, wet_channels: 1}
played_by: singer                        # or keyboard; singer: {...}: the profile
presets: [{name, text, voices: [{name, sha256, path}]}, ...]   # of the set, in its order
start: {preset: 0, controls: {...}, is_bypassed: false, effects_out: [], tempo_bpm: 0,
        effect_order: ["output: hall, echo"]}
ended: {how: stopped, duration_s: 61.2, dropped_s: 0.0, at: ...}   # none: crashed, or running
"""

import hashlib
import importlib.metadata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from realtime.preset import Preset

FORMAT = 1
FILE_NAME = "take.yaml"
READ_BYTES = 2**20


class Played(Protocol):
    """What is asked of a host."""

    @property
    def presets(self) -> Sequence[Preset]:
        """Of the set."""

    @property
    def number(self) -> int:
        """Of the preset that plays."""

    @property
    def control_values(self) -> Mapping[str, float]:
        """Where every control stands."""

    @property
    def effects_out(self) -> Collection[str]:
        """Effects that are bypassed."""

    @property
    def effect_order(self) -> Mapping[str, str]:
        """How the sound goes through the effects of each side."""

    @property
    def is_bypassed(self) -> bool:
        """Whether the microphone is heard."""


def about_host(
    host: Played,
    latency_samples: Callable[[], int],
    title: str = "",
    heard: Mapping[str, Any] | None = None,
) -> Callable[[], dict[str, Any]]:
    """For `TakeRecorder(about=...)`.

    Args:
        host: what plays.
        latency_samples: of wet behind dry, in samples of the card; asked at the first block.
        title: of the performance.
        heard: who sings or plays: see `take_heard.describe_ears`.
    """

    def tell() -> dict[str, Any]:
        return {
            "title": title,
            "latency_samples": latency_samples,
            **(heard or {}),
            "presets": tuple(host.presets),
            "start": {
                "preset": host.number,
                "controls": dict(host.control_values),
                "effects_out": sorted(host.effects_out),
                "effect_order": list(host.effect_order.values()),
                "is_bypassed": host.is_bypassed,
            },
        }

    return tell


def describe_preset(preset: Preset) -> dict[str, Any]:
    """Its text and its voices, as they are now."""
    return {
        "name": preset.name,
        "path": str(preset.path),
        "text": _text(preset.path),
        "voices": [describe_voice(voice_dir) for voice_dir in _voice_dirs(preset)],
    }


@cache
def describe_voice(folder: Path) -> dict[str, str]:
    """Which voice it is, down to the last bit."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(_hash(path))
    return {"name": folder.name, "sha256": digest.hexdigest(), "path": str(folder)}


def as_plain(about: Mapping[str, Any]) -> dict[str, Any]:
    """Ready to be written: functions are asked, presets described."""
    plain = {key: value() if callable(value) else value for key, value in about.items()}
    if "presets" in plain:
        plain["presets"] = [
            one if isinstance(one, Mapping) else describe_preset(one) for one in plain["presets"]
        ]
    return plain


def version() -> str:
    """Of this program."""
    return importlib.metadata.version("chanterelle")


def iso_time(at_s: float) -> str:
    """Wall-clock seconds as people and programs write a time here, with the zone."""
    return datetime.fromtimestamp(at_s).astimezone().isoformat(timespec="milliseconds")


def write_about(folder: Path, about: Mapping[str, Any]) -> None:
    """Writes take.yaml in one piece: whoever is killed meanwhile leaves the one before."""
    partial = folder / f".{FILE_NAME}.partial"
    text = yaml.dump(dict(about), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    partial.write_text(text, encoding="utf-8")
    partial.replace(folder / FILE_NAME)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stay readable."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written by reference."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _voice_dirs(preset: Preset) -> Iterable[Path]:
    yield preset.voice_dir
    for part in preset.also:
        yield part.voice_dir


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _hash(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(READ_BYTES):
            digest.update(part)
    return digest.digest()
