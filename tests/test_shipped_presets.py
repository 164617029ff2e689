"""The presets that come along: enough of them, complete, as loud as one another, and portable."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.preset_levels import CLIPS, RATE, SINGER, loudness, measure
from realtime.bundle_export import export_preset
from realtime.bundle_import import import_bundle
from realtime.effects.kinds import KINDS
from realtime.preset import list_presets, load_preset, presets_dir
from realtime.preset_sound import unplayable

SHIPPED = list_presets()


def test_a_dozen_and_more_each_with_its_colour_title_note_and_knobs() -> None:
    assert len(SHIPPED) >= 12
    assert {"violin", "cello", "flute", "alto-sax", "duet", "drone", "tuned"} < set(SHIPPED)
    presets = [load_preset(name) for name in SHIPPED]
    assert len({preset.title for preset in presets}) == len(presets)
    assert len({preset.colour for preset in presets}) == len(presets), "told apart from afar"
    for preset in presets:
        assert preset.title
        assert preset.note
        assert preset.colour
        assert {20, 21} <= {line.cc for line in preset.midi}, "the same knobs everywhere"


@pytest.mark.parametrize("name", SHIPPED)
def test_its_voices_and_rooms_can_be_used_and_come_along(name: str) -> None:
    preset = load_preset(name)
    assert not unplayable([preset])
    for folder in (preset.voice_dir, *(part.voice_dir for part in preset.also)):
        assert folder.is_relative_to(presets_dir())


@pytest.mark.parametrize("name", ["duet", "hall-violin", "organum"])
def test_it_travels(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "own"))
    export_preset(name, tmp_path / "x.chanterelle")
    import_bundle(tmp_path / "x.chanterelle", name="copy")
    copy, original = load_preset("copy"), load_preset(name)
    assert copy.controls == original.controls
    assert [part.controls for part in copy.also] == [part.controls for part in original.also]
    for spec in copy.output_effects:
        if spec.kind == "room":
            assert Path(str(spec.options["file"])).is_relative_to(tmp_path / "own")


def test_files_of_effects_are_called_file() -> None:
    """Bundles look for this key; another one would lead out of them unseen."""
    paths = {o.name for kind in KINDS.values() for o in kind.options if "path" in o.doc.lower()}
    assert paths == {"file"}


def test_they_are_as_loud_as_one_another_and_never_clip() -> None:
    """Of two seconds; `benchmarks/preset_levels.py` hears half a minute, and a soft voice too."""
    levels = measure(SHIPPED, 2.0, CLIPS[:1])
    del levels[SINGER]
    assert all(level.is_finite for level in levels.values())
    assert max(level.peak_dbfs for level in levels.values()) <= -1.0
    assert not sum(level.n_clicks for level in levels.values())
    heard = {name: level.loudness_lufs for name, level in levels.items()}
    assert max(heard.values()) - min(heard.values()) < 6.0, heard


def test_the_meter_knows_the_standards_own_tone() -> None:
    """1 kHz at 0 dBFS in one of two channels reads -3.01 LUFS (ITU-R BS.1770-4, annex 1)."""
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(2 * RATE) / RATE)
    stereo = np.stack([tone, np.zeros_like(tone)], axis=1).astype(np.float32)
    assert loudness(stereo) == pytest.approx(-3.01, abs=0.1)
    assert loudness((0.1 * stereo).astype(np.float32)) == pytest.approx(-23.01, abs=0.1)
    assert loudness(np.zeros(RATE, np.float32)) == -70.0


def test_the_hall_is_what_its_script_makes() -> None:
    import make_hall

    assert make_hall.FILE.stat().st_size < 300_000
    stored, rate = soundfile.read(make_hall.FILE)
    assert rate == make_hall.RATE
    assert np.abs(stored.T - make_hall.hall()).max() < 2 * make_hall.STEP
    energy = np.cumsum((stored**2)[::-1], axis=0)[::-1]
    decay_db = 10 * np.log10(energy[rate] / energy[0])
    assert np.all((decay_db < -30) & (decay_db > -42)), "about two seconds to -60 dB"
