"""Whether knobs zip: each control swept from end to end in 50 ms while a tone is held.

    python -m benchmarks.zipper [--quick] [--controls NAME ...] [--json]

A knob goes from 0 to 127 as MIDI sends it, each position as soon as its time has come, in blocks of
128 frames. What a control does to a tone once a hop, in steps or in straight lines with corners,
puts lines beside each of the tone's own, at multiples of the hop rate (375 Hz). So

- the tone is a sine: a voice that only follows (`realtime/latency_voices.py`), without the skirts
  of other partials; for the noise's gain, a sine stands in for the noise;
- its level at the top of the sweep is -22 to -4 dBFS (the noise: -34): below the limiter's knee,
  which makes harmonics of its own;
- a spectrum is the largest of all windows (4096 samples, 85 ms, Blackman-Harris, lines' skirts at
  -92 dB) that touch the sweep. That of a sweep of 3 s holds every value of the control;
- a line is a maximum above -80 dBFS that stands 3 dB out of its surroundings (117 Hz to both
  sides) and 3 dB above all that the slow sweep has within 23 Hz. A quick change of level makes the
  tone's own line broader, and that is no line beside it.

A click is a corner in the wave: the largest third difference of the quick sweep against the slow
one's, which passes the same values (1: no click; a jump by 30 dB has 100 and more).
"""

import argparse
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile, load_voice
from realtime.controls import BY_NAME, CONTROLS
from realtime.engine import Engine
from realtime.latency_voices import follower
from realtime.mapping_curves import knob_to_value
from realtime.preset import load_preset

Array = NDArray[Any]

BLOCK_SIZE = 128
QUICK_S, SLOW_S = 0.05, 3.0
TONES_HZ = (217.0, 330.0, 500.0, 562.5, 660.0, 870.0)
"""None of them midway between two notes of a key, where either would do."""
LEAD_S, AFTER_S = 0.8, 0.8
HEARD_BEFORE_S = 0.25
"""So much of the lead is looked at: the tone's beginning is over."""
WINDOW, WINDOW_STEP = 4096, 128
LEAST_DBFS = -80.0
STANDS_OUT_DB = 3.0
AROUND, NEAR = 10, 2
"""Bins of 11.7 Hz."""
VIBRATO_HZ, VIBRATO_CENTS = 5.8, 50.0


class Scene(NamedTuple):
    """What a control is swept with: it shall be heard, and the limiter shall not."""

    controls: Mapping[str, float] = {}
    peak: float = 0.12
    """Of the tone at the microphone."""
    has_vibrato: bool = False


TUNED = {"autotune": 1.0, "scale": 1.0}
SCENES: dict[str, Scene] = {
    "input_gain_db": Scene({"gate_db": -90.0}, 0.006),
    "input_gain_db, dry": Scene({"dry_wet": 0.0}, 0.006),
    "octave_shift": Scene(),
    "autotune_time_s": Scene(TUNED),
    "key": Scene(TUNED),
    "scale": Scene(TUNED),
    "a4_hz": Scene(TUNED),
    "glide_s": Scene(TUNED),
    "vibrato_depth": Scene(has_vibrato=True),
    "loudness_shift_db": Scene({"gate_db": -90.0}, 0.03),
    "harmonic_gain_db": Scene(peak=0.1),
    "noise_gain_db": Scene({"harmonic_gain_db": -60.0}),
    "output_gain_db": Scene(peak=0.1),
    "output_gain_db, dry": Scene({"dry_wet": 0.0}),
}
NAMES = tuple(dict.fromkeys((*(control.name for control in CONTROLS), *SCENES)))


class SineForNoise:
    """Where an engine asks for chance; of the tone's pitch, as loud as white noise may be."""

    def __init__(self, tone_hz: float, sample_rate: int) -> None:
        self._step, self._at = tone_hz / sample_rate, 0

    def random(self, shape: tuple[int, int], dtype: Any) -> Array:
        """Numbers in 0...1 that become a sine."""
        n = np.arange(self._at, self._at + shape[0] * shape[1])
        self._at += len(n)
        return (0.5 + 0.5 * np.sin(2 * np.pi * self._step * n)).reshape(shape).astype(dtype)


def sine_voice(like: VoiceFile) -> VoiceFile:
    """A sine that follows the singer, noise beside it, and an echo for a room."""
    voice = follower(like)
    taps = np.zeros((1, 2400), np.float32)
    taps[0, 479] = 0.5
    config = dataclasses.replace(voice.config, reverb_len=taps.shape[1])
    tensors = {**voice.tensors, "room.taps": taps}
    tensors["decoder.head_noise.bias"] = np.full_like(tensors["decoder.head_noise.bias"], -2.5)
    return voice._replace(config=config, tensors=tensors)


def held_tone(scene: Scene, tone_hz: float, duration_s: float, rate: int) -> Array:
    """What is sung. Shape: (T,), whole blocks."""
    n = np.arange(round(duration_s * rate) // BLOCK_SIZE * BLOCK_SIZE)
    swing = np.sin(2 * np.pi * VIBRATO_HZ * n / rate) if scene.has_vibrato else 0.0 * n
    phase = np.cumsum(tone_hz * 2.0 ** (VIBRATO_CENTS / 1200.0 * swing)) / rate
    return (scene.peak * np.sin(2 * np.pi * phase)).astype(np.float32)


def swept(voice: VoiceFile, name: str, tone_hz: float, sweep_s: float) -> Array:
    """What is heard from shortly before the knob moves until it has come to rest."""
    scene, control = SCENES.get(name, Scene()), BY_NAME[name.split(",")[0]]
    still = {"room_mix": 0.0, "noise_gain_db": -60.0, **scene.controls}
    still[control.name] = knob_to_value(0, 127, control)
    engine = Engine(voice, still, block_size=BLOCK_SIZE)
    rate, cc = engine.sample_rate, 0
    if control.name == "noise_gain_db":
        engine._random = SineForNoise(tone_hz, rate)  # type: ignore[assignment]
    blocks = held_tone(scene, tone_hz, LEAD_S + sweep_s + AFTER_S, rate).reshape(-1, BLOCK_SIZE)
    heard = []
    for number, block in enumerate(blocks):
        travel = (number * BLOCK_SIZE / rate - LEAD_S) / sweep_s
        while cc < 127 and cc + 1 <= 127 * travel:
            cc += 1
            engine.set_control(control.name, knob_to_value(cc, 127, control))
        heard.append(engine.process(block))
    return np.concatenate(heard)[round((LEAD_S - HEARD_BEFORE_S) * rate) :]


def spectrum_dbfs(audio: Array) -> Array:
    """The largest of all windows. Shape: (T,) -> (WINDOW // 2 + 1,)."""
    turn = 2 * np.pi * np.arange(WINDOW) / WINDOW
    terms = (0.35875, -0.48829, 0.14128, -0.01168)
    window = sum(term * np.cos(k * turn) for k, term in enumerate(terms))
    frames = np.lib.stride_tricks.sliding_window_view(audio, WINDOW)[::WINDOW_STEP]
    largest = np.zeros(WINDOW // 2 + 1)
    for frame in frames:
        largest = np.maximum(largest, np.abs(np.fft.rfft(frame * window)))
    return np.asarray(20.0 * np.log10(2.0 * largest / np.sum(window) + 1e-9))


def lines_beside(quick: Array, slow: Array) -> list[int]:
    """Bins of the lines that the quick sweep's spectrum has and the slow one's lacks."""
    return [
        i
        for i in range(AROUND, len(quick) - AROUND)
        if quick[i] > LEAST_DBFS
        and quick[i] == quick[i - 1 : i + 2].max()
        and quick[i] > slow[i - NEAR : i + NEAR + 1].max() + STANDS_OUT_DB
        and quick[i] - quick[i - AROUND : i].min() > STANDS_OUT_DB
        and quick[i] - quick[i + 1 : i + AROUND + 1].min() > STANDS_OUT_DB
    ]


def measure(voice: VoiceFile, name: str, tone_hz: float, slow_s: float = SLOW_S) -> dict[str, Any]:
    """One control at one tone."""
    quick, slow = (swept(voice, name, tone_hz, s) for s in (QUICK_S, slow_s))
    spectra = spectrum_dbfs(quick), spectrum_dbfs(slow)
    bin_hz = voice.config.sample_rate / WINDOW
    bends = [float(np.abs(np.diff(audio.astype(float), 3)).max()) for audio in (quick, slow)]
    found = lines_beside(*spectra)
    worst = max(found, key=lambda i: spectra[0][i], default=None)
    return {
        "control": name,
        "tone_hz": tone_hz,
        "top_dbfs": round(float(spectra[0].max()), 1),
        "n_lines": len(found),
        "worst_hz": None if worst is None else round(worst * bin_hz, 1),
        "worst_dbfs": None if worst is None else round(float(spectra[0][worst]), 1),
        "click": round(bends[0] / bends[1], 2),
    }


def measure_all(
    voice: VoiceFile, names: Sequence[str], is_quick: bool = False
) -> list[dict[str, Any]]:
    """Every control at every tone; quickly: at one tone, against a sweep of one second."""
    tones, slow_s = (TONES_HZ[3:4], 1.0) if is_quick else (TONES_HZ, SLOW_S)
    return [measure(voice, name, tone_hz, slow_s) for name in names for tone_hz in tones]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """For people: the worst of all tones, a line a control."""
    lines = ["control               tone dBFS   lines   worst line        click"]
    for name in dict.fromkeys(row["control"] for row in rows):
        of = [row for row in rows if row["control"] == name]
        worst = max(of, key=lambda row: row["worst_dbfs"] or -200.0)
        where = f"{worst['worst_dbfs']} at {worst['worst_hz']} Hz" if worst["n_lines"] else "-"
        n_lines, click = sum(row["n_lines"] for row in of), max(row["click"] for row in of)
        lines.append(f"{name:20} {of[0]['top_dbfs']:10} {n_lines:7}   {where:18} {click:4}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Sweeps every control in 50 ms.")
    parser.add_argument("--quick", action="store_true", help="one tone, a shorter slow sweep")
    parser.add_argument("--controls", nargs="+", choices=NAMES, default=NAMES, metavar="NAME")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    voice = sine_voice(load_voice(Path(load_preset("violin").voice_dir)))
    rows = measure_all(voice, args.controls, args.quick)
    print(json.dumps({"rows": rows}) if args.json else table(rows))


if __name__ == "__main__":
    main()
