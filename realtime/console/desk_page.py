"""The page "Desk": every control, what the voice is made of, and what else is set up at home."""

from collections.abc import Callable, Iterator
from importlib import import_module

from nicegui import ui

from realtime.console.console import Console
from realtime.console.desk_controls import controls_panel, learning_banner
from realtime.console.desk_range import range_panel
from realtime.console.desk_spectrum import spectrum_panel
from realtime.console.desk_tabs import Tabs
from realtime.console.feed import Feed
from realtime.console.mirror import Mirror
from realtime.console.shell import hear, page_frame
from realtime.restart import AS_BEFORE

FRESH_S, NOTICE_MS = 5.0, 15_000
STYLES = '<link rel="stylesheet" href="/assets/desk.css">'


def register(console: Console) -> None:
    """Adds the page."""
    mirror = console.mirror
    assert mirror is not None

    @ui.page("/desk")
    def _page() -> None:
        ui.add_head_html(STYLES)
        with page_frame(console, "Desk"):
            _build(console, mirror)


def _build(console: Console, mirror: Mirror) -> None:
    Feed(mirror, with_spectra=True)
    with ui.element("div").classes("desk"):
        with ui.element("div").classes("desk-knobs"):
            controls_panel(mirror)
        with ui.element("div").classes("desk-pictures"):
            range_panel(mirror)
            spectrum_panel(mirror)
        with ui.element("div").classes("desk-more"):
            _add_tabs(console)
    learning_banner(mirror)
    _tell_what_did_not_play(mirror)


def _tell_what_did_not_play(mirror: Mirror) -> None:
    """Whoever asks for another card, preset or singer here does not see the stage's words."""
    notices = ui.element("div")
    told = ""

    def show() -> None:
        nonlocal told
        message = str(mirror.state.get("message", ""))
        age_s = float(mirror.state.get("message_age_s", FRESH_S))
        if message.startswith(AS_BEFORE) and message != told and age_s < FRESH_S:
            with notices:
                text = message[0].upper() + message[1:]
                ui.notify(text, type="warning", timeout=NOTICE_MS, close_button="Close")
        told = message

    hear(mirror, on_state=show)


PANELS = (
    ("Effects", "desk_effects", "effects_panel"),
    ("Presets", "desk_presets", "presets_panel"),
    ("Sound check", "desk_soundcheck", "soundcheck_panel"),
    ("Sound card", "desk_devices", "devices_panel"),
)


def _panels() -> Iterator[tuple[str, Callable[[Console], None]]]:
    for title, module, function in PANELS:
        try:
            yield title, getattr(import_module(f"realtime.console.{module}"), function)
        except (ImportError, AttributeError):
            continue


def _add_tabs(console: Console) -> None:
    panels = list(_panels())
    if not panels:
        return
    tabs = Tabs([title for title, _ in panels], "Set-up")
    for title, build in panels:
        with tabs.panel(title):
            build(console)
