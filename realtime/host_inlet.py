"""What the engines of a slot hear: the microphone through the slot's input chain."""

from typing import TYPE_CHECKING

from realtime.host_past import Audio, Past

if TYPE_CHECKING:
    from realtime.effects.chain import Chain


class Inlet:
    """One input chain, or none.

    Args:
        chain: of effects; None: the microphone as it is.
        latency_samples: of the slowest input chain of the set; all are as late.
    """

    def __init__(self, chain: "Chain | None", latency_samples: int) -> None:
        self.chain = chain
        self._delay = latency_samples - (chain.latency_samples if chain else 0)
        self.is_running = chain is None
        self.is_plain = chain is None and latency_samples == 0

    def hear(self, past: Past, n_samples: int) -> Audio:
        """The next samples, the newest that there are. Shape: (n_samples,)."""
        sound = past.last(n_samples, self._delay)
        if self.chain is None:
            return sound
        self.is_running = True
        return _as_mono(self.chain.process(sound[None]))

    def catch_up(self, past: Past, n_samples: int) -> Audio:
        """What was heard up to now; a chain that stood still begins with it."""
        if self.is_running and self.chain is not None:
            return past.last(n_samples, self._delay)
        return self.hear(past, n_samples)

    def stop(self) -> None:
        """Nobody listens any more."""
        if self.chain is not None and self.is_running:
            self.chain.reset()
            self.is_running = False


def _as_mono(channels: Audio) -> Audio:
    """(C, T) to (T,)."""
    mono: Audio = channels[0] if len(channels) == 1 else channels.mean(axis=0)
    return mono
