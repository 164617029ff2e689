"""Where a person's own things live."""

from pathlib import Path

import pytest

from realtime import places


def test_the_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "x"))
    assert places.config_dir() == tmp_path / "x"
    assert places.user_presets_dir() == tmp_path / "x" / "presets"
    assert places.user_voices_dir() == tmp_path / "x" / "voices"
    assert not (tmp_path / "x").exists(), "asking makes nothing"


def test_a_path_may_begin_with_the_home_folder_or_be_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(places.VARIABLE, "~/mine")
    assert places.config_dir() == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(places.VARIABLE, "here")
    assert places.config_dir() == tmp_path / "here"


@pytest.mark.parametrize("value", [None, ""])
def test_else_it_is_the_platforms_own(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv(places.VARIABLE)
    else:
        monkeypatch.setenv(places.VARIABLE, value)
    assert places.config_dir().name == "chanterelle"
    assert places.config_dir().is_absolute()
