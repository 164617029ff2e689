"""A small part of what `benchmarks/fuzz_presets.py` and `fuzz_bundles.py` try, and their judge."""

import random
import time
from pathlib import Path

import pytest

from benchmarks import fuzzing
from benchmarks.fuzz_bundles import fuzz_bundles
from benchmarks.fuzz_presets import fuzz_presets, fuzz_set_lists
from benchmarks.fuzzing import fuzz
from ddsp_core.errors import PresetError


@pytest.fixture(autouse=True)
def same_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("run", [fuzz_presets, fuzz_set_lists, fuzz_bundles])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_whatever_comes_is_taken_or_refused_in_one_line(run) -> None:
    found = run(200, seed=1)
    assert not found.failures
    assert found.n_accepted > 10, "some are right, or nothing is tried behind the first check"
    assert found.n_refused > 80


def test_the_judge_sees_crashes_and_bad_messages() -> None:
    def case(chance: random.Random) -> None:
        way = chance.randrange(5)
        if way == 0:
            raise KeyError("forgotten")
        if way == 1:
            raise PresetError("a\nb", "two lines", "")
        if way == 2:
            raise PresetError("a", "\u202egpj.exe", "")
        if way == 3:
            raise PresetError("a", "good", "")

    found = fuzz(case, 100, 0)
    assert found.n_cases == 100
    assert found.n_failures == sum(fail in "012" for fail in _ways(100))
    assert any("forgotten" in failure for failure in found.failures)


def _ways(n_cases: int) -> str:
    return "".join(str(random.Random(f"0/{number}").randrange(5)) for number in range(n_cases))


def test_the_judge_sees_what_hangs_and_what_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "HANGS_S", 0.05)
    assert "Hang" in fuzz(lambda _chance: time.sleep(5), 1, 0).failures[0]
    monkeypatch.setattr(fuzzing, "HANGS_S", 10)
    monkeypatch.setattr(fuzzing, "LIMIT_S", 0.01)
    assert " s" in fuzz(lambda _chance: sum(range(3_000_000)), 1, 0).failures[0]
