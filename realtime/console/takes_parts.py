"""The parts of the page of takes, as the server sees them; what they look like is in static/."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

Heard = Callable[[dict[str, Any]], Any]


class Part(ui.element):
    """Something on the page that is shown values and tells what a person does."""

    def show(self, **values: Any) -> None:
        """These have changed."""
        if any(self._props.get(name) != value for name, value in values.items()):
            self._props.update(values)
            self.update()

    def tell(self, event: str, listener: Heard) -> None:
        """From now on it is called with what the event brings."""

        def take(arguments: GenericEventArguments) -> Any:
            return listener(arguments.args if isinstance(arguments.args, dict) else {})

        self.on(event, take)


class TakeList(Part, component="static/takes_list.js"):
    """All takes. Tells choose, restore, empty."""


class TakeHead(Part, component="static/takes_head.js"):
    """What a take is. Tells beside, rename, remove."""


class Again(Part, component="static/takes_again.js"):
    """To play it again. Tells again, cancel."""


class Player(Part, component="static/player.js"):
    """Several versions on one time line. Tells broken."""
