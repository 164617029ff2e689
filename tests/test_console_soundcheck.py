"""The desk's sound check: its take, its work, and the steps in a real browser."""

import asyncio
import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, expect
from rig.browser import page_of, serious_faults
from rig.console import CLIP, Show

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import PresetError, StreamError
from realtime.console import desk_soundcheck_job as job
from realtime.console import desk_soundcheck_take
from realtime.console.desk_soundcheck_take import CheckTake
from realtime.console.mirror import Mirror
from realtime.places import VARIABLE
from realtime.preset import load_preset
from realtime.singer import Singer, forget_singer, list_singers, save_singer
from realtime.soundcheck import check_sound
from realtime.take_recorder import TakeRecorder

VOICE = load_preset("violin").voice_dir


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "config"))
    return tmp_path


def push(recorder: TakeRecorder, sound: np.ndarray) -> None:
    for block in np.split(sound, range(4800, len(sound), 4800)):
        recorder.push(block, block)


def test_only_what_was_sung_in_the_check_is_listened_to(own: Path) -> None:
    sung, rate = soundfile.read(CLIP, frames=8 * 48000, dtype="float32")
    before = np.ones(rate, np.float32)  # clipped, as somebody tapped the microphone
    recorder = TakeRecorder(own / "takes", rate, preroll_s=1.0, queue_s=20.0)
    with contextlib.closing(recorder):
        push(recorder, before)
        recorder.start(wait=True)
        push(recorder, sung)
    found = job.listen_to(recorder.finished[0].folder, VOICE)
    singer, advice = check_sound(sung, rate)
    heard = Singer.model_validate(found["singer"])
    assert heard.peak_db == singer.peak_db
    assert heard.noise_db == pytest.approx(singer.noise_db, abs=0.5)
    assert heard.gate_db == pytest.approx(singer.gate_db, abs=0.5)
    assert found["advice"] == advice
    assert found["octave_shift"] == singer.octave_for(load_voice(VOICE).statistics)


def test_the_job_answers_as_the_command_line_does(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.nice", lambda _by: 0)
    assert job.main(["singer", "nobody", str(VOICE), "--json"]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    save_singer("ann", A_SINGER)
    assert job.main(["singer", "ann", str(VOICE), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["singer"] == A_SINGER.model_dump()


A_SINGER = Singer(
    noise_db=-70,
    loudness_quantiles_db={"5": -44, "25": -33, "50": -28, "75": -25, "95": -21},
    f0_quantiles_hz={"5": 98, "25": 130, "50": 165, "75": 196, "95": 262},
    peak_db=-12,
    input_gain_db=1,
    gate_db=-56,
)


def test_a_profile_is_forgotten(own: Path) -> None:
    save_singer("ann", A_SINGER)
    forget_singer("ann")
    forget_singer("ann")
    assert not list_singers()
    with pytest.raises(PresetError):
        forget_singer("../presets/x")


class Recording(Mirror):
    """Of an engine that records into `folder` when it is asked to."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        about = SimpleNamespace(takes=str(folder.parent))
        self.table = SimpleNamespace(about=about)  # type: ignore[assignment]
        self.done: list[tuple[str, object]] = []

    async def ask(self, what: str, **_: Any) -> dict[str, Any]:
        assert what == "begin_take"
        self.folder.mkdir(exist_ok=True)
        (self.folder / "take.yaml").touch()
        self.state = {"take": str(self.folder)}
        return {}

    def do(self, command: str, value: float | str | None = None) -> None:
        self.done.append((command, value))
        self.state = {"take": ""}


def test_a_check_removes_its_own_take(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    mirror = Recording(tmp_path / "new")

    async def check() -> None:
        take = CheckTake(mirror)
        await take.begin()
        assert take.folder == mirror.folder
        assert take.is_running
        await take.end()
        await take.end()
        assert await take.remove()

    asyncio.run(check())
    assert mirror.done == [("record", 0.0)]
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_another_take_is_neither_ended_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_soundcheck_take, "BEGIN_LIMIT_S", 0.1)
    there = tmp_path / "there"
    there.mkdir()
    mirror = Recording(there)  # what is recorded was there before

    async def check() -> None:
        take = CheckTake(mirror)
        with pytest.raises(StreamError, match="nothing is recorded"):
            await take.begin()
        assert not await take.remove()

    asyncio.run(check())
    assert there.is_dir()


def test_a_hand_that_ends_the_take_ends_the_check(tmp_path: Path) -> None:
    mirror = Recording(tmp_path / "new")

    async def check() -> None:
        take = CheckTake(mirror)
        await take.begin()
        mirror.state = {"take": str(tmp_path / "another")}
        with pytest.raises(StreamError, match="another hand"):
            take.check()
        await take.end()

    asyncio.run(check())
    assert not mirror.done


@pytest.mark.browser
def test_a_singer_is_heard_kept_and_forgotten(browser: Browser, a_show: Show) -> None:
    with page_of(browser, 390, 844) as page:
        page.goto(a_show.address)
        page.goto(a_show.address.partition("?")[0] + "desk")
        page.get_by_role("tab", name="Sound check").click()
        panel = page.get_by_role("region", name="Sound check")
        name = panel.get_by_role("textbox", name="Name")
        name.fill("a/b")
        name.press("Enter")
        expect(panel.get_by_role("alert")).to_contain_text("no name for a file")
        panel.get_by_role("textbox", name="Name").fill("ann")
        panel.get_by_role("button", name="Begin").click()
        expect(panel.get_by_role("meter")).to_be_visible()
        enough = panel.get_by_role("button", name="That is enough")
        expect(enough).to_be_enabled(timeout=10_000)
        enough.click()
        expect(panel.get_by_text("ann was heard")).to_be_visible(timeout=60_000)
        assert not serious_faults(page)
        expect(panel.get_by_text("input gain")).to_be_visible()
        panel.get_by_role("button", name="Keep and use it").click()
        expect(panel.get_by_text("ann is kept")).to_be_visible()
        profile = a_show.config / "singers" / "ann.yaml"
        assert profile.is_file()
        assert not list((a_show.folder / "takes").iterdir())
        panel.get_by_role("button", name="Forget ann").click()
        page.get_by_role("button", name="Forget", exact=True).click()
        expect(panel.get_by_text("None yet")).to_be_visible()
        assert not profile.exists()
        page.get_by_role("tab", name="Presets").click()
        page.get_by_role("button", name="Undo changes").click()
