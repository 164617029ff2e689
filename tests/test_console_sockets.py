"""Who may come in, at a real port: sockets, floods, requests that are none."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from guards import FLOOD, TOKEN, a_guard
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from realtime.console.guard import Guard
from realtime.console.sessions import MOST_SOCKETS
from realtime.console.web import MOST_HEAD, server_of


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
