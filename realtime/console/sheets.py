"""Buttons and sheets of all pages: a question, or some fields, over what is there."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from ddsp_core.errors import ChanterelleError

Act = Callable[[], Awaitable[Callable[[], None] | None]]
"""What it returns is done once the sheet has gone."""
Handler = Callable[[], Any]


class Word(TextElement):
    """A text in an element; never read as HTML."""

    def __init__(self, text: str, classes: str = "", tag: str = "span") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)


def press(text: str, on_click: Handler, classes: str = "", label: str = "") -> ui.element:
    """A button.

    Args:
        text: on it.
        on_click: what it does.
        classes: beside `ch-button`.
        label: for screen readers, where the text does not say enough.
    """
    button = ui.element("button").props('type="button"').classes(f"ch-button {classes}")
    if label:
        button._props["aria-label"] = label
    with button:
        Word(text)
    return button.on("click", on_click, [])


class Sheet:
    """Over the page until it is answered; Escape closes it.

    Args:
        title: its heading.
        yes: what the button says that does it; empty: there is none.
        act: what that does; a ChanterelleError is shown, and the sheet stays.
        is_grave: whether something is lost or heard.
    """

    def __init__(
        self, title: str, yes: str = "", act: Act | None = None, *, is_grave: bool = False
    ) -> None:
        self._title, self._yes, self._act, self._is_grave = title, yes, act, is_grave
        with ui.context.client.content:  # what opens it may be built anew meanwhile
            self._dialog = ui.dialog()
        self._dialog._props["aria-label"] = title
        self._dialog.on("hide", self._dialog.delete)

    @contextmanager
    def fields(self) -> Iterator[None]:
        """What is built inside stands between heading and buttons; then it opens."""
        with self._dialog, ui.element("form").classes("sheet") as form:
            form.on("submit.prevent", self._do, [])
            Word(self._title, tag="h2")
            yield
            self._error = Word("", "sheet-error", "p").props('role="alert"')
            self._error.set_visibility(False)
            with ui.element("div").classes("sheet-buttons"):
                press("Cancel" if self._yes else "Close", self.close)
                if self._yes:
                    self._add_yes()
        self._dialog.open()

    def _add_yes(self) -> None:
        kind = "is-bad" if self._is_grave else "is-chief"
        self._button = ui.element("button").props('type="submit"').classes(f"ch-button {kind}")
        with self._button:
            Word(self._yes)

    def close(self) -> None:
        """It goes."""
        self._dialog.close()

    async def _do(self) -> None:
        if self._act is None:
            return
        self._button.props("disabled")
        try:
            then = await self._act()
        except ChanterelleError as error:
            self._error.set_text(str(error))
            self._error.set_visibility(True)
            self._button.props(remove="disabled")
        else:
            self.close()
            if then is not None:
                then()


def ask(title: str, consequence: str, yes: str, act: Act, *, is_grave: bool = False) -> None:
    """Asks before something is lost or heard."""
    with Sheet(title, yes, act, is_grave=is_grave).fields():
        Word(consequence, tag="p")


def field(label: str, value: str = "", hint: str = "", *, is_long: bool = False) -> ui.input:
    """A line to type."""
    made = (ui.textarea if is_long else ui.input)(label, value=value)
    made.props("outlined dense dark autogrow" if is_long else "outlined dense dark")
    if hint:
        made.props("bottom-slots")._props["hint"] = hint
    made.classes("sheet-field")
    return made
