"""The console's process: begun when there is an engine, started again where it died."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cli_fixtures
import pytest
from cli_fixtures import Run, is_one_error_line
from desks import a_desk

from ddsp_core.errors import DeviceError
from realtime import console_flags, console_process
from realtime.console_process import ConsoleKeeper, Wish, new_folder, open_door, read_wish
from realtime.link_news import Sources
from realtime.link_server import LinkServer

same_environment, run = cli_fixtures.same_environment, cli_fixtures.run

CONSOLE = """
import os, socket, sys, time
from pathlib import Path
folder, door = Path(sys.argv[2]), socket.socket(fileno=int(sys.argv[4]))
with (folder / "log").open("a") as log:
    token = (folder / "token").read_text()
    is_first = "--first" in sys.argv
    log.write(f"{os.getpid()} {door.getsockname()[1]} {token} {is_first}\\n")
"""
STAYS = CONSOLE + "time.sleep(60)"
LIMIT_S = 10.0


def a_console(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def wait(is_so: Callable[[], object]) -> None:
    end_s = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def is_alive(number: int) -> bool:
    """Nobody may have asked for a dead one's exit code yet."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "XZ"


class Log:
    """What a console notes at its start."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log"

    def lines(self, n_starts: int) -> list[list[str]]:
        """Once it has been started so often: number, port, token, whether it is the first."""

        def found() -> list[list[str]]:
            if not self._path.exists():
                return []
            return [line.split() for line in self._path.read_text().splitlines()]

        wait(lambda: len(found()) >= n_starts and len(found()[-1]) == 4)
        return found()


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder()
    Wish(port=0).write(made)
    yield made
    assert not made.exists()


def test_nothing_begins_before_the_engine_has(folder: Path) -> None:
    with ConsoleKeeper(folder, a_console(STAYS)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        time.sleep(0.3)
        assert not (folder / "log").exists()
        (folder / "engine").touch()
        ((number, _, _, is_first),) = Log(folder).lines(1)
        assert is_first == "True"
        assert os.getpgid(int(number)) == int(number)  # Ctrl-C is not for it
        assert (folder / "token").read_text() not in Path(f"/proc/{number}/cmdline").read_text()
    assert not is_alive(int(number))


def test_one_that_was_killed_is_back_at_the_same_address(folder: Path) -> None:
    (folder / "engine").touch()
    with ConsoleKeeper(folder, a_console(STAYS)):
        ((number, port, token, _),) = Log(folder).lines(1)
        began_s = time.monotonic()
        os.kill(int(number), signal.SIGKILL)
        with socket.create_connection(("127.0.0.1", int(port))):  # who comes meanwhile waits
            assert Log(folder).lines(2)[1][1:] == [port, token, "False"]
        assert time.monotonic() - began_s < 1.5


def test_one_that_ends_and_ends_is_given_up_and_the_performer_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_process, "AGAIN_AFTER_S", 0.0)
    desk, _, changes = a_desk()
    sources = Sources(lambda: b"{}", dict, dict, lambda: b"")
    server = LinkServer(folder / "engine", desk, sources)
    said: list[object] = []

    def say(asked: object) -> dict[str, object]:
        said.append(asked)
        return {}

    server.answer("say", say)
    with server, ConsoleKeeper(folder, a_console(CONSOLE + "raise ValueError('no wood')")):
        lines = Log(folder).lines(console_process.MOST_ENDS)
        wait(lambda: said)
    assert len(lines) == console_process.MOST_ENDS
    assert "5 times in a row (ValueError: no wood)" in str(said)
    assert not [change for change in changes if change.what == "message"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(lines[0][1])))


def test_without_an_engine_it_is_told_as_a_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console_process, "AGAIN_AFTER_S", 0.0)
    monkeypatch.setattr(console_process, "MOST_ENDS", 1)
    (folder / "engine").touch()
    with ConsoleKeeper(folder, a_console("")) as keeper:
        wait(lambda: not keeper._thread.is_alive())
    assert capsys.readouterr().err == "no console: it ended 1 times in a row\n"


def test_a_frozen_one_ends_too_with_what_it_has_started(folder: Path) -> None:
    (folder / "engine").touch()
    program = """
import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
(folder / "child").write_text(str(child.pid))
time.sleep(60)
"""
    with ConsoleKeeper(folder, a_console(CONSOLE + program)):
        number = int(Log(folder).lines(1)[0][0])
        wait(lambda: (folder / "child").exists() and (folder / "child").read_text())
        child = int((folder / "child").read_text())
        os.kill(number, signal.SIGSTOP)
    wait(lambda: not is_alive(number) and not is_alive(child))


def test_it_ends_with_its_keeper_however_that_ended(tmp_path: Path) -> None:
    program = """
import sys, time
from realtime.console_process import ConsoleKeeper, Wish, new_folder
folder = new_folder()
Wish(port=0).write(folder)
(folder / "engine").touch()
print(folder, flush=True)
with ConsoleKeeper(folder, (sys.executable, "-c", sys.argv[1])):
    time.sleep(60)
"""
    ends = "from realtime.console import modest\nmodest.end_with_keeper(folder)\n"
    command = [sys.executable, "-c", program, CONSOLE + ends + "time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout
        folder = Path(keeper.stdout.readline().strip())
        number = int(Log(folder).lines(1)[0][0])
        keeper.kill()
    wait(lambda: not is_alive(number) and not folder.exists())


def test_the_usual_port_or_the_next_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_door(0, False) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(console_process, "USUAL_PORT", port)
        with open_door(None, False) as door:
            assert port < door.getsockname()[1] < port + 20
        with pytest.raises(DeviceError, match="--console-port"):
            open_door(port, False)


def test_a_wish_comes_as_it_went(tmp_path: Path) -> None:
    assert read_wish(tmp_path) == Wish()
    wish = Wish(8321, True, True, "/takes")
    wish.write(tmp_path)
    assert read_wish(tmp_path) == wish
    (tmp_path / "wish").write_text(json.dumps([1]))
    assert read_wish(tmp_path) == Wish()


def test_a_long_name_of_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("a" * 90)))
    (tmp_path / ("a" * 90)).mkdir()
    made = new_folder()
    made.rmdir()
    assert len(str(made)) < console_process.LONGEST_FOLDER


@pytest.mark.parametrize("flags", [["--lan"], ["--no-browser"], ["--console-port", "0"]])
def test_flags_that_need_a_console_say_so(run: Run, flags: list[str]) -> None:
    code, _, err = run("play", *flags)
    assert code == 2
    assert is_one_error_line(err)
    assert "add --console" in err


def test_without_nicegui_it_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_flags, "NEEDED", ("a_package_that_nobody_has",))
    code, _, err = run("play", "--console")
    assert code == 2
    assert is_one_error_line(err)
    assert "pip install 'chanterelle[console]'" in err


def test_a_port_that_is_taken_is_said_before_anything_begins(run: Run) -> None:
    with open_door(0, False) as taken:
        code, _, err = run("play", "--console", "--console-port", str(taken.getsockname()[1]))
    assert code == 2
    assert is_one_error_line(err)
    assert "--console-port" in err


def test_who_keeps_it_stays_light() -> None:
    program = "import sys, realtime.console_process; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "asyncio", "nicegui", "pydantic", "ssl"} & set(done.stdout.split())
