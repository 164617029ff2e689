"""The table of keys: what each one asks for. The help page and the docs derive from `KEYS`."""

from dataclasses import dataclass

from realtime.commands import find_command

ONCE_REST_S = 0.6
"""A key that is held down repeats itself, from half a second on: where once is meant."""

REST_S = 0.15
"""Where twice may be meant: then thirty times a second."""


@dataclass(frozen=True)
class Key:
    """One thing to ask for by keys."""

    names: tuple[str, ...]
    """Any of them: as typed, or as in `SEQUENCES`."""
    action: str
    """A name from the table of commands, or one of the keys' own (`OWN`)."""
    rest_s: float = 0.0
    """So long after the last time the same key is taken for a key that is held down."""
    value: str = ""
    """What the command is told."""

    @property
    def doc(self) -> str:
        """For the help page."""
        doc = OWN.get(self.action) or find_command(self.action).doc
        return "preset 1 to 9 of the set" if self.action == "preset" else doc


OWN = {
    "select_next": "choose a control to turn",
    "select_previous": "the control before it",
    "turn_up": "turn the chosen control up",
    "turn_down": "turn it down",
    "turn_back": "turn it back to its default",
    "learn_selected": "the next MIDI knob that moves turns the chosen control",
    "help": "this page, and back",
    "quit": "end; asked again while recording",
}

NUMBERS = tuple("123456789")

KEYS: tuple[Key, ...] = (
    Key(("right", "space", "page down"), "next_preset", REST_S),
    Key(("left", "backspace", "page up"), "previous_preset", REST_S),
    Key(("down",), "next_song", REST_S),
    Key(("up",), "previous_song", REST_S),
    Key(NUMBERS, "preset", REST_S),
    Key(("r",), "record", ONCE_REST_S),
    Key(("b",), "bypass", REST_S),
    Key(("p", "escape"), "panic"),
    Key(("t",), "tap_tempo"),
    Key(("x",), "reset_counters"),
    Key(("tab",), "select_next"),
    Key(("shift-tab",), "select_previous"),
    Key(("+", "="), "turn_up"),
    Key(("-",), "turn_down"),
    Key(("0",), "turn_back"),
    Key(("l",), "learn_selected", REST_S),
    Key(("?", "h"), "help", REST_S),
    Key(("q",), "quit", ONCE_REST_S),
)

BY_NAME = {name: key for key in KEYS for name in key.names}

SEQUENCES = {
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1bOA": "up",
    b"\x1bOB": "down",
    b"\x1bOC": "right",
    b"\x1bOD": "left",
    b"\x1b[Z": "shift-tab",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b"\x1b": "escape",
    b"\t": "tab",
    b" ": "space",
    b"\x7f": "backspace",
    b"\x08": "backspace",
}
"""What terminals send, and how we call it."""

MOST_BYTES = 48
"""At once: more was not typed but pasted."""


def names_of(typed: bytes) -> list[str]:
    """The keys in what a terminal sent; those that nobody knows are left out.

    >>> names_of(b"r\\x1b[C\\x1b[1;5Cx")
    ['r', 'right', 'x']
    """
    if len(typed) > MOST_BYTES:
        return []
    names = []
    while typed:
        length = _length(typed)
        one, typed = typed[:length], typed[length:]
        name = SEQUENCES.get(one) or (one.decode("ascii", "replace") if len(one) == 1 else "")
        if name in BY_NAME:
            names.append(name)
    return names


def _length(typed: bytes) -> int:
    """Bytes of the first key: ESC [ parameters letter, ESC O letter, ESC and a letter, or one."""
    if typed[:1] != b"\x1b" or len(typed) == 1:
        return 1
    if typed[1:2] == b"\x1b":  # Escape, twice
        return 1
    if typed[1:2] == b"O":
        return 3
    if typed[1:2] != b"[":
        return 2
    for place in range(2, len(typed)):
        if 0x40 <= typed[place] <= 0x7E:
            return place + 1
    return len(typed)
