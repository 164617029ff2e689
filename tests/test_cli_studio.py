"""`chanterelle studio`."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from realtime import cli_studio
from realtime.cli import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("flag", ["--takes", "--runs"])
def test_a_folder_that_is_missing_is_said(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["studio", flag, str(tmp_path / "nowhere")]) == 2
    assert f"error: {flag}: no folder" in capsys.readouterr().err


def test_without_nicegui_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli_studio, "NEEDED", ("no_such_package",))
    assert main(["studio"]) == 2
    assert "no_such_package is not installed: pip install" in capsys.readouterr().err


def test_ctrl_c_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "realtime.cli", "studio", "--port", "0", "--no-browser"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert re.fullmatch(
            r"studio: http://127.0.0.1:\d+/\?token=\S+\n", process.stdout.readline()
        )
        assert list(tmp_path.glob("chanterelle-studio-*"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out.strip(), err) == (0, "", "")
    assert not list(tmp_path.iterdir())
