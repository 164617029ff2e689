"""A hosted VST3 plug-in: an effect whose sound is made in another process.

Native code may crash or hang; there it cannot take the show along. The price is a constant delay
of one block, declared with the plug-in's own. It is hosted by pedalboard, which is not among what
playing needs, as it is under the GPL, version 3: `pip install 'chanterelle[plugins]'`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ddsp_core.errors import ControlError, PresetError, did_you_mean
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.pace import pace
from realtime.effects.plugin_keeper import PluginKeeper
from realtime.effects.plugin_kind import MIX, PluginOptions, Value
from realtime.effects.plugin_link import PluginError, PluginLink, PluginWish
from realtime.effects.plugin_stream import PluginStream, StreamForm
from realtime.effects.spec import EffectSpec

TAIL_S = 5.0
"""VST3 plug-ins know their tail, but pedalboard does not tell."""


class Plugin:
    """See `Effect`. One that cannot be loaded hands the sound on as it is, and says so.

    Args:
        spec: checked; its options are those of `plugin_kind.PluginOptions`.
        sample_rate: in Hz.
        n_inputs: channels that it is given, 1 or 2.

    Raises:
        PresetError: a parameter that the plug-in does not have, or a value that it does not take.
    """

    kind = "plugin"
    is_expensive = True
    tail_s = TAIL_S

    def __init__(self, spec: EffectSpec, sample_rate: int, n_inputs: int) -> None:
        now, options = pace(), PluginOptions(**spec.options)
        wish = PluginWish(
            options.file, options.plugin_name, sample_rate, n_inputs, is_live=not now.waits
        )
        self.name, self.n_outputs, self.latency_samples = spec.name, n_inputs, 0
        self.parameters: tuple[Control, ...] = (replace(MIX, default=options.mix),)
        self._is_bypassed = spec.is_bypassed
        self._values: dict[int, float] = {}
        self._playing: _Playing | None = None
        self._failure = ""
        try:
            loaded = _load(wish, options.parameters, spec.name)
        except PluginError as failure:
            self._failure = f"{failure}: left out"
            return
        form = StreamForm(n_inputs, loaded.n_outputs, sample_rate, loaded.latency_samples, now)
        self.n_outputs, self.latency_samples = form.n_outputs, form.latency_samples
        self.parameters += loaded.controls
        self._values = loaded.values
        stream = PluginStream(form, loaded.link, options.mix, is_in=not spec.is_bypassed)
        keeper = PluginKeeper(
            wish, loaded.link, loaded.latency_samples, lambda: self._values, stream.offer
        )
        self._playing = _Playing(stream, keeper)

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well (not for the audio thread)."""
        if self._playing is None:
            return self._failure
        return self._playing.keeper.problem or self._playing.stream.problem

    @property
    def n_late(self) -> int:
        """Frames whose answer was not there when it was due."""
        return self._playing.stream.n_late if self._playing else 0

    @property
    def process_id(self) -> int:
        """Of the plug-in's process; 0 if there is none."""
        return self._playing.keeper.process_id if self._playing else 0

    @property
    def is_bypassed(self) -> bool:
        """Whether the performer has taken it out."""
        return self._is_bypassed

    def process(self, block: Channels) -> Channels:
        """(n_inputs, T) -> (n_outputs, T), any T; calls must not overlap (audio thread)."""
        return self._playing.stream.process(block) if self._playing else block

    def set(self, parameter: str, value: float) -> None:
        """Turns a parameter, checked already, from any thread."""
        if self._playing is None:
            return
        stream = self._playing.stream
        if parameter == MIX.name:
            stream.mix = np.array([value])
            return
        names = [control.name for control in self.parameters[1:]]
        place = names.index(parameter)
        self._values = {**self._values, place: value}
        stream.turn(place, value)

    def bypass(self, on: bool) -> None:
        """In or out within 20 ms; it goes on hearing."""
        self._is_bypassed = on
        if self._playing:
            self._playing.stream.is_in = not on

    def set_tempo(self, bpm: float) -> None:
        """Plug-ins are not told."""

    def reset(self) -> None:
        """Silence; parameters stay where they are (audio thread)."""
        if self._playing:
            self._playing.stream.reset()

    def close(self) -> None:
        """Ends the process."""
        if self._playing:
            self._playing.keeper.close()


make_plugin = Plugin


class _Playing(NamedTuple):
    stream: PluginStream
    keeper: PluginKeeper


class _Loaded(NamedTuple):
    """A plug-in ready to play."""

    link: PluginLink
    controls: tuple[Control, ...]
    """With the preset's values as defaults."""
    values: dict[int, float]
    """The preset's, by their place; all others stay as the plug-in has them."""
    latency_samples: int

    @property
    def n_outputs(self) -> int:
        return self.link.facts.n_outputs


def _load(wish: PluginWish, given: Mapping[str, Value], where: str) -> _Loaded:
    link = PluginLink(wish)
    try:
        controls = _begun(link.facts.controls, given, f"{where}.parameters")
        places = (place for place, control in enumerate(controls) if control.name in given)
        values = {place: float(controls[place].default) for place in places}
        return _Loaded(link, controls, values, link.begin(values))
    except BaseException:
        link.close()
        raise


def _begun(
    controls: Sequence[Control], given: Mapping[str, Value], where: str
) -> tuple[Control, ...]:
    """The controls with what the preset says as defaults; raises PresetError."""
    by_name = {control.name: control for control in controls}
    for name, value in given.items():
        if name not in by_name:
            known = did_you_mean(name, by_name)
            raise PresetError(f"{where}.{name:.80}", "the plug-in has no such parameter", known)
        try:
            checked = by_name[name].check(value, f"{where}.{name}")
        except ControlError as error:
            raise PresetError(str(error), "", "") from None
        by_name[name] = replace(by_name[name], default=checked)
    return tuple(by_name.values())
