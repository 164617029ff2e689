"""YAML as recipes are written: a small file of plain values, each key once, and no aliases.

PyYAML's safe loader runs no code, but of two equal keys it takes the last without a word, and
aliases let a kilobyte fill the memory. (`realtime` reads its presets as strictly; the two packages
never import each other, and `ddsp_core` knows no YAML.)
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ddsp_core.errors import RecipeError

MAX_BYTES = 64 * 1024
LINES = "lines of `key: value`"


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases and without repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One value; refuses `*alias`."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*) is not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Keys to values; refuses a key that stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"the key {key.value!r} stands twice"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """The plain values in a file; raises RecipeError, with the line, where it is none such."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecipeError(str(path), f"cannot be read ({error.strerror})", "a YAML file") from None
    if len(content) > MAX_BYTES:
        raise RecipeError(str(path), f"larger than {MAX_BYTES // 1024} KiB", "a short YAML file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RecipeError(str(path), f"line {line}: not UTF-8", "a text file in UTF-8") from None
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> Any:
    """The plain values in a text; raises RecipeError where it is no YAML."""
    try:
        return yaml.load(text, _Loader)  # as safe as yaml.safe_load: a SafeLoader that refuses more
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"line {mark.line + 1}: " if mark and "\n" in text else ""
        raise RecipeError(where, f"{at}not YAML ({error.problem})", LINES) from None
    # A forbidden character, a date such as 2026-13-45, brackets nested a thousand deep.
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RecipeError(where, f"not YAML ({problem})", LINES) from None
