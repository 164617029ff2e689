"""Ten thousand messages a second down the engine's socket, in the console's place.

python -m benchmarks.console_flood FOLDER valid|garbage
"""

import contextlib
import itertools
import os
import random
import socket
import sys
import time
from pathlib import Path

from realtime.console_process import SOCKET
from realtime.link_frames import DO, REQUEST, SET, pack, pack_values

PER_S, AT_ONCE = 10_000, 100


def valid() -> list[bytes]:
    """Knobs, and now and then a command or a question."""
    knobs = [pack_values(SET, {"name": "room_mix", "value": k / 97}) for k in range(97)]
    asked = [pack_values(REQUEST, {"number": k, "what": "own"}) for k in range(2)]
    return [*knobs, *asked, pack_values(DO, {"name": "bypass", "value": 0})]


def garbage() -> list[bytes]:
    """Of every kind that keeps its length."""
    dice = random.Random(6)
    some = [None, [], {}, "x" * 200, float("nan"), -1e9, {"name": [1]}, {"name": "nobody"}]
    kinds = [SET, DO, REQUEST, b"?"]
    wrong = [pack_values(kind, value) for kind in kinds for value in some]
    wrong += [pack_values(SET, {"name": "room_mix", "value": value}) for value in some]
    return wrong + [pack(dice.choice(kinds), dice.randbytes(40)) for _ in range(60)]


def main() -> None:
    frames = itertools.cycle({"valid": valid, "garbage": garbage}[sys.argv[2]]())
    os.nice(5)
    while True:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.connect(str(Path(sys.argv[1]) / SOCKET))
            due_s = time.monotonic()
            while True:
                link.sendall(b"".join(itertools.islice(frames, AT_ONCE)))
                with contextlib.suppress(BlockingIOError):
                    link.recv(1 << 16, socket.MSG_DONTWAIT)
                due_s += AT_ONCE / PER_S
                time.sleep(max(due_s - time.monotonic(), 0.0))
        time.sleep(0.1)


if __name__ == "__main__":
    main()
