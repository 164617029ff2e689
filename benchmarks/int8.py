"""Does a voice sound different when its weights are kept in 8 bits? Measured, not heard.

    python -m benchmarks.int8 [CLIP ...] [--preset violin] [--json]

Each clip is played twice by the engine, with the weights in float32 and in int8 and all else equal,
and the two are compared by their spectra: the mean difference of level in dB, over all bins of
short windows and long ones that reach 70 dB below the loudest in either.

A figure says nothing alone. Beside it stands how much two changes that nobody hears do: another
seed of the noise, and a singer who is a tenth of a decibel louder (the ear notices half a decibel
at best: Zwicker and Fastl, "Psychoacoustics", 7.1). Tone is the same without the noise, whose every
bin is chance.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import load_voice
from ddsp_core.products import Storage
from realtime.audio_file import read_audio
from realtime.engine import Engine
from realtime.preset import load_preset

Audio = NDArray[np.float32]

CLIPS = Path(__file__).resolve().parent.parent / "tests" / "clips"
SUNG = [CLIPS / "nit_song070_004.flac", CLIPS / "vocadito_1.flac"]
WINDOW_SIZES = (512, 4096)
RANGE_DB = 70.0


def main() -> None:
    parser = argparse.ArgumentParser(description="float32 and int8 weights, by their spectra.")
    parser.add_argument("clips", metavar="CLIP", type=Path, nargs="*", default=SUNG)
    parser.add_argument("--preset", default="violin")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = {clip.stem: compare(clip, args.preset) for clip in args.clips}
    if args.json:
        print(json.dumps(found))
        return
    columns = list(next(iter(found.values())))
    print("| mean difference, dB |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in found.items():
        print(f"| {name} |", " | ".join(f"{row[column]:.3f}" for column in columns), "|")


def compare(clip: Path, preset_name: str) -> dict[str, float]:
    """What changes by how many dB."""
    preset = load_preset(preset_name)
    voice = load_voice(preset.voice_dir)
    sung = read_audio(clip, voice.config.sample_rate)
    tone = {**preset.controls, "noise_gain_db": -60.0}
    louder = {"loudness_shift_db": tone.get("loudness_shift_db", 0.0) + 0.1}

    def play(controls: Mapping[str, float], storage: Storage = "float32", seed: int = 0) -> Audio:
        return Engine(voice, controls, seed, storage=storage).process(sung)

    whole, alone = play(preset.controls), play(tone)
    return {
        "int8": difference_db(whole, play(preset.controls, "int8")),
        "another seed": difference_db(whole, play(preset.controls, seed=1)),
        "0.1 dB louder": difference_db(whole, play({**preset.controls, **louder})),
        "tone, int8": difference_db(alone, play(tone, "int8")),
        "tone, 0.1 dB louder": difference_db(alone, play({**tone, **louder})),
    }


def difference_db(one: Audio, other: Audio) -> float:
    """Mean of |level - level| over the bins that are heard in either. Shape: (T,), (T,)."""
    means = []
    for size in WINDOW_SIZES:
        levels = np.stack([spectrogram_db(audio, size) for audio in (one, other)])
        heard = levels.max(axis=0) > levels.max() - RANGE_DB
        means.append(np.abs(levels[0] - levels[1])[heard].mean())
    return float(np.mean(means))


def spectrogram_db(audio: Audio, size: int) -> NDArray[np.float64]:
    """Levels of half-overlapping Hann windows, floored far below what is heard. Shape: (N, F)."""
    pieces = np.lib.stride_tricks.sliding_window_view(audio, size)[:: size // 2]
    power = np.abs(np.fft.rfft(pieces * np.hanning(size), axis=1)) ** 2
    return np.asarray(10.0 * np.log10(power + 1e-12))


if __name__ == "__main__":
    main()
