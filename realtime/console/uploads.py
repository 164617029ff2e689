"""Files that a browser brings: `PUT /upload/NAME`, counted as they come in, into the work folder.

What they are called there is ours; what is in them nobody looks at but a process of its own
(`decode.py`).
"""

import asyncio
import contextlib
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from ddsp_core.errors import AudioError
from realtime.console.console import Console
from realtime.console.decode import Decoded, decode

PREFIX = "/upload/"

MOST_BYTES = 200_000_000
MOST_FILES = 8
MOST_AT_ONCE = 2
LEAST_FREE_BYTES = 500_000_000
PATIENCE_S = 20.0
"""Between two pieces of a file."""

KINDS = (
    *(".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3"),
    *(".oga", ".ogg", ".opus", ".rf64", ".w64", ".wav"),
)
"""What libsndfile reads and a person would bring."""

_OURS = re.compile(r"[a-z0-9_-]{1,48}-[0-9a-f]{12}\.[a-z0-9]{2,4}")


class RefusedError(Exception):
    """An upload that is not taken.

    Args:
        status: of HTTP.
        why: for people.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def register_uploads(web_app: FastAPI, console: Console) -> None:
    """Takes files from now on; answers {"name": ...} for `decode_upload`, or {"error": ...}."""
    busy = asyncio.Semaphore(MOST_AT_ONCE)

    async def take(request: Request) -> JSONResponse:
        try:
            if busy.locked():
                raise RefusedError(503, "other files are just coming in: try again")
            async with busy:
                name = await _receive(request, folder_of(console))
        except RefusedError as refused:
            return JSONResponse({"error": str(refused)}, refused.status)
        except (ClientDisconnect, OSError) as error:
            return JSONResponse({"error": f"it did not come through: {error}"}, 500)
        return JSONResponse({"name": name}, 201)

    web_app.router.add_route(f"{PREFIX}{{name:path}}", take, methods=["PUT"])


async def decode_upload(console: Console, name: str) -> Decoded:
    """What was uploaded, as plain sound.

    Args:
        console: that took it.
        name: as the answer to the upload has it.

    Raises:
        AudioError: there is no such upload, or it is no sound.
    """
    source = folder_of(console) / name
    if not _OURS.fullmatch(name) or not source.is_file():
        raise AudioError(name[:80], "there is no such upload", "", "drop the file again")
    title = re.sub(r"-[0-9a-f]{12}(?=\.)", "", name)
    return await decode(source, _decoded(source), title)


def folder_of(console: Console) -> Path:
    """Where uploads lie, for as long as the console runs."""
    folder = console.work / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def harmless(name: str) -> str:
    """A new file name that reads a little like this one. Raises RefusedError for other kinds.

    >>> harmless("../../My Song (3).WAV")[:10], harmless("../../My Song (3).WAV")[-4:]
    ('my_song_3-', '.wav')
    """
    last = re.split(r"[/\\]", name)[-1]
    kind = Path(last).suffix.lower()
    if kind not in KINDS:
        kinds = " ".join(kind.removeprefix(".") for kind in KINDS)
        raise RefusedError(415, f"{kind[:12] or 'a file without ending'}: this opens {kinds}")
    stem = re.sub(r"[^a-z0-9-]+", "_", Path(last).stem.lower())[:48].strip("-_")
    return f"{stem or 'sound'}-{secrets.token_hex(6)}{kind}"


async def _receive(request: Request, folder: Path) -> str:
    name = harmless(request.path_params["name"])
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > MOST_BYTES:
        raise RefusedError(413, f"at most {MOST_BYTES // 1_000_000} MB")
    if shutil.disk_usage(folder).free < int(declared) + LEAST_FREE_BYTES:
        raise RefusedError(507, "the disk is nearly full")
    await asyncio.to_thread(_make_room, folder)
    path = folder / name
    part = path.with_suffix(".part")
    try:
        with part.open("xb") as file:
            n_bytes = 0
            async for piece in _pieces(request):
                n_bytes += len(piece)
                if n_bytes > MOST_BYTES:
                    raise RefusedError(413, f"at most {MOST_BYTES // 1_000_000} MB")
                await asyncio.to_thread(file.write, piece)
        if not n_bytes:
            raise RefusedError(400, "the file is empty")
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return name


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            piece = await asyncio.wait_for(anext(stream), PATIENCE_S)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise RefusedError(408, "nothing has come for a while") from None
        yield piece


def _make_room(folder: Path) -> None:
    """The oldest go, so that no more than the most are ever there."""
    files = [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]
    files.sort(key=lambda path: path.stat().st_mtime)
    for path in files[: max(len(files) - MOST_FILES + 1, 0)]:
        for old in (path, _decoded(path)):
            with contextlib.suppress(OSError):
                old.unlink()


def _decoded(source: Path) -> Path:
    folder = source.parent.parent / "decoded"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{source.stem}.wav"
