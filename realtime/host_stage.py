"""What sounds in a host, hop by hop: who plays, who comes, who leaves, and what still rings.

    microphone -> inlets (input chains) -> acts (engines) -> paths (output chains) -> sum
      -> bypass -> limiter -> panic

A change to a preset whose engines all play already turns their controls at once. Else the new ones
listen for some hops to what was sung lately; then old and new are crossfaded, before their rooms.
All of it is counted in hops, so that the card's blocks change nothing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from realtime.host_act import LISTENED_HOPS, Act
from realtime.host_cast import Cast
from realtime.host_coming import Coming
from realtime.host_fade import Channels, rehearse
from realtime.host_inlet import Inlet
from realtime.host_output import Output
from realtime.host_past import Audio, Past, PastReadings
from realtime.host_rows import Rows
from realtime.host_wanted import Wanted
from realtime.meters import LastHop
from realtime.slot import Slot

if TYPE_CHECKING:
    from realtime.effects.chain import Chain

MOST_HOPS = 32
"""In one step: bounds the memory that a large block takes."""

KEPT_READINGS = 300
"""Of hops: as many as any decoder recalls."""


class Stage:
    """Plays the preset that is wanted.

    Args:
        slots: of the set.
        wanted: how everything stands at the beginning.
        n_outputs: channels that come out: 1 or 2.
    """

    def __init__(self, slots: Sequence[Slot], wanted: Wanted, n_outputs: int) -> None:
        engine = slots[0].parts[0].engine
        self._slots, self._wanted, self._n_outputs = slots, wanted, n_outputs
        self._hop_size = engine.hop_size
        self.number = wanted.number
        """Of the preset that is heard; a chosen one follows after some hops."""
        self._cast = Cast(slots, wanted.number, wanted.rows)
        self.latency_samples = self._cast.latency_samples
        n_kept = self.latency_samples + (MOST_HOPS + LISTENED_HOPS + 1) * self._hop_size
        self._past = Past(n_kept)
        self._readings = PastReadings(KEPT_READINGS)
        self.last_read: tuple[LastHop, ...] = ()
        """Of the hops of the last block."""
        self._coming: Coming | None = None
        self._output = Output(self.latency_samples, engine.sample_rate, self._hop_size)
        self._aim()
        rehearse()
        self._is_settled = False
        self._soloist: Act | None = None
        self._relieved: list[Chain | None] = []

    @property
    def n_bad(self) -> int:
        """How often an engine's stage gave something else than numbers and was put right."""
        return sum(act.engine.n_bad for act in self._cast.acts)

    @property
    def chains(self) -> "list[Chain]":
        """All that sound or may sound; from any thread."""
        return self._cast.chains

    def reset(self) -> None:
        """Everything silent, as at the beginning."""
        for act in self._cast.acts:
            act.engine.reset()
        for chain in self._cast.chains:
            chain.reset()
        self.__init__(self._slots, self._wanted, self._n_outputs)  # type: ignore[misc]

    def turn(self, before: Wanted, now: Wanted) -> None:
        """Does what is wanted (audio thread)."""
        self._wanted, self._is_settled, self._soloist = now, False, None
        is_chosen = now.n_choices != before.n_choices
        is_ordered = is_chosen or now.rows is not before.rows
        if is_ordered or now.effects is not before.effects:
            now.rows.turn_to(now.effects)
        if is_ordered or now.effects_out != before.effects_out:
            now.rows.leave_out(now.effects_out)
        if is_ordered:
            self._arrange(now, None if is_chosen else before.rows)
            self._choose(now.number)
        elif self._coming is None:
            self._aim()
        if now.tempo_bpm != before.tempo_bpm:
            for chain in self._cast.chains:
                chain.set_tempo(now.tempo_bpm)
        self._output.bypass(now.is_bypassed)
        if now.n_panics != before.n_panics:
            self._output.panic()

    def _aim(self) -> None:
        acts = self._cast.by_slot[self._wanted.number]
        for act, aim in zip(acts, self._wanted.aims, strict=True):
            act.engine.turn_to(aim)

    def _arrange(self, now: Wanted, before: Rows | None) -> None:
        """The effects in their order; `before` it was another one of the same preset.

        A row that was made for it may have missed the tempo.
        """
        if before is not None:
            now.rows.go_on_from(before)
        for chain in now.rows.chains:
            if now.tempo_bpm and chain not in self._slots[now.number].chains:
                chain.set_tempo(now.tempo_bpm)
        inlet = self._cast.arrange(now.number, now.rows)
        if inlet is not None and before is not None and now.number == self.number:
            inlet.catch_up(self._past, LISTENED_HOPS * self._hop_size)

    def _choose(self, number: int) -> None:
        if self._coming is not None:
            self._coming.give_up()
            self._coming = None
        acts = self._cast.by_slot[number]
        aims = self._wanted.aims
        entering = [act for act in acts if act.phase != "playing"]
        if not entering:
            self._change_to(number)
            return
        for act, aim in zip(acts, aims, strict=True):
            if act in entering:
                act.engine.turn_to(aim)
        readings = self._readings.last()
        before = self._slots[self.number].parts[0].engine.input_gain_db
        readings[:, 2] += entering[0].engine.input_gain_db - before
        self._coming = Coming(number, entering, self._cast.inlets[number], readings)

    def _change_to(self, number: int) -> None:
        """From this hop on the preset is heard; whoever is not in it leaves."""
        cast, path = self._cast, self._cast.paths[number]
        self._aim()
        for act in cast.by_slot[number]:
            if act.phase == "playing":
                act.return_to(cast.inlets[number])
            others = [other for other in cast.all_paths if other is not path]
            fades = any(other.receives(act) for other in others)
            path.send(act, fades=fades)
            for other in others:
                other.release(act)
        for act in cast.acts:
            if act.phase == "playing" and act not in cast.by_slot[number]:
                act.leave()
        self.number = number
        cast.put_back_all_but(number)

    def play(self, hops: Audio) -> Audio:
        """The output of these hops, (N H,) or (N H, 2)."""
        self.last_read = ()
        if self._soloist is not None and 0 < len(hops) <= MOST_HOPS:
            self._past.push(hops.reshape(-1))
            out = self._soloist.engine.play(hops)
            self._note(self._soloist)
            return out
        parts, n_done = [np.zeros((self._n_outputs, 0), np.float32)], 0
        while n_done < len(hops):
            n_hops = min(len(hops) - n_done, MOST_HOPS if self._is_settled else 1)
            parts.append(self._step(hops[n_done : n_done + n_hops]))
            n_done += n_hops
        return _as_blocks(np.concatenate(parts, axis=1))

    def _note(self, act: Act) -> None:
        for read in act.engine.read:
            self._readings.push(read)
        self.last_read += act.engine.read

    def _step(self, hops: Audio) -> Channels:
        n_hops, n_samples = len(hops), hops.size
        self._past.push(hops.reshape(-1))
        if self._coming is not None:
            if self._coming.step(self._past):
                self._change_to(self._coming.number)
            if self._coming.is_over:
                self._coming = None
        heard: dict[Inlet, Audio] = {}
        outs = {}
        for act in self._cast.acts:
            out = act.step(self._past, n_hops, heard)
            if out is not None:
                outs[act] = out
        self._note(self._cast.by_slot[self.number][0])
        total = np.zeros((self._n_outputs, n_samples), np.float32)
        for path in self._cast.all_paths:
            sound = path.play(outs, n_samples)
            if sound is not None:
                total += sound
        if self._output.finish(total, self._past):
            self._cast.forget()
        if not self._is_settled:
            self._cast.limit_tails()
            self._cast.stop_idle_inlets()
            self._cast.drop_silent_paths()
            self._settle()
        return total

    def _settle(self) -> None:
        """Finds out whether nothing moves any more, and whether one engine is all that sounds."""
        is_still = self._coming is None and self._output.is_still
        self._is_settled = is_still and self._cast.is_settled
        if self._is_settled and self._n_outputs == 1 and self._output.is_plain:
            self._soloist = self._cast.soloist(self.number)

    def relieve(self) -> str:
        """Overload: takes out what costs most and is missed least; its name, or nothing."""
        if self._cast.cut_old_rows():
            self._relieved.append(None)
            return "tails"
        chains, own = self._cast.chains, self._cast.chains_of(self.number)
        for chain in sorted(chains, key=lambda chain: chain not in own):
            name = chain.relieve()
            if name:
                self._relieved.append(chain)
                return name
        if not self._cast.cut_tails():
            return ""
        self._relieved.append(None)
        return "tails"

    def restore(self) -> None:
        """Takes back what was left out last."""
        chain = self._relieved.pop()
        if chain is not None:
            chain.restore()


def _as_blocks(channels: Channels) -> Audio:
    """(1, T) to (T,), (2, T) to (T, 2)."""
    return channels[0] if len(channels) == 1 else np.ascontiguousarray(channels.T)
