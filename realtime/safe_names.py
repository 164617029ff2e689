"""Names that are the same folder on every system, and lead nowhere else."""

import re
import reprlib

from ddsp_core.errors import PresetError

ALLOWED = "a to z, 0 to 9, - and _, at most 64 characters; begins with a letter or digit"
PATTERN = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"

_NAME = re.compile(PATTERN)
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Windows opens a device wherever such a file is asked for."""


def is_safe(name: str) -> bool:
    """Whether a preset or voice may be called so.

    >>> [is_safe(name) for name in ("hall-violin", "Solo_2", "../x", "a.b", "nul", "", "ä")]
    [True, True, False, False, False, False, False]
    """
    return bool(_NAME.fullmatch(name)) and not _DEVICES.fullmatch(name)


def check_name(name: str, where: str) -> str:
    """The name; raises PresetError if it does not fit."""
    if is_safe(name):
        return name
    raise PresetError(where, f"{reprlib.repr(name)} cannot be a name", ALLOWED)
