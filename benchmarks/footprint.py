"""What `chanterelle play` takes from the machine: memory, its growth, and a core's share.

    python -m benchmarks.footprint [--preset violin] [--seconds 20] [--jack] [--json]

Twice: bare, and with the stage view in a terminal and a recording on disk. All processes count: the
supervisor, the one that plays, and what that has started. `rss_mb` is all resident memory:
`private_mb` its own, `files_mb` of programs and libraries, which other programs share, and
`server_mb`, which the sound server shares out and JACK locks in every client (100 MB for 2,048
ports). `pss_mb` splits what is shared among its users. `growth_mb` is what private memory gained
from a fourth of the time on.
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.cards import CHANTERELLE, on_jack, on_virtual_card, playing, sung

SETTLE_S = 3.0
KINDS = {"RssAnon": "private_mb", "RssFile": "files_mb", "RssShmem": "server_mb"}
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="violin", help="name or path (default violin)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each (default 20)")
    parser.add_argument("--jack", action="store_true", help="on a JACK server, not a virtual card")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = {
        name: measure(given.preset, given.seconds, jack=given.jack, everything=name != "bare")
        for name in ("bare", "stage view and recording")
    }
    print(json.dumps(rows) if given.json else "\n".join(as_lines(rows)))


def measure(preset: str, seconds: float, *, jack: bool, everything: bool) -> Figures:
    """Plays for so long."""
    found: Figures = {}

    def act(words: Sequence[str], environment: Mapping[str, str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            recording = ["--record", folder] if everything else []
            command = [*CHANTERELLE, *words, "--preset", preset, *recording]
            with playing(command, environment, in_terminal=everything) as process:
                time.sleep(SETTLE_S)
                found.update(watch(process.pid, seconds))

    card = on_jack if jack else on_virtual_card
    card(sung(seconds + SETTLE_S + 15.0), act)
    return found


def watch(pid: int, seconds: float) -> Figures:
    """Figures of a running program and its children over so many seconds."""
    begun_s, begun_cpu_s = time.monotonic(), cpu_s(pid)
    private_mb = []
    while (now_s := time.monotonic()) < begun_s + seconds:
        private_mb.append(memory(pid)["private_mb"])
        time.sleep(min(0.5, begun_s + seconds - now_s))
    share = (cpu_s(pid) - begun_cpu_s) / (time.monotonic() - begun_s)
    settled_mb = private_mb[len(private_mb) // 4]
    now = memory(pid)
    return {"core_share": share, **now, "growth_mb": now["private_mb"] - settled_mb}


def memory(pid: int) -> Figures:
    """Resident memory in MB, by kind."""
    total = dict.fromkeys(("rss_mb", "pss_mb", *KINDS.values()), 0.0)
    for one in family(pid):
        kept = _fields(Path(f"/proc/{one}/status"))
        for kind, name in KINDS.items():
            total[name] += kept[kind] / 1024
            total["rss_mb"] += kept[kind] / 1024
        total["pss_mb"] += _fields(Path(f"/proc/{one}/smaps_rollup"))["Pss"] / 1024
    return total


def cpu_s(pid: int) -> float:
    """Computing time of all threads so far, in user and system."""
    lines = [Path(f"/proc/{one}/stat").read_text(encoding="ascii") for one in family(pid)]
    ticks = [line.rpartition(")")[2].split()[11:13] for line in lines]
    return sum(int(tick) for pair in ticks for tick in pair) / TICKS_A_SECOND


def family(pid: int) -> list[int]:
    """The process and all that it has started; one that has just ended is left out."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in (task / "children").read_text(encoding="ascii").split():
                found += family(int(child))
    return found


def as_lines(rows: dict[str, Figures]) -> Iterator[str]:
    """For people."""
    for name, row in rows.items():
        yield (
            f"{name}: {100 * row['core_share']:.1f} % of a core; {row['rss_mb']:.1f} MB resident"
            f" ({row['private_mb']:.1f} private, {row['files_mb']:.1f} files,"
            f" {row['server_mb']:.1f} the sound server's), PSS {row['pss_mb']:.1f};"
            f" grew by {row['growth_mb']:.2f} MB"
        )


def _fields(path: Path) -> dict[str, int]:
    """Lines such as `Pss:  1234 kB`."""
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}


if __name__ == "__main__":
    main()
