"""The real `chanterelle doctor` on a real sound server, and what ends it early."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest
from rig.jack_rig import JackRig

pytestmark = pytest.mark.jack

DOCTOR = [sys.executable, "-m", "realtime.cli", "doctor", "--json"]
PERIOD = 256


def test_the_servers_own_block_size_is_tried_and_judged(tmp_path: Path) -> None:
    with JackRig(PERIOD, mode="async") as rig:
        program = rig.start([*DOCTOR, "--seconds", "2", "--record", str(tmp_path)])
        code = program.wait(limit_s=120.0)
        found = json.loads(program.stdout)
    assert program.stderr == ""
    assert code == (0 if found["verdict"]["safe_block_size"] else 1)
    (trial,) = found["cards"]["trials"]
    assert (trial["block_sizes"], trial["problem"]) == ([PERIOD], "")
    assert trial["latency_ms"] is None or 0.0 < trial["latency_ms"] < 100.0
    assert found["cards"]["rates_hz"] == [48000]
    assert found["midi"]["problem"] == ""
    assert found["is_complete"]


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_server_that_dies_or_ctrl_c_end_it_with_what_is_known(is_killed: bool) -> None:
    with JackRig(PERIOD, mode="async") as rig:
        words = [*DOCTOR, "--seconds", "7", "--input", "microphone", "--output", "speaker"]
        program = rig.start(words)
        rig.connect()  # the trial has begun; it lasts for two seconds
        if is_killed:
            rig.kill_server()
            code = program.wait(limit_s=60.0)
        else:
            time.sleep(0.3)
            code = rig.stop_program(signal.SIGINT)
        found = json.loads(program.stdout)
    assert program.stderr == ""
    assert found["is_complete"] is is_killed
    if is_killed:
        assert found["cards"]["trials"][0]["problem"]
        assert code == (0 if found["verdict"]["safe_block_size"] else 1)
    else:
        assert (code, found["loads"]) == (1, [])
        assert found["watch"]["core_seconds"] > 0.0
