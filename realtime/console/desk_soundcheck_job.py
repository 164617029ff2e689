"""The sound check's work, in a process of its own: who is heard in a take, and what fits them.

    python -m realtime.console.desk_soundcheck_job soundcheck TAKE VOICE --json
    python -m realtime.console.desk_soundcheck_job singer NAME VOICE --json

It prints one JSON object, as the command line does; errors are one line.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import AudioError, ChanterelleError

if TYPE_CHECKING:
    from realtime.singer import Singer
    from realtime.take_reader import Take

LATER = 10
"""Of `nice`, as the console itself: whoever plays goes first."""

END_LIMIT_S = 10.0
LOOK_EVERY_S = 0.05


def listen_to(take_folder: Path, voice_dir: Path) -> dict[str, Any]:
    """What a sound check finds in a take, behind what was played before it was begun.

    Args:
        take_folder: it has ended, or ends soon.
        voice_dir: of the voice that plays.

    Raises:
        AudioError: too little is sung, or the take cannot be read.
    """
    from realtime.soundcheck import check_sound
    from realtime.take_reader import read_sound

    take = _ended(take_folder)
    dry = read_sound(take, "dry", start=round(take.preroll_s * take.sample_rate))
    singer, advice = check_sound(dry[:, 0], take.sample_rate)
    return _told(singer, advice, voice_dir)


def fit(name: str, voice_dir: Path) -> dict[str, Any]:
    """What a profile says, and the octave for a voice. Raises PresetError."""
    from realtime.singer import load_singer

    return _told(load_singer(name), [], voice_dir)


def _told(singer: "Singer", advice: list[str], voice_dir: Path) -> dict[str, Any]:
    from ddsp_core.checkpoint import load_voice
    from realtime.cli_soundcheck import describe

    return {
        "singer": singer.model_dump(),
        "lines": describe(singer),
        "advice": advice,
        "octave_shift": singer.octave_for(load_voice(voice_dir).statistics),
    }


def _ended(folder: Path) -> "Take":
    """The take, once its recorder has let go of it."""
    from realtime.take_reader import read_take

    end_s = time.monotonic() + END_LIMIT_S
    while (take := read_take(folder)).how == "running":
        if time.monotonic() > end_s:
            raise AudioError(str(folder), "the recorder does not end it", "a disk that answers")
        time.sleep(LOOK_EVERY_S)
    return take


def main(words: list[str]) -> int:
    """Does what is asked for; returns the exit code."""
    os.nice(max(LATER - os.nice(0), 0))
    what, subject, voice = words[:3]
    try:
        if what == "soundcheck":
            found = listen_to(Path(subject), Path(voice))
        else:
            found = fit(subject, Path(voice))
    except ChanterelleError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
