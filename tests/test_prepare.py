"""`prepare`: from recordings to a dataset, measured once, levelled, dealt and described."""

import json

import numpy as np
import pytest
import signals
import soundfile
from recordings import SAMPLE_RATE, melody, prepare_quietly, write

from training import prepare as module
from training.cli import main
from training.dataset import Dataset
from training.prepare import LOUDNESS_TARGET_DB


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Two performers' phrases at two rates and levels, and a folder of notes."""
    folder = tmp_path_factory.mktemp("corpus")
    write(folder / "phrases" / "anna_one.wav", melody(24.0, 44100, peak=0.5), 44100)
    stereo = np.stack([melody(6.0, 48000, peak=0.1)] * 2, axis=1)
    write(folder / "phrases" / "ben_two.flac", stereo)
    write(folder / "phrases" / "ben_three.flac", melody(6.0, 48000))
    for n in range(8):
        note = signals.rich_tone(220.0 * 2 ** (n / 12), 1.0, SAMPLE_RATE, peak=0.4 if n else 0.2)
        write(folder / "notes" / f"note{n}.wav", np.append(note, signals.silence(1.0, SAMPLE_RATE)))
    return folder


@pytest.fixture(scope="module")
def prepared(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("dataset")
    spans = corpus / "spans.csv"
    spans.write_text("file,start_s,end_s\nanna_one.wav,1.0,23.0\nben_two.flac,0.5,5.5\n")
    index, text = prepare_quietly([corpus / "phrases", corpus / "notes"], out, spans_csv=spans)
    return out, index, text


def entry(index, name):
    return next(entry for entry in index.recordings if entry.name.endswith(name))


def test_rooms(prepared):
    _, index, _ = prepared
    assert index.rooms == ["anna", "ben", "notes"]
    assert entry(index, "ben_two.flac").room == 1
    assert {entry(index, f"note{n}.wav").room for n in range(8)} == {2}


def test_files_that_the_spans_do_not_name_are_left_out_and_said(prepared):
    _, index, text = prepared
    assert not any("ben_three" in entry.name for entry in index.recordings)
    assert "left out: ben_three.flac: not named in the spans" in text


def test_segments_stay_inside_the_spans(prepared):
    _, index, _ = prepared
    delay = index.delay_samples
    for name, start_s, end_s in (("anna_one.wav", 1.0, 23.0), ("ben_two.flac", 0.5, 5.5)):
        segments = entry(index, name).segments
        assert min(s.earliest for s in segments) * 128 - delay >= start_s * SAMPLE_RATE
        assert max(s.end for s in segments) * 128 - delay <= end_s * SAMPLE_RATE


def test_the_end_of_a_long_span_and_some_notes_are_held_back(prepared):
    _, index, _ = prepared
    anna = entry(index, "anna_one.wav")
    assert anna.used_s("validation", index.frame_rate) == pytest.approx(0.12 * 22.0, abs=0.1)
    assert anna.used_s("test", index.frame_rate) == pytest.approx(0.06 * 22.0, abs=0.1)
    assert [s.split for s in anna.segments] == ["train", "validation", "test"]
    assert anna.segments[0].end == anna.segments[1].start == anna.segments[1].earliest
    notes = [e for e in index.recordings if e.kind == "notes"]
    assert [note.segments[0].split for note in notes].count("validation") == 1
    assert [note.segments[0].split for note in notes].count("test") == 1


def test_loud_passages_come_to_one_level(prepared):
    out, index, _ = prepared
    for name in ("anna_one.wav", "ben_two.flac"):
        loaded = next(
            clip.batch.loudness_db[0]
            for split in ("train", "validation", "test")
            for clip in Dataset(out, split).clips(60.0)
            if clip.name.endswith(name)
        )
        assert np.percentile(loaded, 90) == pytest.approx(LOUDNESS_TARGET_DB, abs=1.0)
    gain_db = entry(index, "ben_two.flac").gain_db - entry(index, "anna_one.wav").gain_db
    assert gain_db == pytest.approx(14.0, abs=1.0)  # peaks of 0.5 and 0.1


def test_notes_of_a_folder_keep_their_relative_levels(prepared):
    _, index, _ = prepared
    assert len({e.gain_db for e in index.recordings if e.kind == "notes"}) == 1


def test_long_silence_is_no_part_of_a_segment(prepared):
    _, index, _ = prepared
    note = entry(index, "note0.wav")
    assert note.left_out_s["silence"] == pytest.approx(1.0, abs=0.1)
    assert note.used_s("train", index.frame_rate) == pytest.approx(1.0, abs=0.1)


def test_what_is_silent_is_measured_from_the_loud_passages(tmp_path):
    rests = np.concatenate([melody(6.0, SAMPLE_RATE), signals.silence(1.0, SAMPLE_RATE)] * 2)
    hiss = signals.noise(14.0, SAMPLE_RATE, rms=1e-4)
    loud, _ = prepare_quietly([write(tmp_path / "loud.wav", rests + hiss)], tmp_path / "one")
    soft, _ = prepare_quietly(
        [write(tmp_path / "soft.wav", 0.05 * (rests + hiss))], tmp_path / "two"
    )
    assert [s.split for s in loud.recordings[0].segments] == ["train", "train", "validation"]
    assert soft.recordings[0].left_out_s["silence"] == pytest.approx(
        loud.recordings[0].left_out_s["silence"], abs=0.05
    )


def test_statistics(prepared):
    _, index, _ = prepared
    statistics = index.statistics
    assert statistics.f0_quantiles_hz["50"] == pytest.approx(330.0, rel=0.02)
    assert statistics.f0_quantiles_hz["1"] > 200.0
    assert statistics.f0_mean_midi == pytest.approx(64.0, abs=2.0)
    quantiles = list(statistics.loudness_quantiles_db.values())
    assert quantiles == sorted(quantiles)
    used_s = sum(e.used_s("train", index.frame_rate) for e in index.recordings)
    assert statistics.train_hours == pytest.approx(used_s / 3600)


def test_the_live_tracker_is_measured(prepared):
    pytest.importorskip("swift_f0", reason="pip install swift-f0")
    _, index, text = prepared
    assert entry(index, "anna_one.wav").agreement.within_50_cents > 0.95
    assert "in 50" in text


def test_without_a_reference_the_live_pitch_stands(corpus, tmp_path):
    file = corpus / "phrases" / "anna_one.wav"
    index, text = prepare_quietly([file], tmp_path, reference="none")
    assert index.pitch == "live"
    assert "no reference" in text


def test_a_second_run_measures_nothing_and_other_spans_cost_nothing(corpus, tmp_path, monkeypatch):
    prepare_quietly([corpus / "phrases"], tmp_path)
    monkeypatch.setattr(module, "measure_all", lambda *_: pytest.fail("measured again"))
    index, _ = prepare_quietly([corpus / "phrases"], tmp_path, validation_share=0.25)
    anna = entry(index, "anna_one.wav")
    assert anna.used_s("validation", index.frame_rate) == pytest.approx(6.0, abs=0.1)


def test_a_changed_file_is_measured_again(tmp_path):
    file = write(tmp_path / "in" / "a.wav", melody(11.0, SAMPLE_RATE))
    before, _ = prepare_quietly([file], tmp_path / "out")
    write(file, melody(12.0, SAMPLE_RATE))
    after, _ = prepare_quietly([file], tmp_path / "out")
    assert after.recordings[0].duration_s == 12.0
    assert after.recordings[0].stored != before.recordings[0].stored
    assert len(list((tmp_path / "out" / "recordings").iterdir())) == 1  # the old one is gone


def test_features_of_a_prepared_recording_are_those_of_the_live_extractor(prepared, corpus):
    from ddsp_core.features import FeatureExtractor

    out, index, _ = prepared
    audio, _ = soundfile.read(corpus / "phrases" / "ben_two.flac", dtype="float32")
    hops = signals.hops_of(audio.mean(axis=1, dtype=np.float32), 128)
    features, _ = FeatureExtractor(SAMPLE_RATE, 128).forward(hops)
    clip = next(c for c in Dataset(out, "train").clips(9.0) if c.name.endswith("ben_two.flac"))
    start = round(clip.start_s * index.frame_rate)
    expected = features.loudness_db[start : start + clip.batch.loudness_db.shape[1]]
    gain_db = entry(index, "ben_two.flac").gain_db
    np.testing.assert_allclose(clip.batch.loudness_db[0], expected + gain_db, atol=0.02)


def test_command_line(tmp_path, capsys):
    file = write(tmp_path / "in" / "a.wav", melody(11.0, SAMPLE_RATE))
    command = ["prepare", str(file), "--out", str(tmp_path / "out")]
    assert main([*command, "--reference", "none", "--jobs", "1"]) == 0
    assert (tmp_path / "out" / "report.html").is_file()
    assert json.loads((tmp_path / "out" / "index.json").read_text())["rooms"] == ["a"]
    capsys.readouterr()
    assert main(["prepare", str(tmp_path / "no.wav"), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
