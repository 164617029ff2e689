"""The command line: what it prints, where, and with which exit code."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import soundfile
from fakes import DelayEngine, FakeCard, FakePortAudio, FakeTape

from ddsp_core.errors import StreamError
from realtime import cli, cli_play, devices
from realtime.controls import CONTROLS


@pytest.fixture(autouse=True)
def same_environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """Plays with a fake engine; keeps the controls of each that was built."""
    built: list[dict[str, float]] = []

    def build(_preset: object, overrides: dict[str, float]) -> DelayEngine:
        built.append(overrides)
        return DelayEngine()

    preset = ModuleType("realtime.preset")
    preset.load_preset = lambda name: SimpleNamespace(name=name, midi=())  # type: ignore[attr-defined]
    preset.list_presets = lambda: ["flute", "violin"]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "realtime.preset", preset)
    monkeypatch.setattr(cli_play, "build_engine", build)
    return built


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> FakePortAudio:
    fake = FakePortAudio().add("Scarlett 2i2", 2, 2)
    fake.default.device = [0, 0]
    monkeypatch.setattr(devices, "load_portaudio", lambda: fake)
    monkeypatch.setattr("realtime.cli_devices.load_portaudio", lambda: fake)
    return fake


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_it(*words: str) -> tuple[int, str, str]:
        try:
            code = cli.main(words)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def files(tmp_path: Path, duration_s: float = 0.05) -> list[str]:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, np.full(int(48000 * duration_s), 0.25), 48000)
    return ["--input", f"file:{clip}", "--output", f"file:{tmp_path / 'out.wav'}"]


def is_one_error_line(text: str) -> bool:
    return text.startswith("error: ") and text.count("\n") == 1 and text.endswith("\n")


def test_help_names_every_command(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert all(f"\n    {name} " in out for name in cli.COMMANDS)


def test_version(run: Run) -> None:
    assert run("--version")[1].startswith("chanterelle 0.")


def test_help_of_play_names_every_control_with_its_range(run: Run) -> None:
    out = " ".join(run("play", "--help")[1].split())
    for control in CONTROLS:
        assert f"--{control.name.replace('_', '-')}" in out
        assert f"{control.minimum:g} to {control.maximum:g}" in out


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], "COMMAND"),
        (["sing"], "'play'"),
        (["play", "--octav-shift", "1"], "did you mean --octave-shift?"),
        (["play", "--block-size", "3"], "16...4096"),
        (["play", "--block-size", "x"], "16...4096"),
        (["play", "--octave-shift"], "expected one argument"),
        (["play", "--octave-shift", "9"], "--octave-shift: 9 is above 3: octave_shift takes -3"),
        (["play", "--gate_db", "loud"], "'loud' is not a number"),
        (["play", "--room-mix", "nan"], "--room-mix: 'nan' is not a number"),
        (["play", "--input", "file:a.wav"], "both a file: or neither"),
        (["controls", "extra"], "unknown extra"),
    ],
)
def test_wrong_words_get_one_line_and_exit_2(
    run: Run, engines: list[dict[str, float]], words: list[str], names: str
) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert names in err


def test_controls_as_json(run: Run) -> None:
    code, out, _ = run("controls", "--json")
    table = json.loads(out)["controls"]
    assert code == 0
    assert [entry["name"] for entry in table] == [control.name for control in CONTROLS]
    assert table[2]["minimum"] == -3


def test_controls_for_people(run: Run) -> None:
    assert all(control.name in run("controls")[1] for control in CONTROLS)


def test_devices(run: Run, portaudio: FakePortAudio) -> None:
    assert json.loads(run("devices", "--json")[1]) == {
        "devices": [
            {
                "index": 0,
                "name": "Scarlett 2i2",
                "host_api": "ALSA",
                "n_inputs": 2,
                "n_outputs": 2,
                "default_rate_hz": 44100,
            }
        ]
    }
    assert "><   0  Scarlett 2i2" in run("devices")[1]


def test_no_devices(run: Run, portaudio: FakePortAudio) -> None:
    portaudio.entries.clear()
    assert json.loads(run("devices", "--json")[1]) == {"devices": []}
    assert "start JACK" in run("devices")[1]
    code, _, err = run("devices")
    assert (code, err) == (0, "")


def test_presets(run: Run, engines: list[dict[str, float]]) -> None:
    assert run("presets")[1] == "flute\nviolin\n"
    assert json.loads(run("presets", "--json")[1]) == {"presets": ["flute", "violin"]}


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
    tape = FakeTape()
    tape.failed = "no space left"
    monkeypatch.setattr(cli_play, "_open_tape", lambda *_: tape)
    code, out, err = run("play", *files(tmp_path))
    assert code == 1
    assert "played " in out
    assert is_one_error_line(err)
    assert "--record: recording stopped (no space left)" in err


def test_an_interrupt_while_loading_is_no_traceback(
    run: Run, engines: list[dict[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_play, "build_engine", interrupt)
    monkeypatch.setattr(cli_play, "choose_card", lambda *_: None)
    code, _, err = run("play")
    assert (code, err) == (130, "")


PLAY_WITH_A_FAKE = """
import sys
from types import ModuleType, SimpleNamespace
from fakes import DelayEngine
from realtime import cli, cli_play
preset = ModuleType("realtime.preset")
preset.load_preset = lambda name: SimpleNamespace(name=name, midi=())
sys.modules["realtime.preset"] = preset
cli_play.build_engine = lambda preset, overrides: DelayEngine()
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
    assert out.startswith("played ")
    assert "block time p50" in out
    assert soundfile.info(tmp_path / "out.wav").samplerate == 48000
