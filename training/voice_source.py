"""Finds the voice that shall be exported: of a run, in one of its rooms, or a voice folder."""

from pathlib import Path
from typing import NamedTuple

from ddsp_core.checkpoint import FILE_NAME, VoiceFile, load_voice
from ddsp_core.errors import VoiceError, did_you_mean
from training import curve
from training.best_voice import FOLDER


class VoiceSource(NamedTuple):
    """A voice on disk, and the curve of its training if there is one."""

    folder: Path
    file: VoiceFile
    curve: Path | None


def find_voice(source: Path, room: str | None) -> VoiceSource:
    """The voice of a run folder or voice folder.

    Args:
        room: which of a run's rooms; None where there is but one.
    Raises:
        VoiceError: nothing there, no voice yet, a room that is unknown or left open, damage.
    """
    folder = source if (source / FILE_NAME).is_file() else _of_run(source, room)
    file = load_voice(folder)
    here = str(file.provenance.get("room"))
    if folder == source and room not in (None, here):
        raise VoiceError("--room", repr(room), f"{source} is a voice with the room {here!r}")
    path = source / curve.FILE_NAME
    return VoiceSource(folder, file, path if path.is_file() else None)


def voice_folders(source: Path) -> dict[str, Path]:
    """The folders with a voice: of a run one for every room, by name; or `source` alone.

    Raises:
        VoiceError: nothing there, no voice yet.
    """
    if (source / FILE_NAME).is_file():
        return {source.name: source}
    return _of_run_by_room(source)


def _of_run(run_dir: Path, room: str | None) -> Path:
    found = _of_run_by_room(run_dir)
    if room is None and len(found) > 1:
        names = ", ".join(sorted(found))
        raise VoiceError("--room", f"{len(found)} rooms in {run_dir}", f"one of: {names}")
    if room is not None and room not in found:
        raise VoiceError("--room", f"no room {room!r}", did_you_mean(room, found))
    return found[room or next(iter(found))]


def _of_run_by_room(run_dir: Path) -> dict[str, Path]:
    if not run_dir.is_dir():
        allowed = "the folder of a run or of a voice"
        raise VoiceError(str(run_dir), "no such folder", allowed, "chanterelle-train train")
    voices = run_dir / FOLDER
    found = {
        path.parent.relative_to(voices).as_posix(): path.parent
        for path in sorted(voices.rglob(FILE_NAME))
    }
    if not found:
        if (run_dir / "recipe.json").is_file():
            allowed = "a run that was validated at least once"
            todo = "train on (--resume) until its curve.csv has a line"
            raise VoiceError(str(run_dir), "no voice in this run yet", allowed, todo)
        raise VoiceError(str(run_dir), "neither a run nor a voice", f"{FOLDER}/ or {FILE_NAME}")
    return found
