"""`chanterelle presets new`: a preset of one's own, begun from another, with comments to go by."""

import shutil
import tempfile
from pathlib import Path

from ddsp_core.errors import PresetError
from realtime.places import user_presets_dir
from realtime.preset import list_presets, load_preset
from realtime.preset_check import PLUGIN
from realtime.preset_places import FILE_NAME, find_voice, shown
from realtime.preset_text import Spot, replaced, spots
from realtime.safe_names import check_name
from realtime.strict_yaml import read_text

HEAD = """\
# {title}, begun from {origin}. Is it in order? chanterelle presets check {name}
# What can be turned, and how far: chanterelle controls

"""

# Keys that the origin does not use, to be uncommented.
HINTS = {
    "colour": '# colour: "#4a7fb5" # of the stage view\n',
    "note": "# note: what to think of on stage\n",
    "pitch": "# pitch: nsdf+crepe # a network helps the pitch tracker, where it is installed\n",
    "controls": "# controls: {octave_shift: 1}\n",
    "also": "# also: # a voice beside the first; what it names stays, the rest follows the knobs\n"
    "#   - {voice: cello, controls: {octave_shift: -1, output_gain_db: -3}}\n",
    "effects": "# effects:\n"
    "#   input:\n"
    "#     - {kind: high_pass, frequency_hz: 80}\n"
    "#   output:\n"
    "#     - {kind: delay, name: echo, beats: 0.75, mix: 0.2}\n",
    "midi": "# midi:\n"
    "#   - {cc: 20, control: octave_shift, range: [-1, 1]}\n"
    "#   - {cc: 64, command: next_preset}\n",
}


def new_preset(name: str, origin: str) -> Path:
    """Writes a preset into the person's own folder; returns its file.

    Args:
        name: of a preset that does not exist yet.
        origin: name or path of the preset to begin with; its rooms are copied.

    Raises:
        PresetError: a name that exists or cannot be one, an origin with a mistake in it.
    """
    check_new_name(name, "presets new")
    old = load_preset(origin)
    text = read_text(old.path, shown(old.path))
    title = title_of(name)
    values, rooms = carried(text, old.path, title)
    body = replaced(text, values)
    if not any(spot.key == "title" for spot in values):
        body = f"title: {title}\n{body}"
    head = HEAD.format(title=title, origin=old.name, name=name)
    write_folder(user_presets_dir() / name, head + body.rstrip("\n") + "\n" + _hints(text), rooms)
    return user_presets_dir() / name / FILE_NAME


def check_new_name(name: str, where: str, but: str = "") -> None:
    """Raises PresetError for a name that cannot be one, or is taken by another preset than `but`.

    Names in small and capital letters are the same folder on some systems.
    """
    check_name(name, where)
    taken = {known.casefold() for known in list_presets() if known != but}
    if name.casefold() in taken:
        raise PresetError(where, f"there is a preset {name!r} already", "a new name")


def title_of(name: str) -> str:
    """What a new preset is called on stage."""
    return name.replace("-", " ").replace("_", " ").capitalize()


def carried(text: str, path: Path, title: str) -> tuple[dict[Spot, str], list[Path]]:
    """What must change in the text for it to stand in another folder, and the files to copy."""
    values: dict[Spot, str] = {}
    rooms: list[Path] = []
    for spot in spots(text):
        there = path.parent / Path(spot.value).expanduser()
        if spot.key == "title":
            values[spot] = title
        elif spot.key == "voice" and "/" in spot.value:
            values[spot] = str(find_voice(spot.value, path.parent, "voice"))
        elif spot.key == "file" and spot.kind == PLUGIN:
            values[spot] = str(there.absolute())
        elif spot.key == "file":
            values[spot] = there.name
            rooms.append(there)
    return values, rooms


def _hints(text: str) -> str:
    """What else a preset can have, as comments."""
    used = {line.partition(":")[0] for line in text.splitlines()}
    hints = [hint for key, hint in HINTS.items() if key not in used]
    return "\n# More that a preset can have:\n\n" + "\n".join(hints) if hints else ""


def write_folder(folder: Path, text: str, files: list[Path]) -> None:
    """The whole folder appears at once, or nothing does."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as hidden:
            built = Path(hidden) / "preset"
            built.mkdir()
            for file in files:
                shutil.copyfile(file, built / file.name)
            (built / FILE_NAME).write_text(text, encoding="utf-8")
            load_preset(str(built / FILE_NAME))
            built.rename(folder)
    except OSError as error:
        given = f"cannot be written ({error.strerror})"
        raise PresetError(str(folder), given, "a disk with room, a folder that is open") from None
