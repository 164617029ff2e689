"""Tables in the docs are those of the code, and the tests that a page names exist."""

import re
from pathlib import Path

import doc_tables

TESTS = Path(__file__).parent
PAGE = doc_tables.PAGE.read_text(encoding="utf-8")


def test_the_page_has_todays_tables() -> None:
    assert doc_tables.with_tables(PAGE) == PAGE, "python scripts/doc_tables.py --write"
    for name in doc_tables.TABLES:
        assert f"<!-- {name} -->\n|" in PAGE


def test_tests_and_benchmarks_that_are_named_exist() -> None:
    for name in set(re.findall(r"`(test_\w+\.py)`", PAGE)):
        assert (TESTS / name).is_file(), name
    for name in set(re.findall(r"`?benchmarks[/.](\w+?)(?:\.py)?`", PAGE)):
        assert (TESTS.parent / "benchmarks" / f"{name}.py").is_file(), name


def test_the_words_beside_a_test_are_in_its_name() -> None:
    """`test_x.py`: some words; each piece is the beginning of a test's name."""
    for row in PAGE.partition("## Sixteen points")[2].splitlines():
        if not row.startswith("| "):
            continue
        for name, words in re.findall(r"`(test_\w+\.py)`: ([a-z0-9 ,_]+)", row):
            source = (TESTS / name).read_text(encoding="utf-8")
            for piece in re.split(r"[,;]", words):
                wanted = "_".join(piece.split())
                assert not wanted or wanted in source, (name, piece)
