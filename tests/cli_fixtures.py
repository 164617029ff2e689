"""What tests of the command line share: it runs here, with a fake engine and a fake PortAudio."""

import os
from collections.abc import Callable, Iterator, Sequence

import pytest
from desks import FakeInstrument
from fakes import DelayEngine, FakePortAudio

from realtime import cli, cli_play, devices
from realtime.preset import Preset


@pytest.fixture(autouse=True)
def same_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' own process keeps its variables, its priority, and its memory unlocked."""
    monkeypatch.setattr(cli_play, "raise_companions", lambda: 0)
    monkeypatch.setattr(cli_play, "lock_memory", lambda: False)
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


class DelayHost(DelayEngine, FakeInstrument):
    """Plays what it gets, later, as any of its presets."""

    n_outputs = 1
    n_bad = 0

    def __init__(self, presets: Sequence[Preset]) -> None:
        DelayEngine.__init__(self)
        FakeInstrument.__init__(self, presets)

    def set_control(self, name: str, value: float) -> None:
        FakeInstrument.set_control(self, name, value)

    def tidy(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """Plays with a fake host; keeps the controls that were asked for."""
    built: list[dict[str, float]] = []

    def build(presets: Sequence[Preset], overrides: dict[str, float], _guide: object) -> DelayHost:
        built.append(overrides)
        return DelayHost(presets)

    monkeypatch.setattr(cli_play, "build_host", build)
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


def is_one_error_line(text: str) -> bool:
    return text.startswith("error: ") and text.count("\n") == 1 and text.endswith("\n")
