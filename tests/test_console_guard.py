"""Who may come in: each attack, and the way that is right."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from starlette.responses import HTMLResponse
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from realtime.console.console import Address
from realtime.console.guard import MOST_BYTES, PAGES_A_SECOND, Guard
from realtime.console.one_time import LASTS_S, OneTimeKey
from realtime.console.sessions import MOST_SESSIONS, MOST_SOCKETS
from realtime.console.web import MOST_HEAD, server_of

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


# The token


def test_the_token_gives_a_cookie_and_leaves_the_address() -> None:
    answer = ask(a_guard(), "GET", f"{HERE}/takes?token={TOKEN}&song=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/takes?song=2"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/?token=%00%ff", "/assets/x"])
def test_without_the_token_nobody_sees_a_page(path: str) -> None:
    answer = ask(a_guard(), "GET", HERE + path)
    assert answer.status_code == 403
    assert "terminal" in answer.text
    assert "secrets" not in answer.text
    assert "set-cookie" not in answer.headers


def test_with_the_cookie_everything_is_open_and_not_kept() -> None:
    guard = a_guard()
    answer = ask(guard, "GET", f"{HERE}/", headers=cookie_of(guard))
    assert answer.text == "secrets of the stage"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("value", ["", "x", TOKEN, "x" * 1000, "a;b"])
def test_another_cookie_opens_nothing(value: str) -> None:
    headers = {"Cookie": f"{COOKIE}={value}"}
    assert ask(a_guard(), "GET", f"{HERE}/", headers=headers).status_code == 403


def test_the_token_leads_to_this_machine_alone() -> None:
    answer = ask(a_guard(), "GET", f"{HERE}//elsewhere.example/?token={TOKEN}")
    assert answer.headers["location"] == "/elsewhere.example/"


def test_from_a_link_on_another_site_the_way_in_has_one_step_more() -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = ask(a_guard(), "GET", f"{HERE}/?token={TOKEN}", headers=headers)
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert TOKEN not in answer.text


def test_the_key_that_a_browser_is_started_with_opens_once() -> None:
    guard = a_guard()
    address = guard.address
    assert TOKEN not in address.first_link
    assert [ask(guard, "GET", address.first_link).status_code for _ in range(2)] == [303, 403]
    late = OneTimeKey(iter([0.0, LASTS_S]).__next__)
    assert not late.opens(late.text)


def test_a_session_outlives_the_process_and_its_file_lets_nobody_in(tmp_path: Path) -> None:
    headers = cookie_of(a_guard(private=tmp_path))
    again = a_guard(private=tmp_path)
    assert ask(again, "GET", f"{HERE}/", headers=headers).status_code == 200
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert headers["Cookie"].split("=")[1] not in file.read_text()


def test_there_are_never_too_many_sessions() -> None:
    guard = a_guard()
    first = cookie_of(guard)
    for _ in range(MOST_SESSIONS):
        last = cookie_of(guard)
    assert ask(guard, "GET", f"{HERE}/", headers=first).status_code == 403
    assert ask(guard, "GET", f"{HERE}/", headers=last).status_code == 200


# Other sites


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:{PORT}.x", ""],
)
def test_a_name_that_was_made_to_lead_here_is_refused(host: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Host": host}
    answer = ask(guard, "GET", f"{HERE}/?token={TOKEN}", headers=headers)
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"[::1]:{PORT}"])
def test_the_names_of_this_machine_are_known(host: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Host": host}
    assert ask(guard, "GET", f"{HERE}/", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", ""])
def test_another_site_changes_nothing(origin: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Origin": origin}
    assert ask(guard, "POST", f"{HERE}/turn", headers=headers, json={}).status_code == 403
    headers["Origin"] = HERE
    assert ask(guard, "POST", f"{HERE}/turn", headers=headers, json={}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_shows_nothing_of_ours(site: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    assert ask(guard, "GET", f"{HERE}/", headers=headers).status_code == 403


# What is too much


def test_a_long_request_is_refused_whether_it_says_so_or_not() -> None:
    guard = a_guard()
    headers = cookie_of(guard)
    long = b'"' + b"x" * MOST_BYTES + b'"'

    async def piecewise() -> Any:
        for start in range(0, len(long), 4096):
            yield long[start : start + 4096]

    assert ask(guard, "POST", f"{HERE}/turn", headers=headers, content=long).status_code == 413
    answer = ask(guard, "POST", f"{HERE}/turn", headers=headers, content=piecewise())
    assert answer.status_code >= 400


def test_pages_are_not_built_faster_than_anybody_reads() -> None:
    guard = a_guard()
    headers = cookie_of(guard)

    async def hurry() -> list[int]:
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            return [(await client.get(f"{HERE}/")).status_code for _ in range(400)]

    began_s = time.monotonic()
    answers = asyncio.run(hurry())
    allowed = 200 + (time.monotonic() - began_s) * PAGES_A_SECOND
    assert 200 <= answers.count(200) <= allowed + 1
    assert answers.count(429) == 400 - answers.count(200)


def test_the_socket_does_not_poll() -> None:
    guard = a_guard()
    url = f"{HERE}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert ask(guard, "GET", url, headers=cookie_of(guard)).status_code == 403


# At a real port


class Served(NamedTuple):
    port: int
    guard: Guard
    cookie: dict[str, str]

    def connect(self, origin: str = "", path: str = "/_nicegui_ws/echo") -> ClientConnection:
        url = f"ws://127.0.0.1:{self.port}{path}"
        wanted: Any = {"additional_headers": self.cookie, "compression": None}
        return connect(url, origin=origin or f"http://127.0.0.1:{self.port}", **wanted)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        guard = a_guard(port)
        server = server_of(guard)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        answer = httpx.get(f"http://127.0.0.1:{port}/?token={TOKEN}")
        name = f"chanterelle-{port}"
        yield Served(port, guard, {"Cookie": f"{name}={answer.cookies[name]}"})
        server.should_exit = True
        thread.join(5)


def test_a_page_of_ours_opens_its_socket(served: Served) -> None:
    with served.connect() as page:
        page.send("a")
        assert page.recv(2) == "a"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_another_site_opens_no_socket(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus), served.connect(origin):
        pass


def test_no_cookie_no_socket(served: Served) -> None:
    stranger = served._replace(cookie={})
    with pytest.raises(InvalidStatus), stranger.connect():
        pass


def test_no_other_place_has_sockets(served: Served) -> None:
    with pytest.raises(InvalidStatus), served.connect(path="/echo"):
        pass


def test_a_session_has_so_many_pages(served: Served) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_SOCKETS):
            stack.enter_context(served.connect())
        with pytest.raises(InvalidStatus), served.connect():
            pass


def test_who_is_forgotten_is_cut_off_at_once(served: Served) -> None:
    sessions = served.guard.address.sessions
    number = sessions.begin("Linux", "127.0.0.1", is_local=True)
    guest = served._replace(cookie={"Cookie": f"chanterelle-{served.port}={number}"})
    session = sessions.find(number, is_local=True)
    assert session
    with guest.connect() as page:
        page.send("a")
        page.recv(2)
        sessions.forget(session.key)
        with pytest.raises(ConnectionClosed):
            page.recv(2)
    with pytest.raises(InvalidStatus), guest.connect():
        pass


def test_a_page_that_floods_is_cut_off_and_the_others_notice_nothing(served: Served) -> None:
    with served.connect() as calm, served.connect() as wild:
        closed = threading.Event()

        def flood() -> None:
            with contextlib.suppress(ConnectionClosed):
                for _ in range(20_000):
                    wild.send(FLOOD)
            closed.set()

        threading.Thread(target=flood, daemon=True).start()
        waits_s = []
        while not closed.is_set() or len(waits_s) < 20:
            began_s = time.monotonic()
            calm.send("still here")
            assert calm.recv(2) == "still here"
            waits_s.append(time.monotonic() - began_s)
        assert wild.protocol.close_code == 1008
        assert wild.protocol.close_reason == "too many messages"
        assert max(waits_s) < 0.5
        with pytest.raises(InvalidStatus), served.connect():  # and does not come back at once
            pass


def test_a_head_without_end_is_not_read(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n")
        with contextlib.suppress(OSError):
            for number in range(20 * MOST_HEAD // 1000):
                caller.sendall(b"X-%d: " % number + b"x" * 1000 + b"\r\n")
        answer = b""
        with contextlib.suppress(OSError):
            answer = caller.recv(4096)
    assert not answer or b" 400 " in answer


def test_two_hosts_are_none(served: Served) -> None:
    answer = _raw(served, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nHost: evil\r\n\r\n")
    assert answer.split()[1] in (b"400", b"421")


def test_half_an_address_is_no_way_in(served: Served) -> None:
    """An absolute address in the request's line names another host than the header does."""
    host = f"127.0.0.1:{served.port}"
    answer = _raw(served, f"GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert answer.split()[1] in (b"400", b"403", b"404", b"421")


def _raw(served: Served, text: str) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), 5) as caller:
        caller.sendall(text.encode())
        return caller.recv(1 << 16)
