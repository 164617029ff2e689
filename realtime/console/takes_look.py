"""A process of its own: outlines of a take's sounds and its marks, kept in the console's folder."""

import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import soundfile

from realtime.console.takes_child import Tell, answer
from realtime.console.takes_marks import marks_of
from realtime.console.takes_peaks import outline
from realtime.console.takes_sounds import Sound, sounds_of
from realtime.take_notes import EVENTS, read_events
from realtime.take_reader import Take, read_take


def kept_outline(work: Path, take: Path, sound: Sound) -> Path:
    """Where the outline of a sound lies, once it has been looked at."""
    return work / f"{take.name}-{sound.key}-{sound.mark}.json"


def kept_marks(work: Path, take: Path) -> Path:
    """Where its marks lie."""
    size = (take / EVENTS).stat().st_size if (take / EVENTS).is_file() else 0
    return work / f"{take.name}-marks-{size:x}.json"


def look(request: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Makes what is missing."""
    take, work = read_take(Path(request["take"])), Path(request["work"])
    sounds = sounds_of(take)
    _keep(kept_marks(work, take.folder), lambda: _marks(take))
    for number, sound in enumerate(sounds):
        with contextlib.suppress(soundfile.SoundFileError):
            _keep(kept_outline(work, take.folder, sound), lambda one=sound: outline(one.paths))
        tell((number + 1) / len(sounds))
    return {}


def _marks(take: Take) -> list[dict[str, Any]]:
    names = [str(preset["name"]) for preset in take.presets]
    start = asdict(take.start)["controls"]
    marks = marks_of(read_events(take.folder), take.sample_rate, names, start)
    return [mark._asdict() for mark in marks]


def _keep(path: Path, make: Any) -> None:
    if path.exists():
        return
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(make()), encoding="utf-8")
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(answer(look))
