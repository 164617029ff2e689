"""Keeps where a performance stands for the process that may have to take it up again."""

import contextlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from ddsp_core.errors import ControlError
from realtime.desk import Change, Desk
from realtime.session import Status
from realtime.standing import Standing, StandingFile

SOURCE = "recovery"


class Position(Protocol):
    """What the keeper asks of the set list."""

    @property
    def song_index(self) -> int:
        """From 0."""

    @property
    def preset_index(self) -> int:
        """Of the preset in its song, from 0."""

    def restore(self, song_index: int, preset_index: int) -> None:
        """Goes there, or to the nearest place that there is."""


class Keeper:
    """Writes down where the performance stands, ten times a second; a session's `View`.

    Args:
        file: of the supervisor.
        desk: what the performer turns.
        position: in the set list.
        read_take: folder of the take that is being recorded; empty if none is.
        flags: that it plays with.
        proven: that the last one played with, until this one has.
        has_played: whether this one has.
    """

    def __init__(
        self,
        file: StandingFile,
        desk: Desk,
        position: Position,
        read_take: Callable[[], str],
        flags: Mapping[str, str] = MappingProxyType({}),
        proven: Mapping[str, str] = MappingProxyType({}),
        has_played: Callable[[], bool] = lambda: True,
    ) -> None:
        self._file, self._desk, self._position = file, desk, position
        self._read_take = read_take
        self._flags, self._proven, self._has_played = flags, proven, has_played
        self._tempo_bpm = 0.0
        desk.listen(self._on_change)

    def show(self, _status: Status) -> None:
        """Writes it down, if it has changed."""
        self._file.write(self.now())

    def now(self) -> Standing:
        """Where it stands."""
        instrument = self._desk.instrument
        return Standing(
            song=self._position.song_index,
            place=self._position.preset_index,
            controls=dict(instrument.control_values),
            is_bypassed=instrument.is_bypassed,
            effects_out=tuple(sorted(instrument.effects_out)),
            effect_order=tuple(instrument.effect_order.values()),
            tempo_bpm=self._tempo_bpm,
            take=self._read_take(),
            flags=dict(self._flags),
            proven=dict(self._flags if self._has_played() else self._proven),
        )

    def hand_over(self, standing: Standing) -> None:
        """The last word: from there another process goes on."""
        self._file.write(standing)

    def _on_change(self, change: Change) -> None:
        if change.what == "tempo":
            self._tempo_bpm = float(change.value)


def go_on(standing: Standing, desk: Desk, position: Position) -> None:
    """Puts everything where it stood. What no longer exists (an edited preset) is left out.

    The preset comes first, as it brings its own values; a song brings its own tempo.
    """
    position.restore(standing.song, standing.place)
    for name, value in standing.controls.items():
        with contextlib.suppress(ControlError):
            desk.set(name, value, SOURCE)
    there = desk.instrument.effects_out
    for name in set(standing.effects_out) ^ set(there):  # the command toggles
        with contextlib.suppress(ControlError):
            desk.do("bypass_effect", name, SOURCE)
    for order in set(standing.effect_order) - set(desk.instrument.effect_order.values()):
        with contextlib.suppress(ControlError):
            desk.do("effect_order", order, SOURCE)
    if standing.is_bypassed:
        desk.do("bypass", 1.0, SOURCE)
    if standing.tempo_bpm:
        desk.do("tempo", standing.tempo_bpm, SOURCE)
