"""Tables in docs/stage.md that are made from tables in the code: keys, commands, controls, effects.

python scripts/doc_tables.py prints them; with --write they go into the page. A test compares.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "stage.md"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from realtime.commands import COMMANDS  # noqa: E402
from realtime.controls import CONTROLS, Control  # noqa: E402
from realtime.effects.kinds import KINDS  # noqa: E402
from realtime.keys_table import KEYS  # noqa: E402

SIGNS = {"right": "→", "left": "←", "up": "↑", "down": "↓"}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def keys() -> str:
    """A row a key."""
    rows = []
    for key in KEYS:
        names = key.names if len(key.names) < 9 else (f"{key.names[0]} … {key.names[-1]}",)
        rows.append((" ".join(SIGNS.get(name, name) for name in names), key.doc))
    return table(("key", "does"), rows)


def commands() -> str:
    """A row a command."""
    return table(
        ("command", "argument", "does"),
        ((f"`{one.name}`", one.argument, one.doc) for one in COMMANDS),
    )


def controls() -> str:
    """A row a control."""
    rows = ((f"`{one.name}`", _range(one), one.shown(one.default), one.doc) for one in CONTROLS)
    return table(("control", "range", "default", "what it is"), rows)


def effects() -> str:
    """A row a kind of effect."""
    rows = []
    for name, kind in KINDS.items():
        parameters = ", ".join(f"`{one.name}`" for one in kind.parameters)
        rows.append((f"`{name}`", kind.doc, parameters or "those of the plug-in"))
    return table(("kind", "what it does", "parameters"), rows)


TABLES = {"keys": keys, "commands": commands, "controls": controls, "effects": effects}


def with_tables(page: str) -> str:
    """The page with today's tables."""
    for name, make in TABLES.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        made = make()
        page = re.sub(
            pattern, lambda found, text=made: found[1] + text + found[2], page, flags=re.S
        )
    return page


def _range(control: Control) -> str:
    if control.choices:
        return ", ".join(control.choices)
    return f"{control.minimum:g} to {control.maximum:g} {control.unit}".rstrip()


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print("\n".join(make() for make in TABLES.values()))
