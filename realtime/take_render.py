"""Plays a take's dry sound again: as it was, with another voice, or with other settings.

What took effect while it was recorded takes effect again at the same sample. So a take that was
recorded from the program's start comes out as its wet file; one that began later has another noise
and another phase, as the instrument had played before.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import ControlError
from realtime.processor import Processor
from realtime.resampled import Resampled
from realtime.take_heard import RecordedNotes
from realtime.take_notes import read_events
from realtime.take_reader import Take, sound_blocks
from realtime.take_state import State, turned

Audio = NDArray[np.float32]

USUAL_BLOCK_SIZE = 128
"""Where a take does not say."""

NONSENSE = (ControlError, TypeError, ValueError, IndexError, OverflowError)
"""What a damaged or edited take may ask for."""

AT_ONCE = 1024
"""Samples."""


class Player:
    """What plays the take: a host, and what it is told.

    Args:
        host: see `host.Host`; of the presets that the take was played with, or of one other.
        pinned: controls that stay where they are, whatever was recorded.
        is_same_set: whether the host's presets are the take's.
        notes: what the host's voices play, if nobody sang.
    """

    def __init__(
        self,
        host: Any,
        pinned: Mapping[str, float],
        is_same_set: bool,
        notes: RecordedNotes | None = None,
    ) -> None:
        self.notes = notes
        self.host, self._pinned, self._is_same_set = host, pinned, is_same_set
        self._chosen_at = -1
        self._state = State()
        self._is_chosen = False

    def stand(self, state: State) -> None:
        """Everything as at the take's beginning."""
        self._state = state
        if self._is_same_set:
            if state.preset != self.host.number:
                self.host.choose(state.preset)
            for name, value in state.controls.items():
                self._set(name, value)
            for name in state.effects_out:
                self._do("bypass_effect", name, 1.0)
            for order in state.effect_order:
                self._do("effect_order", order, 0.0)
        for name, value in self._pinned.items():
            self.host.set_control(name, value)
        if state.tempo_bpm:
            with contextlib.suppress(*NONSENSE):
                self.host.set_tempo(state.tempo_bpm)
        if state.is_bypassed:
            self.host.bypass(True)

    def move(self, event: Mapping[str, Any]) -> None:
        """Does what an event tells; those that tell of something else, or nonsense, do nothing."""
        with contextlib.suppress(*NONSENSE):
            self._move(event)

    def _move(self, event: Mapping[str, Any]) -> None:
        kind, name, value = (event.get(key) for key in ("kind", "name", "value"))
        self._state = turned(self._state, event)
        if kind == "preset":
            self._chosen_at = event["sample"]
            self._is_chosen = True
        # What came with a preset of the set, and not by hand, says nothing about another one.
        if kind == "control" and not self._is_same_set and event["sample"] == self._chosen_at:
            return
        if kind == "control":
            self._set(str(name), float(value or 0.0))
        elif isinstance(kind, str):
            self._do(kind, str(name), float(value or 0.0) if kind in STATES else 0.0)

    def settle(self) -> None:
        """After all events of a sample. A take tells only what a change of preset has changed:

        what the command line had set for all presets stays unsaid.
        """
        if self._is_chosen and self._is_same_set:
            for name, value in self._state.controls.items():
                self._set(name, value)
        self._is_chosen = False

    def _set(self, name: str, value: float) -> None:
        if name in self._pinned or self.host.control_values.get(name) == value:
            return
        try:
            self.host.set_control(name, value)
        except ControlError:  # of an effect that this preset lacks
            return

    def _do(self, kind: str, name: str, value: float) -> None:
        host = self.host
        if kind == "preset" and self._is_same_set:
            host.choose(int(value))
            for control, pinned in self._pinned.items():
                host.set_control(control, pinned)
        elif kind == "bypass":
            host.bypass(bool(value))
        elif kind == "tempo":
            host.set_tempo(value)
        elif kind == "panic":
            host.panic()
        elif kind == "bypass_effect":
            self._bypass_effect(name, is_out=bool(value))
        elif kind == "effect_order":
            with contextlib.suppress(ControlError):  # of effects that this preset lacks
                host.order_effects(name)

    def _bypass_effect(self, name: str, *, is_out: bool) -> None:
        try:
            if self.host.bypass_effect(name) != is_out:
                self.host.bypass_effect(name)
        except ControlError:
            return


STATES = ("preset", "bypass", "tempo", "bypass_effect")


def revoice(
    take: Take,
    player: Player,
    *,
    as_played: bool = True,
    line_up: str = "wet",
) -> Iterator[Audio]:
    """The take played by `player`, piece by piece; in all as long as the take.

    Args:
        take: what was recorded.
        player: plays it, from its beginning.
        as_played: with everything that was moved meanwhile.
        line_up: whose sample n belongs to sample n of what comes out: the recorded wet sound's, or
            the dry one's.

    Shape:
        yields (T, C).
    """
    processor = at_rate(player.host, take.sample_rate)
    block_size = take.block_size or USUAL_BLOCK_SIZE
    processor.expect_blocks_of(block_size)
    player.stand(take.start)
    events = read_events(take.folder) if as_played else []
    shift = processor.latency_samples - (take.latency_samples if line_up == "wet" else 0)
    yield from _shifted(
        _played(take, processor, player, events, block_size, shift),
        shift,
        take.n_samples,
    )


def at_rate(host: Any, sample_rate: int) -> Processor:
    """The host behind the take's rate."""
    if host.sample_rate == sample_rate:
        processor: Processor = host
        return processor
    return Resampled(host, sample_rate)


def _played(
    take: Take,
    processor: Processor,
    player: Player,
    events: Sequence[Mapping[str, Any]],
    block_size: int,
    n_more: int,
) -> Iterator[Audio]:
    """The raw output of the dry sound and `n_more` samples of silence behind it."""
    at, n_done = 0, 0
    # Several blocks at once are faster and the same sound; a resampler's blocks stay as they were.
    n_at_once = max(AT_ONCE // block_size, 1) if processor is player.host else 1
    for block in _dry(take, n_at_once * block_size, n_more):
        start = 0
        while start < len(block):
            while n_done < len(events) and events[n_done]["sample"] <= at + start:
                player.move(events[n_done])
                n_done += 1
            player.settle()
            due = events[n_done]["sample"] - at if n_done < len(events) else len(block)
            # A block of another size than was announced would cost latency.
            stop = min(-(-max(due, start + 1) // block_size) * block_size, len(block))
            if player.notes:
                player.notes.sample = at + start
            out = processor.process(block[start:stop])
            yield out[:, np.newaxis] if out.ndim == 1 else out
            start = stop
        at += len(block)


def _dry(take: Take, block_size: int, n_more: int) -> Iterator[Audio]:
    """Blocks of that size, as they were played. Shape: (block_size,) each."""
    n_left = take.n_samples + max(n_more, 0)
    held = np.zeros(0, np.float32)
    size = max(block_size, take.sample_rate // block_size * block_size)
    for piece in sound_blocks(take, "dry", size):
        held = np.concatenate((held, piece[:, 0]))
        n_whole = len(held) // block_size * block_size
        for start in range(0, n_whole, block_size):
            yield held[start : start + block_size].copy()
        n_left -= n_whole
        held = held[n_whole:]
    while n_left > 0:
        block = np.zeros(block_size, np.float32)
        block[: len(held)] = held
        held = held[:0]
        n_left -= block_size
        yield block


def _shifted(parts: Iterator[Audio], shift: int, n_samples: int) -> Iterator[Audio]:
    """Without the first `shift` samples, or behind so much silence; `n_samples` long."""
    n_skip, n_left = max(shift, 0), n_samples
    for part in parts:
        if shift < 0:
            yield np.zeros((min(-shift, n_left), part.shape[1]), np.float32)
            n_left -= min(-shift, n_left)
            shift = 0
        kept = part[n_skip:][:n_left]
        n_skip = max(n_skip - len(part), 0)
        n_left -= len(kept)
        if len(kept):
            yield kept
        if n_left <= 0:
            return
