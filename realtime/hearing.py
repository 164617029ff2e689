"""How a preset hears: the pitch tracker that it names, and the process that this one may ask."""

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ddsp_core.checkpoint import VoiceFile, load_voice
from ddsp_core.guide import Listener
from ddsp_core.trackers import KINDS, TRAINED_WITH, Tracker, make_tracker
from realtime.guide_process import GuideProcess
from realtime.note_source import NoteSource
from realtime.scheduling import COMPANION_PRIORITY, rights

if TYPE_CHECKING:
    from realtime.preset import Preset
    from realtime.singer import Singer


def tracker_of(
    preset: "Preset", voice: VoiceFile, listener: Listener | None = None
) -> Tracker | None:
    """The preset's tracker, None where it is the one that voices are trained with.

    Says so on standard error where it is another one: the voice was not trained for its slips.

    Args:
        listener: who reads for it; it computes in place where none is given.
    """
    if preset.pitch == TRAINED_WITH:
        return None
    trained = voice.definition.get("pitch", "another tracker")
    print(f"pitch: {preset.pitch}; the voice was trained with {trained}", file=sys.stderr)
    return make_tracker(preset.pitch, voice.config.sample_rate, voice.config.hop_size, listener)


class Notes(Protocol):
    """Where notes come from: a keyboard, or a recording that is known as a whole."""

    @property
    def controls(self) -> Mapping[str, float]:
        """What a preset must leave to them."""

    def notes_for(self, voice: VoiceFile) -> NoteSource:
        """What one voice plays."""


class Ears(NamedTuple):
    """What the voices of a set listen with, besides their trackers."""

    listener: Listener | None = None
    """Reads for trackers that ask somebody."""
    singer: "Singer | None" = None
    """Whose gain, gate, octave and loudness they expect."""
    keyboard: Notes | None = None
    """Whose notes are played in place of what is sung."""

    def controls_of(self, preset: "Preset") -> dict[str, float]:
        """As the preset says, or as the singer or the keyboard needs them."""
        if self.singer is None:
            return {**preset.controls, **(self.keyboard.controls if self.keyboard else {})}
        statistics = load_voice(preset.voice_dir).statistics
        return self.singer.in_front_of(preset, statistics).controls

    def notes_for(self, voice: VoiceFile) -> NoteSource | None:
        """What this voice plays if nobody sings."""
        return self.keyboard.notes_for(voice) if self.keyboard else None


ALONE = Ears()


@contextlib.contextmanager
def listening(presets: "Sequence[Preset]") -> Iterator[GuideProcess | None]:
    """While inside, a process listens for the presets' trackers; None if none of them asks anybody.

    Where the audio thread may have a real-time priority, the process takes the lowest one. Should
    it not start, the trackers play without its advice.
    """
    asking = next((preset for preset in presets if KINDS[preset.pitch] is not None), None)
    pace = KINDS[asking.pitch] if asking else None
    if asking is None or pace is None:
        yield None
        return
    lowest = COMPANION_PRIORITY
    priority = lowest if rights().realtime_priority > lowest else 0
    sample_rate = load_voice(asking.voice_dir).config.sample_rate
    with GuideProcess(sample_rate, pace.every_s, priority) as guide:
        guide.wait_until_ready()
        yield guide
