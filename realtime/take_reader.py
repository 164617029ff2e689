"""A take that lies on disk: what it is, how it ended, and its sound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddsp_core.errors import AudioError, PresetError
from realtime.long_flac import count_samples
from realtime.long_wav import count_wav_samples
from realtime.strict_yaml import read_yaml
from realtime.take_about import FILE_NAME, FORMAT
from realtime.take_layout import BITS, TakeLayout
from realtime.take_lock import is_being_recorded
from realtime.take_sound import pieces
from realtime.take_state import State

Audio = NDArray[np.float32]
MAX_ABOUT_BYTES = 8 * 2**20
"""The presets of a whole set, with all their text."""


class _Layout(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    file: Literal["wav", "flac"]
    bits: int
    wet_channels: int = Field(ge=1, le=2)


class _Start(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    preset: int = Field(default=0, ge=0)
    controls: dict[str, float] = Field(default_factory=dict)
    effects_out: list[str] = Field(default_factory=list)
    effect_order: list[str] = Field(default_factory=list)
    is_bypassed: bool = False
    tempo_bpm: float = 0.0


class _Preset(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    name: str
    path: str = ""
    text: str = ""
    voices: list[dict[str, str]] = Field(default_factory=list)


class _About(BaseModel):
    """What take.yaml must have; later versions may add to it."""

    model_config = ConfigDict(extra="ignore", strict=True)

    format: int = Field(ge=1)
    chanterelle: str = ""
    title: str = ""
    started: datetime | str
    preroll_s: float = Field(default=0.0, ge=0.0)
    sample_rate: int = Field(ge=1000, le=1_000_000)
    block_size: int = Field(ge=0, le=1_000_000)
    latency_samples: int = Field(ge=0, le=10_000_000)
    layout: _Layout
    presets: list[_Preset] = Field(default_factory=list)
    start: _Start = Field(default_factory=_Start)
    ended: dict[str, Any] | None = None


@dataclass(frozen=True)
class Take:
    """A recorded performance. Times are in seconds, positions in samples of its own rate."""

    folder: Path
    about: Mapping[str, Any]
    """take.yaml as it stands."""
    title: str
    started: str
    preroll_s: float
    sample_rate: int
    block_size: int
    latency_samples: int
    """Of the wet sound behind the dry one."""
    layout: TakeLayout
    n_wet: int
    n_samples: int
    presets: tuple[Mapping[str, Any], ...]
    """Each with name, path, text and voices."""
    start: State
    how: str
    """"stopped", "ended", "disk full", "crash", ...; "running": it is being recorded now."""

    @property
    def duration_s(self) -> float:
        """Of the sound."""
        return self.n_samples / self.sample_rate

    @property
    def preset_name(self) -> str:
        """Of the one that it began with."""
        names = [str(preset["name"]) for preset in self.presets]
        return names[self.start.preset] if self.start.preset < len(names) else ""


def read_take(folder: Path) -> Take:
    """The take in this folder.

    Raises AudioError if it is none, or damaged beyond what repairs itself.
    """
    where = str(folder)
    if not (folder / FILE_NAME).is_file():
        given = "is not a take" if folder.is_dir() else "no such folder"
        raise AudioError(where, given, "one of those that `chanterelle take list DIR` shows")
    values, about = _about(folder)
    if values.layout.bits not in BITS[values.layout.file]:
        raise _damaged(folder, f"layout.bits: {values.layout.bits}")
    layout = TakeLayout(values.layout.file, values.layout.bits)
    ended = values.ended or {}
    is_running = not ended and is_being_recorded(folder)
    return Take(
        folder=folder,
        about=about,
        title=values.title,
        started=str(about["started"]),
        preroll_s=values.preroll_s,
        sample_rate=values.sample_rate,
        block_size=values.block_size,
        latency_samples=values.latency_samples,
        layout=layout,
        n_wet=values.layout.wet_channels,
        n_samples=min(_n_samples(folder, side, layout) for side in ("wet", "dry")),
        presets=tuple(preset.model_dump() for preset in values.presets),
        start=_state(values.start),
        how="running" if is_running else str(ended.get("how", "crash")),
    )


def _state(start: _Start) -> State:
    lists = {"effects_out": tuple(start.effects_out), "effect_order": tuple(start.effect_order)}
    return State(**{**start.model_dump(), **lists})


def read_sound(take: Take, side: str, start: int = 0, stop: int | None = None) -> Audio:
    """The wet or the dry sound, from sample to sample. Shape: (T, C).

    Raises AudioError if a file is missing or unreadable.
    """
    parts = list(sound_blocks(take, side, take.sample_rate * 60, start, stop))
    n_channels = take.n_wet if side == "wet" else 1
    return np.concatenate(parts) if parts else np.zeros((0, n_channels), np.float32)


def sound_blocks(
    take: Take, side: str, size: int, start: int = 0, stop: int | None = None
) -> Iterator[Audio]:
    """The same piece by piece, each at most of this size. Shape: (T, C)."""
    left = max((take.n_samples if stop is None else min(stop, take.n_samples)) - start, 0)
    for path in pieces(take.folder, side, take.layout):
        n_samples = _n_in_file(path, take.layout)
        if start >= n_samples:
            start -= n_samples
            continue
        try:
            with soundfile.SoundFile(path) as file:
                file.seek(start)
                n_here = min(n_samples - start, left)
                while n_here > 0:
                    block = file.read(min(size, n_here), dtype="float32", always_2d=True)
                    if not len(block):
                        break
                    yield block
                    n_here -= len(block)
                    left -= len(block)
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioError(str(path), f"cannot be read ({error})", "a whole file") from None
        start = 0


def _about(folder: Path) -> tuple[_About, Mapping[str, Any]]:
    try:
        about = read_yaml(folder / FILE_NAME, str(folder / FILE_NAME), MAX_ABOUT_BYTES)
        values = _About.model_validate(about)
    except PresetError as error:
        raise AudioError(str(error), "damaged", "as it was recorded") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _damaged(folder, f"{place}: {first['msg']}") from None
    if values.format > FORMAT:
        given = f"format {values.format}, of a later version"
        raise AudioError(str(folder), given, f"formats up to {FORMAT}", "update chanterelle")
    return values, about


def _damaged(folder: Path, what: str) -> AudioError:
    return AudioError(str(folder / FILE_NAME), f"damaged ({what})", "as it was recorded")


def _n_samples(folder: Path, side: str, layout: TakeLayout) -> int:
    paths = pieces(folder, side, layout)
    if not paths:
        raise AudioError(str(folder), f"{side}{layout.suffix} is missing", "a whole take")
    return sum(_n_in_file(path, layout) for path in paths)


def _n_in_file(path: Path, layout: TakeLayout) -> int:
    try:
        return count_samples(path) if layout.file == "flac" else count_wav_samples(path)
    except (OSError, ValueError) as error:
        raise AudioError(str(path), f"damaged ({error})", "a whole file") from None
