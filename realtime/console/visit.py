"""What a request or a socket says of itself, and whether that may be."""

from collections import Counter
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from realtime.console.addresses import LOOPBACK, host_names, is_loopback
from realtime.console.uploads import PREFIX as UPLOADS

MOST_FIELDS = 100
SAFE = ("GET", "HEAD")
ONCE = ("host", "origin", "cookie", "content-length", "transfer-encoding")
"""Headers that stand there once: of two, which one counts?"""


class Visit(NamedTuple):
    """One request, or one socket that wants to be opened."""

    method: str
    path: str
    query: str
    ip: str
    """Of who calls."""
    own_ip: str
    """Of this machine, as it was called."""
    headers: dict[str, str]
    is_doubled: bool
    """Whether a header that stands there once does not."""
    is_socket: bool

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """What the server says."""
        pairs = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        counts = Counter(name for name, _ in pairs)
        return cls(
            scope.get("method", "GET"),
            scope["path"],
            scope["query_string"].decode("latin-1"),
            (scope.get("client") or ("", 0))[0],
            (scope.get("server") or ("", 0))[0],
            dict(pairs),
            any(counts[name] > 1 for name in ONCE),
            scope["type"] == "websocket",
        )

    @property
    def is_upload(self) -> bool:
        """Whether it brings a file; its length is counted where it goes."""
        return self.method == "PUT" and self.path.startswith(UPLOADS)

    @property
    def is_local(self) -> bool:
        """Whether this machine calls itself."""
        return is_loopback(self.ip)

    @property
    def host(self) -> str:
        """What the caller calls this machine, with the port."""
        return self.headers.get("host", "").lower()

    def is_host_ours(self, port: int) -> bool:
        """Whether that is a name of this machine.

        A page of another site whose name has been made to lead here (DNS rebinding) says that
        name. It cannot say an address, hence the one that was really called is always right.
        """
        names = LOOPBACK if self.is_local else (self.own_ip, *host_names())
        endings = (f":{port}", "") if port == 80 else (f":{port}",)
        return not self.is_doubled and self.host in {
            name + end for name in names for end in endings
        }

    @property
    def is_origin_ours(self) -> bool:
        """Whether a page of ours asks, or somebody who is no page at all.

        Browsers tell the page's origin with every socket and with everything that changes
        something, and whether a page of another site (or of another port of this machine) wants
        to show something of ours. What tells neither is no browser, and has the cookie or not.
        """
        origin = self.headers.get("origin")
        if origin is not None and (self.is_socket or self.method not in SAFE):
            return origin.lower() == f"http://{self.host}"
        is_ours = self.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        return is_ours or self.headers.get("sec-fetch-mode") == "navigate"

    @property
    def is_sent_by_other_site(self) -> bool:
        """Whether a link elsewhere led here; a strict cookie is then not told yet."""
        return self.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")

    def cookie(self, name: str) -> str:
        """What the browser holds under that name; empty if nothing."""
        for pair in self.headers.get("cookie", "").split(";"):
            known, _, value = pair.strip().partition("=")
            if known == name:
                return value
        return ""

    @property
    def token(self) -> str | None:
        """That of the address."""
        try:
            return dict(parse_qsl(self.query, max_num_fields=MOST_FIELDS)).get("token")
        except ValueError:  # more fields than any page of ours has
            return None

    @property
    def clean_path(self) -> str:
        """The address without the token; always of this machine."""
        rest = [
            pair for pair in parse_qsl(self.query, max_num_fields=MOST_FIELDS) if pair[0] != "token"
        ]
        path = "/" + self.path.lstrip("/\\")
        return path + (f"?{urlencode(rest)}" if rest else "")
