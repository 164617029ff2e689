import io
import json

import numpy as np
import pytest
import signals
import soundfile
from rich.console import Console

from ddsp_core.errors import RecipeError
from training import evaluate, held_out
from training.cli import main
from training.dataset import Dataset
from training.evaluate import Evaluation, as_plain, check_definition, metrics_table, splits_of
from training.held_out import evaluate_split
from training.prepare import Options, prepare

SAMPLE_RATE = 48000


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    curve = signals.steps([262.0, 294.0, 330.0, 392.0, 440.0] * 9, 0.5, SAMPLE_RATE)
    audio = signals.harmonic(curve, SAMPLE_RATE, [1.0 / k for k in range(1, 21)])
    soundfile.write(folder / "a.wav", audio, SAMPLE_RATE)
    prepare([folder / "a.wav"], folder / "set", Options(), Console(quiet=True))
    return Dataset(folder / "set", "validation")


def mean_square(recorded, played):
    return float(np.mean((recorded - played) ** 2))


def test_the_recording_itself_is_at_no_distance(dataset):
    metrics = evaluate_split(dataset, lambda batch: batch.audio[0], mean_square)
    assert metrics.n_clips == 1  # 12 % of 22.5 s
    assert metrics.seconds == pytest.approx(2.7, abs=0.02)
    assert (metrics.spectral_loss, metrics.loudness_l1_db) == (0.0, 0.0)
    assert metrics[4:7] == metrics[10:] == (0.0, 0.0, 1.0)
    # What is asked for is the live tracker's pitch: at notes' ends it is not the offline one's.
    assert metrics.f0_asked_l1_semitones < 0.3


def test_half_the_level_is_six_decibels(dataset):
    metrics = evaluate_split(dataset, lambda batch: batch.audio[0] / 2, mean_square)
    assert metrics.loudness_l1_db == pytest.approx(6.02, abs=0.05)
    assert metrics.f0_l1_semitones < 0.01


def test_a_tone_from_the_features_alone_lines_up(dataset):
    # The crudest synth: each hop sounds its frame's pitch. Notes change where the recording's do.
    def play(batch):
        f0_hz = np.repeat(batch.f0_hz[0], 128).astype(np.float64)
        return signals.harmonic(f0_hz, SAMPLE_RATE, [1.0 / k for k in range(1, 21)])

    metrics = evaluate_split(dataset, play, mean_square)
    assert metrics.f0_within_50_cents > 0.97
    assert metrics.f0_asked_within_50_cents > 0.95
    assert metrics.f0_live_within_50_cents > 0.95


def test_out_of_tune_is_heard_whoever_judges(dataset):
    def play(batch):
        f0_hz = np.repeat(batch.f0_hz[0], 128).astype(np.float64) * 2 ** (3 / 12)
        return signals.harmonic(f0_hz, SAMPLE_RATE, [1.0 / k for k in range(1, 21)])

    metrics = evaluate_split(dataset, play, mean_square)
    assert metrics.f0_l1_semitones == pytest.approx(3.0, abs=0.15)
    assert metrics.f0_asked_l1_semitones == pytest.approx(3.0, abs=0.25)
    assert metrics.f0_live_l1_semitones == pytest.approx(3.0, abs=0.25)


def test_the_voice_is_given_the_judges_pitch_and_the_datasets(dataset):
    # A dataset that is an octave wrong, and a voice that plays what it is asked to.
    def play(batch):
        f0_hz = np.repeat(batch.f0_hz[0], 128).astype(np.float64)
        return signals.harmonic(f0_hz, SAMPLE_RATE, [1.0 / k for k in range(1, 21)])

    (clip,) = held_out.clips_of(dataset, None)
    wrong = clip._replace(batch=clip.batch._replace(f0_hz=2.0 * clip.batch.f0_hz))
    found = held_out.compare(wrong, dataset, play, mean_square, "swift-f0").metrics
    assert found.f0.l1_semitones < 0.3
    assert found.f0_asked.l1_semitones < 0.5
    assert found.f0_live.l1_semitones > 9.0


def test_a_judge_that_is_not_there(dataset):
    with pytest.raises(RecipeError, match="did you mean crepe-tiny"):
        evaluate_split(dataset, lambda batch: batch.audio[0], mean_square, judge="crepe-tyni")


def test_features_of_another_kind_are_refused(dataset):
    check_definition(dataset.index, "set", dict(dataset.index.definition))
    with pytest.raises(RecipeError, match="prepare the dataset again"):
        check_definition(dataset.index, "set", {**dataset.index.definition, "hop_size": 64})


def test_one_room_only(dataset):
    def play(batch):
        return batch.audio[0]

    assert evaluate_split(dataset, play, mean_square, room="a").n_clips == 1
    with pytest.raises(RecipeError, match="no room 'b'"):
        evaluate_split(dataset, play, mean_square, room="b")


def test_command_line_with_a_voice_from_disk(dataset, tmp_path, capsys, monkeypatch):
    torch = pytest.importorskip("torch", reason="pip install chanterelle[train]")
    torch.set_num_threads(1)
    from ddsp_core.checkpoint import FILE_NAME, DecoderConfig, VoiceConfig, VoiceFile, save_voice
    from ddsp_core.voice import Voice

    monkeypatch.setattr(held_out, "MOST_CLIPS", 1)
    voice = Voice(VoiceConfig(DecoderConfig(n_units=16, n_harmonics=8, n_bands=9), reverb_len=64))
    tensors = {name: tensor.numpy() for name, tensor in voice.state_dict().items()}
    definition = dict(dataset.index.definition)
    (tmp_path / "tiny").mkdir()
    file = VoiceFile(voice.config, definition, {}, {"room": "a"}, tensors)
    save_voice(tmp_path / "tiny" / FILE_NAME, file)
    arguments = ["evaluate", str(tmp_path / "tiny"), "--dataset", str(dataset.path), "--json"]
    arguments.append("--sing")  # none: what is sung has a test of its own
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["voice"], found["room"]) == ("tiny", "a")
    assert found["validation"]["spectral_loss"] > 0.0
    assert found["sung"] == {}
    assert main([*arguments, "--room", "hall"]) == 2
    assert "no room 'hall'" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--dataset", str(dataset.path)]) == 2


def test_the_outcome_for_people_and_for_programs(dataset):
    metrics = evaluate_split(dataset, lambda batch: batch.audio[0], mean_square)
    without_pitch = metrics._replace(f0_l1_semitones=float("nan"))
    results = {"validation": metrics, "train": without_pitch}
    found = Evaluation("violin", "set", None, "swift-f0", results, [])
    plain = json.loads(json.dumps(as_plain(found), allow_nan=False))
    assert plain["voice"] == "violin"
    assert plain["train"]["f0_l1_semitones"] is None
    assert plain["validation"]["f0_within_50_cents"] == 1.0
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(metrics_table("violin", results.items()))
    assert "f0 within 50 cents" in console.export_text()
    assert set(evaluate.HEADINGS) == set(metrics._fields)


def test_the_splits_that_there_are(dataset):
    there = {s.split for entry in dataset.index.recordings for s in entry.segments}
    assert splits_of(dataset.index, None) == [s for s in evaluate.SPLITS if s in there]
    assert splits_of(dataset.index, "a") == splits_of(dataset.index, None)


def test_long_splits_are_thinned_out(dataset, monkeypatch):
    monkeypatch.setattr(held_out, "MOST_CLIPS", 1)
    assert evaluate_split(dataset, lambda batch: batch.audio[0], mean_square).n_clips == 1
