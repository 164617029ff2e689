"""A VST3 plug-in as its own process holds it: frames in, frames out, always of the same delay."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.effects.plugin_frames import FRAME, Question
from realtime.effects.plugin_scale import SMOOTHING_S, scales_of

Floats = NDArray[np.float32]

PIECE = 8
"""Samples between the steps of a parameter that moves; most plug-ins take steps as they come."""
WHOLE = 0.9
"""Of a click's energy in one sample: then it came through as it was, and its place is the delay."""


class UnusableError(Exception):
    """A plug-in that cannot be played; says why."""


class Vst:
    """A plug-in, or two of them where one has a single channel and the sound has two.

    Args:
        file: of the plug-in.
        plugin_name: which one in the file; empty if there is one.
        sample_rate: in Hz.
        n_inputs: channels of the sound, 1 or 2. One channel is given to a stereo plug-in twice.

    Raises:
        UnusableError: it cannot be loaded or is no effect.
    """

    def __init__(self, file: str, plugin_name: str, sample_rate: int, n_inputs: int) -> None:
        self._rate, self._n_inputs = sample_rate, n_inputs
        first = _load(file, plugin_name)
        self.name = str(first.name)
        self._n_channels = self._find_channels(first)
        n_instances = n_inputs if self._n_channels == 1 else 1
        self._instances = [first, *(_load(file, plugin_name) for _ in range(n_instances - 1))]
        self.n_outputs = max(n_inputs, self._n_channels)
        self.scales = scales_of(first.parameters)
        self._knobs = [[p.parameters[s.key] for p in self._instances] for s in self.scales]
        self._ways: dict[int, NDArray[np.float64]] = {}
        self._raw = [float(knobs[0].raw_value) for knobs in self._knobs]
        self._n_ramp = max(round(SMOOTHING_S * sample_rate / PIECE), 1)

    def begin_with(self, values: Sequence[tuple[int, float]]) -> None:
        """Sets parameters at once: number and value."""
        self._aim(values, 1)
        self._move()

    def play(self, question: Question) -> Floats:
        """One frame: (n_inputs, FRAME) -> (n_outputs, FRAME)."""
        if question.is_reset:
            self.reset()
        self._aim(question.changes, self._n_ramp)
        if not self._ways:
            return self._sound(question.frame)
        pieces = []
        for piece in np.split(question.frame, FRAME // PIECE, axis=1):
            self._move()
            pieces.append(self._sound(piece))
        return np.concatenate(pieces, axis=1)

    def reset(self) -> None:
        """Forgets what was played."""
        for instance in self._instances:
            instance.reset()

    def find_latency(self) -> int:
        """Samples from a sound to what the plug-in makes of it.

        As it reports, unless a click comes through unchanged at another place. A plug-in that
        reports none is believed: the echo of a delay comes late because it shall.
        """
        self._sound(np.zeros((self._n_inputs, FRAME), np.float32))
        reported = int(self._instances[0].reported_latency_samples)
        self.reset()
        if not reported:
            return 0
        n_frames = -(-2 * reported // FRAME) + 2
        click = np.zeros((self._n_inputs, n_frames * FRAME), np.float32)
        click[:, 0] = 0.1
        frames = np.split(click, n_frames, axis=1)
        energy = np.concatenate([self._sound(frame) for frame in frames], axis=1)[0] ** 2
        self.reset()
        place = int(np.argmax(energy))
        return place if energy[place] > WHOLE * energy.sum() > 0 else reported

    def _aim(self, changes: Sequence[tuple[int, float]], n_steps: int) -> None:
        for index, value in changes:
            scale = self.scales[index]
            way = np.arange(1, 1 + (n_steps if scale.control.smoothing_s else 1)) / n_steps
            goal, here = scale.to_raw(value), self._raw[index]
            self._ways[index] = here + (goal - here) * way * way * (3 - 2 * way)
            self._ways[index][-1] = goal

    def _move(self) -> None:
        for index, way in list(self._ways.items()):
            self._raw[index] = float(way[0])
            for knob in self._knobs[index]:
                knob.raw_value = self._raw[index]
            if len(way) == 1:
                del self._ways[index]
            else:
                self._ways[index] = way[1:]

    def _sound(self, frame: Floats) -> Floats:
        if self._n_channels == 1:
            pairs = zip(self._instances, frame, strict=True)
            return np.concatenate([self._one(plugin, channel[None]) for plugin, channel in pairs])
        both = frame if len(frame) == 2 else np.repeat(frame, 2, axis=0)
        return self._one(self._instances[0], both)

    def _one(self, plugin: Any, frame: Floats) -> Floats:
        found = plugin.process(frame, self._rate, FRAME, False)
        # pedalboard holds the first samples back, as many as the plug-in says that it is late.
        n_held = frame.shape[1] - found.shape[1]
        return np.pad(found, ((0, 0), (n_held, 0))) if n_held else found

    def _find_channels(self, plugin: Any) -> int:
        """2 if it can, else 1."""
        problem: Exception | None = None
        for n_channels in (2, 1):
            try:
                plugin.process(np.zeros((n_channels, FRAME), np.float32), self._rate, FRAME, True)
            except ValueError as error:
                problem = error
            else:
                plugin.reset()
                return n_channels
        raise UnusableError(f"takes neither two channels nor one ({problem})")


def _load(file: str, plugin_name: str) -> Any:
    try:
        from pedalboard import VST3Plugin
    except ImportError:
        todo = "pip install 'chanterelle[plugins]'"
        raise UnusableError(f"pedalboard, which hosts it, is not installed: {todo}") from None
    try:
        plugin = VST3Plugin(file, plugin_name=plugin_name or None)
    except Exception as error:  # ImportError, ValueError, RuntimeError: what was wrong is in words
        raise UnusableError(
            f"cannot be loaded ({' '.join(str(error).split()).rstrip('.'):.300})"
        ) from None
    if plugin_name not in ("", plugin.name):  # pedalboard looks at it only if there are several
        raise UnusableError(f"holds {plugin.name!r} and no {plugin_name!r}")
    if plugin.is_instrument or not plugin.is_effect:
        raise UnusableError("is an instrument, not an effect")
    return plugin
