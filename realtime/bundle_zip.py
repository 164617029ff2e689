"""Zips from strangers: everything is refused that is not named, sized and packed as ours are.

What a zip says of itself is not believed: names must be those of `bundle_format`, bytes are
counted as they come out, and a list of members that is too long is not even read.
"""

import io
import reprlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from ddsp_core.errors import PresetError
from realtime.bundle_format import (
    MAX_RATIO,
    MAX_TOTAL_BYTES,
    MIN_BOMB_BYTES,
    MOST_MEMBERS,
    most_bytes,
)

CHUNK_BYTES = 64 * 1024
MAX_READ_BYTES = 2 * CHUNK_BYTES
"""At once; the list of members is read at once."""

TODAY = (1980, 1, 1, 0, 0, 0)
"""Every day in a bundle: the same preset gives the same bytes."""

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises at zips that are cut short or forged."""


class _Bounded(io.FileIO):
    """A file that gives little at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        """At most MAX_READ_BYTES; raises BadZipFile where more is asked for and is there."""
        is_much = size is None or size < 0 or size > MAX_READ_BYTES
        data = super().read(MAX_READ_BYTES + 1 if is_much else size) or b""
        if len(data) > MAX_READ_BYTES:
            raise zipfile.BadZipFile("too long a list of members")
        return data


def unpack(path: Path, folder: Path) -> None:
    """Writes the members of a bundle below a folder.

    Args:
        path: the zip.
        folder: exists and is empty; what is in it after an error is the caller's to delete.

    Raises:
        PresetError: not a zip, or not one of ours.
    """
    where = path.name
    try:
        with _Bounded(path) as file, zipfile.ZipFile(file) as bundle:
            infos = bundle.infolist()
            _check_list(infos, where)
            n_left = MAX_TOTAL_BYTES
            for info in infos:
                target = folder.joinpath(*info.filename.split("/"))
                target.parent.mkdir(parents=True, exist_ok=True)
                with bundle.open(info) as source, target.open("xb") as copy:
                    n_left -= _copied(source, copy, info, where, n_left)
    except DAMAGED as error:
        reason = " ".join(str(error).split())[:100]
        given = f"damaged, cut short or not a bundle ({type(error).__name__}: {reason})"
        todo = "copy it again, or export it again"
        raise PresetError(where, given, "a .chanterelle file", todo) from None


def _check_list(infos: list[zipfile.ZipInfo], where: str) -> None:
    """Names, kinds and sizes, as far as the zip tells."""
    if len(infos) > MOST_MEMBERS:
        raise PresetError(where, f"{len(infos)} members", f"at most {MOST_MEMBERS}")
    for info in infos:
        place = f"{where}: {reprlib.repr(info.orig_filename)}"
        if info.orig_filename != info.filename or not most_bytes(info.filename):
            raise PresetError(place, "does not belong in a bundle", "see the README")
        if not _is_plain(info):
            raise PresetError(place, "a link, encrypted, or packed unusually", "a plain file")
        if info.file_size > most_bytes(info.filename):
            given = f"{info.file_size} bytes"
            raise PresetError(place, given, f"at most {most_bytes(info.filename)}")
    if (total := sum(info.file_size for info in infos)) > MAX_TOTAL_BYTES:
        raise PresetError(where, f"{total} bytes in all", f"at most {MAX_TOTAL_BYTES}")
    _check_twins([info.filename for info in infos], where)


def _check_twins(names: list[str], where: str) -> None:
    """No two names, nor folders, are the same where upper and lower case are."""
    paths = {"/".join(name.split("/")[:n]) for name in names for n in range(1, 4)}
    if len(set(names)) < len(names) or len({path.casefold() for path in paths}) < len(paths):
        raise PresetError(where, "two members of the same name", "each name once, in any case")


def _is_plain(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    is_packed_as_usual = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return kind in (0, stat.S_IFREG) and is_packed_as_usual and not info.flag_bits & 0x1


def _copied(
    source: IO[bytes], copy: IO[bytes], info: zipfile.ZipInfo, where: str, n_left: int
) -> int:
    """Copies a member, counting what really comes; returns how much that was."""
    n_most = min(most_bytes(info.filename), n_left)
    n_bytes = 0
    while data := source.read(CHUNK_BYTES):
        n_bytes += len(data)
        is_bomb = n_bytes > MIN_BOMB_BYTES and n_bytes > MAX_RATIO * info.compress_size
        if n_bytes > n_most or is_bomb:
            place = f"{where}: {info.filename}"
            raise PresetError(place, "far more than it says it holds", f"at most {n_most} bytes")
        copy.write(data)
    return n_bytes


def write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    """Writes a zip, in the order of its names and without packing: sound and numbers don't shrink.

    Raises:
        OSError: the disk refuses; an older file stays.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as file:
            for name, data in members.items():
                info = zipfile.ZipInfo(name, TODAY)
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                file.writestr(info, data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
