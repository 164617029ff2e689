"""The addresses of OSC: every control, every effect's parameter, every command of the tables.

/chanterelle/CONTROL VALUE            turns it; without a value: answers with where it stands
/chanterelle/EFFECT/PARAMETER VALUE
/chanterelle/COMMAND [ARGUMENT]       a button's release (0) does nothing
/chanterelle/COMMAND/ARGUMENT         for buttons, which can say nothing but 1 and 0
"""

import difflib
from collections.abc import Iterator, Sequence

from ddsp_core.errors import ControlError
from realtime.commands import BY_NAME as COMMANDS
from realtime.commands import Command
from realtime.desk import Desk
from realtime.osc_packet import Value

ROOT = "/chanterelle"
HAND = "osc"

SERVER_WORDS = {
    "subscribe": "[PORT]: values and meters are sent to you, for 60 s; say it again in time",
    "unsubscribe": "[PORT]: no longer",
    "help": "[PORT]: every address, with what it does",
}
"""What the server answers itself."""


def address_of(name: str) -> str:
    """Of a control, a command or an effect's parameter.

    >>> address_of("echo.mix")
    '/chanterelle/echo/mix'
    """
    return f"{ROOT}/{name.replace('.', '/')}"


def carry_out(desk: Desk, address: str, values: Sequence[Value]) -> str:
    """Does what a message asks for.

    Returns the name of the control that is asked about if no value is given, else "".

    Raises:
        ControlError: nobody has this address, or its value does not fit.
    """
    head, _, name = address.partition(f"{ROOT}/")
    if head or not name:
        raise ControlError(f"OSC {address[:80]}", f"addresses begin with {ROOT}/", "")
    first, _, rest = name.partition("/")
    try:
        if first in COMMANDS:
            _command(desk, COMMANDS[first], rest, _one(values))
            return ""
        return _control(desk, name.replace("/", "."), values)
    except ControlError as error:
        raise ControlError(f"OSC {address[:80]}", str(error)[:300], "") from None


def _control(desk: Desk, name: str, values: Sequence[Value]) -> str:
    if name not in desk.instrument.control_values:
        known = [*desk.instrument.control_values, *COMMANDS, *SERVER_WORDS]
        close = difflib.get_close_matches(name[:80], known, n=1)
        todo = f"did you mean {address_of(close[0])}?" if close else f"see {address_of('help')}"
        raise ControlError("no such address", todo, "")
    if not values:
        return name
    value = _one(values)
    desk.set(name, float(value) if isinstance(value, bool) else value, HAND)
    return ""


def _command(desk: Desk, command: Command, rest: str, value: Value) -> None:
    takes_words = command.argument in ("text", "number")
    if takes_words and not rest:
        desk.do(command.name, float(value) if isinstance(value, bool) else value, HAND)
    elif rest and not takes_words:
        raise ControlError(command.name, f"no such address: .../{rest}", "")
    elif command.argument == "switch":
        desk.do(command.name, None if value is None else _number(value), HAND)
    elif value is None or _number(value) > 0.0:
        desk.do(command.name, rest or None, HAND)


def _one(values: Sequence[Value]) -> Value:
    if len(values) > 1:
        raise ControlError("values", f"{len(values)} of them", "one")
    return values[0] if values else None


def _number(value: Value) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ControlError("value", repr(value)[:80], "1 (pressed) or 0 (released)") from None


def directory(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every address, and what may be sent there."""
    for name in desk.instrument.control_values:
        control = desk.instrument.find_control(name)
        yield address_of(name), f"{control.allowed}: {control.doc}"
    for command in COMMANDS.values():
        argument = f"{command.argument}: " if command.argument else ""
        yield address_of(command.name), f"{argument}{command.doc}"
    for word, doc in SERVER_WORDS.items():
        yield address_of(word), doc
