"""The command line: what it prints, where, and with which exit code."""

import json
import re
import subprocess
import sys

import cli_fixtures
import pytest
from cli_fixtures import Run, is_one_error_line
from fakes import FakePortAudio

from realtime import cli
from realtime.controls import CONTROLS

# Bound by hand: pytest finds fixtures by their names in a module.
same_environment, engines = cli_fixtures.same_environment, cli_fixtures.engines
portaudio, run = cli_fixtures.portaudio, cli_fixtures.run


def test_help_names_every_command(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert all(re.search(rf"^    {name}\b", out, re.M) for name in cli.COMMANDS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("plugins", "List VST3 plug-ins, or one's parameters."),
        ("take list", "All takes of a folder."),
        ("midi forget", "Forget which knob moves a control or command."),
    ],
)
def test_help_says_in_a_sentence_what_it_is_for(run: Run, words: str, sentence: str) -> None:
    assert sentence in run(*words.split(), "--help")[1].splitlines()


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


def test_the_program_says_its_version() -> None:
    """In a process of its own: here pytest has imported more than the program does."""
    command = [sys.executable, "-m", "realtime.cli", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"chanterelle \d+\.\d+\.\d+\n", done.stdout)
