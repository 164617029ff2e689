"""The doctor's page: sections, verdict and advice within 80 columns, in colour on a terminal."""

import sys
import textwrap
from typing import IO

from realtime.doctor_findings import Findings
from realtime.doctor_verdict import SizeVerdict, Verdict
from realtime.doctor_words import Section, a_minute

COLUMNS = 80
DEFAULT_PRESET = "violin"
STYLES = {"ok": "green", "look": "yellow", "bad": "bold red", "safe": "bold green", "head": "bold"}


class Page:
    """Prints to a stream; to a terminal with colours."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stdout

    def intro(self, preset: str, seconds: float) -> None:
        """What will happen."""
        self._write(
            f"Testing this machine with the preset {preset} for {seconds:g} s. Nothing will sound."
            " Sing, play and work on as you would on stage: what runs now counts. Ctrl-C ends."
        )

    def section(self, section: Section) -> None:
        """A heading and its lines."""
        self._write("")
        self._write(section.title, "head")
        for line in section.lines:
            if line.mark:
                self._write(line.text, line.mark, f"  {line.mark:4}  ")
            else:
                self._put(line.text.rstrip(), "")

    def verdict(self, findings: Findings, verdict: Verdict, advice: list[str]) -> None:
        """What is safe, each block size, and what to change."""
        self._write("")
        self._write(*headline(findings, verdict))
        for size in verdict.sizes:
            style = {"safe": "ok", "breaks": "look"}.get(size.state, "bad")
            self._write(size_words(size), style, f"{size.block_size:6}  ")
        if verdict.sizes or advice:
            self._write("")
            title = "What to change, most useful first" if advice else "Nothing to change."
            self._write(title, "head")
        for number, line in enumerate(advice, 1):
            self._write(line, "", f"{number:4}  ")

    def _write(self, text: str, style: str = "", label: str = "") -> None:
        """A paragraph; what follows the label stands in a column of its own."""
        lines = textwrap.wrap(
            text, COLUMNS - len(label), break_long_words=False, break_on_hyphens=False
        ) or [""]
        for number, line in enumerate(lines):
            before = label if number == 0 else " " * len(label)
            self._put(before + line, style)

    def _put(self, line: str, style: str) -> None:
        if style and self._out.isatty():
            from rich.console import Console
            from rich.text import Text

            console = Console(file=self._out, soft_wrap=True, highlight=False)
            console.print(Text(line, STYLES.get(style, "")))
        else:
            print(line, file=self._out, flush=True)


def headline(findings: Findings, verdict: Verdict) -> tuple[str, str]:
    """The verdict in a sentence or two, and its style."""
    early = "" if findings.is_complete else "Ended early; by what is known so far: "
    if verdict.safe_block_size:
        size = verdict.safe_block_size
        return (
            f"{early}BLOCKS OF {size} SAMPLES ARE SAFE, {verdict.latency_ms:.1f} ms from microphone"
            f" to loudspeaker: {_command(findings, size)}{_untested(findings)}",
            "safe",
        )
    if not verdict.sizes:
        return f"{early}not enough was measured to say which block size is safe.", "bad"
    if verdict.best_block_size:
        best = next(size for size in verdict.sizes if size.block_size == verdict.best_block_size)
        sizes = "NO BLOCK SIZE" if findings.is_complete else "no block size tested"
        return (
            f"{early}{sizes} IS SAFE for the stage. Best is {best.block_size}:"
            f" {size_words(best)}. {_command(findings, best.block_size)} will do to practise.",
            "bad",
        )
    return f"{early}NO BLOCK SIZE IS SAFE: this machine is too slow for the preset.", "bad"


def _command(findings: Findings, block_size: int) -> str:
    """How to play so; JACK's block size is JACK's own matter."""
    preset = "" if findings.preset == DEFAULT_PRESET else f" --preset {findings.preset}"
    if findings.cards and findings.cards.host_api.startswith("JACK"):
        return f"jackd ... -p {block_size}, then chanterelle play{preset}"
    return f"chanterelle play{preset} --block-size {block_size}"


def _untested(findings: Findings) -> str:
    """What the verdict leaves open."""
    if findings.cards and any(trial.block_sizes for trial in findings.cards.trials):
        return ""
    return " (no sound card was tested; two blocks are taken for its delay)"


def size_words(size: SizeVerdict) -> str:
    """One block size's verdict.

    >>> size_words(SizeVerdict(64, "breaks", 0.3, 12.3, 12.3, 9.0))
    'sound would break about 12 times a minute (9.0 ms)'
    """
    delay = f"{size.latency_ms:.1f} ms"
    if size.state == "safe":
        return f"safe, {delay} from microphone to loudspeaker"
    if size.state == "refused":
        return "the sound card does not open with it"
    if size.state == "too slow":
        return f"too small: computing takes up to {100 * size.own_share:.0f} % of a block's time"
    return f"sound would break about {a_minute(size.breaks_a_minute)} ({delay})"
