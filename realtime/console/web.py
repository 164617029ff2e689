"""How the web server runs: what it takes from a stranger before anybody has looked at it."""

from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MOST_HEAD = 1 << 14
"""Bytes of a request's head. h11 alone bounds it: httptools takes any."""

MOST_CONNECTIONS = 200
MOST_MESSAGE = 1 << 20
"""Bytes on a socket at once; what a page sends is a thousandth of that."""

LAST_MOMENT_S = 1


class Socket(WebSocketsSansIOProtocol):
    """Whoever is told that it is closed and goes on sending is not listened to for ten seconds."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.close_timeout = LAST_MOMENT_S


def server_of(app: ASGIApp) -> uvicorn.Server:
    """It serves this application, at a socket that it is given.

    Nobody in between is believed about who calls (`proxy_headers`), and messages are not unpacked:
    a small one could become a huge one.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        h11_max_incomplete_event_size=MOST_HEAD,
        limit_concurrency=MOST_CONNECTIONS,
        ws=Socket,
        ws_max_size=MOST_MESSAGE,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        log_config=None,  # as the process says
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=LAST_MOMENT_S,
    )
    return uvicorn.Server(config)
