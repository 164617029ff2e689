"""Audio through the live engine, for training: a process of its own and the engine's own sound."""

import sys
from pathlib import Path

import numpy as np
import pytest
import signals
import voices

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import VoiceError
from realtime.controls import check_values
from realtime.engine import Engine
from realtime.render import render
from training.live_render import render_live

SUNG = signals.rich_tone(330.0, 0.5, 48000)


def test_it_is_the_engine_that_plays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "my voices: the first"
    elsewhere.symlink_to(voices.VIOLIN, target_is_directory=True)
    controls = {"octave_shift": 1.0, "gate_db": -50.0}
    played = render_live(elsewhere, SUNG, 48000, controls)
    engine = Engine(load_voice(voices.VIOLIN), check_values(controls, "test"), 0)
    engine.warm_up(0.1)
    expected = render(engine, SUNG, 128, keep_latency=False).audio
    assert np.abs(expected).max() > 0.01
    # The file between has 24 bits; kernels that were just compiled may differ in float32's last.
    np.testing.assert_allclose(played, expected, rtol=0, atol=1e-6)


def test_what_comes_back_has_the_rate_and_length_of_what_went_in() -> None:
    sung = signals.rich_tone(330.0, 0.3, 44100)[:-7]
    played = render_live(voices.VIOLIN, sung, 44100)
    assert (played.shape, played.dtype) == (sung.shape, np.float32)


def test_errors_are_the_engines_own_line(tmp_path: Path) -> None:
    (tmp_path / "voice.safetensors").write_bytes(b"cut short")
    with pytest.raises(VoiceError, match=r"voice\.safetensors: [^\n]*$") as damaged:
        render_live(tmp_path, SUNG, 48000)
    assert "Traceback" not in str(damaged.value)
    with pytest.raises(
        VoiceError, match=r"unknown --octave-shfit=1\.0: did you mean --octave-shift"
    ):
        render_live(voices.VIOLIN, SUNG, 48000, {"octave_shfit": 1.0})


def test_without_the_engine_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VoiceError, match="chanterelle render: it ended with 1"):
        render_live(voices.VIOLIN, SUNG, 48000)
