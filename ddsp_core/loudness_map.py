"""From how loud somebody sings to how loud the instrument was played: a causal map of loudness.

The timbre-transfer notebooks of DDSP (Engel et al. 2020, https://github.com/magenta/ddsp) bring a
whole recording onto the loudness of the training data. On stage the end is not known: a sound
check measures the singer's quantiles, and each of them becomes the same quantile of the training
set. Softest becomes softest, loudest loudest, and the whole dynamic range of the voice is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.errors import ControlError

Levels = NDArray[np.float64]

QUANTILES = ("5", "25", "50", "75", "95")
"""Percentages that are mapped: those beyond are of single moments, in a sound check of seconds."""
LEAST_STEP_DB = 0.1
STEEPEST, FLATTEST = 3.0, 0.25
"""Slopes of the map: more would make noise of a singer's unsteadiness, less would take his art."""


class MapTables(NamedTuple):
    """Corners of the map, both rising; none: loudness stays as it is. Shape: (M,) each."""

    sung_db: Levels
    played_db: Levels


IDENTITY = MapTables(np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class LoudnessMap:
    """Piecewise linear and rising, beyond its ends with slope 1.

    Args:
        sung_db: loudness of the singer, rising.
        played_db: what is played for it, rising or level; as many.

    Raises:
        ControlError: corners that are not that.
    """

    sung_db: tuple[float, ...]
    played_db: tuple[float, ...]

    def __post_init__(self) -> None:
        """Checks the corners."""
        steps = np.diff(self.sung_db), np.diff(self.played_db)
        is_finite = np.isfinite(self.sung_db).all() and np.isfinite(self.played_db).all()
        is_level_at_least = (steps[0] > 0.0).all() and (steps[1] >= 0.0).all()
        if len(self.sung_db) != len(self.played_db) or not is_finite or not is_level_at_least:
            given = f"{list(self.sung_db)} onto {list(self.played_db)}"
            raise ControlError("loudness map", given, "as many levels on both sides, rising")

    @property
    def tables(self) -> MapTables:
        """For the kernel."""
        return MapTables(np.array(self.sung_db, np.float64), np.array(self.played_db, np.float64))

    def __call__(self, loudness_db: float) -> float:
        """What is played for a loudness.

        >>> LoudnessMap((-40.0, -20.0), (-60.0, -30.0))(-30.0)
        -45.0
        """
        return float(map_loudness(self.tables.sung_db, self.tables.played_db, loudness_db))


def tables_of(loudness_map: LoudnessMap | None) -> MapTables:
    """For the kernel; None leaves loudness as it is, to the bit."""
    return IDENTITY if loudness_map is None else loudness_map.tables


@njit(nogil=True, cache=True)
def map_loudness(sung_db: Levels, played_db: Levels, loudness_db: float) -> float:
    """One level through the map; the same number where there are no corners."""
    n_corners = len(sung_db)
    if n_corners == 0:
        return loudness_db
    if loudness_db <= sung_db[0]:
        return float(played_db[0] + loudness_db - sung_db[0])
    for m in range(1, n_corners):
        if loudness_db < sung_db[m]:
            share = (loudness_db - sung_db[m - 1]) / (sung_db[m] - sung_db[m - 1])
            return float(played_db[m - 1] + share * (played_db[m] - played_db[m - 1]))
    return float(played_db[-1] + loudness_db - sung_db[-1])


def map_onto(
    voice_statistics: Mapping[str, Any], sung_quantiles_db: Mapping[str, float]
) -> LoudnessMap:
    """The map from a singer's quantiles onto those of a voice's training set.

    The medians meet. From there outwards each stretch is as steep as the quantiles ask for, within
    `FLATTEST` and `STEEPEST`; quantiles that nearly coincide (one note held) are passed over.

    Args:
        voice_statistics: of the voice's file.
        sung_quantiles_db: loudness by percentage, "5", "25", "50", "75", "95" at least, rising.

    Raises:
        ControlError: a percentage is missing, or they do not rise.
    """
    played = voice_statistics.get("loudness_quantiles_db", {})
    pairs = [(_level(sung_quantiles_db, p), _level(played, p)) for p in QUANTILES]
    sung, onto = zip(*pairs, strict=True)
    if list(sung) != sorted(sung):
        raise ControlError("loudness map", f"quantiles {sung}", "quantiles that rise")
    middle = QUANTILES.index("50")
    upper = _outwards(pairs[middle:])
    lower = _outwards([(-s, -p) for s, p in pairs[middle::-1]])
    corners = [(-s, -p) for s, p in lower[:0:-1]] + upper
    sung, onto = zip(*corners, strict=True)
    return LoudnessMap(sung, onto)


def _outwards(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Rising corners from the first pair on, with bounded slopes."""
    corners = [pairs[0]]
    for sung, played in pairs[1:]:
        width = sung - corners[-1][0]
        if width >= LEAST_STEP_DB:
            slope = min(max((played - corners[-1][1]) / width, FLATTEST), STEEPEST)
            corners.append((sung, corners[-1][1] + slope * width))
    return corners


def _level(quantiles: Mapping[str, float], percentage: str) -> float:
    if percentage not in quantiles:
        given = f"no quantile of {percentage} % in {sorted(quantiles)}"
        raise ControlError("loudness map", given, f"{', '.join(QUANTILES)}")
    return float(quantiles[percentage])
