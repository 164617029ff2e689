"""What hands ask of a host, from any thread: each makes a new `Wanted` from the last one."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ddsp_core.errors import ControlError
from realtime.controls import Control
from realtime.host_rows import as_order, read_order, remade
from realtime.host_wanted import Wanted, beginning, chosen
from realtime.slot import Slot

if TYPE_CHECKING:
    from realtime.effects.chain import Chain


class HostHands:
    """What is wanted of a host.

    Args:
        slots: of the set, in its order; at least one.
        number: of the one that plays first.
    """

    def __init__(self, slots: Sequence[Slot], number: int) -> None:
        self.slots = tuple(slots)
        self._turning = threading.Lock()  # two hands at once; the audio thread never takes it
        self._wanted = beginning(self.slots, number)
        self._made: list[Chain] = []  # beside those of the slots

    @property
    def number(self) -> int:
        """Of the preset that plays, from 0."""
        return self._wanted.number

    @property
    def control_values(self) -> Mapping[str, float]:
        """Where every control stands, those of the preset's effects (`echo.mix`) among them."""
        wanted = self._wanted
        return {**wanted.controls, **wanted.effects}

    def find_control(self, name: str, where: str = "") -> Control:
        """Of the table, or of an effect of the preset that plays; else raises ControlError."""
        return self.slots[self._wanted.number].find_control(name, where)

    def set_control(self, name: str, value: float) -> None:
        """Moves a control, from any thread; heard from the next hop on, over its smoothing time.

        Raises:
            ControlError: no such control, or out of its range.
        """
        checked = self.find_control(name).check(value)

        def turned(wanted: Wanted) -> Wanted:
            if name in wanted.controls:
                controls = {**wanted.controls, name: checked}
                aims = self.slots[wanted.number].aims(controls)
                return wanted._replace(controls=controls, aims=aims)
            if name not in wanted.effects:  # the preset has changed in between
                return wanted
            return wanted._replace(effects={**wanted.effects, name: checked})

        self._want(turned)

    def choose(self, number: int) -> None:
        """Plays this preset from the next block on, as its file says; from any thread."""
        self._want(lambda wanted: chosen(self.slots, number, wanted))

    def keep_preset(self) -> None:
        """As everything stands now, the preset begins from now on; from any thread."""
        with self._turning:
            number, slots = self._wanted.number, list(self.slots)
            slots[number] = slots[number].kept(self._wanted)
            self.slots = tuple(slots)

    def bypass(self, on: bool) -> None:
        """The microphone instead of the instrument, aligned; from any thread."""
        self._want(lambda wanted: wanted._replace(is_bypassed=on))

    @property
    def is_bypassed(self) -> bool:
        """Whether it is."""
        return self._wanted.is_bypassed

    def bypass_effect(self, name: str) -> bool:
        """In or out with an effect; returns whether it is out now. Raises ControlError."""
        self.slots[self._wanted.number].chain_of(name)
        self._want(lambda wanted: wanted._replace(effects_out=wanted.effects_out ^ {name}))
        return name in self.effects_out

    @property
    def effects_out(self) -> frozenset[str]:
        """Effects of the preset that plays which are out now."""
        return self._wanted.effects_out

    @property
    def effect_order(self) -> Mapping[str, str]:
        """How the sound goes through the effects of each side: see `host_rows`."""
        return self._wanted.rows.orders

    def find_order(self, order: str) -> str:
        """An order in full; raises ControlError for one that the preset's effects do not fit."""
        return as_order(*read_order(order, self._wanted.rows))

    def order_effects(self, order: str) -> None:
        """From now on the sound goes through the effects of one side in this order.

        Not for the audio thread, and nothing to wait for while playing: files are read and, where
        there are plug-ins, processes started.

        Raises:
            ControlError: effects that are not there, or are missing; see `host_rows.remade`, too.
        """
        wanted = self._wanted
        slot = self.slots[wanted.number]
        side, names = read_order(order, wanted.rows)
        if names == wanted.rows.names[side]:
            return
        own = getattr(slot.own_rows, side)
        is_own = names == slot.own_rows.names[side]
        chain = own if is_own else remade(own, slot.specs_of(side), names, wanted)
        with self._turning:
            now = self._wanted
            is_welcome = now.n_choices == wanted.n_choices  # no preset was chosen meanwhile
            if is_welcome:
                self._wanted = now._replace(rows=now.rows._replace(**{side: chain}))
            if not is_own and is_welcome:
                self._made.append(chain)
        if not is_own and not is_welcome:
            chain.close()

    def panic(self) -> None:
        """Silence at once; from any thread."""
        self._want(lambda wanted: wanted._replace(n_panics=wanted.n_panics + 1))

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute, 20 to 400; from any thread."""
        if not 20.0 <= bpm <= 400.0:
            raise ControlError("tempo", f"{bpm:g} beats a minute", "20 to 400")
        self._want(lambda wanted: wanted._replace(tempo_bpm=float(bpm)))

    def _want(self, change: Callable[[Wanted], Wanted]) -> None:
        with self._turning:
            self._wanted = change(self._wanted)
