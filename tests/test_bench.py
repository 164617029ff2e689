"""`chanterelle bench`: the table that it prints is made of real measurements."""

import json
import time

import numpy as np
import pytest
import voices

from realtime import bench, bench_all_on, cli
from realtime.session import Status
from realtime.take_recorder import TakeRecorder


def test_a_paced_call_is_made_once_a_period() -> None:
    begun_s = time.perf_counter()
    row = bench.paced("sleep", lambda _: time.sleep(0.002), [None] * 20, 0.005)
    assert time.perf_counter() - begun_s >= 20 * 0.005
    assert 2.0 <= row.p50_ms <= row.p99_ms <= row.max_ms
    assert row.deadline_ms == 5.0


def test_the_bench_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--seconds", "0.5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["deadline_ms"] for row in result["rows"]] == pytest.approx(3 * [128 / 48, 64 / 48])
    assert [row["block_size"] for row in result["latency"]] == [64, 128, 256]
    for row in result["latency"]:
        assert set(row["measured_samples"]) == {row["declared_samples"]}


def test_the_table_names_the_share_of_the_deadline() -> None:
    table = bench.markdown_table([bench.Row("x", 0.1, 0.5, 0.7, 2.0, 0.104)])
    assert table.splitlines()[-1] == "| x | 0.100 | 0.500 | 0.700 | 2.000 | 25 % | 10 % |"


def test_a_share_of_a_core_counts_work_and_not_waiting() -> None:
    def work(_: object) -> None:
        until_s = time.thread_time() + 0.004
        while time.thread_time() < until_s:
            pass

    busy = bench.paced("work", work, [None] * 20, 0.02)
    idle = bench.paced("wait", lambda _: time.sleep(0.004), [None] * 20, 0.02)
    assert busy.core_share > 0.08, "0.2, or less where others take the core"
    assert idle.core_share < 0.5 * busy.core_share


def test_all_on_records_and_shows_what_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []

    class Stage(bench_all_on.Stage):
        def show(self, status: Status) -> None:
            super().show(status)
            shown.append(status)

    monkeypatch.setattr(bench_all_on, "Stage", Stage)
    pushed: list[int] = []

    class Tape(TakeRecorder):
        def push(self, wet_block: np.ndarray, dry_block: np.ndarray, *more: object) -> None:
            pushed.append(len(dry_block))
            super().push(wet_block, dry_block)

    monkeypatch.setattr(bench_all_on, "TakeRecorder", Tape)
    row = bench_all_on.all_on_row("all on", voices.random_file(), 128, 0.6)
    assert row.what == "all on"
    assert set(pushed) == {128}
    assert len(pushed) == 0.6 * 48000 // 128 - 1
    assert len(shown) >= 2
    assert 0.0 < row.p50_ms <= row.p99_ms <= row.max_ms
    assert row.core_share > 0.0
