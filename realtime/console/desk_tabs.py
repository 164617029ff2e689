"""Tabs of the desk: one panel is seen, all of them stay in step."""

import contextlib
from collections.abc import Iterator, Sequence

from nicegui import ui


class Tabs(ui.element, component="static/desk_tabs.js"):
    """A row of tabs; fill each with `panel`.

    Args:
        titles: in their order; the first one is seen.
        label: what they are, for screen readers.
    """

    def __init__(self, titles: Sequence[str], label: str) -> None:
        super().__init__()
        self._titles = tuple(titles)
        self._props["titles"] = list(titles)
        self._props["label"] = label

    @contextlib.contextmanager
    def panel(self, title: str) -> Iterator[None]:
        """What is built inside belongs to that tab."""
        with self.add_slot(f"panel{self._titles.index(title)}"):
            yield
