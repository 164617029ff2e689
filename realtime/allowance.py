"""How much a thread may do beside the music, which is played by the same Python."""

BURST_S = 0.04
"""Of both at once: all values of a surface's scene, and a moment of everything else."""

LONGEST_REST_S = 0.25


class Allowance:
    """So many messages a second, and so much work; what is not used is kept for a moment.

    Args:
        most_per_s: messages.
        most_work: share of a core.
    """

    def __init__(self, most_per_s: float, most_work: float) -> None:
        self._most_per_s, self._most_work = most_per_s, most_work
        self._left_s = BURST_S
        self._at_s = 0.0

    def spend(self, n_messages: int, work_s: float, now_s: float) -> float:
        """How long to rest after these messages, which took so long: 0 as a rule."""
        self._left_s = min(self._left_s + now_s - self._at_s, BURST_S)
        self._left_s -= max(n_messages / self._most_per_s, work_s / self._most_work)
        self._left_s = max(self._left_s, -LONGEST_REST_S)
        self._at_s = now_s
        return max(0.0, -self._left_s)
