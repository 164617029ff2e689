"""The sounds of a take: what was sung, what was played, and what it was played again as."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from realtime.long_wav import HEADER_BYTES
from realtime.take_reader import Take
from realtime.take_sound import pieces

AGAIN = "render-"
"""How the names of files begin that a take was played again into."""
SUFFIXES = (".wav", ".flac")
MOST_AGAIN = 12
MAX_NOTE_BYTES = 1 << 16


class Sound(NamedTuple):
    """One of them."""

    key: str
    """"dry", "wet", or the file's name without its ending."""
    title: str
    detail: str
    """How it came to be, in words."""
    paths: tuple[Path, ...]
    """Several where a FLAC take was gone on with."""
    behind_s: float
    """How much later than in the singing the same moment is."""

    @property
    def n_bytes(self) -> int:
        """On disk."""
        return sum(path.stat().st_size for path in self.paths)

    @property
    def mark(self) -> str:
        """Changes when a file does."""
        stats = [path.stat() for path in self.paths]
        return "-".join(f"{one.st_size:x}.{one.st_mtime_ns:x}" for one in stats)

    @property
    def is_for_browsers(self) -> bool:
        """Whether they play it as it is: one file, and no RF64, which few of them know."""
        if len(self.paths) != 1:
            return False
        with self.paths[0].open("rb") as file:
            return file.read(HEADER_BYTES)[:4] != b"RF64"


def sounds_of(take: Take) -> list[Sound]:
    """All of a take; links that lead elsewhere are left out."""
    behind_s = take.latency_samples / take.sample_rate
    found = [
        Sound("dry", "Sung", "the microphone", _own(take, "dry"), 0.0),
        Sound("wet", "Played", f"live: {take.preset_name}", _own(take, "wet"), behind_s),
    ]
    for path in sorted(take.folder.glob(f"{AGAIN}*"), key=lambda path: path.name)[:MOST_AGAIN]:
        if path.suffix in SUFFIXES and path.is_file() and not path.is_symlink():
            title, detail = _said(path)
            found.append(Sound(path.stem, title, detail, (path,), behind_s))
    return [sound for sound in found if sound.paths]


def note_path(sound: Path) -> Path:
    """What lies beside a sound that was played again: with which preset and controls."""
    return sound.with_suffix(".json")


def new_again(take: Take, name: str) -> Path:
    """A file that is not there yet, for the take played again with this preset."""
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[:40] or "again"
    number = 1
    while True:
        end = "" if number == 1 else f"-{number}"
        path = take.folder / f"{AGAIN}{plain}{end}{take.layout.suffix}"
        if not path.exists():
            return path
        number += 1


def words_of(controls: Mapping[str, float], *, as_played: bool) -> str:
    """What was set when a take was played again."""
    said = [f"{name.replace('_', ' ')} {value:g}" for name, value in controls.items()]
    if not as_played:
        said.append("nothing turned meanwhile")
    return ", ".join(said) or "as it was turned"


def _own(take: Take, side: str) -> tuple[Path, ...]:
    found = pieces(take.folder, side, take.layout)
    return () if any(path.is_symlink() for path in found) else tuple(found)


def _said(sound: Path) -> tuple[str, str]:
    """Title and detail; the file's name where nothing lies beside it."""
    plain = sound.stem.removeprefix(AGAIN)
    note = _note(note_path(sound))
    controls = note.get("controls")
    if not note or not isinstance(controls, dict):
        return f"Again: {plain}", ""
    numbers = {str(key): float(value) for key, value in controls.items() if _is_number(value)}
    title = f"Again: {note.get('preset') or 'as it was'}"
    return title, words_of(numbers, as_played=bool(note.get("as_played", True)))


def _note(path: Path) -> dict[str, Any]:
    try:
        if path.is_symlink() or path.stat().st_size > MAX_NOTE_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
