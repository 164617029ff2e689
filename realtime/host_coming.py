"""A change of preset that is under way: the new engines listen before they play."""

from collections.abc import Sequence

from realtime.host_act import LISTENED_HOPS, Act
from realtime.host_inlet import Inlet
from realtime.host_past import Audio, Past

RECALLING_HOPS = 3
LISTENING_HOPS = RECALLING_HOPS + 3
"""From the choice to the first hop of a new engine. The work is shared out: one hop to begin, some
to recall, one to hear the last hops, and only then it plays."""


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
        # What comes after these is heard by the new engines themselves.
        readings = readings[: len(readings) - (LISTENED_HOPS - (LISTENING_HOPS - 1))]
        for act in acts:
            n_recalled = RECALLING_HOPS * (act.engine.n_recalled_a_hop // len(acts))
            act.begin_to_listen(inlet, readings[-n_recalled:], RECALLING_HOPS)

    def step(self, past: Past) -> bool:
        """One hop on; returns whether the first of them plays from this very hop on.

        They begin one after the other, two hops apart, so that no hop costs too much.
        """
        self._n_steps += 1
        n_left = LISTENING_HOPS - self._n_steps
        if 1 < n_left <= 1 + RECALLING_HOPS:
            for act in self._acts:
                act.recall()
        elif n_left <= 1 and n_left % 2:
            self._acts[0].hear_the_last(past)
        elif n_left <= 1:
            self._acts.pop(0).enter()
        return n_left == 0

    @property
    def is_over(self) -> bool:
        """Whether all of them play."""
        return not self._acts

    def give_up(self) -> None:
        """Another preset was chosen meanwhile."""
        for act in self._acts:
            act.give_up()
