"""`chanterelle play` from its flags to its last line: files, cards that fail, takes and signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import cli_fixtures
import numpy as np
import pytest
import soundfile
from cli_fixtures import Run, is_one_error_line
from fakes import FakeCard, FakePortAudio

from ddsp_core.errors import StreamError
from realtime import cli_play
from realtime.take_recorder import TakeRecorder

# Bound by hand: pytest finds fixtures by their names in a module.
same_environment, engines = cli_fixtures.same_environment, cli_fixtures.engines
portaudio, run = cli_fixtures.portaudio, cli_fixtures.run


def files(tmp_path: Path, duration_s: float = 0.05) -> list[str]:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, np.full(int(48000 * duration_s), 0.25), 48000)
    return ["--input", f"file:{clip}", "--output", f"file:{tmp_path / 'out.wav'}"]


def test_play_through_files(run: Run, engines: list[dict[str, float]], tmp_path: Path) -> None:
    flags = ["--octave-shift", "-1", "--gate_db", "-60.5"]
    code, out, err = run("play", *files(tmp_path), *flags, "--block-size", "480")
    assert (code, err) == (0, "")
    assert engines == [{"octave_shift": -1.0, "gate_db": -60.5}]
    assert "blocks of 480 samples" in out
    assert "late blocks " in out  # how many is this machine's affair
    wet, _ = soundfile.read(tmp_path / "out.wav")
    np.testing.assert_allclose(wet[512 : 512 + 2400], 0.25, atol=1e-6)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "no such file"), (b"some text", "not audio")]
)
def test_a_clip_that_cannot_be_read_is_an_error(
    run: Run, engines: list[dict[str, float]], tmp_path: Path, content: bytes | None, message: str
) -> None:
    clip = tmp_path / "a.wav"
    if content:
        clip.write_bytes(content)
    code, _, err = run("play", "--input", f"file:{clip}", "--output", f"file:{tmp_path}/out.wav")
    assert code == 2
    assert is_one_error_line(err)
    assert message in err


def test_no_sound_card_says_how_to_go_on(
    run: Run, engines: list[dict[str, float]], portaudio: FakePortAudio
) -> None:
    portaudio.entries.clear()
    code, _, err = run("play")
    assert code == 2
    assert is_one_error_line(err)
    assert "--input file:CLIP --output file:OUT.wav" in err


def test_feedback_is_warned_of(
    run: Run, engines: list[dict[str, float]], portaudio: FakePortAudio
) -> None:
    portaudio.entries.clear()
    portaudio.add("MacBook Microphone", 1, 0).add("MacBook Speakers", 0, 2).refuses = True
    code, _, err = run("play")
    assert code == 2
    assert err.startswith("warning: ")
    assert "headphones" in err


class ProcessLeftError(Exception):
    """Instead of os._exit."""


def test_a_card_that_goes_away_is_said_and_left_at_once(
    run: Run,
    engines: list[dict[str, float]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def leave(code: int) -> None:
        raise ProcessLeftError(code)

    monkeypatch.setattr(os, "_exit", leave)
    card = FakeCard([np.zeros(128, np.float32)], breaks_down=True)
    monkeypatch.setattr(cli_play, "choose_card", lambda *_: lambda _rate: card)
    with pytest.raises(ProcessLeftError) as left:
        run("play")
    assert left.value.args == (StreamError.exit_code,) == (1,)
    captured = capsys.readouterr()
    assert "played 0.0 s: 1 blocks" in captured.out
    assert is_one_error_line(captured.err)
    assert "went away" in captured.err


def test_a_performance_is_recorded(
    run: Run, engines: list[dict[str, float]], tmp_path: Path
) -> None:
    code, out, _ = run("play", *files(tmp_path), "--record", str(tmp_path / "takes"))
    assert code == 0
    (take,) = (tmp_path / "takes").iterdir()
    assert f"recorded 2.1 s into {take}" in out
    wet, _ = soundfile.read(take / "wet.wav")
    dry, _ = soundfile.read(take / "dry.wav")
    speaker, _ = soundfile.read(tmp_path / "out.wav")
    np.testing.assert_allclose(wet, speaker, atol=2**-22)
    np.testing.assert_allclose(dry[:2400], 0.25, atol=2**-22)


def test_a_recording_that_stopped_early_is_an_error_at_the_end(
    run: Run, engines: list[dict[str, float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TakeRecorder, "failed", "no space left")
    code, out, err = run("play", *files(tmp_path), "--record", str(tmp_path / "takes"))
    assert code == 1
    assert "played " in out
    assert is_one_error_line(err)
    assert "--record: recording stopped (no space left)" in err


def test_an_interrupt_while_loading_is_no_traceback(
    run: Run, engines: list[dict[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_play, "build_host", interrupt)
    monkeypatch.setattr(cli_play, "choose_card", lambda *_: None)
    code, _, err = run("play")
    assert (code, err) == (130, "")


PLAY_WITH_A_FAKE = """
import sys
from cli_fixtures import DelayHost
from realtime import cli, cli_play
cli_play.build_host = lambda presets, *_: DelayHost(presets)
code = cli.main()
assert "torch" not in sys.modules
assert "matplotlib" not in sys.modules
sys.exit(code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly_with_statistics(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", PLAY_WITH_A_FAKE, "play", *files(tmp_path, 30.0)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert "Ctrl-C ends" in process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == ""
    assert "played " in out
    assert "block time p50" in out
    assert soundfile.info(tmp_path / "out.wav").samplerate == 48000
