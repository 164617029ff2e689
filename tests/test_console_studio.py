"""The studio behind its page: what is wished for, what is kept, and for how long."""

import asyncio
import contextlib
import shlex
from pathlib import Path
from typing import Any

import pytest

from ddsp_core.errors import AudioError, ControlError
from realtime.cli import build_parser
from realtime.cli_controls import given_controls
from realtime.console import studio_works
from realtime.console.studio_wishes import BARE, MAIN, MORE, OCTAVE, Wishes, choices
from realtime.console.studio_work import stem_of
from realtime.console.studio_works import Studio
from realtime.console.transfer_job import FLAC, ORIGINAL, PICTURES, RESULT, TransferJobs, Unwanted
from realtime.controls import BY_NAME


class FakeJobs(TransferJobs):
    """Writes what real jobs would, at once; or waits for its turn, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: BaseException | None = None
        self.words: list[str] = []

    async def look(self, source: Path, folder: Path, progress: Any) -> dict[str, Any]:
        return self._done(folder / ORIGINAL)

    async def transfer(self, words: Any, folder: Path, progress: Any) -> dict[str, Any]:
        self.words = list(words)
        progress("rendering", 0.5)
        return self._done(folder / RESULT)

    def _done(self, path: Path) -> dict[str, Any]:
        path.write_bytes(bytes(1000))
        if self.fails:
            raise self.fails
        return {"duration_s": 1.0}


async def opened(folder: Path, jobs: FakeJobs | None = None) -> Studio:
    desk = Studio(folder, jobs or FakeJobs())
    await desk.open(Path("a.wav"), "A song.wav")
    return desk


def n_folders(folder: Path) -> int:
    return sum(1 for path in folder.iterdir() if path.is_dir())


# What is wished for


def test_wishes_are_the_flags_of_render(tmp_path: Path) -> None:
    wishes = Wishes(voice="flute", threshold=1.5, fits_loudness=False)
    for name, value in (("autotune", 0.5), ("key", 2.0), ("loudness_shift_db", -6.0)):
        wishes = wishes.turned(name, value)
    words = wishes.words(Path("in.wav"), Path("out.wav"), tmp_path)
    args = build_parser(words)[0].parse_args(words)
    assert (args.preset, args.fit_octave, args.fit_loudness) == ("flute", True, False)
    assert (args.mask_threshold, args.mask_attenuation_db) == (1.5, 20.0)
    wanted = {"autotune": 0.5, "key": 2.0, "loudness_shift_db": -6.0}
    assert given_controls(args) == wanted
    assert shlex.split(wishes.command("-in.wav", "out.wav"))[2:4] == ["./-in.wav", "out.wav"]


def test_a_fitted_octave_is_not_shifted_by_hand_as_well() -> None:
    by_hand = Wishes(fits_octave=False).turned(OCTAVE, -1)
    assert by_hand.flags[-2:] == ["--octave-shift", "-1"]
    assert "--octave-shift" not in Wishes().turned(OCTAVE, -1).flags


def test_a_voice_without_a_preset_gets_one(tmp_path: Path) -> None:
    wishes = Wishes(voice=f"{BARE}my voice")
    words = wishes.words(Path("in.wav"), Path("out.wav"), tmp_path)
    assert Path(words[4]).read_text() == "voice: my voice\n"
    assert wishes.command("a", "b").startswith("echo 'voice: my voice' > 'my voice.yaml' && ")


def test_all_controls_can_be_adjusted_and_all_presets_chosen() -> None:
    assert {*MAIN, *MORE, OCTAVE} == set(BY_NAME)
    assert {"violin", "flute", "duet"} <= {choice.value for choice in choices()}
    with pytest.raises(ControlError, match="above 1"):
        Wishes().turned("autotune", 2.0)


@pytest.mark.parametrize(
    ("title", "stem"),
    [("My song (3).mp3", "My song (3)"), ("../../etc/passwd", "passwd"), ("..", "recording"),
     ("a\x1b[2Jb", "a_[2Jb".replace("[", "_")), ("", "recording")],
)  # fmt: skip
def test_files_are_named_for_any_disk(title: str, stem: str) -> None:
    assert stem_of(title) == stem


# What lies on the desk


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_works, "MOST_BYTES", 5500)

    async def use() -> None:
        desk = await opened(tmp_path)
        for _ in range(studio_works.MOST_RESULTS + 3):
            await desk.render(Wishes(), "Violin")
        assert desk.source is not None
        assert [result.number for result in desk.source.results] == [12, 13, 14, 15]
        assert desk.source.chosen is desk.source.results[-1]
        for number in range(studio_works.MOST_SOURCES + 1):
            await desk.open(Path("b.wav"), f"{number}.wav")
        assert len(desk.sources) == 5
        assert desk.source is desk.sources[-1]
        assert n_folders(tmp_path) == 5
        assert n_folders(tmp_path) * 1000 <= 5500

    asyncio.run(use())


@pytest.mark.parametrize("error", [AudioError("x", "y", ""), Unwanted(), asyncio.CancelledError()])
def test_what_failed_or_is_not_wanted_leaves_nothing(error: BaseException, tmp_path: Path) -> None:
    async def use() -> None:
        jobs = FakeJobs()
        desk = await opened(tmp_path, jobs)
        jobs.fails = error
        raised = (
            contextlib.nullcontext() if isinstance(error, Unwanted) else pytest.raises(type(error))
        )
        with raised:
            await desk.render(Wishes(), "Violin")
        assert desk.source is not None
        assert not desk.source.results
        assert not desk.is_busy
        assert n_folders(tmp_path) == 1

    asyncio.run(use())


def test_files_are_found_by_key_and_name_alone(tmp_path: Path) -> None:
    async def use() -> None:
        desk = await opened(tmp_path)
        await desk.render(Wishes(voice="flute"), "Flute")
        assert desk.source is not None
        result = desk.source.results[0]
        assert desk.file(result.key, RESULT) == (result.folder / RESULT, "A song-flute.wav")
        assert desk.file(result.key, FLAC) == (result.folder / FLAC, "A song-flute.flac")
        assert desk.file(desk.source.key, PICTURES) is not None
        for key, name in ((result.key, "preset.yaml"), (result.key, "../x"), ("key", RESULT)):
            assert desk.file(key, name) is None
        await desk.remove(result.key)
        assert desk.file(result.key, RESULT) is None
        assert desk.source.chosen is None

    asyncio.run(use())


def test_there_is_nothing_to_render_without_a_recording(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no recording yet"):
        asyncio.run(Studio(tmp_path, FakeJobs()).render(Wishes(), "Violin"))


# What is seen and heard
