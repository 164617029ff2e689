"""A page's socket, watched: how much it says, and whether its session still stands."""

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realtime.console.rates import Bucket
from realtime.console.sessions import Session, Sessions

A_SECOND, MOST = 200.0, 400.0
"""Messages. A knob that is turned as fast as can be makes 60 a second."""

COUNTS_AS_ONE = 4096
"""Bytes: longer messages count as several."""

POLICY = 1008
"""Of the WebSocket standard: what was sent is against the rules."""


async def run_socket(
    inside: ASGIApp,
    sessions: Sessions,
    session: Session,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Until it is closed: by the page, by us as it floods, or as its session is forgotten.

    Each page has its own measure, so that one that floods is cut off and the others notice
    nothing; it reads nothing more, and its session may open no other socket for some seconds.
    """
    bucket = Bucket(A_SECOND, MOST)
    loop = asyncio.get_running_loop()
    is_cut = False

    async def cut(reason: str) -> None:
        nonlocal is_cut
        is_cut = True
        with contextlib.suppress(Exception):
            await send({"type": "websocket.close", "code": POLICY, "reason": reason})

    def forgotten() -> None:
        asyncio.run_coroutine_threadsafe(cut("forgotten"), loop)

    async def measured() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        length = len(message.get("text") or message.get("bytes") or "")
        await asyncio.sleep(0.0)  # many may be here already: the other pages' turn comes between
        if not is_cut and bucket.take(1.0 + length // COUNTS_AS_ONE):
            return message
        if not is_cut:
            sessions.calm(session.key)
            await cut("too many messages")
        return {"type": "websocket.disconnect", "code": POLICY}

    async def unless_cut(message: Message) -> None:
        if not is_cut:
            await send(message)

    sessions.opened(session.key, forgotten)
    try:
        await inside(scope, measured, unless_cut)
    finally:
        sessions.closed(session.key, forgotten)
