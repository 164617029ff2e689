"""Everything in a set that can sound: its engines, what they hear, and where their sound goes."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from realtime.host_act import Act
from realtime.host_inlet import Inlet
from realtime.host_path import Path
from realtime.host_rows import Rows
from realtime.slot import Slot

if TYPE_CHECKING:
    from realtime.effects.chain import Chain


class Cast:
    """Acts, inlets and paths of all slots. What is the same for several slots is there once.

    Args:
        slots: of the set.
        number: of the one that plays first.
        rows: the effects that it plays through.
    """

    def __init__(self, slots: Sequence[Slot], number: int, rows: Rows) -> None:
        engine = slots[0].parts[0].engine
        in_latency = max(s.input_chain.latency_samples if s.input_chain else 0 for s in slots)
        out_latency = max(s.output_chain.latency_samples if s.output_chain else 0 for s in slots)
        self.latency_samples = in_latency + engine.latency_samples + out_latency
        rate, hop_size = engine.sample_rate, engine.hop_size
        self._in_latency = in_latency
        self._new_path = partial(Path, latency_samples=out_latency, sample_rate=rate,
                                 hop_size=hop_size, limits=True)  # fmt: skip
        plain_inlet = Inlet(None, in_latency)
        plain_path = Path(None, out_latency, rate, hop_size, limits=False)
        self._own_inlets = [
            Inlet(slot.input_chain, in_latency) if slot.input_chain else plain_inlet
            for slot in slots
        ]
        self._own_paths = [
            self._new_path(slot.output_chain)
            if slot.output_chain or len(slot.parts) > 1
            else plain_path
            for slot in slots
        ]
        self.inlets, self.paths = list(self._own_inlets), list(self._own_paths)
        self.all_paths = self._always = list(dict.fromkeys(self._own_paths))
        self.arrange(number, rows)
        self.most_tails = 2 * max(len(slot.parts) for slot in slots)
        self.by_slot = self._acts_by_slot(slots, number)
        self.acts = list(dict.fromkeys(act for acts in self.by_slot for act in acts))
        for act in self.by_slot[number]:
            self.paths[number].send(act, fades=False)

    def _acts_by_slot(self, slots: Sequence[Slot], number: int) -> list[tuple[Act, ...]]:
        playing = {id(part.engine) for part in slots[number].parts}
        acts: dict[int, Act] = {}
        for slot, inlet in zip(slots, self.inlets, strict=True):
            for part in slot.parts:
                key = id(part.engine)
                first = self.inlets[number] if key in playing else inlet
                if key not in acts:
                    acts[key] = Act(part.engine, first, is_playing=key in playing)
        return [tuple(acts[id(part.engine)] for part in slot.parts) for slot in slots]

    def arrange(self, number: int, rows: Rows) -> Inlet | None:
        """From now on the preset plays through these; returns its inlet, if that is a new one."""
        self.paths[number] = self._path_of(number, rows.output)
        for inlet in (self.inlets[number], self._own_inlets[number]):
            if inlet.chain is rows.input:
                self.inlets[number] = inlet
                return None
        self.inlets[number] = Inlet(rows.input, self._in_latency)
        return self.inlets[number]

    def _path_of(self, number: int, chain: "Chain | None") -> Path:
        for path in (self._own_paths[number], *self.all_paths):
            if path.chain is chain:
                return path
        path = self._new_path(chain)
        self.all_paths = [*self.all_paths, path]
        return path

    def put_back_all_but(self, number: int) -> None:
        """Presets that do not play have their effects in their own order again."""
        for other, path in enumerate(self._own_paths):
            if other != number:
                self.inlets[other], self.paths[other] = self._own_inlets[other], path

    def drop_silent_paths(self) -> None:
        """Those of orders that nobody wants any more, once their tails are over."""
        if len(self.all_paths) > len(self._always):
            kept = {*self._always, *self.paths}
            self.all_paths = [path for path in self.all_paths if path in kept or not path.is_idle]

    def chains_of(self, number: int) -> "list[Chain]":
        """Of one preset, the last one of the sound first."""
        both = (self.paths[number].chain, self.inlets[number].chain)
        return [chain for chain in both if chain is not None]

    @property
    def chains(self) -> "list[Chain]":
        """All; those of a preset stand together."""
        places = range(len(self.paths))
        own = zip(self._own_paths, self._own_inlets, strict=True)
        found = [chain for number in places for chain in self.chains_of(number)]
        found += [part.chain for pair in own for part in pair if part.chain is not None]
        found += [path.chain for path in self.all_paths if path.chain is not None]
        heard = [inlet.chain for act in self.acts for inlet in act.inlets]
        return list(dict.fromkeys([*found, *(chain for chain in heard if chain is not None)]))

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way, so that many hops may be played at once."""
        return all(act.is_settled for act in self.acts) and all(
            path.is_settled for path in self.all_paths
        )

    def soloist(self, number: int) -> Act | None:
        """The only engine that sounds, if it plays this preset and nothing else is in its way."""
        acts = self.by_slot[number]
        is_plain = self.inlets[number].is_plain and self.paths[number].is_plain
        others = any(path.is_sounding for path in self.all_paths if path is not self.paths[number])
        return acts[0] if len(acts) == 1 and is_plain and not others else None

    def limit_tails(self) -> None:
        """No more leave and ring at once than there is time for: the oldest go first."""
        leaving = [act for act in self.acts if act.is_leaving]
        for act in sorted(leaving, key=lambda act: act.fade.position)[: -self.most_tails]:
            act.hurry()
        ringing = [act for act in self.acts if act.has_tail]
        for act in sorted(ringing, key=lambda act: -act.n_rung)[: -self.most_tails]:
            act.cut()
        paths = [path for path in self.all_paths if path.is_ringing]
        for path in sorted(paths, key=lambda path: -path.silent_samples)[: -self.most_tails]:
            path.cut()

    def cut_old_rows(self) -> bool:
        """Effects that ring in an order of before are faded out; returns whether there were any."""
        ringing = [path for path in self.all_paths if path.is_ringing and path not in self.paths]
        for path in ringing:
            path.cut()
        return bool(ringing)

    def cut_tails(self) -> bool:
        """All that ring are faded out; returns whether there were any."""
        ringing = [act for act in self.acts if act.has_tail]
        paths = [path for path in self.all_paths if path.is_ringing]
        for act in ringing:
            act.cut()
        for path in paths:
            path.cut()
        return bool(ringing or paths)

    def stop_idle_inlets(self) -> None:
        """Input chains to which nobody listens begin afresh the next time."""
        heard = {inlet for act in self.acts for inlet in act.inlets}
        for inlet in {*self.inlets, *self._own_inlets} - heard:
            inlet.stop()

    def forget(self) -> None:
        """Panic: whoever plays goes on, but all that sounded before is forgotten."""
        for act in self.acts:
            if act.phase == "playing" and not act.is_leaving:
                act.engine.forget()
            elif act.phase != "listening":
                act.stop()
        for path in self.all_paths:
            path.stop()
        for inlet in self.inlets:
            inlet.stop()
