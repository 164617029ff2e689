"""An effect of ours: its sound is a `Core`; turning, bypass and tempo are the same for all."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from realtime.controls import Control
from realtime.effects.effect import Channels, Effect
from realtime.effects.fade import Fade
from realtime.effects.ramps import Curves, Ramps
from realtime.effects.spec import EffectSpec

MOST_SAMPLES = 1024
"""In one go: bounds the memory that a large block takes."""
USUAL_BPM = 120.0


class Core(Protocol):
    """What makes the sound."""

    n_outputs: int

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """Fills out (n_outputs, T) from block (C, T).

        Args:
            curves: the parameters in the order of their table, then beats a minute; (P + 1, T), or
                (P + 1, 1) if none of them moves.
        """

    def reset(self) -> None:
        """Back to silence, in a time that does not grow with the length of the tail."""

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """How long it sounds on behind its input, down to -80 dB."""


@runtime_checkable
class Following(Protocol):
    """A core that follows the sound's level: another one can go on where it is."""

    def go_on_from(self, other: Any) -> None:
        """Of its kind; it may have other channels."""


MakeCore = Callable[[int, int, Mapping[str, Any]], Core]
"""(sample_rate, n_inputs, options)."""

TEMPO = Control("tempo_bpm", 20, 400, USUAL_BPM, "beats a minute", 0.0, "")


class OwnEffect:
    """A core with its parameters; see `Effect`.

    Args:
        spec: checked.
        parameters: of its kind.
        core: plays.
        sample_rate: in Hz.
        n_inputs: channels that it is given.
    """

    latency_samples = 0
    problem = ""

    def __init__(
        self,
        spec: EffectSpec,
        parameters: tuple[Control, ...],
        core: Core,
        sample_rate: int,
        n_inputs: int,
        *,
        is_expensive: bool = False,
    ) -> None:
        self.kind, self.name, self.parameters = spec.kind, spec.name, parameters
        self.n_outputs, self.is_expensive = core.n_outputs, is_expensive
        self._core = core
        self._values = {p.name: float(spec.values.get(p.name, p.default)) for p in parameters}
        self._bpm = USUAL_BPM
        self._turning = threading.Lock()  # two hands at once; the audio thread never takes it
        self._targets = self._vector()
        self._ramps = Ramps((*parameters, TEMPO), sample_rate)
        self._is_bypassed = spec.is_bypassed
        self._fade = Fade(sample_rate, is_in=not spec.is_bypassed)
        self._compile(n_inputs)

    @property
    def tail_s(self) -> float:
        """As the parameters stand now."""
        return self._core.tail_s(self._values, self._bpm)

    @property
    def is_bypassed(self) -> bool:
        """Whether the performer has taken it out."""
        return self._is_bypassed

    def process(self, block: Channels) -> Channels:
        """(C, T) -> (n_outputs, T), any T; calls must not overlap."""
        n_samples = block.shape[1]
        if n_samples <= MOST_SAMPLES:
            return self._play(np.ascontiguousarray(block, np.float32))
        starts = range(0, n_samples, MOST_SAMPLES)
        return np.concatenate([self.process(block[:, i : i + MOST_SAMPLES]) for i in starts], 1)

    def _play(self, block: Channels) -> Channels:
        curves = self._ramps.forward(self._targets, block.shape[1])
        out = np.empty((self.n_outputs, block.shape[1]), np.float32)
        self._core.play(block, curves, out)
        return self._fade.forward(block, out, not self._is_bypassed)

    def set(self, parameter: str, value: float) -> None:
        """Turns a parameter; heard from the next sample on, over its smoothing time."""
        with self._turning:
            self._values = {**self._values, parameter: float(value)}
            self._targets = self._vector()

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute."""
        with self._turning:
            self._bpm = float(bpm)
            self._targets = self._vector()

    def bypass(self, on: bool) -> None:
        """In or out within 20 ms. It goes on hearing, so it comes back with its tail."""
        self._is_bypassed = on

    def reset(self) -> None:
        """Tails and echoes are forgotten; parameters stay where they are."""
        self._core.reset()

    def go_on_from(self, other: "OwnEffect") -> None:
        """What follows the level stands where the same effect of another row does (audio thread).

        Echoes and rooms stay where they were heard.
        """
        if isinstance(self._core, Following) and self.kind == other.kind:
            self._core.go_on_from(other._core)

    def close(self) -> None:
        """Nothing to free."""

    def _compile(self, n_inputs: int) -> None:
        """Plays a sample of silence, so that the audio thread finds everything compiled."""
        nothing = np.zeros((n_inputs, 1), np.float32)
        out = np.empty((self.n_outputs, 1), np.float32)
        self._core.play(nothing, self._targets[:, None], out)
        self._core.reset()

    def _vector(self) -> Curves:
        return np.array([*self._values.values(), self._bpm])


def maker(
    parameters: tuple[Control, ...], make_core: MakeCore, *, is_expensive: bool = False
) -> Callable[[EffectSpec, int, int], Effect]:
    """What a kind of ours is made by."""

    def make(spec: EffectSpec, sample_rate: int, n_inputs: int) -> Effect:
        core = make_core(sample_rate, n_inputs, spec.options)
        return OwnEffect(spec, parameters, core, sample_rate, n_inputs, is_expensive=is_expensive)

    return make
