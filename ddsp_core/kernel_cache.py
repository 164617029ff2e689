"""When a compiled kernel on disk is out of date: when its file, or one behind it, has changed.

numba looks at the kernel's own file alone. But what a kernel calls is compiled into it, and the
constants of other files are, too: after an update it would go on playing the old ones.

`ddsp_core` names these locators to numba, in `NUMBA_CACHE_LOCATOR_CLASSES`, before any kernel is
declared. Where they lie stays numba's choice: beside the source, or else in the user's folder.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import caching

IMPORT = re.compile(r"^\s*from ((?:ddsp_core|realtime|training)(?:\.\w+)+) import", re.MULTILINE)


@cache
def files_behind(source: Path) -> list[Path]:
    """A source file and all of ours that it imports, directly or through others; sorted."""
    found, waiting = {source}, [source]
    while waiting:
        new = set(_imported(waiting.pop())) - found
        found |= new
        waiting += new
    return sorted(found)


@cache
def stamp_of(source: Path) -> str:
    """Changes with the content of any file behind this one."""
    total = hashlib.sha256()
    for path in files_behind(source):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _imported(source: Path) -> Iterator[Path]:
    for name in IMPORT.findall(source.read_text(encoding="utf-8")):
        for folder in source.parents[1:4]:  # where the packages lie: a file may be in one of theirs
            path = folder.joinpath(*name.split(".")).with_suffix(".py")
            if path.is_file():
                yield path
                break


class _Stamped:
    """Part of a locator: see numba's `_CacheLocator`."""

    _py_file: str

    def get_source_stamp(self) -> Any:
        """What must be equal for a kernel on disk to be used; numba's own where that is enough.

        So it is the same for whoever imports such a file without `ddsp_core`.
        """
        source = Path(self._py_file).resolve()
        if files_behind(source) == [source]:
            return super().get_source_stamp()  # type: ignore[misc]
        return stamp_of(source)


class WhereTheUserSays(_Stamped, caching.UserProvidedCacheLocator):
    """In `NUMBA_CACHE_DIR`, if that is set."""


class BesideTheSource(_Stamped, caching.InTreeCacheLocator):
    """In `__pycache__`, if that can be written."""


class InTheUsersFolder(_Stamped, caching.UserWideCacheLocator):
    """Elsewhere."""
