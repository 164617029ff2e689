"""The sound check: known noise, known singing, and what follows of them for a voice."""

import json
import os
from pathlib import Path

import cli_fixtures
import numpy as np
import pytest
import signals
import soundfile
from cli_fixtures import Run, is_one_error_line
from fakes import FakeCard

from ddsp_core.errors import AudioError, PresetError
from realtime import cli_soundcheck
from realtime.controls import default_values
from realtime.places import VARIABLE, singers_dir
from realtime.preset import Preset
from realtime.singer import Singer, list_singers, load_singer, save_singer
from realtime.soundcheck import ABOVE_NOISE_DB, LOUD_DB, check_sound

run = cli_fixtures.run

RATE = 48000
CLIPS = Path(__file__).parent / "clips"
STATISTICS = {
    "f0_quantiles_hz": {"1": 190.0, "50": 560.0, "99": 2000.0},
    "loudness_quantiles_db": {"5": -40.0, "25": -31.0, "50": -27.0, "75": -23.0, "95": -18.0},
}


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "config"))


def sung(noise_db: float = -70.0, peak: float = 0.2) -> np.ndarray:
    """A pause, then notes from 220 to 440 Hz, soft and loud."""
    rng = np.random.default_rng(0)
    notes = [
        signals.rich_tone(f0_hz, 1.0, RATE, peak=peak * share)
        for f0_hz, share in ((220, 1.0), (277, 0.3), (330, 0.1), (440, 1.0))
    ]
    tone = np.concatenate([np.zeros(RATE), *notes])
    return (tone + 10 ** (noise_db / 20) * rng.normal(size=len(tone))).astype(np.float32)


def singer(**changes: object) -> Singer:
    return check_sound(sung(), RATE)[0].model_copy(update=changes)


def test_it_hears_noise_range_and_levels() -> None:
    found, advice = check_sound(sung(), RATE)
    assert found.noise_db == pytest.approx(-71.0, abs=2.5)  # A-weighting takes a little
    assert found.f0_quantiles_hz["5"] == pytest.approx(220, rel=0.01)
    assert found.f0_quantiles_hz["95"] == pytest.approx(440, rel=0.01)
    quantiles = found.loudness_quantiles_db
    assert quantiles["95"] - quantiles["5"] == pytest.approx(20.0, abs=4.0)
    assert found.peak_db == pytest.approx(-14.0, abs=0.5)
    assert advice == []


def test_gain_and_gate_follow() -> None:
    found = singer()
    loud_db = found.loudness_quantiles_db["95"] + found.input_gain_db
    assert loud_db <= LOUD_DB + 0.1
    assert found.peak_db + found.input_gain_db <= -2.9
    gate_db = found.gate_db - found.input_gain_db
    assert found.noise_db + 6.0 <= gate_db <= found.noise_db + ABOVE_NOISE_DB + 0.1
    assert gate_db < found.loudness_quantiles_db["5"]


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (np.zeros(RATE * 5, np.float32), "0.0 s of singing"),
        (np.zeros(100, np.float32), "hardly any sound"),
        (signals.rich_tone(220.0, 1.0, RATE, peak=0.2), "s of singing heard"),
    ],
)
def test_too_little_is_an_error(audio: np.ndarray, said: str) -> None:
    with pytest.raises(AudioError, match=said):
        check_sound(audio, RATE)


def test_advice_is_given_where_something_is_wrong() -> None:
    clipped = np.clip(20.0 * sung(), -1.0, 1.0)
    assert any("clips" in line for line in check_sound(clipped, RATE)[1])
    assert any("little room" in line for line in check_sound(sung(noise_db=-45.0), RATE)[1])
    monotone = np.concatenate(
        (np.zeros(RATE, np.float32), signals.rich_tone(220.0, 3.0, RATE, peak=0.2))
    )
    said = " ".join(check_sound(monotone, RATE)[1])
    assert "equally loud" in said
    assert "one note" in said


@pytest.mark.parametrize(("times", "octave"), [(1.0, 0), (0.5, 1), (0.25, 2), (8.0, -1)])
def test_the_octave_brings_the_singer_into_the_voice(times: float, octave: int) -> None:
    found = singer()
    moved = {key: times * hz for key, hz in found.f0_quantiles_hz.items()}
    one = found.model_copy(update={"f0_quantiles_hz": moved})
    assert one.octave_for(STATISTICS) == octave
    assert one.octave_for({}) == 0


def test_the_map_brings_the_median_to_the_median() -> None:
    found = singer()
    middle_db = found.loudness_quantiles_db["50"] + found.input_gain_db
    assert found.map_for(STATISTICS)(middle_db) == pytest.approx(-27.0)


def test_a_preset_takes_gain_gate_and_octave() -> None:
    preset = Preset("violin", Path(), default_values(), (), Path("violin.yaml"))
    found = singer()
    controls = found.in_front_of(preset, STATISTICS).controls
    assert controls["input_gain_db"] == found.input_gain_db
    assert controls["gate_db"] == found.gate_db
    assert controls["octave_shift"] == 0.0
    assert controls["room_mix"] == preset.controls["room_mix"]


def test_a_profile_is_kept() -> None:
    found = singer()
    assert list_singers() == []
    save_singer("Anna B.", found)
    assert load_singer("Anna B.") == found
    assert list_singers() == ["Anna B."]


@pytest.mark.parametrize("name", ["../x", "", "a/b", "x" * 100, ".hidden"])
def test_a_name_stays_in_its_folder(name: str) -> None:
    with pytest.raises(PresetError, match="no name for a file"):
        save_singer(name, singer())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("gate_db:", "gate:"), "unknown key 'gate'"),
        (("gate_db: ", "gate_db: 9"), "gate_db"),
        (("'95': ", "'94': "), "95 is missing"),
        (("'95': ", "'95': -90.0, '96': "), "that rise"),
    ],
)
def test_a_mistake_names_file_and_key(change: tuple[str, str], said: str) -> None:
    path = save_singer("anna", singer())
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(PresetError, match=said) as error:
        load_singer("anna")
    assert "anna.yaml" in str(error.value)


def test_an_unknown_singer_is_told_who_there_is() -> None:
    save_singer("anna", singer())
    with pytest.raises(PresetError, match="did you mean anna"):
        load_singer("ana")


def test_the_command_keeps_a_profile_and_says_what_it_heard(run: Run, tmp_path: Path) -> None:
    clip = tmp_path / "sung.wav"
    soundfile.write(clip, sung(), RATE)
    code, out, err = run("soundcheck", "--singer", "anna", "--input", f"file:{clip}")
    assert (code, err) == (0, "")
    assert "from A3 to A4" in out
    assert "play with --singer anna" in out
    assert (singers_dir() / "anna.yaml").exists()
    code, out, _ = run("soundcheck", "--input", f"file:{clip}", "--json")
    assert json.loads(out)["octave_shift"] == 0


def test_silence_is_one_line(run: Run, tmp_path: Path) -> None:
    clip = tmp_path / "silence.wav"
    soundfile.write(clip, np.zeros(RATE * 5), RATE)
    code, _, err = run("soundcheck", "--input", f"file:{clip}")
    assert code == 2
    assert is_one_error_line(err)


def test_real_singing() -> None:
    audio, _ = soundfile.read(CLIPS / "vocadito_1.flac", dtype="float32")
    found, advice = check_sound(audio, RATE)
    assert advice == []
    assert 100 < found.f0_quantiles_hz["5"] < found.f0_quantiles_hz["95"] < 220
    assert found.octave_for(STATISTICS) == 1  # a baritone plays the violin an octave up


class ProcessLeftError(Exception):
    """Instead of os._exit."""


def test_a_card_that_goes_away_is_one_line_and_left_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave(code: int) -> None:
        raise ProcessLeftError(code)

    card = FakeCard([np.zeros(128, np.float32)], breaks_down=True)
    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(cli_soundcheck, "choose_card", lambda *_: lambda _rate: card)
    with pytest.raises(ProcessLeftError, match="1"):
        run("soundcheck")
    asked, error = capsys.readouterr().err.splitlines()
    assert asked.startswith("Pause")
    assert error.startswith("error: ")
    assert "went away" in error
