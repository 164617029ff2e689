"""A `.chanterelle` file into the person's own folder: checked in a hidden one, then moved at once.

Whatever is wrong with it, nothing of it stays behind.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ddsp_core.checkpoint import FILE_NAME as VOICE_FILE
from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import ChanterelleError, PresetError
from realtime.bundle_format import MANIFEST, ROOMS, TEXTS, VOICES, Kind, Manifest, read_manifest
from realtime.bundle_zip import unpack
from realtime.places import user_presets_dir, user_voices_dir
from realtime.preset import Preset, list_presets, list_voices, load_preset
from realtime.preset_check import PLUGIN
from realtime.preset_places import FILE_NAME as PRESET_FILE
from realtime.preset_places import shown
from realtime.preset_sound import unplayable
from realtime.preset_text import spots
from realtime.safe_names import check_name
from realtime.strict_yaml import read_text

MAX_ROOM_SAMPLES = 2 * 192_000 * 20
"""All channels together; responses are of ten seconds at most, and may end in silence."""


class Imported(NamedTuple):
    """What has come."""

    kind: Kind
    name: str
    folder: Path
    plugins: tuple[str, ...]
    """Files of plug-ins that the preset names; they must be on this computer."""


def import_bundle(file: Path, name: str = "", replace: bool = False) -> Imported:
    """Takes a preset or a voice from a file into the person's own folder.

    Args:
        file: that `presets export` wrote, perhaps elsewhere.
        name: under which it is kept; else its own.
        replace: one of the same name.

    Raises:
        PresetError: not a bundle, or one with a mistake in it, or a name that is in use.
    """
    if not file.is_file():
        raise PresetError(shown(file), "no such file", "a .chanterelle file")
    parent = user_presets_dir().parent
    try:
        with _stage(parent) as stage:
            content = stage / "content"
            content.mkdir()
            with _in_words(content, file):
                unpack(file, content)
                manifest = _manifest(content, file.name)
                own_name = check_name(name or manifest.name, "--name")
                source, plugins = _checked(content, manifest)
            target = _target(manifest.kind, own_name, replace)
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(source, target, stage / "old")
    except OSError as error:
        given = f"cannot be written ({error.strerror})"
        raise PresetError(str(parent), given, "a disk with room, a folder that is open") from None
    return Imported(manifest.kind, own_name, target, plugins)


@contextlib.contextmanager
def _stage(parent: Path) -> Iterator[Path]:
    """A hidden folder beside where the import will be, so that it can be moved at once.

    It goes in the end, and so do the folders that were made for it and stayed empty.
    """
    made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".import-", dir=parent))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def _in_words(content: Path, file: Path) -> Iterator[None]:
    """Errors name the bundle and the member in it, not the folder that it was unpacked to."""
    try:
        yield
    except ChanterelleError as error:
        text = str(error)
        for path in (str(content.resolve()), str(content), shown(content)):
            text = text.replace(f"{path}/", f"{file.name}: ").replace(path, file.name)
        raise PresetError(text, "", "") from None


def _manifest(content: Path, where: str) -> Manifest:
    path = content / MANIFEST
    if not path.is_file():
        raise PresetError(where, f"no {MANIFEST} in it", "a .chanterelle file")
    return read_manifest(path.read_bytes(), where)


def _checked(content: Path, manifest: Manifest) -> tuple[Path, tuple[str, ...]]:
    """The folder that is moved, and the plug-ins that are needed. Everything in it was loaded."""
    (content / MANIFEST).unlink()
    voices = sorted((content / VOICES).glob("*"))
    for voice in voices:
        load_voice(voice)
        for text in TEXTS:
            if (voice / text).exists():
                read_text(voice / text, str(voice / text))
    if manifest.kind == "preset":
        preset = load_preset(str(content / PRESET_FILE))
        return content, _check_paths(preset, content)
    others = [path for path in content.rglob("*") if path.is_file() and path.parent not in voices]
    if len(voices) != 1 or others:
        raise PresetError(str(content), "more or less than a voice", "one voice and nothing else")
    return voices[0], ()


def _check_paths(preset: Preset, content: Path) -> tuple[str, ...]:
    """Voices and rooms are those that came along, every one is used, and sound; the plug-ins."""
    plugins, used = [], {content / PRESET_FILE}
    where = str(content / PRESET_FILE)
    for spot in spots(read_text(preset.path, where)):
        path = content / spot.value
        if spot.key == "voice":
            _check_within(path / VOICE_FILE, content / VOICES, spot.value, where)
            used |= {path / VOICE_FILE, *(path / text for text in TEXTS)}
        elif spot.key == "file" and spot.kind == PLUGIN:
            if not (Path(spot.value).is_absolute() and spot.value.isprintable()):
                given = f"the plug-in {spot.value!r}"
                raise PresetError(where, given, "a plug-in of this computer, by its whole path")
            plugins.append(spot.value)
        elif spot.key == "file":
            _check_within(path, content / ROOMS, spot.value, where)
            _check_length(path)
            used.add(path)
    if left := sorted({path for path in content.rglob("*") if path.is_file()} - used):
        raise PresetError(str(left[0]), "nothing uses it", "what the preset names")
    for problem in unplayable([preset]):
        raise problem
    return tuple(dict.fromkeys(plugins))


def _check_within(path: Path, folder: Path, given: str, where: str) -> None:
    if not (path.is_file() and path.resolve().is_relative_to(folder.resolve())):
        raise PresetError(where, f"{given!r} did not come along", f"{folder.name}/...")


def _check_length(room: Path) -> None:
    """Before all of it is read: a FLAC of silence is short on the disk and long in memory."""
    import soundfile

    try:
        info = soundfile.info(str(room))
    except (soundfile.SoundFileError, OSError, RuntimeError):
        raise PresetError(str(room), "not audio", "an impulse response, WAV or FLAC") from None
    if info.frames * info.channels > MAX_ROOM_SAMPLES:
        raise PresetError(str(room), f"{info.duration:.0f} s of sound", "an impulse response")


def _target(kind: Kind, name: str, replace: bool) -> Path:
    folder, known = (
        (user_presets_dir(), list_presets())
        if kind == "preset"
        else (user_voices_dir(), list_voices())
    )
    taken = {known_name.casefold(): known_name for known_name in known}
    if name.casefold() in taken and not replace:
        given = f"there is a {kind} {taken[name.casefold()]!r} already"
        raise PresetError("import", given, "--replace to put it in its place, or --name NAME")
    return folder / name


def _move(source: Path, target: Path, aside: Path) -> None:
    """In one step; what was there before comes back if it fails."""
    had_one = target.exists()
    if had_one:
        target.rename(aside)
    try:
        source.rename(target)
    except OSError:
        if had_one:
            aside.rename(target)
        raise
