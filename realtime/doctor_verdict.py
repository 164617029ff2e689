"""From figures to a verdict: which block size is safe on this machine. Pure functions.

A block size is safe if our own computing leaves room in every block, and if standstills of the
machine that are longer than that room are rarer than one a minute.
"""

from dataclasses import dataclass
from typing import Literal

from realtime.doctor_findings import HUNG, Cards, CardTrial, Findings, Load, Watch

State = Literal["safe", "breaks", "too slow", "refused"]
"""Breaks: sound will be lost now and then. Refused: the sound card does not open with it."""

OWN_SHARE_MAX = 0.7
"""Of a block's time, for our own computing: the rest is for MIDI, the system and a warm day."""

BREAKS_A_MINUTE_MAX = 1.0

XRUNS_FORGIVEN = 1
"""In a trial of a second or so; a standstill may fall into any."""


@dataclass(frozen=True)
class SizeVerdict:
    """One block size, judged."""

    block_size: int
    state: State
    own_share: float
    """Own computing over the block's time, worst of a thousand blocks."""
    breaks_a_minute: float
    """How often sound will be lost, by what was seen."""
    standstills_a_minute: float
    """How many of those because the machine stands still."""
    latency_ms: float
    """Microphone to loudspeaker."""


@dataclass(frozen=True)
class Verdict:
    """What is safe, and what is best where nothing is."""

    safe_block_size: int | None
    latency_ms: float | None
    best_block_size: int | None
    sizes: tuple[SizeVerdict, ...]


def reach_verdict(findings: Findings) -> Verdict:
    """The smallest safe block size, and each size's own verdict."""
    sizes = tuple(judge_size(load, findings.watch, findings.cards) for load in findings.loads)
    safe = next((size for size in sizes if size.state == "safe"), None)
    best = safe or min(
        (size for size in sizes if size.state == "breaks"),
        key=lambda size: size.breaks_a_minute,
        default=None,
    )
    return Verdict(
        safe_block_size=safe.block_size if safe else None,
        latency_ms=safe.latency_ms if safe else None,
        best_block_size=best.block_size if best else None,
        sizes=sizes,
    )


def judge_size(load: Load, watch: Watch | None, cards: Cards | None) -> SizeVerdict:
    """One block size."""
    trial = find_trial(cards, load.block_size)
    n_ready = cards.blocks_ready if cards else 1
    standstills = standstills_a_minute(load, watch, n_ready)
    breaks = standstills + late_a_minute(load)
    return SizeVerdict(
        block_size=load.block_size,
        state=_state(load, breaks, trial),
        own_share=load.own_p999_ms / load.deadline_ms,
        breaks_a_minute=breaks,
        standstills_a_minute=standstills,
        latency_ms=load.engine_latency_ms + buffers_ms(load, trial, n_ready),
    )


def _state(load: Load, breaks_a_minute: float, trial: CardTrial | None) -> State:
    if trial and trial.problem:
        return "refused"
    if load.own_p999_ms > OWN_SHARE_MAX * load.deadline_ms:
        return "too slow"
    is_losing = trial is not None and trial.xruns > XRUNS_FORGIVEN
    return "breaks" if is_losing or breaks_a_minute > BREAKS_A_MINUTE_MAX else "safe"


def standstills_a_minute(load: Load, watch: Watch | None, n_ready: int = 1) -> float:
    """How often a standstill will be too long for this block size.

    While a block is computed the card plays the n blocks that are ready. One that needs c of its
    time d leaves a slack of n d - c. A standstill of s begins anywhere between two blocks; sound is
    lost if the next one falls due with more than the slack still to go: with the chance
    (s - slack) / d, at most 1. The standstills of all cores count together, divided by the time
    watched on all of them, because the engine is on one core at a time.
    """
    if watch is None or not watch.core_seconds:
        return 0.0
    slack_ms = max(0.0, n_ready * load.deadline_ms - load.own_p999_ms)
    chances = (
        min(1.0, max(0.0, length_ms - slack_ms) / load.deadline_ms)
        for length_ms in watch.standstills_ms
    )
    return 60.0 * sum(chances) / watch.core_seconds


def late_a_minute(load: Load) -> float:
    """How often blocks were late for other reasons, while this size was played."""
    return 60e3 * (load.late_own + load.late_others) / (load.n_blocks * load.deadline_ms)


def buffers_ms(load: Load, trial: CardTrial | None, n_ready: int = 1) -> float:
    """The card's delay both ways: as it says, at least a block in, and those ready to go out."""
    said_ms = trial.latency_ms if trial else None
    return max((1 + n_ready) * load.deadline_ms, said_ms or 0.0)


def find_trial(cards: Cards | None, block_size: int) -> CardTrial | None:
    """The stream that was tried with that block size."""
    for trial in cards.trials if cards else ():
        if block_size == trial.asked_block_size:
            return trial
        if not trial.asked_block_size and trial.block_sizes == (block_size,):
            return trial
    return None


def is_hung(cards: Cards | None) -> bool:
    """Whether the sound system hangs, so that this process cannot end in order."""
    return any(trial.problem == HUNG for trial in (cards.trials if cards else ()))
