"""The page of keys, from their table."""

from rich.text import Text

from realtime.keys_table import KEYS, Key

SIGNS = {"right": "→", "left": "←", "up": "↑", "down": "↓", "page up": "PgUp", "page down": "PgDn"}
NAME_COLUMNS = 22


def help_lines(height: int) -> list[Text]:
    """One line a key; as many as there is room for, and always how to leave."""
    lines = [
        Text.assemble((f" {names_shown(key):{NAME_COLUMNS}}", "bold"), key.doc) for key in KEYS
    ]
    close = Text(" ? closes this page", style="dim")
    page = [Text(" Keys", style="bold reverse"), *lines]
    return [*page[: max(height - 1, 0)], close]


def names_shown(key: Key) -> str:
    """As they stand on a keyboard.

    >>> names_shown(KEYS[0])
    '→ space PgDn'
    """
    if key.names == tuple("123456789"):
        return "1 ... 9"
    return " ".join(SIGNS.get(name, name) for name in key.names)
