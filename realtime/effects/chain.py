"""A chain of effects: blocks go through one after the other, and nothing that one does stops it."""

from collections.abc import Iterable, Mapping

import numpy as np
from numba import njit

from ddsp_core.bound import Bound
from ddsp_core.errors import ControlError, did_you_mean
from realtime.controls import Control
from realtime.effects.effect import Channels, Effect
from realtime.effects.kinds import make_effect
from realtime.effects.link import Link
from realtime.effects.own import OwnEffect
from realtime.effects.pace import pace
from realtime.effects.spec import EffectSpec

LOUDEST = 100.0
"""+40 dBFS: far above any microphone and any instrument of ours."""

REHEARSED_BLOCKS = 4


@njit(nogil=True, cache=True)
def tidy(block: Channels, out: Channels) -> None:
    """What is no number becomes silence, what is absurdly loud is clipped. (C, T) -> (C, T)."""
    for c in range(len(block)):
        for i in range(block.shape[1]):
            sample = block[c, i] if np.isfinite(block[c, i]) else np.float32(0.0)
            out[c, i] = min(max(sample, -LOUDEST), LOUDEST)


class Chain:
    """Effects in a row; itself much like an effect.

    Args:
        effects: specs, which are made here (that reads files), or effects that are made already,
            each for as many channels as come out of the one before.
        sample_rate: in Hz.
        n_inputs: channels that go in, 1 or 2.

    Raises:
        PresetError, AudioError: a file that cannot be used.
        ControlError: two effects of one name.
    """

    def __init__(
        self, effects: Iterable[EffectSpec | Effect], sample_rate: int, n_inputs: int = 1
    ) -> None:
        self.n_inputs = self.n_outputs = n_inputs
        self.sample_rate, self.pace = sample_rate, pace()
        self._links: dict[str, Link] = {}
        self._parameters: dict[str, Control] = {}
        self._values: dict[str, float] = {}
        try:
            for given in effects:
                self._add(given, sample_rate)
        except BaseException:
            self.close()  # those that were made already may have begun processes
            raise
        self._relieved: list[Link] = []
        self._tidy = Bound(tidy)
        self._tidy(np.zeros((1, 1), np.float32), np.zeros((1, 1), np.float32))

    def _add(self, given: EffectSpec | Effect, sample_rate: int) -> None:
        if given.name in self._links:
            raise ControlError(given.name, "two effects of this name", "a name of its own for each")
        values: Mapping[str, float] = {}
        if isinstance(given, EffectSpec):
            effect, values = make_effect(given, sample_rate, self.n_outputs), given.values
        else:
            effect = given
        self._links[effect.name] = Link(effect, self.n_outputs, sample_rate)
        self.n_outputs = effect.n_outputs
        for control in effect.parameters:
            value = values.get(control.name, control.default)
            self._parameters[f"{effect.name}.{control.name}"] = control
            self._values[f"{effect.name}.{control.name}"] = float(value)

    def __len__(self) -> int:
        """How many effects."""
        return len(self._links)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """In the order of the signal."""
        return tuple(link.effect for link in self._links.values())

    @property
    def latency_samples(self) -> int:
        """Of all together, bypassed or not."""
        return sum(effect.latency_samples for effect in self.effects)

    @property
    def tail_s(self) -> float:
        """After so many seconds of silence in, silence comes out."""
        return sum(effect.tail_s for effect in self.effects)

    @property
    def n_bad(self) -> int:
        """Blocks of an effect that could not be heard."""
        return sum(link.n_bad for link in self._links.values())

    @property
    def parameters(self) -> Mapping[str, Control]:
        """All that can be turned: `echo.mix` and so on, with bare names inside."""
        return self._parameters

    @property
    def values(self) -> Mapping[str, float]:
        """Where every parameter stands (its target, if it is still moving)."""
        return self._values

    def process(self, block: Channels) -> Channels:
        """(n_inputs, T) -> (n_outputs, T), any T; calls must not overlap (audio thread)."""
        if len(block) != self.n_inputs:  # kernels would read and write what is not theirs
            raise ValueError(f"{len(block)} channels for a chain of {self.n_inputs}")
        if not self._links:
            return block
        sound = np.empty(block.shape, np.float32)
        self._tidy(np.ascontiguousarray(block, np.float32), sound)
        for link in self._links.values():
            sound = link.process(sound)
        return sound

    def rehearse(self, n_samples: int) -> None:
        """Every effect plays some blocks of silence, so that none has to load anything later."""
        for _ in range(REHEARSED_BLOCKS):
            self.process(np.zeros((self.n_inputs, n_samples), np.float32))
        assert self.tail_s >= 0.0
        self.reset()

    def set(self, name: str, value: float) -> None:
        """Turns `echo.mix`, from any thread.

        Raises:
            ControlError: no such parameter, or out of its range.
        """
        if name not in self._parameters:
            raise ControlError(name, "unknown parameter", did_you_mean(name, self._parameters))
        checked = self._parameters[name].check(value, name)
        effect, _, parameter = name.partition(".")
        self._values[name] = checked
        self._links[effect].effect.set(parameter, checked)

    def bypass(self, name: str, on: bool) -> None:
        """In or out with an effect, without a click, from any thread. Raises ControlError."""
        self._find(name).bypass(on)

    def is_bypassed(self, name: str) -> bool:
        """Whether the performer has taken it out. Raises ControlError."""
        return self._find(name).is_bypassed

    def relieve(self) -> str:
        """Overload: fades the last expensive effect out and stops it; from any thread.

        Each call takes one more; returns its name, or nothing if all are at rest already. The cheap
        ones play on: what they cost is little, and a gate or a limiter would be missed.
        """
        dear = [link for link in self._links.values() if link.effect.is_expensive]
        playing = [link for link in dear if not (link.is_relieved or link.is_bypassed)]
        if not playing:
            return ""
        link = playing[-1]
        link.relieve()
        self._relieved.append(link)
        return link.effect.name

    def restore(self) -> str:
        """Brings back the one that was stopped last; returns its name, or nothing."""
        if not self._relieved:
            return ""
        link = self._relieved.pop()
        link.restore()
        return link.effect.name

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute, from any thread."""
        for effect in self.effects:
            effect.set_tempo(bpm)

    def reset(self) -> None:
        """Panic: silence, all tails forgotten (audio thread)."""
        for link in self._links.values():
            link.reset()

    def go_on_from(self, other: "Chain") -> None:
        """It is heard from now on instead of another one with the same effects (audio thread)."""
        for name, link in self._links.items():
            before = other._links[name].effect if name in other._links else None
            if isinstance(link.effect, OwnEffect) and isinstance(before, OwnEffect):
                link.effect.go_on_from(before)

    def problems(self) -> list[str]:
        """What the performer should know, a line each; empty if all is well."""
        return [f"{name}: {link.problem}" for name, link in self._links.items() if link.problem]

    def close(self) -> None:
        """Ends what the effects have started."""
        for effect in self.effects:
            effect.close()

    def _find(self, name: str) -> Link:
        if name not in self._links:
            raise ControlError(name, "unknown effect", did_you_mean(name, self._links))
        return self._links[name]
