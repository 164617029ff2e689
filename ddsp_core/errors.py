"""Errors for people. Each message says where, what was given, what is allowed and what to do.

    ChanterelleError
    ├── AudioError      a recording that cannot be used: unreadable, empty, not finite
    ├── ControlError    an unknown control, or a value out of its range
    ├── PresetError     a preset, set list or bundle that is missing or has a mistake in it
    ├── VoiceError      a voice file that is missing, damaged or of another version
    ├── RecipeError     a training recipe or dataset that does not fit
    ├── DeviceError     a sound card or MIDI port that is missing or refuses to open
    └── StreamError     the sound server or the disk went away while playing (exit code 1)

The command line catches `ChanterelleError` alone, prints `error: ...` and exits with its
`exit_code`.
"""

import difflib
from collections.abc import Iterable

_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"]
_VISIBLE = str.maketrans({control: repr(control)[1:-1] for control in _CONTROLS})
"""What is given may be a stranger's, and would move the terminal's cursor or worse."""


class ChanterelleError(Exception):
    """Base of all errors that are meant to be read by a person.

    Args:
        where: file, key, device or command that the error is about.
        given: what was found there.
        allowed: what would be right.
        todo: what the reader can do now (optional).
    """

    exit_code = 2

    def __init__(self, where: str, given: str, allowed: str, todo: str = "") -> None:
        parts = [part for part in (where, given, allowed, todo) if part]
        super().__init__(": ".join(parts).translate(_VISIBLE))


class AudioError(ChanterelleError):
    """A recording that cannot be used."""


class ControlError(ChanterelleError):
    """An unknown control, or a value out of its range."""


class PresetError(ChanterelleError):
    """A preset, set list or bundle that is missing or wrong."""


class VoiceError(ChanterelleError):
    """A voice file that is missing, damaged or of another version."""


class RecipeError(ChanterelleError):
    """A training recipe or dataset that does not fit."""


class DeviceError(ChanterelleError):
    """A sound card or MIDI port that is missing or refuses to open."""


class StreamError(ChanterelleError):
    """The sound server or the disk went away while playing."""

    exit_code = 1


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """One line that lists what exists, and asks about a likely typo.

    >>> did_you_mean("violn", ["violin", "flute"])
    'did you mean violin? There are: flute, violin'
    """
    names = sorted(known)
    close = difflib.get_close_matches(given, names, n=1)
    there_are = f"there are: {', '.join(names)}" if names else "there are none"
    return f"did you mean {close[0]}? T{there_are[1:]}" if close else there_are
