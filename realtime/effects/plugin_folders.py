"""Where a system keeps its VST3 plug-ins.

As Steinberg's "Plug-in Locations" says (https://steinbergmedia.github.io/vst3_dev_portal).
"""

import os
import sys
from pathlib import Path

from ddsp_core.errors import ChanterelleError, did_you_mean

LINUX = ("~/.vst3", "/usr/lib/vst3", "/usr/local/lib/vst3")
MACOS = ("~/Library/Audio/Plug-Ins/VST3", "/Library/Audio/Plug-Ins/VST3")

SUFFIX = ".vst3"
DEEPEST = 3
"""Folders below those: makers' names."""


def folders(platform: str = sys.platform) -> list[Path]:
    """The system's folders, a person's own first; whether there or not."""
    return [Path(name).expanduser() for name in (MACOS if platform == "darwin" else LINUX)]


def installed(places: list[Path] | None = None) -> dict[str, Path]:
    """Name to path of all plug-ins that are there; of two with one name the first. By name."""
    found: dict[str, Path] = {}
    for place in folders() if places is None else places:
        for path in _below(place):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def find(text: str) -> Path:
    """The plug-in at that path or of that name; else raises ChanterelleError."""
    path = Path(text).expanduser()
    if path.exists():
        return path.absolute()
    known = installed()
    name = path.name.removesuffix(SUFFIX)
    if name in known and path.parent == Path():
        return known[name]
    raise ChanterelleError(text, "no such plug-in", did_you_mean(name, known))


def _below(place: Path) -> list[Path]:
    """Plug-ins in a folder, which are files or folders; what lies in those is no plug-in."""
    found = []
    for folder, folder_names, names in os.walk(place):
        here = Path(folder)
        found += [here / name for name in (*folder_names, *names) if name.endswith(SUFFIX)]
        is_deep = len(here.relative_to(place).parts) >= DEEPEST
        folder_names[:] = [] if is_deep else [n for n in folder_names if not n.endswith(SUFFIX)]
    return sorted(found)
