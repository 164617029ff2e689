"""The doctor's findings and the session's figures in words, and commands run below the console."""

import asyncio

import pytest

from ddsp_core.errors import ChanterelleError
from realtime.console.programs import run_command
from realtime.console.verdict import devices_of, keeps_up, verdict_of

ANSWER = {
    "verdict": {
        "safe_block_size": 256,
        "best_block_size": 256,
        "sizes": [
            {"block_size": 128, "state": "breaks", "own_share": 0.204, "breaks_a_minute": 3.04},
            {"block_size": 256, "state": "safe", "own_share": 0.1, "breaks_a_minute": 0.0},
        ],
    },
    "advice": [
        "Close chanterelle (process 7): it kept 33 % busy.",
        "Close python3.11 chanterelle (process 8): it kept 31 % busy.",
        "Close python realtime.cli (process 9): it kept 30 % busy.",
        "Plug the charger in.",
    ],
}
STATE = {"load_p99": 0.31, "late_words": "", "latency_ms": 8.52}


def test_a_verdict_in_words() -> None:
    verdict = verdict_of(ANSWER)
    assert verdict.summary.startswith("256 samples and more are safe")
    assert verdict.rows[0] == (128, "breaks now and then", "20 %", "3.0")
    assert verdict.advice == ("Plug the charger in.",)  # not to close ourselves


@pytest.mark.parametrize(
    ("best", "words"), [(512, "None is quite safe; 512"), (None, "too slow to play live")]
)
def test_where_nothing_is_safe(best: int | None, words: str) -> None:
    sizes = {"safe_block_size": None, "best_block_size": best, "sizes": []}
    assert words in verdict_of({"verdict": sizes, "advice": []}).summary


def test_devices_by_side_each_once() -> None:
    both = {"name": "USB", "n_inputs": 1, "n_outputs": 2}
    speaker = {"name": "HDMI", "n_inputs": 0, "n_outputs": 2}
    found = devices_of({"devices": [both, speaker, both]})
    assert found == {"input": ["USB"], "output": ["USB", "HDMI"]}


def test_how_it_goes_in_a_sentence() -> None:
    words = keeps_up(STATE, {"block_size": "64"})
    assert words.startswith("It keeps up: blocks of 64 samples take 31 % of their time")
    assert "no late block; 8.5 ms" in words
    assert "hardly" in keeps_up({**STATE, "load_p99": 0.9, "late_words": "late 3: 3 own"}, {})
    assert keeps_up({}, {}) == ""


def test_a_command_answers() -> None:
    answer = asyncio.run(run_command(["controls"]))
    assert any(control["name"] == "room_mix" for control in answer["controls"])


def test_a_command_that_fails_says_why() -> None:
    words = ["render", "missing.wav", "out.wav"]
    with pytest.raises(ChanterelleError, match=r"missing\.wav"):
        asyncio.run(run_command(words))


def test_a_command_that_hangs_is_ended() -> None:
    words = ["doctor", "--seconds", "60", "--input", "file:a", "--output", "file:b"]
    with pytest.raises(ChanterelleError, match=r"no answer within 0\.3 s"):
        asyncio.run(run_command(words, 0.3))
