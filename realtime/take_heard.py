"""Who was heard in a take, a singer or a keyboard, and the same ears for playing it again.

A keyboard leaves no sound in the dry file: what it played stands in features.csv, hop by hop.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import AudioError
from realtime.hearing import Ears
from realtime.midi_keyboard import Keyboard
from realtime.note_source import CERTAIN, NoteSource
from realtime.singer import Singer
from realtime.take_notes import read_features
from realtime.take_reader import Take

Curve = NDArray[np.float32]
SILENCE_DB = -120.0
KEYBOARD, SINGER = "keyboard", "singer"


def describe_ears(ears: Ears) -> dict[str, Any]:
    """For take.yaml."""
    said: dict[str, Any] = {"played_by": KEYBOARD if ears.keyboard else SINGER}
    if ears.singer:
        said["singer"] = ears.singer.model_dump()
    return said


def ears_of(take: Take) -> Ears:
    """What the voices listened with. Raises AudioError if the singer's profile is damaged."""
    profile = take.about.get("singer")
    try:
        singer = Singer.model_validate(profile) if profile else None
    except ValidationError as error:
        given = f"damaged (singer: {error.error_count()} mistakes)"
        raise AudioError(str(take.folder), given, "as it was recorded") from None
    is_keyboard = take.about.get("played_by") == KEYBOARD
    return Ears(singer=singer, keyboard=RecordedNotes(take) if is_keyboard else None)


class RecordedNotes:
    """The notes of a take, for any number of voices that play them."""

    controls = Keyboard.controls

    def __init__(self, take: Take) -> None:
        self._take = take
        self._rows = read_features(take.folder)
        self.sample = 0
        """Of the take: where the block that is played next begins."""

    def notes_for(self, voice: VoiceFile) -> NoteSource:
        """For a voice that was loaded."""
        hop = voice.config.hop_size * self._take.sample_rate / voice.config.sample_rate
        n_hops = int(self._take.n_samples / hop) + 1
        heard = np.tile(np.array([[440.0, 0.0, SILENCE_DB]], np.float32), (n_hops, 1))
        # A row stands where its hop ended; where nothing was recorded there is no note.
        places = np.rint(self._rows[:, 0] / hop).astype(int) - 1
        fits = (places >= 0) & (places < n_hops)
        heard[places[fits]] = self._rows[fits, 1:]
        heard[heard[:, 1] > 0.0, 1] = CERTAIN
        return _Player(self, heard, hop)


class _Player:
    """Reads on from where the take is: also after others have played meanwhile."""

    def __init__(self, notes: RecordedNotes, heard: Curve, hop: float) -> None:
        self._notes, self._heard, self._hop = notes, heard, hop
        self._sample = -1
        self._at = 0

    def read(self, n_hops: int) -> tuple[Curve, Curve, Curve]:
        """The next hops' f0_hz, confidence and loudness_db. Shape: (N,) each."""
        if self._sample != self._notes.sample:
            self._sample = self._notes.sample
            self._at = int(self._sample / self._hop)
        rows = self._heard[np.minimum(np.arange(self._at, self._at + n_hops), len(self._heard) - 1)]
        self._at += n_hops
        return rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy()
