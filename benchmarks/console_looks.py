"""How fast the console is to the eye: until a page is there, until a knob has moved.

The page's clock and this process's are the same: Date.now() and time.time().
"""

import contextlib
import socket
import time
from typing import Any

from benchmarks.console_stage import wait
from realtime.osc_packet import packet_of

LISTEN = """() => { if (window.benchLive === undefined) { window.benchLive = 0;
window.addEventListener("chanterelle-live", () => window.benchLive++); }
return window.did_handshake ? window.benchLive : 0; }"""

WATCH = """(wanted) => { window.benchMovedAt = 0; window.benchWatcher?.disconnect();
const isIt = (change) => Math.abs(change.target.getAttribute("aria-valuenow") - wanted) < 1e-4;
const note = () => { window.benchMovedAt = Date.now(); };
window.benchWatcher = new MutationObserver((changes) => {
if (!window.benchMovedAt && changes.some(isIt)) { window.benchMovedAt = -1;
requestAnimationFrame(note); } });
window.benchWatcher.observe(document.body,
{subtree: true, attributes: true, attributeFilter: ["aria-valuenow"]}); }"""


def n_frames(page: Any) -> int:
    """How often it was shown what is sung; 0 unless it is connected both ways."""
    with contextlib.suppress(Exception):  # while a page loads, nobody answers
        return int(page.evaluate(LISTEN))
    return 0


def a_load(page: Any, address: str) -> float:
    """Seconds from asking for the page until it is interactive and live."""
    began_s = time.monotonic()
    page.goto(address, wait_until="commit")
    wait(lambda: n_frames(page) > 0, 60.0)
    return time.monotonic() - began_s


def a_knob(page: Any, osc_port: int, value: float) -> float:
    """Seconds from an OSC message until the frame that shows it."""
    page.evaluate(WATCH, value)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        sent_s = time.time()
        out.sendto(packet_of("/chanterelle/room_mix", (value,)), ("127.0.0.1", osc_port))
    wait(lambda: page.evaluate("() => window.benchMovedAt") > 0, 10.0)
    return float(page.evaluate("() => window.benchMovedAt")) / 1e3 - sent_s
