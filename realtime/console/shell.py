"""What every page has: the dark frame, the way to the other pages, and word of lost connections."""

import contextlib
from collections.abc import Callable, Iterator

from nicegui import ui

from realtime.console.console import Console
from realtime.console.mirror import Mirror, Stop
from realtime.console.pair_button import pair_button
from realtime.desk import Change
from realtime.link_live import LiveFrame

HEAD = """
<link rel="stylesheet" href="/assets/console.css">
<script type="module" src="/assets/connection.js"></script>
"""

AWAY = "The instrument is away. The console waits for it."


@contextlib.contextmanager
def page_frame(console: Console, title: str) -> Iterator[None]:
    """A page's content goes inside.

    Args:
        console: for the navigation.
        title: of this page, one of the console's views.
    """
    ui.page_title(f"{title} · Chanterelle")
    ui.add_head_html(HEAD)
    ui.query("html").props('lang="en"')
    with ui.element("header").classes("ch-header"):
        ui.label("Chanterelle").classes("ch-brand")
        ui.html(title, sanitize=False, tag="h1").classes("ch-hidden")
        with ui.element("nav").classes("ch-nav").props('aria-label="Views"'):
            for name, path in console.views:
                link = ui.link(name, path).classes("ch-nav-link")
                if name == title:
                    link.props('aria-current="page"')
        pair_button(console)
    if console.mirror is not None:
        _add_banner(console.mirror)
    with ui.element("div").classes("ch-main"):  # NiceGUI's page is a <main> already
        yield


def hear(
    mirror: Mirror,
    on_change: Callable[[Change], None] | None = None,
    on_state: Callable[[], None] | None = None,
    on_live: Callable[[LiveFrame], None] | None = None,
    on_table: Callable[[], None] | None = None,
) -> Stop:
    """`Mirror.listen` for as long as the page that is being built is open."""
    stop = mirror.listen(on_change, on_state, on_live, on_table)
    ui.context.client.on_delete(stop)
    return stop


def _add_banner(mirror: Mirror) -> None:
    banner = ui.label(AWAY).classes("ch-away").props('role="alert"')

    def show() -> None:
        banner.set_visibility(not mirror.is_connected)

    hear(mirror, on_state=show)
    show()
