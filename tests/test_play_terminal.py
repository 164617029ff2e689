"""`chanterelle play` as on stage: seen in a terminal, played by keys, watched and turned by OSC."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminals import Typist

from realtime.keys_terminal import PLAIN_SCREEN
from realtime.live_view_big import big
from realtime.osc_packet import Value, messages_of, packet_of

CLIP = "tests/clips/nit_song070_004.flac"
PLAY = """
import realtime.cli
words = ["play", "--preset", "violin,cello", "--input", "file:{clip}", "--output", "file:{out}",
         "--record", "{takes}", "--osc", "{port}"]
print(realtime.cli.main(words), file=report)
"""
PATIENCE_S = 200.0
"""Kernels may have to be compiled first."""


@pytest.fixture
def tablet() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(0.02)
        yield opened


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def hear(tablet: socket.socket, typist: Typist, address: str, *values: Value) -> None:
    """Waits until the tablet is told this; the screen is read meanwhile."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        typist.look()
        try:
            messages = messages_of(tablet.recv(9000))
        except TimeoutError:
            continue
        if any(m.address == f"/chanterelle/{address}" and m.values == values for m in messages):
            return
    raise AssertionError(f"never told: {address} {values}")


def test_a_show_in_a_terminal(tablet: socket.socket, tmp_path: Path) -> None:
    port = free_port()
    code = PLAY.format(clip=CLIP, out=tmp_path / "out.wav", takes=tmp_path / "takes", port=port)
    with Typist(code, CHANTERELLE_CONFIG=str(tmp_path)) as typist:
        typist.see((big("VIOLIN") or [""])[1].encode(), PATIENCE_S)
        tablet.sendto(packet_of("/chanterelle/subscribe"), ("127.0.0.1", port))
        hear(tablet, typist, "preset", "violin", 1.0)
        typist.type(b"\x1b[C")
        hear(tablet, typist, "preset", "cello", 2.0)
        typist.see((big("CELLO") or [""])[1].encode())
        tablet.sendto(packet_of("/chanterelle/input_gain_db", (4.0,)), ("127.0.0.1", port))
        hear(tablet, typist, "input_gain_db", 4.0)
        typist.type(b"\t+")
        hear(tablet, typist, "input_gain_db", 5.0)
        typist.see(b"input_gain_db")
        typist.type(b"b")
        hear(tablet, typist, "bypass", 1.0)
        typist.see(b"BYPASS")
        typist.type(b"q")
        typist.see(b"q again")  # it records
        time.sleep(0.7)
        typist.type(b"q")
        assert typist.line(PATIENCE_S) == "0"
        assert typist.is_as_before
        assert PLAIN_SCREEN.encode() in typist.look()
    assert list((tmp_path / "takes").glob("*/*"))
