"""What all fuzzers share: many cases from one seed, each under a limit of time, and their judge.

A case is well if it succeeds or raises a `ChanterelleError` of one line, within the limit.
"""

import argparse
import json
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from ddsp_core.errors import ChanterelleError

LIMIT_S = 2.0
"""Of computing, for a case; the usual one takes a few milliseconds."""
HANGS_S = 30.0
"""By the clock: after so long nobody waits any longer."""
LONGEST_MESSAGE = 4000
SHOWN = 10

Case = Callable[[random.Random], object]
"""Makes a case from this source of chance and tries it; what it returns is shown if it fails."""


class Hang(BaseException):
    """Not an Exception, so that nothing on the way swallows it."""


@dataclass
class Findings:
    """What came of all cases."""

    n_cases: int = 0
    n_accepted: int = 0
    n_refused: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {**self.__dict__, "failures": self.failures[:SHOWN], "n_failures": self.n_failures}

    @property
    def n_failures(self) -> int:
        return len(self.failures)


def fuzz(case: Case, n_cases: int, seed: int) -> Findings:
    """Tries them one after the other, until Ctrl-C. Case k of a seed is always the same."""
    found = Findings()
    begun_s = time.perf_counter()
    before = signal.signal(signal.SIGALRM, _hang)
    try:
        for number in range(n_cases):
            _try(case, f"{seed}/{number}", found)
    except KeyboardInterrupt:  # what has been tried is told
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    found.seconds = time.perf_counter() - begun_s
    return found


def _try(case: Case, name: str, found: Findings) -> None:
    found.n_cases += 1
    started_s = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, HANGS_S)
    try:
        case(random.Random(name))
        found.n_accepted += 1
    except ChanterelleError as error:
        found.n_refused += 1
        text = str(error)
        if "\n" in text or len(text) > LONGEST_MESSAGE or not text.isprintable():
            found.failures.append(f"case {name}: no message for people: {text[:300]!r}")
    except (Exception, Hang):
        found.failures.append(f"case {name}: {traceback.format_exc(limit=-4)}")
    signal.setitimer(signal.ITIMER_REAL, 0)
    seconds = time.process_time() - started_s
    found.slowest_s = max(found.slowest_s, seconds)
    if seconds > LIMIT_S:
        found.failures.append(f"case {name}: {seconds:.1f} s")


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def main(doc: str, fuzzers: dict[str, Callable[[int, int], Findings]]) -> int:
    """The command line of a fuzzer; 1 if anything failed."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000, help="in all (default 100000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the cases")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    n_each = args.cases // (100 if args.quick else 1) // len(fuzzers)
    found = {name: run(n_each, args.seed) for name, run in fuzzers.items()}
    if args.json:
        print(json.dumps({name: one.as_json() for name, one in found.items()}))
    for name, one in found.items():
        if not args.json:
            print(
                f"{name}: {one.n_cases} cases, {one.n_accepted} accepted, {one.n_refused} refused,"
                f" {one.n_failures} failures; slowest {1000 * one.slowest_s:.0f} ms,"
                f" {one.seconds:.0f} s in all"
            )
        for failure in one.failures[:SHOWN]:
            print(failure, file=sys.stderr)
    return 1 if any(one.failures for one in found.values()) else 0
