"""What `chanterelle bench --latency` prints: measured here, by few sounds, and as JSON."""

import json

import pytest
import voices

from realtime import cli, latency
from realtime.latency import Setup
from realtime.latency_sounds import TESTS
from realtime.latency_table import following_table, onset_table, tables
from realtime.latency_voices import follower

LIKE = voices.random_file()


@pytest.fixture(scope="module")
def result() -> dict[str, object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latency, "TESTS", TESTS[:1])
        patch.setattr(latency, "VIBRATO_NOTES_HZ", (440.0,))
        patch.setattr(latency, "STEADY_NOTES_HZ", (1000.0 / 3.0,))
        return latency.measure(follower(LIKE), {}, (128, 64), n_runs=1)


def test_a_measurement_is_whole_and_json(result: dict) -> None:
    read = json.loads(json.dumps(result, allow_nan=False))
    for what, n_rows in (("onsets", 1), ("following", 4), ("starts", 1), ("budget", 3)):
        assert [row["block_size"] for row in read[what]] == [128] * n_rows + [64] * n_rows
    assert read["onsets"][0]["missed"] == 0


def test_smaller_blocks_are_later_by_framing_and_earlier_by_their_buffers(result: dict) -> None:
    ms = 64 / 48
    at = {(row["what"], row["block_size"]): row for row in result["following"]}
    for what in {row["what"] for row in result["following"]}:
        small, usual = at[what, 64], at[what, 128]
        assert small["engine_ms"] - usual["engine_ms"] == pytest.approx(ms, abs=0.05)
        whole = "microphone_to_loudspeaker_ms"
        assert small[whole] - usual[whole] == pytest.approx(-ms, abs=0.05)


def test_the_tables_say_what_was_measured(result: dict) -> None:
    text = tables(result)
    row = next(row for row in result["following"] if "vibrato" in row["what"])
    shown = f"{row['engine_ms']:.1f} / {row['microphone_to_loudspeaker_ms']:.1f}"
    line = next(line for line in text.splitlines() if line.startswith("| pitch following"))
    assert line.split(" | ")[2] == f"{shown} |", "128 frames stand behind 64"
    assert text.count("| sum |") == text.count("| measured |") == 3
    assert "wrong octave: 0 of 1, 0 of 1." in text
    assert "2.67 ms at 64, 5.33 ms at 128" in text
    assert all(len(set(map(len, part))) == 1 for part in _columns(text))


def _columns(text: str) -> list[list[list[str]]]:
    parts = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    return [[line.split("|") for line in part if line.startswith("|")] for part in parts]


def test_what_was_missed_is_counted_and_has_no_latency() -> None:
    rows = latency.onset_rows(Setup(LIKE, {"output_gain_db": -60.0}, 128), 2, TESTS[:2])
    assert [row["missed"] for row in rows] == [2, 2]
    assert "never ± never (2)" in onset_table(rows)
    assert "| missed in all | 4 |" in onset_table(rows)


def test_a_note_that_is_never_in_tune_is_shown_as_such() -> None:
    row = {"what": "new note", "block_size": 128, "engine_ms": None}
    row["microphone_to_loudspeaker_ms"] = None
    assert "never / never" in following_table([row])


def test_a_number_of_sounds_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["bench", "--latency", "--runs", "none"])
    assert "'none' is not a number of sounds, 1...10000" in capsys.readouterr().err
