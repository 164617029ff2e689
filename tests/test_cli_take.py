"""`chanterelle take`: what people see of takes, and errors that they can read."""

import json
from pathlib import Path
from typing import Any

import cli_fixtures
import numpy as np
import pytest
import soundfile
from cli_fixtures import Run, is_one_error_line
from fakes import FakePortAudio
from takes import BLOCK, RATE, begin, counting, push_counting

from realtime import devices
from realtime.take_layout import TakeLayout

same_environment, run = cli_fixtures.same_environment, cli_fixtures.run


@pytest.fixture
def takes(tmp_path: Path) -> list[Path]:
    """One that somebody ended, and one that is damaged."""
    recorder = begin(tmp_path, about={"title": "Etude"}, layout=TakeLayout("flac", 24))
    push_counting(recorder, 750)
    recorder.note({"kind": "midi", "message": [144, 60, 100]})
    push_counting(recorder, 1, start_block=750)
    recorder.stop()
    recorder.start()
    recorder.close()
    (tmp_path / "no take").mkdir()
    whole, damaged = (take.folder for take in recorder.finished)
    (damaged / "take.yaml").write_text("format: 1\nsample_rate: many\n")
    return [whole, damaged]


def test_all_takes_of_a_folder(run: Run, takes: list[Path]) -> None:
    code, out, err = run("take", "list", str(takes[0].parent))
    first, second = out.splitlines()
    assert (code, err) == (0, "")
    assert first == f"{takes[0].name}  0:02.0  Etude  FLAC 24 bit, mono"
    assert second.startswith(f"{takes[1].name}  {takes[1] / 'take.yaml'}: damaged (")
    code, out, _ = run("take", "list", str(takes[0].parent), "--json")
    found = json.loads(out)["takes"]
    assert found[0]["n_samples"] == 751 * BLOCK
    assert found[0]["how"] == "stopped"
    assert "damaged" in found[1]["problem"]


def test_a_folder_without_takes(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("take", "list", str(tmp_path))
    assert code == 0
    assert "--record DIR makes some" in out


def test_all_about_a_take(run: Run, takes: list[Path]) -> None:
    code, out, _ = run("take", "show", str(takes[0]))
    assert code == 0
    assert "events     1 midi" in out
    code, out, _ = run("take", "show", str(takes[0] / "wet.flac"), "--json")
    assert json.loads(out)["events"][0]["message"] == [144, 60, 100]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "nowhere"], "no such folder"),
        (["show", "."], "is not a take"),
        (["list", "nowhere"], "no such folder"),
        (["play", "{take}", "--from", "99"], "--from: 99: 0 to 2"),
        (["play", "{take}", "--output", "file:a.mp3"], ".wav, .flac"),
        (["render", "{take}"], "--preset NAME"),
        (["render", "{take}", "--preset", "celo"], "did you mean cello"),
        (["render", "{take}", "--octave-shift", "9"], "--octave-shift: 9 is above 3"),
        (["render", "{take}", "--preset", "cello", "--out", "{take}/wet.flac"], "take itself"),
        (["render", "{damaged}"], "damaged"),
    ],
)
def test_errors_are_one_line(run: Run, takes: list[Path], words: list[str], message: str) -> None:
    filled = [word.format(take=takes[0], damaged=takes[1]) for word in words]
    code, _, err = run("take", *filled)
    assert code == 2
    assert is_one_error_line(err), err
    assert message in err


@pytest.mark.parametrize(
    "words", [["take"], ["take", "lst"], ["take", "render", "x", "--octav", "1"]]
)
def test_words_that_do_not_exist(run: Run, words: list[str]) -> None:
    code, _, err = run(*words)
    assert code == 2
    assert is_one_error_line(err)


def test_a_take_is_played_into_a_file(run: Run, takes: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "played.wav"
    words = ["take", "play", str(takes[0]), "--dry", "--from", "1", "--output", f"file:{out}"]
    code, said, _ = run(*words, "--json")
    assert code == 0
    assert json.loads(said)["side"] == "dry"
    played, rate = soundfile.read(out, dtype="float32")
    assert rate == RATE
    np.testing.assert_array_equal(played, -counting(RATE, 751 * BLOCK - RATE))


class PlayingPortAudio(FakePortAudio):
    """Keeps what was played."""

    def __init__(self, rates: tuple[int, ...]) -> None:
        super().__init__(rates)
        self.played: list[np.ndarray] = []

    def OutputStream(self, **opened_with: Any) -> "PlayingPortAudio":  # noqa: N802
        self.opened_with = opened_with
        return self

    def __enter__(self) -> "PlayingPortAudio":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, block: np.ndarray) -> None:
        assert block.dtype == np.float32
        assert block.flags.c_contiguous
        self.played.append(block.copy())


@pytest.mark.parametrize("rate", [RATE, 44100])
def test_a_take_is_played_through_the_speaker(
    run: Run, takes: list[Path], monkeypatch: pytest.MonkeyPatch, rate: int
) -> None:
    fake = PlayingPortAudio((rate,))
    fake.add("Headphones", 0, 2, rate=float(rate))
    fake.default.device = [-1, 0]
    monkeypatch.setattr(devices, "load_portaudio", lambda: fake)
    code, out, _ = run("take", "play", str(takes[0]))
    assert code == 0
    assert "wet: 0:02.0" in out
    assert fake.opened_with["samplerate"] == rate
    played = np.concatenate(fake.played)
    assert played.shape[1] == 2
    assert len(played) == pytest.approx(751 * BLOCK / RATE * rate, abs=1)
    if rate == RATE:
        np.testing.assert_array_equal(played[:, 0], counting(0, 751 * BLOCK))
