"""What the stage view costs: share of a core when drawn ten times a second in a real terminal.

    python -m benchmarks.view_cost [--quick]

Everything that moves on a stage moves: meters, needle, load, counters, clock. A child in a
pseudo-terminal draws and measures its own computing time; the parent reads the screen. Beside it
the same lines by rich's own Live display, and what the session's look alone takes.
"""

import argparse
import json
import math
import os
import pty
import select
import threading
import time
from collections.abc import Callable, Iterator

from realtime.controls import find_control
from realtime.live_view import LiveView
from realtime.live_view_held import Holding
from realtime.live_view_lines import view_lines
from realtime.live_view_state import Turned, ViewState
from realtime.session_partners import Status

LOOK_EVERY_S = 0.1
STATUS = Status(0.1, 0.15, 0, 0, 21.3, "")


def states() -> Iterator[ViewState]:
    """A performance, look by look."""
    look = 0
    while True:
        swing = math.sin(look / 3)
        yield ViewState(
            song="Solveig's Song", next_song="Habanera", song_number=2, n_songs=7,
            preset="Hall violin", next_preset="Cello", colour="#b5442e", note="con sordino",
            tempo_bpm=92.0, input_peak_db=-20.0 + 9 * swing, output_peak_db=-12.0 - 9 * swing,
            f0_hz=440.0 * 2 ** (swing / 60), is_singing=True, load_mean=0.09,
            load_p99=0.15 + 0.05 * swing, load_max=0.4, late_blocks=look // 50, xruns=look // 70,
            late_words="3 late blocks: the computer held the instrument up", latency_ms=21.3,
            recording_s=0.1 * look, disk_free_s=20000.0, midi_age_s=0.3 * (look % 3), midi_ports=1,
            selected=Turned("room_mix", find_control("room_mix"), 0.5 + 0.5 * swing),
            message="take 3 begins", message_age_s=0.1 * look,
        )  # fmt: skip
        look += 1


def ours(n_looks: int) -> float:
    """Seconds of computing a look."""
    performance = states()
    with LiveView(lambda _: next(performance)) as view:
        return paced(lambda: view.show(STATUS), n_looks)


def by_rich(n_looks: int) -> float:
    """The same lines, drawn by rich."""
    from rich.console import Group
    from rich.live import Live

    performance, holding = states(), Holding()

    def show() -> None:
        state = next(performance)
        lines = view_lines(state, 80, holding.look(state, time.monotonic()))
        live.update(Group(*lines), refresh=True)

    with Live(auto_refresh=False, transient=True) as live:
        return paced(show, n_looks)


def paced(show: Callable[[], None], n_looks: int) -> float:
    show()
    spent_s = 0.0
    for _ in range(n_looks):
        time.sleep(LOOK_EVERY_S)
        before_s = time.process_time()
        show()
        spent_s += time.process_time() - before_s
    return spent_s / n_looks


def measured(draw: Callable[[int], float], n_looks: int) -> float:
    """`draw` in a terminal of its own, whose screen is read."""
    reader, writer = os.pipe()
    pid, screen = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.write(writer, f"{draw(n_looks)}\n".encode())
        os._exit(0)
    while not select.select([reader], [], [], 0.01)[0]:
        if select.select([screen], [], [], 0)[0]:
            os.read(screen, 65536)
    look_s = float(os.read(reader, 100))
    for descriptor in (reader, writer, screen):
        os.close(descriptor)
    os.waitpid(pid, 0)
    return look_s


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a second each")
    n_looks = 10 if parser.parse_args(arguments).quick else 200
    assert threading.active_count() == 1
    rows = {"stage view": measured(ours, n_looks), "by rich.Live": measured(by_rich, n_looks)}
    shares = {name: look_s / LOOK_EVERY_S for name, look_s in rows.items()}
    print(json.dumps({name: round(share, 5) for name, share in shares.items()}))


if __name__ == "__main__":
    main()
