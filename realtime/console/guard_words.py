"""What the guard answers: plain pages that need nothing but themselves, and headers for all."""

import html

from starlette.responses import HTMLResponse, Response

from realtime.console.pairing import DIGITS

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""`same-origin`: with `no-referrer` browsers say `Origin: null` for our own forms, too."""

PLAIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

STYLE = """
:root { color-scheme: dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #0e1014;
  color: #f2f3f5; font: 1.05rem/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
main { width: min(26rem, calc(100vw - 3rem)); padding: 1rem 0; }
.brand { color: #f0a93b; font-weight: 700; letter-spacing: 0.04em; margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.4rem 0 1rem; }
p { margin: 0 0 1rem; color: #c3c9d4; }
code { color: #f2f3f5; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin-bottom: 0.4rem; }
input { box-sizing: border-box; width: 100%; font: 600 2rem/1.4 ui-monospace, Menlo, monospace;
  letter-spacing: 0.3em; text-align: center; padding: 0.5rem; color: #f2f3f5; background: #181b22;
  border: 2px solid #6b7484; border-radius: 10px; }
button { width: 100%; margin-top: 1rem; padding: 0.8rem; font: 600 1.1rem system-ui, sans-serif;
  color: #0e1014; background: #f0a93b; border: 0; border-radius: 10px; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid #6fb7ff; outline-offset: 2px; }
.bad { color: #ff8f8f; font-weight: 600; }
"""


def content_policy(host: str) -> str:
    """What a page of ours may load: what this server has, and nothing else anywhere.

    NiceGUI's pages hold scripts and compile templates, hence the two `unsafe`.

    Args:
        host: with port, checked; older Safari wants the socket's address spelt out.
    """
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"font-src 'self'; connect-src 'self' ws://{host}; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def page(title: str, body: str, status: int, head: str = "") -> Response:
    """A page of the guard's own."""
    text = (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title} · '
        'Chanterelle</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'{head}<style>{STYLE}</style></head><body><main><p class="brand">Chanterelle</p>'
        f"<h1>{title}</h1>{body}</main></body></html>"
    )
    headers = {"Content-Security-Policy": PLAIN_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers)


def key_page(port: int) -> Response:
    """Of this machine, without the token."""
    body = (
        "<p>Open the address that the terminal shows, with all that stands behind the question "
        f"mark:</p><p><code>http://127.0.0.1:{port}/?token=…</code></p>"
        "<p>It holds the key of this console. The next console has another one.</p>"
    )
    return page("This console needs its key", body, 403)


def pair_page(trouble: str = "", code: str = "", status: int = 403) -> Response:
    """Where another device is let in.

    Args:
        trouble: what was wrong with the last try.
        code: that a picture code has brought, to be confirmed.
        status: of HTTP.
    """
    told = f'<p class="bad" role="alert" id="told">{html.escape(trouble)}</p>' if trouble else ""
    body = (
        "<p>Type the six digits that the laptop shows: press <b>Pair</b> there, or look into its "
        f'terminal.</p>{told}<form method="post" action="/pair">'
        '<label for="code">Pairing code</label>'
        f'<input id="code" name="code" value="{html.escape(code)}" inputmode="numeric" '
        f'autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="{DIGITS + 1}" required '
        f"autofocus{' aria-describedby=told' if trouble else ''}>"
        '<button type="submit">Pair this device</button></form>'
    )
    return page("Pair this device", body, status)


def onward(path: str) -> Response:
    """A page that leads on by itself: after it the browser asks as a page of ours."""
    where = html.escape(path)
    head = f'<meta http-equiv="refresh" content="0;url={where}">'
    return page("Welcome", f'<p><a href="{where}">To the console</a></p>', 200, head)


def refused(status: int, title: str, why: str) -> Response:
    """No, and why."""
    return page(html.escape(title), f"<p>{html.escape(why)}</p>", status)
