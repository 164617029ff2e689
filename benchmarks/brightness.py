"""Is the output as bright as the instrument is at that pitch?

    python -m benchmarks.brightness RECORDING ... [--clip CLIP ...] [--set NAME=VALUE ...] [--json]

A violin's low notes have far less energy above 8 kHz than its high ones. So energy above 8 kHz,
against all, in dB, is compared within half octaves: of steady stretches (43 ms within a semitone,
surely pitched) of real recordings, and of the clips played through the engine.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import CLIPS, render, setting
from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import ChanterelleError
from ddsp_core.features import FeatureExtractor
from ddsp_core.units import hz_to_midi, midi_to_hz
from realtime.audio_file import read_audio
from realtime.engine import Engine
from realtime.preset import load_preset

HOPS = 16
HIGH_HZ = 8000.0
BAND_SEMITONES = 6
LOWEST_MIDI = 45
FEWEST = 50
"""Stretches in a half octave below which it is left out."""

Bands = dict[int, list[float]]


def main() -> None:
    args = _parser().parse_args()
    try:
        preset = load_preset(args.preset)
        controls = {**preset.controls, **dict(map(setting, args.set))}
        voice = load_voice(preset.voice_dir)
        rate, hop = voice.config.sample_rate, voice.config.hop_size
        recordings: Bands = {}
        for path in args.recordings:
            measure(read_audio(path, rate), rate, hop, recordings)
        rows = [("recordings", recordings)]
        for path in args.clip or [CLIPS / "vocadito_1.flac", CLIPS / "nit_song070_004.flac"]:
            played: Bands = {}
            done = render(Engine(voice, controls), read_audio(path, rate), controls)
            measure(done.wet, rate, hop, played)
            rows.append((path.stem, played))
    except ChanterelleError as error:
        sys.exit(f"error: {error}")
    table = {name: {band_name(b): level(bands[b]) for b in kept(bands)} for name, bands in rows}
    print(json.dumps(table, indent=1) if args.json else as_text(table))


def measure(audio: NDArray[np.float32], rate: int, hop: int, bands: Bands) -> None:
    """Adds energy above 8 kHz, all energy and a count to each half octave heard."""
    hops = audio[: len(audio) // hop * hop].reshape(-1, hop)
    features, _ = FeatureExtractor(rate, hop).forward(hops)
    notes = hz_to_midi(features.f0_hz)
    window = np.hanning(HOPS * hop)
    high = np.fft.rfftfreq(HOPS * hop, 1 / rate) >= HIGH_HZ
    for k in range(0, len(hops) - HOPS, HOPS // 2):
        here = slice(k, k + HOPS)
        if features.confidence[here].min() < 0.5 or np.ptp(notes[here]) > 1.0:
            continue
        power = np.abs(np.fft.rfft(hops[here].reshape(-1) * window)) ** 2
        band = int((notes[k + HOPS // 2] - LOWEST_MIDI) // BAND_SEMITONES)
        total = bands.setdefault(band, [0.0, 0.0, 0.0])
        for i, value in enumerate((power[high].sum(), power.sum(), 1.0)):
            total[i] += float(value)


def kept(bands: Bands) -> list[int]:
    return sorted(band for band, (_, _, n) in bands.items() if n >= FEWEST)


def level(totals: list[float]) -> float:
    return round(float(10.0 * np.log10(totals[0] / totals[1] + 1e-12)), 1)


def band_name(band: int) -> str:
    edges = LOWEST_MIDI + BAND_SEMITONES * np.array([band, band + 1])
    low, high = midi_to_hz(edges)
    return f"{low:.0f}-{high:.0f} Hz"


def as_text(table: dict[str, dict[str, float]]) -> str:
    lines = []
    for name, bands in table.items():
        lines.append(name)
        for band, found_db in bands.items():
            real = table["recordings"].get(band)
            beside = f"  ({found_db - real:+.1f})" if real is not None else ""
            lines.append(f"  {band:>14}  {found_db:6.1f} dB{beside}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Brightness by pitch, beside real recordings.")
    parser.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING")
    parser.add_argument("--clip", type=Path, nargs="*", default=[])
    parser.add_argument("--preset", default="violin")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    main()
