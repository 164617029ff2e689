"""Who may come in: this machine with the token of the address, others of the network that paired.

Everything that reaches the console comes through here first, pages, files and sockets alike:

1. it must have called this machine by a name of its own (against DNS rebinding);
2. no page of another site may be behind it (against sockets and forms across sites);
3. what it sends is bounded;
4. it must hold the cookie of a session, which the token or the pairing code gives.
"""

import secrets
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realtime.console.console import Address
from realtime.console.guard_sockets import run_socket
from realtime.console.guard_words import (
    EVERYWHERE,
    content_policy,
    key_page,
    onward,
    pair_page,
    refused,
)
from realtime.console.rates import Bucket
from realtime.console.sessions import MOST_SESSIONS, Session
from realtime.console.visit import SAFE, Visit

MOST_BYTES = 1 << 16
"""That a request may send; uploads count for themselves."""

SOCKETS = "/_nicegui_ws/"
ASSETS = ("/_nicegui/", "/assets/")
PAGES_A_SECOND, MOST_PAGES = 20.0, 200.0
ASSET_COST = 0.05
"""Of a page: one needs fifty of them, and none is built for anybody."""

PAIR = "/pair"


class Guard:
    """In front of the whole application, HTTP and sockets alike.

    Args:
        inside: the application.
        address: where it is reached, and by whom.
    """

    def __init__(self, inside: ASGIApp, address: Address) -> None:
        self.app, self.address = inside, address
        self._cookie = f"chanterelle-{address.port}"
        self._pages: dict[str, Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = Visit.of(scope)
        sessions = self.address.sessions
        session = self._session(visit)
        is_known = visit.is_host_ours(self.address.port) and visit.is_origin_ours
        if (
            is_known
            and session
            and visit.path.startswith(SOCKETS)
            and sessions.may_open(session.key)
        ):
            await run_socket(self.app, sessions, session, scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = Visit.of(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(visit, MutableHeaders(scope=message))
            await send(message)

        answer = self._no(visit) or await self._at_the_door(visit, scope, receive)
        if answer is not None:
            await answer(scope, receive, with_headers)
        elif visit.is_upload:
            await self.app(scope, receive, with_headers)
        else:
            await self.app(scope, _counted(receive), with_headers)

    def _no(self, visit: Visit) -> Response | None:
        """What nobody is given, whoever they are."""
        if not visit.is_host_ours(self.address.port):
            why = "It was called by a name that is not this machine's. Use its address."
            return refused(421, "Not this machine", why)
        if not visit.is_origin_ours:
            return refused(403, "Not from there", "A page of another site has asked for this.")
        length = visit.headers.get("content-length", "0")
        is_short = length.isdecimal() and len(length) < 15 and int(length) <= MOST_BYTES
        if not is_short and not visit.is_upload:
            return refused(413, "Too long", f"At most {MOST_BYTES} bytes.")
        if visit.path.startswith(SOCKETS):
            return refused(403, "Sockets only", "The console does not poll.")
        return None

    async def _at_the_door(self, visit: Visit, scope: Scope, receive: Receive) -> Response | None:
        """None for those who may come in."""
        if visit.is_local and visit.token is not None and visit.method in SAFE:
            return self._with_token(visit)
        if session := self._session(visit):
            if visit.path == PAIR:
                return RedirectResponse("/", 303)
            cost = ASSET_COST if visit.path.startswith(ASSETS) else 1.0
            if self._pages_of(session).take(cost):
                return None
            return refused(429, "Too fast", "Wait a second, and load the page again.")
        if visit.is_local:
            return key_page(self.address.port)
        if not self.address.is_lan:
            return refused(403, "Closed", "This console is open to its own machine alone.")
        if visit.path == PAIR and visit.method == "POST":
            return await self._pair(visit, Request(scope, _counted(receive)))
        self.address.pairing.ask(visit.ip)
        code = parse_qs(visit.query).get("code", [""])[0] if visit.path == PAIR else ""
        return pair_page(code=code if code.isdecimal() and len(code) < 8 else "")

    def _with_token(self, visit: Visit) -> Response:
        token = visit.token or ""
        is_right = secrets.compare_digest(token.encode(), self.address.token.encode())
        if not is_right and not self.address.one_time.opens(token):
            return key_page(self.address.port)
        path = visit.clean_path
        answer = onward(path) if visit.is_sent_by_other_site else RedirectResponse(path, 303)
        if not self._session(visit):
            self._let_in(visit, answer)
        return answer

    async def _pair(self, visit: Visit, request: Request) -> Response:
        try:
            given = parse_qs((await request.body()).decode("latin-1")).get("code", [""])[0]
        except ClientDisconnect:
            return refused(413, "Too long", "Six digits are enough.")
        pairing = self.address.pairing
        if pairing.is_right(given, visit.ip):
            answer = RedirectResponse("/", 303)
            self._let_in(visit, answer)
            return answer
        pairing.ask(visit.ip)
        if wait_s := pairing.wait_s(visit.ip):
            told = f"That was wrong too often. Wait {wait_s / 60:.0f} minutes, then use a new code."
            return pair_page(told, status=429)
        if pairing.is_exhausted:
            return pair_page("Too many are guessing. Wait some seconds.", status=429)
        return pair_page("That is not the code that the laptop shows now.")

    def _let_in(self, visit: Visit, answer: Response) -> None:
        name = device(visit.headers.get("user-agent", ""))
        number = self.address.sessions.begin(name, visit.ip, is_local=visit.is_local)
        answer.set_cookie(self._cookie, number, path="/", httponly=True, samesite="strict")

    def _pages_of(self, session: Session) -> Bucket:
        if len(self._pages) > MOST_SESSIONS:
            self._pages.clear()
        return self._pages.setdefault(session.key, Bucket(PAGES_A_SECOND, MOST_PAGES))

    def _session(self, visit: Visit) -> Session | None:
        number = visit.cookie(self._cookie)
        return self.address.sessions.find(number, is_local=visit.is_local)

    def _add_headers(self, visit: Visit, headers: MutableHeaders) -> None:
        for name, value in EVERYWHERE.items():
            headers[name] = value
        if visit.is_local:  # elsewhere browsers heed it only where everything is encrypted
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Content-Security-Policy", content_policy(visit.host))
        if not visit.path.startswith(ASSETS):
            headers.setdefault("Cache-Control", "no-store")


def device(user_agent: str) -> str:
    """What a person would call it.

    >>> device("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1")
    'iPhone'
    >>> device("curl/8")
    'Device'
    """
    known = ("iPhone", "iPad", "Android", "CrOS", "Macintosh", "Windows", "Linux")
    return next((name for name in known if name in user_agent), "Device")


def _counted(receive: Receive) -> Receive:
    """Ends a request that sends more than it may, whatever its head has promised."""
    n_bytes = 0

    async def counted() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        return message if n_bytes <= MOST_BYTES else {"type": "http.disconnect"}

    return counted
