"""A guard with a small application behind it, in place of the console's pages."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from starlette.responses import HTMLResponse

from realtime.console.console import Address
from realtime.console.guard import Guard

PORT, TOKEN = 8320, "the-right-token"
HERE = f"http://127.0.0.1:{PORT}"
COOKIE = f"chanterelle-{PORT}"
FLOOD = "x" * 100


def _application() -> FastAPI:
    """In place of the pages."""
    web = FastAPI()

    @web.get("/")
    @web.get("/takes")
    def _page() -> HTMLResponse:
        return HTMLResponse("secrets of the stage")

    @web.post("/turn")
    async def _turn(what: dict[str, Any]) -> dict[str, Any]:
        return what

    @web.websocket("/_nicegui_ws/echo")
    async def _echo(pages: WebSocket) -> None:
        await pages.accept()
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                said = await pages.receive_text()
                if said != FLOOD:
                    await pages.send_text(said)

    return web


def a_guard(port: int = PORT, *, is_lan: bool = False, private: Path | None = None) -> Guard:
    return Guard(_application(), Address(port, TOKEN, is_lan, private))


def ask(guard: Guard, method: str, url: str, ip: str = "127.0.0.1", **more: Any) -> httpx.Response:
    """What a caller of that address is answered."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=(ip, 40_000))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url, **more)

    return asyncio.run(asked())


def cookie_of(guard: Guard) -> dict[str, str]:
    """A header of somebody who knew the token."""
    answer = ask(guard, "GET", f"{HERE}/?token={TOKEN}")
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}
