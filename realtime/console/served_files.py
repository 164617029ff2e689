"""Sound and pictures out of one folder: by name, in ranges, and nothing else of the disk.

What is not a sound or a picture, hides behind a dot, or lies outside (through `..`, a link, or a
name that only looks harmless) is answered as if it were not there. Nothing lists a folder.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

MEDIA_TYPES = {
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""What is served, and as what: never as a page, which could bring scripts of its own."""

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
"""A picture of a stranger's that is opened as a page runs nothing and loads nothing."""

LONGEST = 1024


def served(web_app: FastAPI, prefix: str, folder: Path | Callable[[], Path]) -> None:
    """From now on `prefix/a/b.wav` is the folder's `a/b.wav`.

    Args:
        web_app: where the route is added.
        prefix: of the address, such as "/files/takes".
        folder: that is served; or who knows it, asked with each request.
    """

    async def answer(request: Request) -> Response:
        chosen = folder() if callable(folder) else folder
        relative = request.path_params["path"]
        path = await asyncio.to_thread(inside, chosen, relative)
        if path is None:
            return PlainTextResponse("There is no such sound or picture.", 404)
        return FileResponse(path, headers=HEADERS, media_type=MEDIA_TYPES[path.suffix.lower()])

    web_app.router.add_route(f"{prefix.rstrip('/')}/{{path:path}}", answer, methods=["GET"])


def inside(folder: Path, relative: str) -> Path | None:
    """The file of that name within the folder, links resolved; None where nothing is served.

    Args:
        folder: that is served.
        relative: as the address has it, decoded.
    """
    parts = relative.split("/")
    is_plain = relative.isprintable() and len(relative) <= LONGEST and "\\" not in relative
    if not is_plain or any(not part or part.startswith(".") for part in parts):
        return None
    try:
        root = folder.resolve(strict=True)
        path = Path(os.path.realpath(root.joinpath(*parts), strict=True))
    except (OSError, ValueError, RuntimeError):
        return None
    is_ours = path.is_relative_to(root) and path.is_file()
    return path if is_ours and path.suffix.lower() in MEDIA_TYPES else None
