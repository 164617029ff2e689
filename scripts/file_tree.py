"""The README's file tree: a line a file, said by the file's own first line.

python scripts/file_tree.py prints it; with --write it goes into README.md (`make tree`).
"""

import ast
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- tree -->\n", "<!-- /tree -->"

LISTED = {".c", ".md", ".py", ".sh", ".txt", ".yaml", ""}
"""Suffixes of files that say what they are (none: Makefile, .ci/run)."""
SELF_EVIDENT = {".gitignore", "LICENSE"}


def tracked_files() -> list[Path]:
    """Every file that git keeps, relative to the project's root."""
    # A checkout of another user's is read all the same: CI may run as root.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in map(Path, listing.split("\0")) if path.name and (ROOT / path).exists()]


def describe(path: Path) -> str:
    """The first line of a module's docstring, a script's comment, a page's heading; or ''."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix == ".py":
        docstring = ast.get_docstring(ast.parse(text)) or ""
        return docstring.partition("\n")[0]
    found = re.search(r"^(?:#|title:|/\*) (.*)", text, re.MULTILINE)
    return found[1] if found else ""


def file_tree() -> str:
    """The tree as text: folders, then their files with what they are."""
    listed = sorted(path for path in tracked_files() if _has_a_line(path))
    listed.sort(key=lambda path: str(path.parent))
    lines: list[str] = []
    for folder, paths in groupby(listed, key=lambda path: path.parent):
        lines += _folder_lines(folder, list(paths))
    return "\n".join(lines) + "\n"


def section(readme: str) -> str:
    """The tree that stands in the README."""
    return readme.partition(BEGIN)[2].partition(END)[0]


def with_tree(readme: str) -> str:
    """The README with today's tree."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}```\n{file_tree()}```\n{END}{rest.partition(END)[2]}"


def _has_a_line(path: Path) -> bool:
    return path.suffix in LISTED and path.name not in SELF_EVIDENT


def _folder_lines(folder: Path, paths: list[Path]) -> list[str]:
    if folder == Path():
        return [_line(path.name, describe(path)) for path in paths]
    package = folder / "__init__.py"
    lines = [_line(f"{folder}/", describe(package) if package in paths else "")]
    lines += [_line(f"  {path.name}", describe(path)) for path in paths if path != package]
    return lines


def _line(name: str, text: str) -> str:
    return f"{name:30}{text}".rstrip()


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        README.write_text(with_tree(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(file_tree())
