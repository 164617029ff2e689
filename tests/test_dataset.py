import numpy as np
import pytest
import signals

from ddsp_core.errors import RecipeError
from ddsp_core.features import FeatureExtractor
from training.audio_files import Sound
from training.dataset import Dataset
from training.index import FORMAT, Entry, Index, Statistics, write_index
from training.recording import measure, save
from training.segments import Segment

SAMPLE_RATE = 48000
HOP_SIZE = 128
FRAME_RATE = SAMPLE_RATE / HOP_SIZE


def make_dataset(folder, recordings):
    """A dataset with the given (audio, kind, room, gain_db, segments), cut where the test says."""
    extractor = FeatureExtractor(SAMPLE_RATE, HOP_SIZE)
    entries = []
    for number, (audio, kind, room, gain_db, segments) in enumerate(recordings):
        stored = f"{number}.safetensors"
        save(measure(Sound(audio), extractor), folder / stored)
        entries.append(
            Entry(
                name=f"test/{number}.wav",
                stored=stored,
                content_hash="",
                room=room,
                kind=kind,
                gain_db=gain_db,
                duration_s=len(audio) / SAMPLE_RATE,
                segments=segments,
                left_out_s={},
                agreement=None,
            )
        )
    nothing = Statistics(
        loudness_mean_db=0.0,
        loudness_deviation_db=1.0,
        loudness_quantiles_db={},
        f0_mean_midi=69.0,
        f0_deviation_midi=12.0,
        f0_quantiles_hz={},
        train_hours=0.0,
        validation_hours=0.0,
    )
    index = Index(
        format=FORMAT,
        sample_rate=SAMPLE_RATE,
        hop_size=HOP_SIZE,
        delay_samples=extractor.delay_samples,
        definition=dict(extractor.definition),
        loudness_target_db=-20.0,
        pitch="live",
        rooms=["one", "two"],
        recordings=entries,
        statistics=nothing,
    )
    write_index(index, folder)
    return folder


def frames(seconds):
    return round(seconds * FRAME_RATE)


def whole(audio, split="train"):
    return [Segment(0, len(audio) // HOP_SIZE, 0, split)]


def test_sound_stands_in_the_target_where_the_synth_plays_its_features(tmp_path):
    # The synth sounds frame n of a window at the end of its hop n, sample (n + 1) * hop.
    audio = signals.silence(3.0, SAMPLE_RATE)
    clicks = np.random.default_rng(1).integers(0, 9000, 12) + np.arange(12) * 12000
    audio[clicks] = 0.5
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, whole(audio))])
    offsets = []
    for step in range(20):
        window = Dataset(folder, "train").batch(step, seed=1, batch_size=1, n_frames=frames(1.0))
        loudness_db, target = window.loudness_db[0], window.audio[0]
        for at in np.flatnonzero(target > 0.25):
            near = slice(max(at // HOP_SIZE - 5, 0), at // HOP_SIZE + 6)
            if 5 * HOP_SIZE < at < len(target) - 5 * HOP_SIZE:
                heard = np.flatnonzero(loudness_db[near] > np.max(loudness_db[near]) - 1.0)
                offsets.append(at - (near.start + float(heard.mean()) + 1) * HOP_SIZE)
    assert len(offsets) > 50
    # A click is as loud in every frame whose window holds it; their middle is right to half a hop.
    assert np.max(np.abs(offsets)) <= HOP_SIZE / 2 + 16
    assert abs(np.mean(offsets)) < HOP_SIZE / 4


def test_targets_are_the_recording_shifted_by_whole_windows(tmp_path):
    audio = signals.noise(2.0, SAMPLE_RATE)
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, [Segment(10, 400, 0, "train")])])
    (clip,) = Dataset(folder, "train").clips(seconds=9.0)
    delay = FeatureExtractor(SAMPLE_RATE, HOP_SIZE).delay_samples
    expected = audio[10 * HOP_SIZE - delay : 400 * HOP_SIZE - delay]
    np.testing.assert_allclose(clip.batch.audio[0], expected, atol=2**-15 * np.abs(audio).max())


def test_the_same_step_gives_the_same_windows(tmp_path):
    audio = signals.rich_tone(440.0, 3.0, SAMPLE_RATE)
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, whole(audio))])
    one, other = Dataset(folder, "train"), Dataset(folder, "train")
    one.batch(0, seed=3, batch_size=4, n_frames=100)  # what was drawn before does not matter
    for left, right in zip(one.batch(7, 3, 4, 100), other.batch(7, 3, 4, 100), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(one.batch(8, 3, 4, 100).audio, other.batch(7, 3, 4, 100).audio)


def test_shapes_and_types(tmp_path):
    audio = signals.rich_tone(440.0, 2.0, SAMPLE_RATE)
    recordings = [(audio, "phrases", room, 0.0, whole(audio)) for room in (0, 1)]
    batch = Dataset(make_dataset(tmp_path, recordings), "train").batch(0, 0, 16, 150)
    for curve in (batch.f0_hz, batch.loudness_db, batch.confidence):
        assert (curve.shape, curve.dtype) == ((16, 150), np.float32)
    assert (batch.audio.shape, batch.audio.dtype) == ((16, 150 * HOP_SIZE), np.float32)
    assert batch.room.dtype == np.int64
    assert set(batch.room) == {0, 1}


def test_gain_moves_loudness_and_audio_alike(tmp_path):
    audio = signals.rich_tone(440.0, 1.0, SAMPLE_RATE)
    recordings = [(audio, "phrases", 0, gain_db, whole(audio)) for gain_db in (0.0, -6.0)]
    plain, softer = Dataset(make_dataset(tmp_path, recordings), "train").clips(9.0)
    np.testing.assert_allclose(softer.batch.audio, plain.batch.audio * 10 ** (-6 / 20), rtol=1e-5)
    heard = slice(frames(0.2), None)
    difference = softer.batch.loudness_db[0, heard] - plain.batch.loudness_db[0, heard]
    np.testing.assert_allclose(difference, -6.0, atol=1e-4)


def test_a_short_segment_reaches_back_and_is_filled_with_silence(tmp_path):
    audio = signals.rich_tone(440.0, 2.0, SAMPLE_RATE)
    segment = Segment(frames(0.8), frames(1.0), frames(0.5), "train")
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, [segment])])
    batch = Dataset(folder, "train").batch(0, 0, 1, frames(1.0))
    filled = frames(1.0) - (segment.end - segment.earliest)
    assert not batch.audio[0, : filled * HOP_SIZE].any()
    assert np.all(batch.loudness_db[0, :filled] == -100.0)
    assert np.all(batch.f0_hz > 0.0)
    assert np.abs(batch.audio[0, filled * HOP_SIZE :]).max() > 0.1


def test_windows_stay_in_their_split(tmp_path):
    audio = signals.silence(4.0, SAMPLE_RATE)
    half = len(audio) // HOP_SIZE // 2
    audio[half * HOP_SIZE :] = 0.5  # the second half, from the delay on, is for validation
    segments = [Segment(0, half, 0, "train"), Segment(half + 3, 2 * half, half + 3, "validation")]
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, segments)])
    assert not Dataset(folder, "train").batch(0, 0, 64, frames(1.0)).audio.any()
    for clip in Dataset(folder, "validation").clips(0.7):
        assert np.all(clip.batch.audio > 0.25)


def test_clips_cover_the_split_once(tmp_path):
    audio = signals.rich_tone(440.0, 5.0, SAMPLE_RATE)
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, whole(audio))])
    clips = list(Dataset(folder, "train").clips(seconds=2.0, context_s=0.5))
    assert [clip.start_s for clip in clips] == [0.0, 2.0, 4.0]
    assert all(clip.n_context == frames(0.5) for clip in clips)
    played = np.concatenate([clip.batch.audio[0, clip.n_context * HOP_SIZE :] for clip in clips])
    delay = FeatureExtractor(SAMPLE_RATE, HOP_SIZE).delay_samples
    np.testing.assert_allclose(played[delay:], audio[: len(played) - delay], atol=1e-4)


def test_notes_share(tmp_path):
    audio = signals.rich_tone(440.0, 2.0, SAMPLE_RATE)
    kinds = [("phrases", 0), ("notes", 1)]
    recordings = [(audio, kind, room, 0.0, whole(audio)) for kind, room in kinds]
    folder = make_dataset(tmp_path, recordings)
    batch = Dataset(folder, "train", notes_share=0.1).batch(0, 0, 1000, 2)
    assert 0.05 < np.mean(batch.room == 1) < 0.15


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(RecipeError, match="chanterelle-train prepare"):
        Dataset(tmp_path, "train")
    audio = signals.rich_tone(440.0, 1.0, SAMPLE_RATE)
    folder = make_dataset(tmp_path, [(audio, "phrases", 0, 0.0, whole(audio))])
    with pytest.raises(RecipeError, match="nothing in it for validation"):
        Dataset(folder, "validation")
    with pytest.raises(RecipeError, match="notes_share"):
        Dataset(folder, "train", notes_share=0.5)
    (folder / "0.safetensors").write_bytes(b"cut short")
    with pytest.raises(RecipeError, match=r"0\.safetensors"):
        Dataset(folder, "train")
