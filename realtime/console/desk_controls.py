"""Of the desk: every control of the table, in groups."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from realtime.console.desk_knobs import Group, KnobBoard
from realtime.console.mirror import Mirror
from realtime.console.shell import hear
from realtime.controls import CONTROLS, Control

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Input": ("input_gain_db", "gate_db"),
    "Output": ("dry_wet", "output_gain_db"),
    "Pitch": ("octave_shift", "transpose_semitones", "glide_s", "vibrato_depth", "drone_note"),
    "Tuning": ("autotune", "autotune_time_s", "key", "scale", "a4_hz"),
    "Voice": ("loudness_shift_db", "harmonic_gain_db", "noise_gain_db", "room_mix"),
}
OTHERS = "More"
"""Title for what the table has gained since."""


def controls_panel(mirror: Mirror) -> KnobBoard:
    """Adds all knobs where the page is being built."""
    return KnobBoard(mirror, grouped(CONTROLS))


def grouped(controls: Sequence[Control]) -> list[Group]:
    """Every control in one group."""
    known = {control.name: control for control in controls}
    groups = [
        Group(title, {name: known.pop(name) for name in names if name in known})
        for title, names in GROUPS.items()
    ]
    return [*groups, Group(OTHERS, known)] if known else groups


def learning_banner(mirror: Mirror) -> None:
    """Says, while a knob is being learned, what to do; of whichever panel it is."""
    with ui.element("div").classes("desk-learning").props('role="status"') as banner:
        words = ui.label()
        ui.button("Cancel", on_click=lambda: mirror.do("learn", mirror.state.get("learning")))

    def show() -> None:
        target = mirror.state.get("learning", "")
        banner.set_visibility(bool(target))
        words.set_text(f"Move a knob or fader of your controller: {target} learns it.")

    hear(mirror, on_state=show)
    show()
