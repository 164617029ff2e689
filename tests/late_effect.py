"""An effect for tests: half as loud, some samples later; it goes wrong when it is told."""

from collections.abc import Mapping

import numpy as np

from realtime.controls import Control
from realtime.effects.effect import Channels


class Late:
    """See `Effect`."""

    kind = "late"
    n_outputs = 1
    tail_s = 0.0
    problem = ""

    def __init__(
        self, name: str = "late", latency: int = 100, *, is_expensive: bool = True
    ) -> None:
        self.name, self.latency_samples, self.is_expensive = name, latency, is_expensive
        self.parameters: tuple[Control, ...] = (Control("gain", 0, 1, 0.5, "", 0, ""),)
        self.is_bypassed = False
        self.turned: Mapping[str, float] = {}
        self.wrong: object = None
        self.n_played = self.n_reset = 0
        self.reset()

    def process(self, block: Channels) -> Channels:
        self.n_played += 1
        if isinstance(self.wrong, Exception):
            raise self.wrong
        heard = np.concatenate((self._past, block), axis=1)
        self._past = heard[:, block.shape[1] :]
        out = heard[:, : block.shape[1]] * np.float32(1.0 if self.is_bypassed else 0.5)
        return out if self.wrong is None else out * np.float32(self.wrong)

    def set(self, parameter: str, value: float) -> None:
        self.turned = {parameter: value}

    def bypass(self, on: bool) -> None:
        self.is_bypassed = on

    def set_tempo(self, bpm: float) -> None:
        self.bpm = bpm

    def reset(self) -> None:
        self.n_reset += 1
        self._past = np.zeros((1, self.latency_samples), np.float32)

    def close(self) -> None:
        self.is_closed = True
