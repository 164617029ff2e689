"""The studio's left side: what is asked of a rendering."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nicegui import ui

from ddsp_core.errors import ChanterelleError
from realtime.console.studio_wishes import MAIN, MORE, OCTAVE, Choice, Wishes, title_of
from realtime.controls import BY_NAME, Control
from realtime.preset import load_preset

AUTO = "auto"
MOST_RATIO, MOST_ATTENUATION_DB = 5.0, 60.0
SHORT = {"semitones": "st"}
"""Units, where there is little room."""


class StudioControl(ui.element, component="static/studio_control.js"):
    """A slider, a choice or a tick, native ones.

    Args:
        kind: "slider", "choice" or "tick".
        label: for people.
        on_set: hears what was chosen.
        on_reset: hears that it shall be as the preset has it.
        more: further properties of `studio_control.js`.
    """

    def __init__(
        self,
        kind: str,
        label: str,
        on_set: Callable[[Any], object],
        on_reset: Callable[[], None] | None = None,
        **more: Any,
    ) -> None:
        super().__init__()
        self._props.update({"kind": kind, "label": label, **more})
        self.on("set", lambda event: on_set(event.args))
        if on_reset is not None:
            self.on("reset", on_reset)

    def show(self, value: Any, is_changed: bool = False) -> None:
        """This is how it stands."""
        self._props["value"] = value
        self._props["isChanged"] = is_changed
        self.update()


class Panel:
    """Everything that can be adjusted, and how it stands.

    Args:
        wishes: to begin with.
        voices: that can be chosen.
        on_change: hears of each turn.
    """

    def __init__(
        self, wishes: Wishes, voices: list[Choice], on_change: Callable[[Wishes], None]
    ) -> None:
        self.wishes = wishes
        self._voices = {choice.value: choice for choice in voices}
        self._on_change = on_change
        self._controls: dict[str, StudioControl] = {}
        self._add_voice()
        self._add_fitting()
        for name in MAIN:
            self._add_control(BY_NAME[name])
        with ui.element("details").classes("st-more"):
            ui.html("All other controls", sanitize=False, tag="summary")
            for name in MORE:
                self._add_control(BY_NAME[name])
        self._show()

    @property
    def choice(self) -> Choice:
        """The preset or voice that is chosen."""
        return self._voices[self.wishes.voice]

    def _add_voice(self) -> None:
        groups = [
            ["Presets", [[v.value, v.title] for v in self._voices.values() if not v.is_voice]],
            ["Bare voices", [[v.value, v.title] for v in self._voices.values() if v.is_voice]],
        ]
        self._voice = StudioControl(
            "choice", "Voice", self._choose_voice, groups=[group for group in groups if group[1]]
        )
        self._voice.classes("st-voice")
        self._note = ui.label().classes("ch-quiet st-voice-note")

    def _add_fitting(self) -> None:
        octaves = [[AUTO, "fitted to the voice"]]
        octaves += [[str(n), f"{n:+d}".replace("-", "−").replace("+0", "0")] for n in range(-3, 4)]
        self._octave = StudioControl(
            "choice", "Octave", self._set_octave, groups=[["", octaves]], hint=BY_NAME[OCTAVE].doc
        )
        self._fits = StudioControl(
            "tick", "Loudness fitted to the voice", self._set("fits_loudness")
        )
        self._masks = StudioControl("tick", "Quieter between notes", self._set("masks"))
        self._threshold = StudioControl(
            "slider", "Note from", self._set("threshold"), minimum=0.0, maximum=MOST_RATIO,
            step=0.05, unit="×", hint="how clearly a moment must be a note: 1 is usual",
        )  # fmt: skip
        self._attenuation = StudioControl(
            "slider", "Quieter by", self._set("attenuation_db"), minimum=0.0,
            maximum=MOST_ATTENUATION_DB, step=1.0, unit="dB", hint="what lies between notes",
        )  # fmt: skip

    def _add_control(self, control: Control) -> None:
        def set_(value: Any) -> None:
            self._turn(control.name, value)

        def reset() -> None:
            self._turn(control.name, None)

        title = title_of(control.name)
        if control.choices:
            options = [[str(i), word] for i, word in enumerate(control.choices)]
            element = StudioControl(
                "choice", title, set_, reset, groups=[["", options]], hint=control.doc
            )
        else:
            step = control.step or (control.maximum - control.minimum) / 200.0
            element = StudioControl(
                "slider", title, set_, reset, minimum=control.minimum, maximum=control.maximum,
                step=step, unit=SHORT.get(control.unit, control.unit), hint=control.doc,
            )  # fmt: skip
        self._controls[control.name] = element

    def _set(self, name: str) -> Callable[[Any], None]:
        kinds: dict[str, Callable[[Any], Any]] = {
            "fits_loudness": bool,
            "masks": bool,
            "threshold": lambda value: min(max(float(value), 0.0), MOST_RATIO),
            "attenuation_db": lambda value: min(max(float(value), 0.0), MOST_ATTENUATION_DB),
        }

        def set_(value: Any) -> None:
            self._change(replace(self.wishes, **{name: kinds[name](value)}))

        return set_

    def _set_octave(self, value: Any) -> None:
        if value == AUTO:
            self._change(replace(self.wishes.turned(OCTAVE, None), fits_octave=True))
        else:
            turned = self.wishes.turned(OCTAVE, float(value))
            self._change(replace(turned, fits_octave=False))

    def _choose_voice(self, value: Any) -> None:
        if value in self._voices:
            self._change(replace(self.wishes, voice=value))

    def _turn(self, name: str, value: Any) -> None:
        try:
            self._change(self.wishes.turned(name, None if value is None else float(value)))
        except (ChanterelleError, TypeError, ValueError) as error:
            ui.notify(str(error), type="negative")

    def _change(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self._show()
        self._on_change(wishes)

    def _show(self) -> None:
        wishes = self.wishes
        self._voice.show(wishes.voice)
        self._note.set_text(self.choice.note)
        octave = wishes.controls.get(OCTAVE, 0.0)
        self._octave.show(AUTO if wishes.fits_octave else str(round(octave)))
        self._fits.show(wishes.fits_loudness)
        self._masks.show(wishes.masks)
        self._threshold.show(wishes.threshold)
        self._attenuation.show(wishes.attenuation_db)
        for slider in (self._threshold, self._attenuation):
            slider.props["disabled"] = not wishes.masks
        usual = self._usual()
        for name, element in self._controls.items():
            is_changed = name in wishes.controls
            value = wishes.controls.get(name, usual.get(name, BY_NAME[name].default))
            element.show(str(round(value)) if BY_NAME[name].choices else value, is_changed)

    def _usual(self) -> dict[str, float]:
        """As the preset has it."""
        if self.choice.is_voice:
            return {}
        try:
            return load_preset(self.wishes.voice).controls
        except ChanterelleError:  # it has just been changed; whoever renders says what is wrong
            return {}
