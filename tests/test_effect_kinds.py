"""A chain in YAML: what is checked, and what a person is told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from effects import OURS, RATE, write_room
from hypothesis import given, settings
from hypothesis import strategies as st

from ddsp_core.errors import PresetError
from realtime.effects.kinds import KINDS, check_effect, check_effects, make_effect

WHERE = "preset.yaml: effects.output"


def refused(line: Any, folder: Path = Path()) -> str:
    with pytest.raises(PresetError) as caught:
        check_effect(line, f"{WHERE}[0]", folder)
    return str(caught.value)


def test_an_effect_is_read(tmp_path: Path) -> None:
    text = "{kind: delay, name: echo, beats: 0.75, ping_pong: true, bypassed: true}"
    spec = check_effect(yaml.safe_load(text), WHERE, tmp_path)
    assert (spec.kind, spec.name, spec.is_bypassed) == ("delay", "echo", True)
    assert spec.values == {"beats": 0.75}
    assert spec.options == {"ping_pong": True}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("delay", ["preset.yaml: effects.output[0]", "'delay'"]),
        ({}, ["effects.output[0].kind", "it is missing", "delay"]),
        ({"kind": "dealy"}, [".kind", "unknown kind 'dealy'", "did you mean delay?"]),
        ({"kind": ["delay"]}, [".kind", "unknown kind"]),
        ({"kind": "delay", "mixx": 1}, ["unknown key 'mixx' for delay", "did you mean mix?"]),
        ({"kind": "delay", 7: 1}, ["unknown key 7"]),
        ({"kind": "delay", "mix": 1.4}, ["[0].mix", "1.4 is above 1"]),
        ({"kind": "delay", "mix": float("nan")}, ["[0].mix"]),
        ({"kind": "delay", "mix": [1]}, ["[0].mix"]),
        ({"kind": "delay", "name": "a.b"}, ["[0].name", "'a.b'", "letters"]),
        ({"kind": "delay", "bypassed": 1}, ["[0].bypassed", "true or false"]),
        ({"kind": "delay", "ping_pong": "yes"}, ["[0].ping_pong", "true or false"]),
        ({"kind": "room"}, ["[0].file", "it is missing"]),
        ({"kind": "room", "file": 3}, ["[0].file", "3"]),
        ({"kind": "room", "file": "a\0b"}, ["[0].file"]),
        ({"kind": "room", "file": "x" * 5000}, ["[0].file"]),
        ({"kind": "room", "file": "."}, ["[0].file"]),
    ],
)
def test_mistakes_are_told(line: Any, words: list[str]) -> None:
    said = refused(line)
    assert "\n" not in said
    assert [word for word in words if word not in said] == [], said


def test_a_missing_file_asks_about_those_that_are_there(tmp_path: Path) -> None:
    write_room(tmp_path, 0.2)
    said = refused({"kind": "room", "file": "room-0.2-3.wav"}, tmp_path)
    assert "no file 'room-0.2-3.wav'" in said
    assert "did you mean room-0.2-2.wav?" in said


def test_paths_count_from_the_presets_folder(tmp_path: Path) -> None:
    path = write_room(tmp_path)
    spec = check_effect({"kind": "room", "file": path.name, "length_s": 0.1}, WHERE, tmp_path)
    assert spec.options == {"file": str(path), "length_s": 0.1}
    assert "[0].length_s: 11 is above 10" in refused(
        {"kind": "room", "file": path.name, "length_s": 11}, tmp_path
    )


def test_names_are_different() -> None:
    lines = [{"kind": "delay"}, {"kind": "delay"}, {"kind": "eq"}, {"kind": "delay"}]
    names = [spec.name for spec in check_effects(lines, WHERE, Path(), taken=["eq"])]
    assert names == ["delay", "delay-2", "eq-2", "delay-3"]
    with pytest.raises(PresetError, match=r"output\[1\].name: 'delay' stands twice"):
        check_effects([{"kind": "delay"}, {"kind": "eq", "name": "delay"}], WHERE, Path())


@pytest.mark.parametrize("lines", [None, "delay", {"kind": "delay"}, [{"kind": "eq"}] * 17])
def test_a_chain_is_a_list_of_at_most_16(lines: Any) -> None:
    with pytest.raises(PresetError, match=r"effects\.output: "):
        check_effects(lines, WHERE, Path())


def test_every_kind_says_what_it_takes(tmp_path: Path) -> None:
    for kind in KINDS.values():
        assert kind.doc
        for control in kind.parameters:
            assert control.minimum <= control.default <= control.maximum
            assert control.check(control.default) == control.default
            assert control.doc
            assert "." not in control.name
            assert (control.curve == "log") == (control.unit == "Hz" or control.curve == "log")


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("n_inputs", [1, 2])
def test_every_kind_of_ours_is_made(tmp_path: Path, kind: str, n_inputs: int) -> None:
    line = {"kind": kind, **({"file": str(write_room(tmp_path))} if kind == "room" else {})}
    effect = make_effect(check_effect(line, WHERE, tmp_path), RATE, n_inputs)
    assert (effect.kind, effect.name) == (kind, kind)
    assert effect.latency_samples == 0
    assert effect.process(np.zeros((n_inputs, 7), np.float32)).shape == (effect.n_outputs, 7)
    effect.close()


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
KEYS = st.sampled_from([*KINDS, "kind", "name", "mix", "file", "bypassed"]) | SCALARS
ANYTHING = st.recursive(SCALARS | st.sampled_from(sorted(KINDS)),
                        lambda inner: st.lists(inner, max_size=3)
                        | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(lines=ANYTHING, kind=st.sampled_from(sorted(KINDS)) | SCALARS)
def test_whatever_stands_there_is_read_or_refused(lines: Any, kind: Any) -> None:
    if isinstance(lines, dict):
        lines = [{**lines, "kind": kind}]
    said = ""
    try:
        check_effects(lines, WHERE, Path("/nowhere"))
    except PresetError as error:
        said = str(error)
    assert "\n" not in said
