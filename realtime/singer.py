"""A singer's profile: what a sound check found, kept in `singers/NAME.yaml`, and what follows.

    noise_db: -71.2              # A-weighted, as the microphone gave it
    loudness_quantiles_db: {'5': -44.1, '25': -33.0, '50': -28.4, '75': -25.2, '95': -21.0}
    f0_quantiles_hz: {'5': 98.2, '25': 130.1, '50': 165.0, '75': 196.2, '95': 262.0}
    peak_db: -12.3
    input_gain_db: 1.0
    gate_db: -56.0               # behind that gain, as the control

Gate and gain are the singer's in every preset; the octave and the map of loudness depend on the
voice that plays.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ddsp_core.errors import PresetError, did_you_mean
from ddsp_core.loudness_map import QUANTILES, LoudnessMap, map_onto
from realtime.places import singers_dir, write_whole
from realtime.preset import Preset
from realtime.strict_schema import check_all
from realtime.strict_yaml import read_yaml

NAME = re.compile(r"[\w][\w .-]{0,60}")
OCTAVES = range(-3, 4)
OUTSIDER, OCTAVE = 24.0, 12.0
"""What a quantile of the singer outside of what the voice knows, and an octave away from where he
sings, count for: semitones off the middle of the voice's range."""

Levels = dict[str, float]


class Singer(BaseModel):
    """What a sound check found. Quantiles by percentage, "5" to "95"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    noise_db: float = Field(ge=-150, le=0, description="a level in dB, -150 to 0")
    loudness_quantiles_db: Levels = Field(description="levels in dB by percentage")
    f0_quantiles_hz: Levels = Field(description="pitches in Hz by percentage")
    peak_db: float = Field(ge=-150, le=20, description="a level in dB, -150 to 20")
    input_gain_db: float = Field(ge=-24, le=36, description="a gain in dB, -24 to 36")
    gate_db: float = Field(ge=-90, le=0, description="a level in dB, -90 to 0")

    def octave_for(self, statistics: Mapping[str, Any]) -> int:
        """Octaves up or down that bring the singer into what a voice was trained with.

        Args:
            statistics: of the voice's file.
        """
        return octave_for(self.f0_quantiles_hz, statistics)

    def map_for(self, statistics: Mapping[str, Any]) -> LoudnessMap:
        """From this singer's loudness, behind the gain, to that of a voice's training set."""
        raised = {key: db + self.input_gain_db for key, db in self.loudness_quantiles_db.items()}
        return map_onto(statistics, raised)

    def in_front_of(self, preset: Preset, statistics: Mapping[str, Any]) -> Preset:
        """The preset with this singer's gain, gate and octave.

        Args:
            statistics: of the preset's first voice.
        """
        own = {
            "input_gain_db": self.input_gain_db,
            "gate_db": self.gate_db,
            "octave_shift": float(self.octave_for(statistics)),
        }
        return replace(preset, controls={**preset.controls, **own})


def octave_for(f0_quantiles_hz: Levels, statistics: Mapping[str, Any]) -> int:
    """Octaves up or down that bring pitches into what a voice was trained with.

    Args:
        f0_quantiles_hz: of what is sung, by percentage.
        statistics: of the voice's file.
    """
    trained = statistics.get("f0_quantiles_hz", {})
    if not {"1", "50", "99"} <= trained.keys():
        return 0
    low, middle, high = (math.log2(float(trained[key])) for key in ("1", "50", "99"))
    sung = [math.log2(f0_quantiles_hz[key]) for key in QUANTILES]

    def strain(octave: int) -> float:
        n_outside = sum(not low <= pitch + octave <= high for pitch in sung)
        off = 12.0 * abs(sung[QUANTILES.index("50")] + octave - middle)
        return OUTSIDER * n_outside + OCTAVE * abs(octave) + off

    return min(OCTAVES, key=strain)


def list_singers() -> list[str]:
    """Names of all profiles."""
    return sorted(path.stem for path in singers_dir().glob("*.yaml"))


def load_singer(name: str) -> Singer:
    """The profile of that name.

    Raises:
        PresetError: there is none, or it has a mistake in it.
    """
    path = _path(name)
    if not path.is_file():
        known = did_you_mean(name, list_singers())
        todo = "chanterelle soundcheck --singer NAME makes one"
        raise PresetError("--singer", f"no singer {name!r}", known, todo)
    where = str(path)
    singer, problems = check_all(Singer, read_yaml(path, where), where, "`noise_db:`")
    if singer is None:
        raise next(iter(problems.values()))
    for key in ("loudness_quantiles_db", "f0_quantiles_hz"):
        _check_quantiles(getattr(singer, key), f"{where}: {key}")
    return singer


def save_singer(name: str, singer: Singer) -> Path:
    """Writes the profile, whole or not at all; returns its path.

    Raises:
        PresetError: a name that is no file's, or a disk that refuses.
    """
    path = _path(name)
    write_whole(path, yaml.safe_dump(singer.model_dump(), default_flow_style=None, sort_keys=False))
    return path


def forget_singer(name: str) -> None:
    """Removes the profile, if there is one. Raises PresetError as `save_singer`."""
    try:
        _path(name).unlink(missing_ok=True)
    except OSError as error:
        raise PresetError(name, f"cannot be removed ({error.strerror})", "") from None


def check_singer_name(name: str) -> None:
    """Raises PresetError for a name that is no file's."""
    if not NAME.fullmatch(name):
        allowed = "letters, digits, spaces, dots and dashes, 60 at most"
        raise PresetError("--singer", f"{name!r} is no name for a file", allowed)


def _path(name: str) -> Path:
    check_singer_name(name)
    return singers_dir() / f"{name}.yaml"


def _check_quantiles(levels: Levels, where: str) -> None:
    missing = [key for key in QUANTILES if key not in levels]
    if missing:
        raise PresetError(where, f"{missing[0]} is missing", ", ".join(QUANTILES))
    rising = [levels[key] for key in QUANTILES]
    if rising != sorted(rising) or not all(map(math.isfinite, rising)):
        raise PresetError(where, f"{rising}", "levels that rise")
    if where.endswith("_hz") and not rising[0] > 0.0:
        raise PresetError(where, f"{rising[0]:g}", "pitches above 0 Hz")
