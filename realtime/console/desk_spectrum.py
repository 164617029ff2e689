"""Of the desk: harmonics and noise of the voice that plays, live."""

from nicegui import ui

from realtime.console.mirror import Mirror

USUAL_RATE = 48000


class Spectrum(
    ui.element, component="static/desk_spectrum.js", dependencies=["static/desk_canvas.js"]
):
    """Draws what a `Feed` of its page brings.

    Args:
        nyquist_hz: half the sample rate of the voice.
    """

    def __init__(self, nyquist_hz: float) -> None:
        super().__init__()
        self._props["nyquist"] = nyquist_hz


def spectrum_panel(mirror: Mirror) -> None:
    """Adds it where the page is being built."""
    rate = mirror.table.about.sample_rate if mirror.table else USUAL_RATE
    section = ui.element("section").classes("desk-picture").props('aria-label="Spectrum"')
    with section:
        with ui.element("div").classes("desk-picture-head"):
            ui.html("Spectrum", sanitize=False, tag="h2")
            with ui.element("div").classes("desk-key"):
                for name, colour in (("harmonics", "played"), ("noise", "sung")):
                    ui.label(name).style(f"--key: var(--ch-{colour})")
        Spectrum(rate / 2)
