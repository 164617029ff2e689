"""Timbre transfer: notes found, loudness and octave fitted, pauses attenuated."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import signals
import soundfile
import voices
from desks import a_preset

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import AudioError
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.units import cents_between
from realtime import cli
from realtime.cli_render import _behind_effects
from realtime.effects.spec import EffectSpec
from realtime.transfer import Track, Transfer, Wanted, note_ratio

RATE, HOP = 48000, 128
HOP_S = HOP / RATE
CLIP = Path(__file__).parent / "clips" / "vocadito_1.flac"


def features(pieces: list[tuple[float, float, float]]) -> Features:
    """Pieces of half a second: f0_hz, confidence, loudness_db."""
    rows = np.repeat(np.array(pieces), round(0.5 / HOP_S), axis=0).astype(np.float32)
    return Features(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())


SOFT_AND_LOUD = [(110.0, 0.95, -50.0), (110.0, 0.05, -75.0), (147.0, 0.95, -40.0)] * 4
N = round(0.5 / HOP_S)


def middle(n: int) -> int:
    return n * N + N // 2


def test_notes_are_where_it_is_pitched_and_loud() -> None:
    ratio = note_ratio(features(SOFT_AND_LOUD), HOP_S)
    assert ratio[middle(0)] > 1.0
    assert ratio[middle(1)] < 0.1
    assert ratio[middle(2)] > ratio[middle(0)]


def test_what_is_no_note_is_attenuated_and_nothing_else() -> None:
    heard = features(SOFT_AND_LOUD)
    told_db = Transfer(heard, HOP_S, Wanted(mask_threshold=1.0, attenuation_db=15.0)).loudness_for(
        {}
    )
    assert told_db[middle(0)] == heard.loudness_db[middle(0)]
    assert told_db[middle(1)] == heard.loudness_db[middle(1)] - 15.0


def test_loudness_is_fitted_by_quantiles_of_the_notes() -> None:
    statistics = load_voice(voices.VIOLIN).statistics
    heard = features(SOFT_AND_LOUD)
    told_db = Transfer(heard, HOP_S, Wanted(fits_loudness=True)).loudness_for(statistics)
    quantiles = statistics["loudness_quantiles_db"]
    assert quantiles["5"] < told_db[middle(0)] < told_db[middle(2)] < quantiles["99"]
    before = heard.loudness_db.copy()
    Transfer(heard, HOP_S, Wanted(fits_loudness=True)).loudness_for(statistics)
    np.testing.assert_array_equal(heard.loudness_db, before)


def test_the_octave_is_fitted_only_where_asked_for() -> None:
    statistics = load_voice(voices.VIOLIN).statistics
    heard = features(SOFT_AND_LOUD)
    assert Transfer(heard, HOP_S, Wanted(fits_octave=True)).octave_for(statistics) in (1, 2)
    assert Transfer(heard, HOP_S, Wanted(fits_loudness=True)).octave_for(statistics) == 0


def test_a_recording_without_notes_cannot_be_fitted() -> None:
    silence = features([(220.0, 0.0, -90.0)] * 4)
    with pytest.raises(AudioError, match="s of notes heard"):
        Transfer(silence, HOP_S, Wanted(fits_loudness=True))


def test_a_track_gives_its_frames_once_and_then_silence() -> None:
    frames = features([(220.0, 0.9, -20.0)])
    track = Track(*frames)
    parts = [track.read(n) for n in (1, 5, N, 3)]
    f0_hz, confidence, loudness_db = (np.concatenate(part) for part in zip(*parts, strict=True))
    np.testing.assert_array_equal(loudness_db[:N], frames.loudness_db)
    assert (loudness_db[N:] == -120.0).all()
    assert (confidence[N:] == 0.0).all()
    assert (f0_hz > 0).all()


def test_a_baritone_becomes_a_violin_by_itself(tmp_path: Path) -> None:
    audio, _ = soundfile.read(CLIP, dtype="float32")
    source = tmp_path / "song.wav"
    soundfile.write(source, audio[: 6 * RATE], RATE)
    flags = ["--fit-loudness", "--fit-octave", "--mask-threshold", "1"]
    for name, more in (("plain", []), ("fitted", flags)):
        assert cli.main(["render", str(source), str(tmp_path / f"{name}.wav"), *more]) == 0
    plain, fitted = (soundfile.read(tmp_path / f"{n}.wav")[0] for n in ("plain", "fitted"))
    assert len(fitted) == len(plain)
    rms = [float(np.sqrt(np.mean(one**2))) for one in (plain, fitted)]
    assert rms[1] > 4 * rms[0]  # as loud as a violin was, not as soft as the recording
    sung, heard = (heard_of(one[: 6 * RATE]) for one in (audio, fitted))
    both = (sung.confidence > 0.9) & (heard.confidence > 0.9) & (sung.loudness_db > -50)
    octave = np.median(cents_between(heard.f0_hz[both], sung.f0_hz[both]))
    assert octave == pytest.approx(1200, abs=30)


def heard_of(audio: np.ndarray) -> Features:
    hops = signals.hops_of(audio.astype(np.float32), HOP)
    return FeatureExtractor(RATE, HOP).forward(hops)[0]


@pytest.mark.parametrize(
    "flags", [["--mask-threshold", "-1"], ["--mask-attenuation-db", "x"], ["--singer", "nobody"]]
)
def test_flags_are_checked(
    tmp_path: Path, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = cli.main(["render", str(CLIP), str(tmp_path / "out.wav"), *flags])
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    assert code == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.parametrize("n_hops", [0, 1, 10])
def test_a_recording_shorter_than_the_smoothing_has_too_few_notes(n_hops: int) -> None:
    short = Features(*(values[:n_hops] for values in features(SOFT_AND_LOUD)))
    assert len(note_ratio(short, HOP_S)) == n_hops
    with pytest.raises(AudioError, match="s of notes heard"):
        Transfer(short, HOP_S, Wanted(fits_loudness=True))


def test_features_are_those_of_the_sound_behind_the_preset_s_effects() -> None:
    voice = load_voice(voices.VIOLIN)
    loud = signals.rich_tone(220.0, 1.0, RATE, peak=0.5)
    low_cut = EffectSpec("high_pass", "cut", values={"frequency_hz": 1000.0})
    preset = a_preset("violin")
    plain = _behind_effects(preset, loud, voice)
    cut = _behind_effects(replace(preset, input_effects=(low_cut,)), loud, voice)
    assert plain is loud
    assert len(cut) == len(loud)
    assert np.sqrt(np.mean(cut**2)) < 0.5 * np.sqrt(np.mean(loud**2))
