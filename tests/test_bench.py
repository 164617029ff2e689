"""`chanterelle bench`: the table that it prints is made of real measurements."""

import json
import time

import pytest

from realtime import bench, cli


def test_a_paced_call_is_made_once_a_period() -> None:
    begun_s = time.perf_counter()
    row = bench.paced("sleep", lambda _: time.sleep(0.002), [None] * 20, 0.005)
    assert time.perf_counter() - begun_s >= 20 * 0.005
    assert 2.0 <= row.p50_ms <= row.p99_ms <= row.max_ms
    assert row.deadline_ms == 5.0


def test_the_bench_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--seconds", "0.5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["deadline_ms"] for row in result["rows"]] == pytest.approx(
        [128 / 48, 64 / 48, 128 / 48, 64 / 48]
    )
    assert set(result["latency"]["measured_samples"]) == {result["latency"]["declared_samples"]}


def test_the_table_names_the_share_of_the_deadline() -> None:
    table = bench.markdown_table([bench.Row("x", 0.1, 0.5, 0.7, 2.0)])
    assert table.splitlines()[-1] == "| x | 0.100 | 0.500 | 0.700 | 2.000 | 25 % |"
