"""What can be heard and seen of a run: from TensorBoard's log, and sound files that lie in it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import soundfile

from realtime.console.runs_events import Item
from realtime.console.takes_peaks import outline

SOUNDS = "/files/runs"
MOST_STEPS = 8
MOST_FILES = 60
MOST_BYTES = 64 << 20
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
LEFT_OUT = ("checkpoints", "board")
MAGIC = {"audio": (b"RIFF", ".wav"), "image": (b"\x89PNG", ".png")}
GIVEN, ROOM = "given", "room"


class Sound(NamedTuple):
    """One of a group."""

    title: str
    kind: str
    """For the player's colours."""
    source: Item | Path


class Group(NamedTuple):
    """Sounds to be compared, and pictures of them."""

    sounds: list[Sound]
    pictures: list[tuple[str, Item]]


def groups_of(items: Iterable[Item], folder: Path) -> dict[str, Group]:
    """By title; of each clip what was given, and what was played at the last steps."""
    found: dict[str, Group] = {}
    by_name: dict[str, list[Item]] = {}
    for item in items:
        by_name.setdefault(item.tag.partition("/")[0], []).append(item)
    for name, of_one in by_name.items():
        sounds = [item for item in of_one if item.kind == "audio"]
        given = [item for item in sounds if item.tag.endswith(f"/{GIVEN}")][-1:]
        played = [item for item in sounds if not item.tag.endswith(f"/{GIVEN}")]
        shown = [Sound(_given(name), "sung", item) for item in given]
        shown += [Sound(_played(name, item), "played", item) for item in played[-MOST_STEPS:]]
        if shown:
            found[name.replace("_", " ")] = Group(shown, _newest_pictures(of_one))
    if files := sound_files(folder):
        found["files"] = Group([Sound(name, "again", path) for name, path in files.items()], [])
    return found


def sound_files(folder: Path) -> dict[str, Path]:
    """By name below the folder; links that lead out of it are left out."""
    root = folder.resolve()
    found = {}
    for pattern in ("*", "*/*", "*/*/*"):
        for path in sorted(folder.glob(pattern)):
            parts = path.relative_to(folder).parts
            is_ours = parts[0] not in LEFT_OUT and path.suffix.lower() in SUFFIXES
            if is_ours and path.is_file() and path.resolve().is_relative_to(root):
                found["/".join(parts)] = path
    return dict(list(found.items())[:MOST_FILES])


def laid_out(sound: Sound, work: Path) -> dict[str, Any] | None:
    """A lane for the player, once the sound lies where it is served; None if it is damaged."""
    path = laid(sound.source, work)
    if path is None:
        return None
    try:
        seen = outline([path])
    except (soundfile.SoundFileError, OSError, IndexError):
        return None
    return {
        "id": path.name,
        "title": sound.title,
        "detail": "",
        "group": "",
        "kind": sound.kind,
        "url": address(path),
        "behind_s": 0.0,
        **seen,
    }


def laid(source: Item | Path, work: Path) -> Path | None:
    """Copies a sound or picture to where it is served; None if it is none."""
    if isinstance(source, Path):
        key, kind, suffix = f"{source}{source.stat().st_mtime_ns}", "", source.suffix.lower()
    else:
        key, kind = f"{source.path}:{source.offset}", source.kind
        suffix = MAGIC[kind][1]
    path = work / (hashlib.sha256(key.encode()).hexdigest()[:24] + suffix)
    if path.exists():
        return path
    n_bytes = source.stat().st_size if isinstance(source, Path) else source.length
    if n_bytes > MOST_BYTES:
        return None
    content = source.read_bytes() if isinstance(source, Path) else source.read()
    if kind and not content.startswith(MAGIC[kind][0]):
        return None
    path.write_bytes(content)
    return path


def address(path: Path) -> str:
    """Of what was laid out."""
    return f"{SOUNDS}/{quote(path.name)}"


def _newest_pictures(items: Iterable[Item]) -> list[tuple[str, Item]]:
    newest = {item.tag: item for item in items if item.kind == "image"}
    return [(_plain(tag), item) for tag, item in newest.items()][:6]


def _plain(tag: str) -> str:
    return tag.partition("/")[2].replace("_", " ") or tag


def _given(name: str) -> str:
    return "Sung" if name.startswith("sung") else "Recorded"


def _played(name: str, item: Item) -> str:
    return f"{_plain(item.tag)}, step {item.step}" if name == ROOM else f"Step {item.step}"
