"""YAML as people should write it in a preset: a small file of plain values, each key once.

PyYAML's safe loader runs no code, but it lets the last of two equal keys win without a word, and
anchors with merge keys (`<<`) let a file of one kilobyte fill the memory. Neither is needed here.
"""

from pathlib import Path
from typing import Any

import yaml

from ddsp_core.errors import PresetError

MAX_BYTES = 64 * 1024


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases and without repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One value; refuses `*alias`."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*) is not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Keys to values; refuses a key that stands twice."""
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        names = [key.value for key in keys]
        for position, key in enumerate(keys):
            if key.value in names[:position]:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, where: str, max_bytes: int = MAX_BYTES) -> Any:
    """The plain values (dict, list, str, int, float, bool, None, date) of a YAML file.

    Raises PresetError, with line and column where there are some: unreadable, larger than
    `max_bytes`, not UTF-8, not YAML.
    """
    return values_of(read_text(path, where, max_bytes), where)


def values_of(text: str, where: str) -> Any:
    """The plain values of a text that stands in a file, or is going to; raises as `read_yaml`."""
    try:
        return yaml.load(text, _Loader)  # as safe as yaml.safe_load: a SafeLoader that refuses more
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise PresetError(where, f"{at}{error.problem}", "lines of `key: value`") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        given = f"line {line}, column {column}: a character that YAML forbids"
        raise PresetError(where, given, "plain text") from None
    except RecursionError:  # its own words depend on where it happens
        raise PresetError(where, "nested too deeply", "lines of `key: value`") from None
    except (ValueError, OverflowError) as error:  # 2026-13-45, or thousands of digits
        raise PresetError(where, f"not readable ({error})", "lines of `key: value`") from None


def parse(text: str) -> yaml.Node | None:
    """The tree of a text that `read_yaml` takes; its nodes know where they stand."""
    return yaml.compose(text, _Loader)


def read_text(path: Path, where: str, max_bytes: int = MAX_BYTES) -> str:
    """The text of a file in UTF-8 of at most `max_bytes`; else raises PresetError."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise PresetError(where, f"cannot be read ({error.strerror})", "a YAML file") from None
    if len(content) > max_bytes:
        raise PresetError(where, f"larger than {max_bytes // 1024} KiB", "a short YAML file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PresetError(where, f"line {line}: not UTF-8", "a text file in UTF-8") from None
