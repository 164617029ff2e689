"""An effect with more parameters than knobs have room: a plug-in's are looked through by name."""

from collections.abc import Mapping

from nicegui import events, ui

from realtime.console.desk_knobs import Group, KnobBoard, label_of
from realtime.console.mirror import Mirror
from realtime.controls import Control

MOST_FOUND = 24
ALWAYS = 1
"""The first one is every plug-in's mix."""


def many_parameters(mirror: Mirror, effect: str, controls: Mapping[str, Control]) -> None:
    """Adds the first knob, and a search that is closed at first."""
    names = list(controls)
    first = {name: controls[name] for name in names[:ALWAYS]}
    rest = {name: controls[name] for name in names[ALWAYS:]}
    KnobBoard(mirror, [Group(effect, first)])
    with ui.element("details").classes("effects-many"):
        with ui.element("summary"):
            ui.label(f"{len(rest)} parameters")
        field = ui.element("input").classes("effects-find")
        field.props(f'type="search" placeholder="Find" aria-label="Find a parameter of {effect}"')
        count = ui.label().classes("effects-count").props('role="status"')
        holder = ui.element("div")

    def find(words: str) -> None:
        found = matching(rest, words)
        shown = dict(list(found.items())[:MOST_FOUND])
        count.set_text(said(len(shown), len(found)))
        holder.clear()
        with holder:
            if shown:
                KnobBoard(mirror, [Group(effect, shown)])

    def on_input(event: events.GenericEventArguments) -> None:
        find(str(event.args))

    field.on("input", on_input, throttle=0.2, js_handler="(e) => emit(e.target.value)")
    find("")


def matching(controls: Mapping[str, Control], words: str) -> dict[str, Control]:
    """Those whose names have all the words in them, in any order.

    >>> gain = Control("gain", 0, 1, 0, "", 0.0, "")
    >>> list(matching({"a.low_gain": gain, "a.high_gain": gain}, "gain lo"))
    ['a.low_gain']
    """
    wanted = words.lower().split()
    return {
        name: control
        for name, control in controls.items()
        if all(word in f"{name} {label_of(name)}".lower() for word in wanted)
    }


def said(n_shown: int, n_found: int) -> str:
    """How many there are.

    >>> said(24, 130)
    'The first 24 of 130: find the others by name.'
    """
    if not n_found:
        return "None of this name."
    if n_shown < n_found:
        return f"The first {n_shown} of {n_found}: find the others by name."
    return f"{n_found} found."
