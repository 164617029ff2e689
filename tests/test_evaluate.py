import io
import json

import numpy as np
import pytest
import signals
import soundfile
from rich.console import Console

from ddsp_core.errors import RecipeError
from training import evaluate
from training.cli import main
from training.dataset import Dataset
from training.evaluate import _check_definition, _plain, evaluate_split, metrics_table
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
    assert metrics[1:] == (0.0, 0.0, 0.0, 0.0, 1.0)


def test_half_the_level_is_six_decibels(dataset):
    metrics = evaluate_split(dataset, lambda batch: batch.audio[0] / 2, mean_square)
    assert metrics.loudness_l1_db == pytest.approx(6.02, abs=0.05)
    assert metrics.f0_l1_semitones < 0.01


def test_a_tone_from_the_features_alone_lines_up(dataset):
    # The crudest synth: each hop sounds its frame's pitch. Notes change where the recording's do.
    def play(batch):
        f0_hz = np.repeat(batch.f0_hz[0], 128).astype(np.float64)
        return signals.harmonic(f0_hz, SAMPLE_RATE, [1.0 / k for k in range(1, 21)])

    assert evaluate_split(dataset, play, mean_square).f0_within_50_cents > 0.95


def test_features_of_another_kind_are_refused(dataset):
    _check_definition(dataset, "set", dict(dataset.index.definition))
    with pytest.raises(RecipeError, match="prepare the dataset again"):
        _check_definition(dataset, "set", {**dataset.index.definition, "hop_size": 64})


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

    monkeypatch.setattr(evaluate, "MOST_CLIPS", 1)
    voice = Voice(VoiceConfig(DecoderConfig(n_units=16, n_harmonics=8, n_bands=9), reverb_len=64))
    tensors = {name: tensor.numpy() for name, tensor in voice.state_dict().items()}
    definition = dict(dataset.index.definition)
    (tmp_path / "tiny").mkdir()
    file = VoiceFile(voice.config, definition, {}, {"room": "a"}, tensors)
    save_voice(tmp_path / "tiny" / FILE_NAME, file)
    arguments = ["evaluate", str(tmp_path / "tiny"), "--dataset", str(dataset.path), "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["voice"], found["room"]) == ("tiny", "a")
    assert found["validation"]["spectral_loss"] > 0.0
    assert main([*arguments, "--room", "hall"]) == 2
    assert "no room 'hall'" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--dataset", str(dataset.path)]) == 2


def test_report(dataset, tmp_path):
    metrics = evaluate_split(dataset, lambda batch: batch.audio[0], mean_square)
    without_pitch = metrics._replace(f0_l1_semitones=float("nan"))
    results = {"validation": metrics, "train": without_pitch}
    plain = json.loads(json.dumps(_plain(tmp_path / "violin", results, None), allow_nan=False))
    assert plain["voice"] == "violin"
    assert plain["train"]["f0_l1_semitones"] is None
    assert plain["validation"]["f0_within_50_cents"] == 1.0
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(metrics_table("violin", results.items()))
    assert "f0 within 50 cents" in console.export_text()


def test_long_splits_are_thinned_out(dataset, monkeypatch):
    monkeypatch.setattr(evaluate, "MOST_CLIPS", 1)
    assert evaluate_split(dataset, lambda batch: batch.audio[0], mean_square).n_clips == 1
