"""The stage view in a real terminal: what stands on the screen, and that it never waits for it."""

import io
import os
import re
import select
import signal
import time

from rich.color import ColorSystem
from rich.text import Text
from terminals import Typist

from realtime.keys_terminal import PLAIN_SCREEN
from realtime.live_view import LiveView
from realtime.live_view_screen import changes, colours_of, encoded
from realtime.live_view_state import ViewState
from realtime.session_partners import Status

STATUS = Status(0.1, 0.2, 0, 0, 20.0, "")

VIEW = """
import signal, threading, time
from realtime.live_view import LiveView
from realtime.live_view_state import ViewState
from realtime.session_partners import Status
state = ViewState(preset="Hall violin", note="Grüße", input_peak_db=-20.0)
status = Status(0.1, 0.2, 0, 0, 20.0, "")
def read(status):
    return state
def play(n_looks, pause_s=0.01):
    global state
    for look in range(n_looks):
        state = state._replace(xruns=look)
        view.show(status)
        time.sleep(pause_s)
"""

DRAWN = """
with LiveView(read) as view:
    play({})
    print('drawn', file=report)
    time.sleep(9)
"""


def screen_of(sent: bytes, rows: int = 24) -> list[str]:
    """What a terminal shows after all this, without colours."""
    lines = [""] * (rows + 1)
    row = 0
    for token in re.findall(r"\x1b\[[?0-9;]*[a-zA-Z]|[^\x1b]+", sent.decode()):
        if token.startswith("\x1b["):
            if token.endswith("H"):
                row = int(token[2:-1].split(";")[0])
                fresh = ""
            elif token.endswith("K"):
                lines[row] = fresh
            elif token == "\x1b[J":
                lines[row:] = [""] * (len(lines) - row)
            elif token == "\x1b[2J":
                lines = [""] * (rows + 1)
        elif row:
            fresh += token
    return [line.rstrip() for line in lines[1:]]


def test_the_screen_shows_the_last_state() -> None:
    code = DRAWN.format(120)
    with Typist(VIEW + code) as typist:
        assert typist.line() == "drawn"
        shown = screen_of(typist.look())
        assert any("latency 0.0" in line for line in shown)
        assert any("xruns 119" in line for line in shown)
        assert sum("xruns" in line for line in shown) == 1
        assert any("Grüße" in line for line in shown)


def test_the_terminal_comes_back_with_what_others_printed() -> None:
    code = (
        "import sys\nprint('before')\n"
        "with LiveView(read) as view:\n    print('meanwhile')\n"
        "    print('a warning', file=sys.stderr)\n    play(3)\nprint('after')"
    )
    with Typist(VIEW + code) as typist:
        assert typist.wait() == 0
        before, _, rest = typist.screen.partition(b"\x1b[?1049h")
        during, _, after = rest.partition(PLAIN_SCREEN.encode())
        assert before.split() == [b"before"]
        assert b"latency 0.0" in during
        assert b"meanwhile" not in during
        assert after.split() == b"meanwhile a warning after".split()
        assert typist.is_as_before


def test_a_signal_gives_the_screen_back() -> None:
    code = DRAWN.format(3)
    with Typist(VIEW + code) as typist:
        assert typist.line() == "drawn"
        typist.program.send_signal(signal.SIGTERM)
        assert typist.wait() == -signal.SIGTERM
        assert typist.screen.endswith(PLAIN_SCREEN.encode())


def test_another_size_is_drawn_anew() -> None:
    code = "with LiveView(read) as view:\n    print('ready', file=report)\n    play(1000)"
    with Typist(VIEW + code) as typist:
        assert typist.line() == "ready"
        typist.see(b"latency")
        typist.resize(9, 30)
        n_seen = len(typist.look())
        deadline_s = time.monotonic() + 5.0
        while b"\x1b[2J" not in typist.look()[n_seen:] or len(typist.look()) < n_seen + 2000:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        anew = typist.look()[n_seen:].rpartition(b"\x1b[2J")[2]
        shown = screen_of(anew[: anew.rindex(b"\x1b[K") + 3], 9)
        assert max(len(line) for line in shown) <= 30
        assert any("latency 0.0" in line for line in shown)


def test_a_terminal_that_stopped_taking_holds_nobody_up() -> None:
    code = (
        "with LiveView(read) as view:\n"
        "    started_s = time.monotonic()\n    slowest_s = 0.0\n"
        "    for look in range(500):\n"
        "        before_s = time.monotonic()\n"
        "        state = state._replace(xruns=look, note=str(look) * 20)\n"
        "        view.show(status)\n"
        "        slowest_s = max(slowest_s, time.monotonic() - before_s)\n"
        "    print(slowest_s < 0.5, file=report)\n"
    )
    with Typist(VIEW + code) as typist:
        deadline_s = time.monotonic() + 20.0
        # The screen is not read meanwhile: its buffer fills.
        while not select.select([typist._report], [], [], 0.1)[0]:
            assert time.monotonic() < deadline_s
        assert typist.line() == "True"


def test_without_colours_nothing_is_coloured() -> None:
    with Typist(VIEW + "with LiveView(read) as view:\n    play(3)", NO_COLOR="1") as typist:
        assert typist.wait() == 0
        assert b"latency" in typist.screen
        assert not re.search(rb"\x1b\[[0-9;]*[34][0-7]", typist.screen)


def test_a_terminal_without_unicode_is_sent_ascii() -> None:
    code = VIEW + "with LiveView(read) as view:\n    play(3)"
    with Typist(code, PYTHONIOENCODING="ascii", PYTHONUTF8="0") as typist:
        assert typist.wait() == 0
        assert typist.screen.isascii()
        assert b"####" in typist.screen


def test_only_what_changed_is_sent() -> None:
    code = (
        "with LiveView(read) as view:\n    view.show(status)\n    time.sleep(0.1)\n"
        "    print('first', file=report)\n    time.sleep(0.3)\n"
        "    for _ in range(40):\n        view.show(status)\n    print('more', file=report)\n"
        "    time.sleep(0.3)"
    )
    with Typist(VIEW + code) as typist:
        assert typist.line() == "first"
        n_first = len(typist.look())
        assert n_first > 300
        assert typist.line() == "more"
        assert len(typist.look()) == n_first


def test_dumb_terminals_and_files_have_no_view() -> None:
    code = "with LiveView(read) as view:\n    play(3)\nprint('end', file=report)"
    with Typist(VIEW + code, TERM="dumb") as typist:
        assert typist.line() == "end"
        assert typist.wait() == 0
        assert typist.screen == b""
    stream = io.StringIO()
    with LiveView(lambda _: ViewState(), stream) as view:
        view.show(STATUS)
    assert stream.getvalue() == ""


def test_a_view_that_fails_says_so_and_ends_nothing() -> None:
    code = "read = lambda status: 1 / 0\nwith LiveView(read) as view:\n    play(5)"
    with Typist(VIEW + code) as typist:
        assert typist.wait() == 0
        assert b"nothing to see: ZeroDivisionError" in typist.screen


def test_a_terminal_that_is_gone_is_an_error_of_the_system() -> None:
    view = LiveView(lambda _: ViewState())
    reader, writer = os.pipe()
    os.close(reader)

    class Gone:
        size, is_ours = (80, 24), True

        def draw(self, lines: list[Text]) -> None:
            os.write(writer, b"x")

    view._screen = Gone()  # type: ignore[assignment]
    try:
        view.show(STATUS)
    except OSError:
        return
    finally:
        os.close(writer)
    raise AssertionError("nobody was told")


def test_styles_become_codes_and_gaps_keep_the_lines_own() -> None:
    line = Text.assemble("a", ("b", "bold red"), "c")
    assert encoded(line, ColorSystem.STANDARD) == "a\x1b[1;31mb\x1b[0mc"
    assert encoded(line, None) == "a\x1b[1mb\x1b[0mc"
    dim = Text("a", "dim").append("b", "bold")
    assert encoded(dim, ColorSystem.STANDARD) == "\x1b[2ma\x1b[0m\x1b[1mb\x1b[0m"


def test_changes_of_a_screen() -> None:
    assert changes(["a"], ["a"]) == ""
    assert changes([], ["a", "b"]) == "\x1b[1;1Ha\x1b[K\x1b[2;1Hb\x1b[K"
    assert screen_of((changes([], ["a", "b"]) + changes(["a", "b"], ["c"])).encode(), 2) == [
        "c",
        "",
    ]


def test_colours_are_what_the_environment_says() -> None:
    assert colours_of({"TERM": "xterm"}) is ColorSystem.STANDARD
    assert colours_of({"TERM": "xterm-256color"}) is ColorSystem.EIGHT_BIT
    assert colours_of({"TERM": "xterm", "COLORTERM": "truecolor"}) is ColorSystem.TRUECOLOR
    assert colours_of({"TERM": "xterm", "NO_COLOR": "1"}) is None
    assert colours_of({"TERM": "xterm", "NO_COLOR": ""}) is ColorSystem.STANDARD
