"""The doctor's findings, and the session's own figures, in words for the desk."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from realtime.doctor_verdict import OWN_SHARE_MAX

STATES = {
    "safe": "safe",
    "breaks": "breaks now and then",
    "too slow": "too slow",
    "refused": "the card refuses it",
}
OURSELVES = re.compile(r"Close (\S+ )?(chanterelle|realtime\.\S+) \(process")
"""By its own name, or as what Python runs."""


class Row(NamedTuple):
    """One block size."""

    size: int
    state: str
    share: str
    """Of a block's time."""
    breaks: str


class Verdict(NamedTuple):
    """What the doctor says."""

    summary: str
    rows: tuple[Row, ...]
    advice: tuple[str, ...]


def verdict_of(answer: Mapping[str, Any]) -> Verdict:
    """Out of `chanterelle doctor --json`, run while the instrument plays."""
    verdict = answer["verdict"]
    rows = tuple(
        Row(
            int(size["block_size"]),
            STATES.get(size["state"], str(size["state"])),
            f"{100.0 * size['own_share']:.0f} %",
            f"{size['breaks_a_minute']:.1f}",
        )
        for size in verdict["sizes"]
    )
    safe, best = verdict["safe_block_size"], verdict["best_block_size"]
    if safe:
        summary = f"{safe} samples and more are safe, measured beside the playing instrument."
    elif best:
        summary = f"None is quite safe; {best} samples break least."
    else:
        summary = "This machine is too slow to play live."
    # It has found ourselves at work.
    advice = [line for line in answer["advice"] if not OURSELVES.match(line)]
    return Verdict(summary, rows, tuple(advice))


def devices_of(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names by side, out of `chanterelle devices --json`."""
    sides = {"input": "n_inputs", "output": "n_outputs"}
    return {
        side: list(dict.fromkeys(device["name"] for device in answer["devices"] if device[count]))
        for side, count in sides.items()
    }


def keeps_up(state: Mapping[str, Any], flags: Mapping[str, str]) -> str:
    """How it goes right now, in one sentence."""
    if "load_p99" not in state:
        return ""
    size, share = flags.get("block_size", "128"), 100.0 * state["load_p99"]
    late = state["late_words"] or "no late block"
    fits = "keeps up" if state["load_p99"] < OWN_SHARE_MAX else "hardly keeps up"
    return (
        f"It {fits}: blocks of {size} samples take {share:.0f} % of their time (p99), {late};"
        f" {state['latency_ms']:.1f} ms from microphone to speaker."
    )
