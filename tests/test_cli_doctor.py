"""`chanterelle doctor`: the whole command, with a small voice where there is no sound card."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import cli_fixtures
import numpy as np
import pytest
from cli_fixtures import Run, is_one_error_line
from fakes import DelayEngine, FakePortAudio
from machines import laptop, load, trial
from pydantic import TypeAdapter

from realtime import bench, cli_doctor, doctor, doctor_cards
from realtime.doctor_findings import BLOCK_SIZES, Cards, Findings, Others, Watch
from realtime.doctor_page import COLUMNS, Page, headline
from realtime.doctor_verdict import Verdict, reach_verdict
from realtime.doctor_words import SECTIONS

same_environment, run = cli_fixtures.same_environment, cli_fixtures.run


@pytest.fixture(autouse=True)
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_cards, "load_portaudio", FakePortAudio)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that costs next to nothing."""
    monkeypatch.setattr(cli_doctor, "engine_maker", lambda _: DelayEngine)


@pytest.mark.usefixtures("light")
def test_json_is_one_object_of_the_schema(run: Run, tmp_path: Path) -> None:
    code, out, err = run("doctor", "--seconds", "2", "--json", "--record", str(tmp_path))
    result = json.loads(out)
    assert err == ""
    verdict = TypeAdapter(Verdict).validate_json(json.dumps(result.pop("verdict")), strict=True)
    advice = result.pop("advice")
    findings = TypeAdapter(Findings).validate_json(json.dumps(result), strict=True)
    assert code == (0 if verdict.safe_block_size else 1)
    assert verdict == reach_verdict(findings)
    assert [row.block_size for row in findings.loads] == list(BLOCK_SIZES)
    assert findings.is_complete
    assert findings.seconds >= 2.0
    assert findings.watch.core_seconds > 1.0
    assert findings.disk.problem == ""
    assert any("sound card" in line for line in advice)


def test_with_the_real_engine_people_read_80_columns(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # its name may be longer than a line, as on macOS
    code, out, err = run("doctor", "--seconds", "2")
    assert err == ""
    assert max(map(len, out.splitlines())) <= COLUMNS
    titles = ("Start", "This computer", "Rights", "MIDI inputs", "Recording", "Sound cards")
    for title in (*titles, "Computing, in blocks", "Does the machine", "Other programs"):
        assert f"\n{title}" in out
    said = " ".join(out.split())
    assert ("ARE SAFE" in said) == (code == 0)
    assert re.search(r"\n +128 +2\.67 +\d+\.\d{3} ", out)
    assert "most useful first 1 " in said


@pytest.mark.usefixtures("light")
def test_ctrl_c_ends_it_with_what_is_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    played = []

    def play_twice(paced: object) -> None:
        if len(played) == 2:
            raise KeyboardInterrupt
        played.append(paced)
        paced._run()

    monkeypatch.setattr(doctor.PacedPlayer, "run", play_twice)
    code, out, err = run("doctor", "--seconds", "2")
    assert (code in (0, 1), err) == (True, "")
    assert "Ended early" in out
    states = ("a minute (", "a second (", "safe, ", "too small")
    assert sum(out.count(state) for state in states) >= 2

    def at_once(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "examine_midi", at_once)
    code, out, err = run("doctor", "--seconds", "2", "--json")
    result = json.loads(out)
    assert (code, err, result["loads"], result["is_complete"]) == (1, "", [], False)
    assert result["computer"]
    assert result["midi"] is None


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--seconds", "0"], "1...600"),
        (["--seconds", "x"], "1...600"),
        (["--preset", "violn"], "did you mean violin?"),
        (["--input", "file:a.wav"], "both a file: or neither"),
    ],
)
def test_wrong_words_get_one_line_and_exit_2(run: Run, words: list[str], names: str) -> None:
    code, out, err = run("doctor", *words)
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert names in err


@pytest.mark.usefixtures("light")
def test_a_card_that_was_asked_for_and_is_missing_is_an_error(run: Run) -> None:
    code, _, err = run("doctor", "--seconds", "1", "--input", "Scarlett")
    assert code == 2
    assert is_one_error_line(err)


@pytest.mark.usefixtures("light")
def test_with_files_no_card_is_tested(run: Run) -> None:
    words = ("--input", "file:a.wav", "--output", "file:b.wav")
    out = run("doctor", "--seconds", "1", *words)[1]
    assert "not tested: files were given" in out


def page_of(findings: Findings) -> str:
    out = io.StringIO()
    page = Page(out)
    for section in SECTIONS.values():
        page.section(section(findings))
    page.verdict(findings, reach_verdict(findings), [])
    return out.getvalue()


def test_a_good_laptop_reads_well() -> None:
    text = page_of(laptop())
    assert "look" not in text
    assert "bad" not in text
    assert "BLOCKS OF 32 SAMPLES ARE SAFE, 6.7 ms" in text
    assert "blocks of 64: delay 3.3 ms in and out, nothing lost in 1.0 s" in text
    assert "Nothing to change." in text


def test_the_command_to_play_with_is_said() -> None:
    findings = laptop()
    assert headline(findings, reach_verdict(findings))[0].endswith(
        ": chanterelle play --block-size 32"
    )
    findings.preset = "flute"
    assert "chanterelle play --preset flute --block-size 32" in page_of(findings)
    findings.cards = replace(findings.cards, host_api="JACK Audio Connection Kit")
    said = headline(findings, reach_verdict(findings))[0]
    assert said.endswith("jackd ... -p 32, then chanterelle play --preset flute")


def test_what_is_wrong_is_marked() -> None:
    findings = laptop()
    trials = (trial(64, block_sizes=(96,), latency_ms=None, xruns=3), trial(32, problem="refused"))
    findings.cards = Cards((), "Mic", "Speaker", "ALSA", (), 44_100, True, 1, trials, "")
    late = {"late_own": 1000, "late_machine": 20_000, "late_others": 3000}
    findings.loads = [load(64, **late), load(128, late_own=1, late_machine=2, late_others=3)]
    findings.watch = Watch(60.0, False, 0.1, 0.2, 9.0, (9.0, 2.0))
    findings.others = Others((), 0.5, 0.05)
    page = page_of(findings)
    assert max(map(len, page.splitlines())) <= COLUMNS
    text = " ".join(page.split())
    for said in (
        "look blocks of 64: gives 96, tells nonsense about its delay, sound lost 3 times",
        "bad blocks of 32: refused",
        "0.330 1 2 3 Late blocks: the instrument was too slow (us)",
        "stood still for over 1 ms 2 times a minute",
        "stood still for over 5 ms once a minute",
        "other programs may be the cause",
        "look all together used 50 % of a core",
        "the host took 5.0 % of the processor",
    ):
        assert said in text


def test_where_nothing_is_safe_the_best_is_named() -> None:
    findings = laptop()
    findings.watch = Watch(60.0, True, 0.1, 0.2, 30.0, (30.0,) * 4)
    text, style = headline(findings, reach_verdict(findings))
    assert style == "bad"
    assert "NO BLOCK SIZE IS SAFE" in text
    assert "about 4 times a minute" in text
    findings.loads = [load(32, own_p999_ms=9.0)]
    assert "too slow for the preset" in headline(findings, reach_verdict(findings))[0]


def test_where_nothing_was_measured_nothing_is_promised() -> None:
    out = io.StringIO()
    Page(out).verdict(Findings("violin"), reach_verdict(Findings("violin")), [])
    said = " ".join(out.getvalue().split())
    assert said.endswith("not enough was measured to say which block size is safe.")


def test_colours_are_for_terminals() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for out, is_coloured in ((Terminal(), True), (io.StringIO(), False)):
        Page(out).section(SECTIONS["computer"](laptop()))
        assert ("\x1b[" in out.getvalue()) is is_coloured


def test_the_song_is_heard_by_the_gate() -> None:
    assert np.abs(bench.sung_like(48_000, 0.1)).max() > 0.1
