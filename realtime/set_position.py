"""Where a show stands: next and previous, over the borders of songs, for whoever's hand.

The desk asks it to step, it chooses presets through the desk, and it follows where somebody
chooses a preset directly. Nothing of it runs in the audio thread.
"""

import contextlib
from typing import NamedTuple

from ddsp_core.errors import ControlError, did_you_mean
from realtime.desk import Change, Desk
from realtime.set_list import SetList


class Place(NamedTuple):
    """What the stage view shows of it; the names are those of its fields."""

    song: str
    """Title; empty without a set list."""
    next_song: str
    """Empty at the end."""
    song_number: int
    """From 1; 0: there is no set list."""
    n_songs: int
    preset: str
    """Title, or name."""
    next_preset: str
    """What `next_preset` would bring; empty at the end."""
    colour: str
    note: str
    """The song's, else the preset's."""
    tempo_bpm: float
    """Of the song; 0: it has none."""


class SetPosition:
    """Steps through a set list, whose `presets` the desk's instrument has loaded.

    Args:
        desk: from now on its commands for presets and songs end here.
        set_list: the show.
    """

    def __init__(self, desk: Desk, set_list: SetList) -> None:
        self._desk = desk
        self._songs = set_list.songs
        self._set_list = set_list
        self._at = (0, 0)
        """Song, and preset in it; swapped as one, as several threads read it."""
        desk.provide("next_preset", lambda _value, source: self._step(1, source))
        desk.provide("previous_preset", lambda _value, source: self._step(-1, source))
        desk.provide("next_song", lambda _value, source: self._step_song(1, source))
        desk.provide("previous_song", lambda _value, source: self._step_song(-1, source))
        desk.provide("song", lambda value, source: self._go(self._find(value), 0, source))
        desk.listen(self._on_change)

    @property
    def song_index(self) -> int:
        """From 0."""
        return self._at[0]

    @property
    def preset_index(self) -> int:
        """In its song, from 0."""
        return self._at[1]

    def begin(self, source: str = "start") -> None:
        """Goes to where it stands, aloud: preset, song and tempo are told and set."""
        self._go(*self._at, source, is_new=True)

    def restore(self, song_index: int, preset_index: int, source: str = "recovery") -> None:
        """Goes on at this place, or at the nearest that there is."""
        song = min(max(song_index, 0), len(self._songs) - 1)
        preset = min(max(preset_index, 0), len(self._songs[song].presets) - 1)
        self._go(song, preset, source, is_new=True)

    def where(self) -> Place:
        """Where the show stands; from any thread."""
        at = self._at
        song = self._songs[at[0]]
        preset, following = song.presets[at[1]], self._beside(at, 1)
        after = self._songs[following[0]].presets[following[1]] if following else None
        is_last = at[0] + 1 == len(self._songs)
        return Place(
            song=song.title,
            next_song="" if is_last else self._songs[at[0] + 1].title,
            song_number=at[0] + 1 if song.title else 0,
            n_songs=len(self._songs) if song.title else 0,
            preset=preset.title or preset.name,
            next_preset=(after.title or after.name) if after else "",
            colour=preset.colour,
            note=song.note or preset.note,
            tempo_bpm=song.tempo_bpm,
        )

    def _beside(self, at: tuple[int, int], way: int) -> tuple[int, int] | None:
        """The place after (1) or before (-1), over the borders of songs; None at the ends."""
        song, preset = at[0], at[1] + way
        if 0 <= preset < len(self._songs[song].presets):
            return song, preset
        song += way
        if not 0 <= song < len(self._songs):
            return None
        return song, 0 if way > 0 else len(self._songs[song].presets) - 1

    def _step(self, way: int, source: str) -> None:
        place = self._beside(self._at, way)
        if place is None:
            end = "last" if way > 0 else "first"
            self._desk.say(f"this is the {end} preset of the set", source)
        else:
            self._go(*place, source)

    def _step_song(self, way: int, source: str) -> None:
        song = self._at[0] + way
        if 0 <= song < len(self._songs):
            self._go(song, 0, source)
        else:
            self._desk.say(f"this is the {'last' if way > 0 else 'first'} song", source)

    def _go(self, song: int, preset: int, source: str, is_new: bool = False) -> None:
        """The place first, so that whoever is told of the preset finds it there."""
        is_new = is_new or song != self._at[0]
        self._at = (song, preset)
        if is_new:
            self._open(song, source)
        self._desk.choose(self._set_list.number_of(self._songs[song].presets[preset]), source)

    def _open(self, number: int, source: str) -> None:
        """A song begins: its title is told, and its tempo set where somebody keeps one."""
        song = self._songs[number]
        if song.title:
            self._desk.tell(Change("song", song.title, float(number), source))
        if song.tempo_bpm:
            with contextlib.suppress(ControlError):
                self._desk.do("tempo", song.tempo_bpm, source)

    def _find(self, value: float | str | None) -> int:
        """The song of that title, or of that number from 1."""
        text = str(value).casefold().strip()
        titles = [song.title.casefold() for song in self._songs]
        if text in titles:
            return titles.index(text)
        with contextlib.suppress(ValueError, OverflowError):
            if 1 <= (number := int(float(text))) <= len(titles):
                return number - 1
        given = f"no song {value!r} in this set"
        known = did_you_mean(str(value), {song.title for song in self._songs if song.title})
        raise ControlError("song", given, f"1 to {len(titles)}, or its title", known)

    def _on_change(self, change: Change) -> None:
        """Somebody chose a preset directly: the place follows, within its song if it can."""
        if change.what != "preset":
            return
        number = int(change.value)
        if number == self._number(self._at):
            return
        places = self._from_here()
        found = next((place for place in places if self._number(place) == number), None)
        if found is not None:
            is_new, self._at = found[0] != self._at[0], found
            if is_new:
                self._open(found[0], change.source)

    def _from_here(self) -> list[tuple[int, int]]:
        """All places: those of this song, then those after it, then from the beginning."""
        order = [*range(self._at[0], len(self._songs)), *range(self._at[0])]
        return [(song, preset) for song in order for preset in range(self._n_presets(song))]

    def _n_presets(self, song: int) -> int:
        return len(self._songs[song].presets)

    def _number(self, at: tuple[int, int]) -> int:
        return self._set_list.number_of(self._songs[at[0]].presets[at[1]])
