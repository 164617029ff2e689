"""TFRecords in, datasets out: windows joined, splits apart, magenta's pitch as the reference."""

import io
import re

import numpy as np
import pytest
import recordings
import signals
import soundfile
from rich.console import Console
from tfrecords import note_example, write_tfrecord

from ddsp_core.errors import AudioError, RecipeError
from training.cli import main
from training.dataset import Dataset
from training.index import read_index
from training.prepare import Options
from training.prepare_tfrecord import prepare_tfrecord
from training.recording import load

RATE = 16000
FRAME_RATE = 250
no_report_page = recordings.no_report_page
AT_16_KHZ = Options(sample_rate=RATE, hop_size=64)


def ddsp_examples(curve, seed, early_s=0.032, window_s=4, hop_s=1):
    """What ddsp_prepare_tfrecord writes of a sound with this pitch, shuffled."""
    swell = 0.2 + 0.8 * np.abs(np.sin(np.arange(len(curve)) / RATE * 1.7))
    audio = signals.harmonic(curve, RATE, [1.0 / k for k in range(1, 12)])
    audio = (audio * swell + signals.noise(len(curve) / RATE, RATE, 1e-4, seed)).astype(np.float32)
    at = np.arange(len(curve) // 64) * 64 + round(early_s * RATE)
    f0_hz = curve[np.minimum(at, len(curve) - 1)].astype(np.float32)
    at_level = np.minimum(at - round(0.016 * RATE), len(curve) - 1)
    loudness_db = (20.0 * np.log10(swell[at_level]) - 31.0).astype(np.float32)
    examples = []
    for start_s in range(0, round(len(curve) / RATE) - window_s + 1, hop_s):
        samples = slice(start_s * RATE, (start_s + window_s) * RATE)
        frames = slice(start_s * FRAME_RATE, (start_s + window_s) * FRAME_RATE)
        confidence = np.full(window_s * FRAME_RATE, 0.95, np.float32)
        examples.append(
            {
                "audio": audio[samples],
                "f0_hz": f0_hz[frames],
                "f0_confidence": confidence,
                "loudness_db": loudness_db[frames],
            }
        )
    return audio, [examples[n] for n in np.random.default_rng(seed).permutation(len(examples))]


def quietly(patterns, out, **options):
    console = Console(file=io.StringIO(), width=200)
    indexes = prepare_tfrecord(
        [str(p) for p in patterns], out, AT_16_KHZ, console=console, **options
    )
    return indexes, console.file.getvalue()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Two chunks of 20 s, in shuffled windows over two files."""
    folder = tmp_path_factory.mktemp("tf")
    chunks = [
        signals.vibrato(330.0, 20.0, RATE, rate_hz=3.0, depth_cents=150.0),
        signals.glide(220.0, 660.0, 20.0, RATE),
    ]
    made = [ddsp_examples(curve, seed) for seed, curve in enumerate(chunks)]
    examples = [example for _, each in made for example in each]
    write_tfrecord(folder / "train.tfrecord-00000-of-00002", examples[::2])
    write_tfrecord(folder / "train.tfrecord-00001-of-00002", examples[1::2])
    out = folder / "dataset"
    indexes, text = quietly([folder / "train.tfrecord*"], out)
    return out, indexes[""], text, [audio for audio, _ in made], chunks


def test_windows_become_the_recordings_that_they_were_cut_from(prepared):
    out, index, text, audios, _ = prepared
    assert "34 windows, from 2 recordings" in text
    sounds = sorted((out / "sounds" / "tfrecord").iterdir())
    assert len(sounds) == 2 == len(index.recordings)
    read = [soundfile.read(sound, dtype="float32")[0] for sound in sounds]
    for audio in audios:
        off_by = [np.abs(found - audio).max() for found in read]
        assert min(off_by) < 1e-6  # 24 bits


def test_no_second_is_in_two_splits(prepared):
    out, index, _, _, _ = prepared
    assert sum(entry.duration_s for entry in index.recordings) == 40.0  # each second is there once
    heard = {}
    for split in ("train", "validation"):
        clips = list(Dataset(out, split).clips(100.0))
        heard[split] = {
            (c.name, round(c.start_s + n / 250, 3))
            for c in clips
            for n in range(c.batch.f0_hz.shape[1])
        }
    assert heard["validation"]
    assert not heard["train"] & heard["validation"]


def test_room_and_level_are_one(prepared):
    _, index, _, _, _ = prepared
    assert index.rooms == ["tfrecord"]
    assert len({entry.gain_db for entry in index.recordings}) == 1


def test_the_pitch_of_the_file_is_the_reference_in_time(prepared):
    """Their frames are 32 ms early: unnoticed, a vibrato of 150 cents is up to 90 cents off."""
    out, index, text, _, _ = prepared
    pitch_ms, loudness_ms = re.search(r"early: pitch (\d+) ms, loudness (\d+) ms", text).groups()
    assert abs(int(pitch_ms) - 32) <= 4  # the live pitch itself lags 2.5 ms less than its frames
    assert abs(int(loudness_ms) - 16) <= 4
    for entry in index.recordings:
        assert entry.agreement.median_cents < 8.0  # of them the live tracker's own 5.5 ms
        recording = load(out / entry.stored)
        assert np.mean(recording.reference_f0_hz > 0.0) > 0.95


def test_loudness_is_compared(prepared):
    _, _, text, _, _ = prepared
    line = next(line for line in text.splitlines() if line.startswith("their loudness"))
    assert float(line.split("correlation ")[1].split(",")[0]) > 0.95


def test_octave_errors_are_put_right_with_it(tmp_path):
    """A missing fundamental with weak odd harmonics is an octave up for the live tracker."""
    curve = signals.constant(220.0, 12.0, RATE)
    _, examples = ddsp_examples(curve, 3)
    for example in examples:
        example["f0_hz"] = np.full_like(example["f0_hz"], 440.0)
    write_tfrecord(tmp_path / "a.tfrecord", examples)
    quietly([tmp_path / "a.tfrecord"], tmp_path / "out")
    clip = next(Dataset(tmp_path / "out", "train").clips(4.0))
    assert np.median(clip.batch.f0_hz) == pytest.approx(440.0, rel=0.01)


def test_unsure_pitch_is_no_reference(tmp_path):
    _, examples = ddsp_examples(signals.constant(330.0, 12.0, RATE), 4)
    for example in examples:
        example["f0_confidence"][:] = 0.5
    write_tfrecord(tmp_path / "a.tfrecord", examples)
    with pytest.raises(AudioError):  # nothing is left whose pitch is known
        quietly([tmp_path / "a.tfrecord"], tmp_path / "out")


@pytest.fixture(scope="module")
def nsynth(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nsynth")
    notes = [
        note_example(family, f"{family}_acoustic_000-{60 + n:03d}-100", 262.0 * 2 ** (n / 12))
        for family in ("string", "brass")
        for n in range(9)
    ]
    return write_tfrecord(folder / "nsynth.tfrecord", notes)


def test_every_family_makes_its_dataset(nsynth, tmp_path):
    indexes, _ = quietly([nsynth], tmp_path / "out")
    assert set(indexes) == {"brass", "string"}
    index = read_index(tmp_path / "out" / "string")
    assert index.rooms == ["string"]
    assert len(index.recordings) == 9
    assert all("string-acoustic-000-06" in entry.name for entry in index.recordings)
    assert {e.kind for e in index.recordings} == {"notes"}
    splits = {s.split for entry in index.recordings for s in entry.segments}
    assert {"train", "validation"} <= splits


def test_one_family_is_one_dataset(nsynth, tmp_path):
    indexes, _ = quietly([nsynth], tmp_path / "out", families=["brass"])
    assert set(indexes) == {"brass"}
    assert read_index(tmp_path / "out").rooms == ["brass"]


def test_families_by_number(tmp_path):
    notes = [note_example("string", f"n{n}", 300.0 + 20 * n, number_only=True) for n in range(9)]
    indexes, _ = quietly([write_tfrecord(tmp_path / "a.tfrecord", notes)], tmp_path / "out")
    assert set(indexes) == {"string"}


def test_an_unknown_family_lists_those_that_are_there(nsynth, tmp_path):
    with pytest.raises(RecipeError, match="did you mean brass"):
        quietly([nsynth], tmp_path / "out", families=["bras"])


def test_made_again_nothing_is_measured(nsynth, tmp_path, monkeypatch):
    quietly([nsynth], tmp_path / "out", families=["brass"])
    monkeypatch.setattr("training.known_pitch.measure", lambda *_: pytest.fail("measured again"))
    quietly([nsynth], tmp_path / "out", families=["brass"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e.pop("f0/hz"), "no f0_hz or f0/hz; it holds audio, f0/confidence"),
        (lambda e: e.update(audio=np.full(9000, np.nan, np.float32)), "audio holds NaN"),
        (lambda e: e.update({"f0/hz": np.ones(3, np.float32)}), "of 3, 500 and 500 frames"),
        (lambda e: e.update({"audio": np.ones(10, np.float32)}), "500 frames with 10 samples"),
        (lambda e: e.update({"sample_rate": np.array([7])}), "7 Hz: 8000 to 192000"),
        (
            lambda e: e.update({"instrument_family_str": "", "instrument_family": np.array([77])}),
            "instrument family 77",
        ),
    ],
)
def test_examples_that_cannot_be_used(tmp_path, change, words):
    example = note_example("string", "a", 300.0)
    change(example)
    path = write_tfrecord(tmp_path / "a.tfrecord", [note_example("string", "b", 310.0), example])
    with pytest.raises(AudioError, match=r"a\.tfrecord: record 1 at byte") as caught:
        quietly([path], tmp_path / "out")
    assert words in str(caught.value)


def test_command_line(nsynth, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out"), "--rate", "16000", "--hop", "64"]
    assert main(["prepare", "--tfrecord", str(nsynth), "--family", "brass", *out]) == 0
    assert read_index(tmp_path / "out").sample_rate == RATE
    capsys.readouterr()
    wrong = (
        (["--tfrecord", "no*.tfrecord"], "nothing matches no*.tfrecord"),
        ([], "nothing to prepare"),
        (["a.wav", "--tfrecord", str(nsynth)], "recordings and --tfrecord"),
        (["a.wav", "--family", "brass"], "it goes with --tfrecord"),
    )
    for arguments, words in wrong:
        assert main(["prepare", *arguments, *out]) == 2
        assert words in capsys.readouterr().err
