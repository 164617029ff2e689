import csv
import io
import json

import numpy as np
import pytest
import signals
import soundfile
from rich.console import Console

from ddsp_core.errors import AudioError, RecipeError
from training import prepare as module
from training.cli import main
from training.dataset import Dataset
from training.prepare import LOUDNESS_TARGET_DB, Options, prepare
from training.rooms import place_recordings
from training.segments import Stretch, deal, usable_segments
from training.spans import Span, choose_spans, read_spans

SAMPLE_RATE = 48000


def melody(seconds, sample_rate, peak=0.5):
    notes_hz = [262.0, 294.0, 330.0, 392.0, 440.0]
    repeated = [notes_hz[n % 5] for n in range(round(2 * seconds))]
    curve = signals.steps(repeated, 0.5, sample_rate)
    return signals.harmonic(curve, sample_rate, [1.0 / k for k in range(1, 21)], peak)


def write(path, audio, sample_rate=SAMPLE_RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio, sample_rate)
    return path


def run(places, out, **options):
    console = Console(file=io.StringIO(), width=100)
    index = prepare(places, out, Options(**options), console)
    return index, console.file.getvalue()


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
    index, text = run([corpus / "phrases", corpus / "notes"], out, spans_csv=spans)
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


def test_the_end_of_a_long_span_and_an_eighth_of_the_notes_validate(prepared):
    _, index, _ = prepared
    anna = entry(index, "anna_one.wav")
    assert anna.used_s("validation", index.frame_rate) == pytest.approx(0.12 * 22.0, abs=0.1)
    first = min(s.start for s in anna.segments if s.split == "validation")
    assert first == max(s.end for s in anna.segments if s.split == "train")
    held_back = [e.name for e in index.recordings if e.kind == "notes"]
    held_back = [name for name in held_back if entry(index, name).segments[0].split != "train"]
    assert held_back == ["notes/note4.wav"]


def test_loud_passages_come_to_one_level(prepared):
    out, index, _ = prepared
    for name in ("anna_one.wav", "ben_two.flac"):
        loaded = next(
            clip.batch.loudness_db[0]
            for split in ("train", "validation")
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
    note = entry(index, "note3.wav")
    assert note.left_out_s["silence"] == pytest.approx(1.0, abs=0.1)
    assert note.used_s("train", index.frame_rate) == pytest.approx(1.0, abs=0.1)


def test_what_is_silent_is_measured_from_the_loud_passages(tmp_path):
    rests = np.concatenate([melody(3.0, SAMPLE_RATE), signals.silence(1.0, SAMPLE_RATE)] * 2)
    hiss = signals.noise(8.0, SAMPLE_RATE, rms=1e-4)
    loud, _ = run([write(tmp_path / "loud.wav", rests + hiss)], tmp_path / "one")
    soft, _ = run([write(tmp_path / "soft.wav", 0.05 * (rests + hiss))], tmp_path / "two")
    assert len(loud.recordings[0].segments) == 2
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
    assert "within 50" in text


def test_without_swift_f0_the_live_pitch_stands(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "is_installed", lambda: False)
    index, text = run([corpus / "phrases" / "ben_two.flac"], tmp_path)
    assert index.pitch == "live"
    assert "no swift-f0" in text


def test_a_second_run_measures_nothing_and_other_spans_cost_nothing(corpus, tmp_path, monkeypatch):
    run([corpus / "phrases"], tmp_path)
    monkeypatch.setattr(module, "measure", lambda *_, **__: pytest.fail("measured again"))
    index, _ = run([corpus / "phrases"], tmp_path, validation_share=0.25)
    anna = entry(index, "anna_one.wav")
    assert anna.used_s("validation", index.frame_rate) == pytest.approx(6.0, abs=0.1)


def test_a_changed_file_is_measured_again(tmp_path):
    file = write(tmp_path / "in" / "a.wav", melody(3.0, SAMPLE_RATE))
    before, _ = run([file], tmp_path / "out")
    write(file, melody(4.0, SAMPLE_RATE))
    after, _ = run([file], tmp_path / "out")
    assert after.recordings[0].duration_s == 4.0
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


def test_room_by(tmp_path):
    files = {tmp_path / "set" / name: 60.0 for name in ("anna_a.wav", "anna_b.wav", "ben.wav")}
    for room_by, expected in (
        ("auto", ["anna", "anna", "ben"]),
        ("parent", ["set", "set", "set"]),
        ("file", ["set/anna_a", "set/anna_b", "set/ben"]),
    ):
        assert [place.room for place in place_recordings(files, room_by).values()] == expected


def test_short_spans_go_whole_and_splits_never_overlap():
    spans = [(1000 * n, 1000 * n + 900) for n in range(16)]
    stretches = deal(spans, frame_rate=375.0, validation_share=0.125, n_before=0)
    assert [s[:2] for s in stretches] == spans
    assert [n for n, s in enumerate(stretches) if s.split == "validation"] == [4, 12]


def test_short_rests_stay_and_long_ones_go():
    silent = np.zeros(2000, dtype=bool)
    silent[500:550] = True  # 0.13 s
    silent[1000:1500] = True  # 1.3 s
    segments, left_out_s = usable_segments(
        silent, np.zeros(2000, dtype=bool), [Stretch(100, 2000, "train")], 375.0
    )
    assert [(s.start, s.end, s.earliest) for s in segments] == [(100, 1000, 100), (1500, 2000, 100)]
    assert left_out_s["silence"] == pytest.approx(500 / 375)


def test_spans_of_one_folder_leave_other_folders_whole(tmp_path):
    files = [tmp_path / "a" / "x.wav", tmp_path / "a" / "y.wav", tmp_path / "b" / "z.wav"]
    chosen = choose_spans(files, {"x.wav": [Span(0.0, 1.0)]})
    assert list(chosen.values()) == [[Span(0.0, 1.0)], [], None]
    with pytest.raises(RecipeError, match=r"they name q\.wav"):
        choose_spans(files, {"q.wav": [Span(0.0, 1.0)]})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["file", "start"]], "columns file, start_s, end_s"),
        ([["file", "start_s", "end_s"], ["a.wav", "1", "x"]], "line 2: '1', 'x'"),
        ([["file", "start_s", "end_s"], ["a.wav", "2", "1"]], "0 <= start_s < end_s"),
        ([["file", "start_s", "end_s"], ["a.wav", "0", "2"], ["a.wav", "1", "3"]], "overlap"),
    ],
)
def test_a_table_of_spans_with_a_mistake(tmp_path, rows, words):
    path = tmp_path / "spans.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(RecipeError) as caught:
        read_spans(path)
    assert words in str(caught.value)


def test_recordings_that_cannot_be_used(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        run([tmp_path / "nowhere"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AudioError, match="no recordings in this folder"):
        run([tmp_path / "empty"], tmp_path / "out")
    text = tmp_path / "text.wav"
    text.write_text("not a sound")
    with pytest.raises(AudioError, match=r"text\.wav: not audio"):
        run([text], tmp_path / "out")
    with pytest.raises(AudioError, match="0 seconds"):
        run([write(tmp_path / "none.wav", np.zeros(0, np.float32))], tmp_path / "out")
    with pytest.raises(AudioError, match="no clear pitch anywhere"):
        run([write(tmp_path / "hiss.wav", signals.silence(2.0, SAMPLE_RATE))], tmp_path / "out")


def test_a_rate_too_low_for_an_instrument(tmp_path):
    with pytest.raises(AudioError, match="8000 Hz: at least 16000 Hz"):
        run([write(tmp_path / "phone.wav", melody(2.0, 8000), 8000)], tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"validation_share": 0.9}, "--validation-share: 0.9: 0 to 0.5"),
        ({"sample_rate": 4000}, "--rate: 4000: 16000 to"),
        ({"hop_size": 1}, "--hop: 1: 16 to 1024"),
    ],
)
def test_options_out_of_range(tmp_path, options, words):
    with pytest.raises(RecipeError, match=words):
        run([tmp_path], tmp_path / "out", **options)


def test_a_file_where_the_dataset_should_go(tmp_path):
    file = write(tmp_path / "a.wav", melody(2.0, SAMPLE_RATE))
    with pytest.raises(RecipeError, match="is a file"):
        run([file], file)


def test_samples_that_are_not_finite(tmp_path):
    audio = melody(2.0, SAMPLE_RATE)
    audio[1000] = np.nan
    path = tmp_path / "nan.wav"
    soundfile.write(path, audio, SAMPLE_RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="NaN or infinite"):
        run([path], tmp_path / "out")


def test_command_line(tmp_path, capsys):
    file = write(tmp_path / "in" / "a.wav", melody(3.0, SAMPLE_RATE))
    assert main(["prepare", str(file), "--out", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "index.json").read_text())["rooms"] == ["a"]
    capsys.readouterr()
    assert main(["prepare", str(tmp_path / "no.wav"), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
