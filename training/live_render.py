"""Audio through a voice as it is played live: `chanterelle render` in a process of its own.

Training never imports what plays, nor the other way round; this is how one hears the other. What
comes back is the engine's own sound: its blocks, its tracker, its compiled decoder.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
import soxr
import yaml
from numpy.typing import NDArray

from ddsp_core.errors import VoiceError

Audio = NDArray[np.float32]

STARTING_S = 300.0
"""Patience for a start that has to compile every kernel first, on a slow machine."""
SLOWEST_REALTIME_FACTOR = 0.1


def render_live(
    voice_dir: Path, audio: Audio, sample_rate: int, controls: Mapping[str, float] | None = None
) -> Audio:
    """Plays a recording through the live engine; what comes back lines up with it.

    Args:
        voice_dir: folder with `voice.safetensors`, anywhere.
        audio: what is sung, in -1...1.
        sample_rate: Hz, of what goes in and of what comes back, whatever the voice's is.
        controls: values by name, as `chanterelle controls` lists them; others keep their default.

    Shape:
        (T,) -> (T,).
    Raises:
        VoiceError: with the engine's own line: no voice there, a damaged one, an unknown control.
    """
    with tempfile.TemporaryDirectory(prefix="chanterelle-") as name:
        folder = Path(name)
        sung, played = folder / "sung.wav", folder / "played.wav"
        soundfile.write(sung, audio, sample_rate, subtype="FLOAT")
        flags = [f"--{key.replace('_', '-')}={value!r}" for key, value in (controls or {}).items()]
        preset = _preset_around(voice_dir, folder)
        words = ["render", str(sung), str(played), "--preset", str(preset), *flags]
        _chanterelle(words, STARTING_S + len(audio) / sample_rate / SLOWEST_REALTIME_FACTOR)
        heard, voice_rate = soundfile.read(played, dtype="float32")
    if voice_rate != sample_rate:
        heard = soxr.resample(heard, voice_rate, sample_rate, quality="VHQ")
    missing = max(len(audio) - len(heard), 0)  # resampling may round a sample away
    return np.ascontiguousarray(np.pad(heard, (0, missing))[: len(audio)], dtype=np.float32)


def _preset_around(voice_dir: Path, folder: Path) -> Path:
    """A preset that names the voice and leaves every control at its default."""
    path = folder / "preset.yaml"
    path.write_text(yaml.safe_dump({"voice": str(voice_dir.resolve())}), encoding="utf-8")
    return path


def _chanterelle(words: list[str], limit_s: float) -> None:
    """Runs the command; its error, or the end of its traceback, becomes ours."""
    command = [sys.executable, "-P", "-m", "realtime.cli", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        given = f"no sound after {limit_s:.0f} s"
        raise VoiceError("chanterelle render", given, "", "see `chanterelle bench`") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise VoiceError("chanterelle render", said[-1].removeprefix("error: "), "")
