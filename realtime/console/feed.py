"""What moves thirty times a second, brought to a page: `feed.js` hands it to the canvases there."""

import base64

from nicegui import ui

from realtime.console.mirror import Mirror
from realtime.console.shell import hear
from realtime.link_live import LiveFrame


class Feed(ui.element, component="static/feed.js"):
    """Fires `chanterelle-live` on the page's window with each frame; invisible.

    The event's detail has the names of `LiveFrame`'s fields; harmonics and bands are arrays of
    levels in steps of 0.5 dB from -100 dBFS, and stand there only where they are wanted.

    Args:
        mirror: where the frames come from.
        with_spectra: whether the page draws harmonics and noise bands.
    """

    def __init__(self, mirror: Mirror, *, with_spectra: bool = False) -> None:
        super().__init__()
        self._with_spectra = with_spectra
        hear(mirror, on_live=self._push)

    def _push(self, frame: LiveFrame) -> None:
        if not self.client.has_socket_connection:
            return
        numbers = [round(float(value), 3) for value in frame[:10]]
        spectra = (frame.harmonics, frame.bands) if self._with_spectra else (b"", b"")
        self.run_method("push", numbers, *(base64.b64encode(s).decode() for s in spectra))
