"""Of the desk: the effects of the preset that plays, in the order of the sound."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nicegui import events, ui

from realtime.console.console import Console
from realtime.console.desk_effects_many import many_parameters
from realtime.console.desk_effects_words import SIDES, names_of, troubles_of
from realtime.console.desk_knobs import Group, KnobBoard
from realtime.console.mirror import Mirror
from realtime.console.shell import hear
from realtime.desk import Change
from realtime.link_table import EffectRow, PresetRow

STYLES = '<link rel="stylesheet" href="/assets/effects.css">'
MOST_KNOBS = 16
"""Of one effect; one that has more is looked through."""

EXAMPLE = """effects:
  input:
    - {kind: gate, threshold_db: -55}
  output:
    - {kind: delay, name: echo, time_s: 0.3, mix: 0.25}
    - {kind: chorus, mix: 0.3}"""


def effects_panel(console: Console) -> None:
    """Adds the effects where the page is being built; another preset brings others."""
    mirror = console.mirror
    assert mirror is not None
    ui.add_head_html(STYLES)
    holder = ui.element("div").classes("effects-panel")
    shown: list[object] = []

    def build() -> None:
        preset = mirror.preset
        if preset is None or shown == [preset]:
            return
        shown[:] = [preset]
        holder.clear()
        with holder:
            if preset.effects:
                EffectsRow(mirror, preset)
            else:
                _say_how(preset)

    hear(mirror, on_state=build)
    build()


def _say_how(preset: PresetRow) -> None:
    with ui.element("div").classes("effects-none ch-panel"):
        ui.label(f"{preset.title} has no effects.").classes("effects-none-title")
        ui.label(f"They stand in the preset's file, {preset.path}, for example:").classes(
            "ch-quiet"
        )
        ui.html(f"<pre>{EXAMPLE}</pre>", sanitize=False)
        ui.label("“chanterelle effects” lists all kinds and what they take.").classes("ch-quiet")


class EffectsRow(
    ui.element, component="static/effects_row.js", dependencies=["static/effects_drag.js"]
):
    """One preset's effects: drawn to their places, bypassed, turned.

    Args:
        mirror: of the performance.
        preset: that plays.
    """

    def __init__(self, mirror: Mirror, preset: PresetRow) -> None:
        super().__init__()
        self._mirror, self._preset = mirror, preset
        self._out = frozenset(mirror.state.get("effects_out", ()))
        self._shown: dict[str, Any] = {}
        self._props["effects"] = [
            {"name": effect.name, "kind": effect.kind.replace("_", " ")}
            for effect in preset.effects
        ]
        self._props["voices"] = [Path(folder).name for folder in preset.voice_dirs]
        self._props["begin"] = self._news()
        for effect in preset.effects:
            with self.add_slot(f"effect-{effect.name}"):
                _add_parameters(mirror, effect)
        self.on("order", self._order)
        self.on("bypass", self._bypass)
        self.on("ready", self._begin)
        self._stop = hear(mirror, on_change=self._on_change, on_state=self._on_state)

    def _handle_delete(self) -> None:
        self._stop()
        super()._handle_delete()

    def _order(self, event: events.GenericEventArguments) -> None:
        side, names = str(event.args["side"]), [str(name) for name in event.args["names"]]
        self._mirror.do("effect_order", f"{side}: {', '.join(names)}")

    def _bypass(self, event: events.GenericEventArguments) -> None:
        if any(effect.name == event.args for effect in self._preset.effects):
            self._mirror.do("bypass_effect", str(event.args))

    def _begin(self) -> None:
        self._shown = {}
        self._tell()

    def _on_change(self, change: Change) -> None:
        """Known at once, before the state tells it."""
        if change.what == "bypass_effect":
            name = {str(change.name or change.value)}
            self._out = self._out | name if change.value else self._out - name
            self._tell()
        elif change.what == "effect_order":
            self._tell({str(change.value)})

    def _on_state(self) -> None:
        self._out = frozenset(self._mirror.state.get("effects_out", ()))
        self._tell()

    def _tell(self, orders: set[str] | None = None) -> None:
        if self.is_deleted or not self.client.has_socket_connection:
            return
        now = self._news(orders or ())
        news = {key: value for key, value in now.items() if value != self._shown.get(key)}
        if news:
            self._shown = now
            self.run_method("show", news)

    def _news(self, orders: Sequence[str] | set[str] = ()) -> dict[str, Any]:
        state = self._mirror.state
        told: Mapping[str, str] = state.get("effect_order", {})
        now = {**told, **{order.partition(":")[0]: order for order in orders}}
        return {
            "order": {side: names_of(now.get(side, ""), self._of(side)) for side in SIDES},
            "out": sorted(self._out),
            "troubles": troubles_of(self._names, state.get("problems", ())),
            "away": not self._mirror.is_connected,
        }

    @property
    def _names(self) -> list[str]:
        return [effect.name for effect in self._preset.effects]

    def _of(self, side: str) -> list[str]:
        return [effect.name for effect in self._preset.effects if effect.side == side]


def _add_parameters(mirror: Mirror, effect: EffectRow) -> None:
    controls = {f"{effect.name}.{row.name}": row for row in effect.parameters}
    if len(controls) > MOST_KNOBS:
        many_parameters(mirror, effect.name, controls)
    elif controls:
        KnobBoard(mirror, [Group(effect.name, controls)])
