"""Values in a preset's text are replaced, and everything around them stays as it was."""

import pytest
import yaml

from realtime.preset_text import replaced, spots

TEXT = """\
# mine
voice: violin   # the good one
title: "A: b"
also:
  - {voice: cello, controls: {octave_shift: -1}}
effects:
  output:
    - {kind: room, file: 'hall.wav', mix: 0.3}
    - kind: plugin
      file: /usr/x.vst3
note: voice and file
"""


def test_titles_voices_and_files_are_found() -> None:
    found = {(spot.key, spot.value, spot.kind) for spot in spots(TEXT)}
    assert found == {
        ("title", "A: b", ""),
        ("voice", "violin", ""),
        ("voice", "cello", ""),
        ("file", "hall.wav", "room"),
        ("file", "/usr/x.vst3", "plugin"),
    }


def test_nothing_else_changes() -> None:
    values = {spot: f"./{spot.value}/ö" for spot in spots(TEXT)}
    new = replaced(TEXT, values)
    assert [spot.value for spot in spots(new)] == [*values.values()]
    assert "# mine\n" in new
    assert '"./violin/ö"   # the good one\n' in new
    assert yaml.safe_load(new)["note"] == "voice and file"


@pytest.mark.parametrize(
    "title",
    [
        "plain",
        "two\n  lines",
        "'q'",
        '"q\\\n  r"',
        "|\n  block",
        ">-\n  folded\n\n",
        "|-\n\n",
        "!!str x",
    ],
)
@pytest.mark.parametrize("before", ["", "ä\U0001f3bb: 1\n", "\r\n"])
def test_a_value_in_any_style_is_replaced(title: str, before: str) -> None:
    text = f"{before}title: {title}\nvoice: violin\n"
    new = replaced(text, {spot: "new" for spot in spots(text) if spot.key == "title"})
    assert yaml.safe_load(new) == yaml.safe_load(text) | {"title": "new"}
