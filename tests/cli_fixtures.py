"""What tests of the command line share: it runs here, with a fake engine and a fake PortAudio."""

import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace

import pytest
from fakes import DelayEngine, FakePortAudio

from realtime import cli, cli_play, devices


@pytest.fixture(autouse=True)
def same_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' own process keeps its variables, its priority, and its memory unlocked."""
    monkeypatch.setattr(cli_play, "raise_companions", lambda: 0)
    monkeypatch.setattr(cli_play, "lock_memory", lambda: False)
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """Plays with a fake engine; keeps the controls of each that was built."""
    built: list[dict[str, float]] = []

    def build(_preset: object, overrides: dict[str, float], _guide: object) -> DelayEngine:
        built.append(overrides)
        return DelayEngine()

    preset = ModuleType("realtime.preset")
    named = lambda name: SimpleNamespace(name=name, midi=(), pitch="nsdf")  # noqa: E731
    preset.load_preset = named  # type: ignore[attr-defined]
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


def is_one_error_line(text: str) -> bool:
    return text.startswith("error: ") and text.count("\n") == 1 and text.endswith("\n")
