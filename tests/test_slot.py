"""Slots: presets loaded with their engines and chains, shared where they may be."""

from pathlib import Path

import pytest
import voices

from ddsp_core.checkpoint import save_voice
from ddsp_core.errors import ControlError, PresetError
from realtime.preset import load_preset
from realtime.slot import load_slots


@pytest.fixture
def presets(tmp_path: Path) -> Path:
    """Two small voices and presets of them."""
    for name, seed, hop_size in (("one", 0, 128), ("two", 1, 128), ("odd", 2, 64)):
        (tmp_path / name).mkdir()
        file = voices.random_file(voices.config(hop_size=hop_size), seed)
        save_voice(tmp_path / name / "voice.safetensors", file)
    return tmp_path


def preset(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return str(path)


def test_the_same_voice_in_the_same_place_is_one_engine(presets: Path) -> None:
    names = [
        preset(presets, "a", "voice: ./one\ncontrols: {room_mix: 0.1}"),
        preset(presets, "b", "voice: ./one\nalso: [{voice: ./two, controls: {octave_shift: -1}}]"),
        preset(presets, "c", "voice: ./two"),
    ]
    a, b, c = load_slots([load_preset(name) for name in names], {"dry_wet": 0.5}, warm_up_s=0.01)
    assert a.parts[0].engine is b.parts[0].engine
    assert c.parts[0].engine is not b.parts[1].engine  # another place
    assert (a.controls["room_mix"], a.controls["dry_wet"]) == (0.1, 0.5)
    aims = b.aims({**b.controls, "octave_shift": 1.0})
    assert [aim.values["octave_shift"] for aim in aims] == [1.0, -1.0]


def test_effects_bring_their_parameters(presets: Path) -> None:
    text = (
        "voice: ./one\neffects:\n  input: [{kind: high_pass, frequency_hz: 90}]\n"
        "  output: [{kind: delay, name: echo, mix: 0.25, bypassed: true}]\n"
    )
    (slot,) = load_slots([load_preset(preset(presets, "fx", text))], warm_up_s=0.01)
    assert slot.effects["high_pass.frequency_hz"] == 90.0
    assert slot.effects["echo.mix"] == 0.25
    assert slot.find_control("echo.mix").maximum == 1.0
    assert slot.chain_of("echo.mix") is slot.output_chain
    with pytest.raises(ControlError, match="echo"):
        slot.chain_of("ehco")


def test_voices_of_different_hops_are_no_set(presets: Path) -> None:
    names = [preset(presets, "a", "voice: ./one"), preset(presets, "b", "voice: ./odd")]
    with pytest.raises(PresetError, match="hops of 64 samples"):
        load_slots([load_preset(name) for name in names], warm_up_s=0.01)
