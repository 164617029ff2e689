"""Some thousands of OSC packets from anybody; `python -m benchmarks.fuzz_osc` tries more."""

import random

import pytest

from benchmarks import fuzz_osc
from realtime import osc_answers, osc_packet
from realtime.controls import Control


def test_no_packets_raise_hang_or_move_a_control_out_of_its_range() -> None:
    found = fuzz_osc.run(2000, seed=1)
    assert found.failures == []
    assert found.n_accepted == 2000


def test_the_fuzzer_reaches_what_it_is_to_test(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: set[str] = set()

    class Answers(osc_answers.Answers):
        def _do(self, message: osc_packet.Message, *more: object) -> None:
            before = self.troubles.total()
            super()._do(message, *more)  # type: ignore[arg-type]
            reached.add("refused" if self.troubles.total() > before else message.address)

    monkeypatch.setattr(fuzz_osc, "Answers", Answers)
    assert not fuzz_osc.run(1500, seed=2).failures
    for name in ("subscribe", "help", "room_mix", "echo/mix", "panic", "preset", "preset/cello"):
        assert f"/chanterelle/{name}" in reached
    assert "refused" in reached


def test_the_fuzzer_sees_what_it_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Control, "check", lambda _self, value, _where="": float(value))
        assert fuzz_osc.run(300, seed=1).failures
    with monkeypatch.context() as broken:
        broken.setattr(osc_answers, "MalformedError", KeyError)
        assert "MalformedError" in fuzz_osc.run(100, seed=1).failures[0]
    assert fuzz_osc.a_packet(random.Random(1), 0) == fuzz_osc.a_packet(random.Random(1), 0)
