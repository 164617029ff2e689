"""TensorBoard's log: what was heard is in it, and the training does not notice."""

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import signals
import soundfile
import torch
import voices
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from test_dataset import HOP_SIZE, SAMPLE_RATE, make_dataset

from ddsp_core.checkpoint import FILE_NAME, save_voice
from ddsp_core.voice import Voice
from training import board as board_module
from training.board import FOLDER, Board
from training.dataset import Dataset
from training.index import read_index, write_index
from training.recipe import load_recipe
from training.segments import Segment
from training.sung_clips import sung_clips

ROOT = Path(__file__).parent.parent
RECIPE = load_recipe("live")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of one note, held out but for the beginning."""
    audio = signals.rich_tone(440.0, 4.0, SAMPLE_RATE)
    n_frames = len(audio) // HOP_SIZE
    segments = [Segment(0, 300, 0, "train"), Segment(300, n_frames, 0, "validation")]
    folder: Path = make_dataset(
        tmp_path_factory.mktemp("set"), [(audio, "phrases", room, 0.0, segments) for room in (0, 1)]
    )
    index = read_index(folder)
    range_hz = {"f0_quantiles_hz": {"1": 220.0, "99": 880.0}}
    statistics = index.statistics.model_copy(update=range_hz)
    write_index(index.model_copy(update={"statistics": statistics}), folder)
    return folder


@pytest.fixture(scope="module")
def voice() -> Voice:
    torch.manual_seed(1)
    return Voice(voices.config(), n_rooms=2).train()


@pytest.fixture(scope="module")
def voice_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voice")
    save_voice(folder / FILE_NAME, voices.voice_file(Voice(voices.config())))
    return folder


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of something else: drawing takes longer than everything else together."""
    monkeypatch.setattr(board_module, "pictures", lambda _heard: {})


def log_of(run_dir: Path) -> EventAccumulator:
    everything = {"images": 0, "audio": 0, "scalars": 0, "tensors": 0}
    log = EventAccumulator(str(run_dir / FOLDER), size_guidance=everything)
    log.Reload()
    return log


def audio_of(log: EventAccumulator, tag: str) -> np.ndarray:
    (event,) = log.Audio(tag)
    audio, rate = soundfile.read(io.BytesIO(event.encoded_audio_string), dtype="float32")
    assert rate == event.sample_rate == SAMPLE_RATE
    return np.asarray(audio)


def random_states() -> list[Any]:
    return [random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()]  # noqa: NPY002


def test_the_log_holds_what_was_heard_and_training_does_not_notice(
    tmp_path: Path, dataset: Path, voice: Voice, voice_dir: Path
) -> None:
    warnings: list[str] = []
    voice.room.taps.grad = torch.ones_like(voice.room.taps)
    before = {name: value.clone() for name, value in voice.state_dict().items()}
    states = random_states()
    board = Board(tmp_path, dataset, RECIPE, say=warnings.append)
    board.scalars(10, {"loss/train": 5.0, "speed/steps_per_s": 2.5})
    board.listen(10, voice_dir, voice)
    board.close()
    assert warnings == []
    assert random_states() == states
    assert voice.training
    assert torch.all(voice.room.taps.grad == 1.0)
    assert all(p.grad is None for p in voice.decoder.parameters())
    assert all(torch.equal(value, before[name]) for name, value in voice.state_dict().items())

    log = log_of(tmp_path)
    assert [(e.step, e.value) for e in log.Scalars("loss/train")] == [(10, 5.0)]
    clips = ["held_out_1", "held_out_2", "sung_baritone", "sung_soprano"]
    sounds = {f"{clip}/{kind}" for clip in clips for kind in ("given", "played")}
    assert set(log.Tags()["audio"]) == sounds | {"room/one", "room/two"}
    kinds = ("spectrogram", "pitch_and_loudness", "waveform")
    drawn = {f"{clip}/{kind}" for clip in clips for kind in kinds}
    assert set(log.Tags()["images"]) == drawn | {"room/one", "room/two"}

    (first, _) = Dataset(dataset, "validation").clips(4.0, 1.0)
    recorded = first.batch.audio[0, first.n_context * HOP_SIZE :]
    # 16 bits in the log.
    np.testing.assert_allclose(audio_of(log, "held_out_1/given"), recorded, atol=2**-14)
    for clip in sung_clips(read_index(dataset)):
        given, played = (audio_of(log, f"sung_{clip.name}/{k}") for k in ("given", "played"))
        np.testing.assert_allclose(given, clip.audio, atol=2**-14)
        assert len(played) == len(given)
        assert np.abs(played).max() > 0.001
    clap = audio_of(log, "room/one")
    assert len(clap) == voice.config.reverb_len


@pytest.mark.usefixtures("no_pictures")
def test_what_fails_is_said_and_the_rest_goes_on(
    tmp_path: Path, dataset: Path, voice: Voice
) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"cut short")
    warnings: list[str] = []
    board = Board(tmp_path, dataset, RECIPE, say=warnings.append)
    board.listen(1, tmp_path, voice)
    board.close()
    assert [line.partition(":")[0] for line in warnings] == ["warning"] * 2
    assert "live rendering of baritone" in warnings[0]
    assert FILE_NAME in warnings[0]
    assert {"room/one", "held_out_1/played"} <= set(log_of(tmp_path).Tags()["audio"])


def test_without_clips_there_are_still_figures(tmp_path: Path, voice: Voice) -> None:
    warnings: list[str] = []
    board = Board(tmp_path, tmp_path / "no dataset", RECIPE, say=warnings.append)
    board.listen(1, tmp_path, voice)
    board.scalars(1, {"loss/train": 5.0})
    board.close()
    assert len(warnings) == 1
    assert "no dataset" in warnings[0]
    assert log_of(tmp_path).Tags()["scalars"] == ["loss/train"]


def test_a_run_that_goes_on_drops_what_came_after(tmp_path: Path, dataset: Path) -> None:
    for first_step, losses in ((0, {1: 5.0, 2: 4.0, 3: 3.0}), (2, {3: 30.0})):
        board = Board(tmp_path, dataset, RECIPE, first_step)
        for step, loss in losses.items():
            board.scalars(step, {"loss/train": loss})
        board.close()
    found = [(e.step, e.value) for e in log_of(tmp_path).Scalars("loss/train")]
    assert found == [(1, 5.0), (2, 4.0), (3, 30.0)]


def test_speed_is_that_of_training_alone(tmp_path: Path, dataset: Path) -> None:
    now_s = 0.0
    board = Board(tmp_path, dataset, RECIPE, clock=lambda: now_s)
    for step in (1, 2):
        for gradient in (1.0, 2.0, 3.0):
            now_s += 0.25
            board.trained(gradient * step)
        now_s += 10.0  # validation
        board.scalars(step, {})
    board.scalars(3, {"loss/train": 1.0})
    board.close()
    log = log_of(tmp_path)
    assert [e.value for e in log.Scalars("speed/steps_per_s")] == [4.0, 4.0]
    assert [e.value for e in log.Scalars("gradient/norm")] == [2.0, 4.0]


@pytest.mark.usefixtures("no_pictures")
def test_before_the_first_voice_nothing_is_sung(
    tmp_path: Path, dataset: Path, voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        board_module, "hear_singing", lambda *_: pytest.fail("nothing to sing with")
    )
    warnings: list[str] = []
    board = Board(tmp_path, dataset, RECIPE, say=warnings.append)
    board.listen(1, tmp_path / "voice" / "one", voice)
    board.close()
    assert warnings == []


def test_sung_clips_are_attributed_and_played_in_the_instruments_register(dataset: Path) -> None:
    page = (ROOT / "training" / "sung" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    clips = sung_clips(read_index(dataset))
    assert len(clips) == 2
    assert all(f"`{clip.name}.flac`" in page for clip in clips)
    octaves = {clip.name: clip.controls["octave_shift"] for clip in clips}
    assert octaves == {"baritone": 1.0, "soprano": 0.0}
    for clip in clips:
        assert np.percentile(clip.heard.loudness_db, 90) == pytest.approx(-20.0, abs=0.1)
