"""A change of preset that is under way: the new engines listen before they play."""

from collections.abc import Sequence

from realtime.host_act import LISTENED_HOPS, Act
from realtime.host_inlet import Inlet
from realtime.host_past import Audio, Past

LISTENING_HOPS = 4
"""From the choice to the first hop of a new engine: the work of catching up is shared out."""


class Coming:
    """The engines of the next preset that do not play yet.

    Args:
        number: of the preset.
        acts: the engines.
        inlet: what they are going to hear.
        readings: of all that was sung lately, the newest last. Shape: (N, 3).
    """

    def __init__(self, number: int, acts: Sequence[Act], inlet: Inlet, readings: Audio) -> None:
        self.number = number
        self._acts = list(acts)
        self._n_steps = 0
        n_turns = LISTENING_HOPS - 1
        # What comes after these is heard by the new engines themselves.
        readings = readings[: len(readings) - (LISTENED_HOPS - n_turns)]
        for act in acts:
            n_recalled = n_turns * (act.engine.n_recalled_a_hop // len(acts))
            act.begin_to_listen(inlet, readings[-n_recalled:], n_turns)

    def step(self, past: Past, n_newest: int) -> bool:
        """One hop on; returns whether the first of them plays from this very hop on.

        They begin one after the other, a hop apart, so that none of the hops costs too much.
        """
        self._n_steps += 1
        if self._n_steps < LISTENING_HOPS:
            for act in self._acts:
                act.recall()
            return False
        self._acts.pop(0).hear_the_last(past, n_newest)
        return self._n_steps == LISTENING_HOPS

    @property
    def is_over(self) -> bool:
        """Whether all of them play."""
        return not self._acts

    def give_up(self) -> None:
        """Another preset was chosen meanwhile."""
        for act in self._acts:
            act.give_up()
