"""The benchmark of the effects' cost runs, and has a row for every kind of ours."""

import json

import pytest
from effects import OURS

from benchmarks import effects_cost


def test_every_effect_has_a_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["effects_cost", "--quick", "--json"])
    effects_cost.main()
    rows = json.loads(capsys.readouterr().out)
    named = {row["what"].split(",")[0] for row in rows}
    assert named == {*OURS, "typical chain"}
    assert all(0 < row["p50_ms"] <= row["p99_ms"] for row in rows)
