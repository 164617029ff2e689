"""How loud every preset is: a performer who steps through a set should not reach for a fader.

    python -m benchmarks.preset_levels [--seconds 30] [--presets NAME ...] [--wav FOLDER] [--json]

Two clips are sung into each preset, a loud one and a soft one, as they lie in tests/clips.
Loudness is that of ITU-R BS.1770-4 (K-weighted, gated, both channels), the mean of the two clips;
the singer's own stands first. Beside it the highest peak, which the limiter keeps below -1 dBFS,
and steps in the sound, as `benchmarks/measures.py` counts them.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.measures import clicks
from realtime.audio_file import read_audio
from realtime.host import Host
from realtime.preset import list_presets, load_preset
from realtime.slot import load_slots

CLIPS_DIR = Path(__file__).resolve().parent.parent / "tests" / "clips"
CLIPS = ("nit_song070_004", "vocadito_1")
RATE = 48_000
BLOCK_SIZE = 1024
TAIL_S = 1.0
SINGER = "(the singer)"

# ITU-R BS.1770-4, tables 1 and 2, for 48 kHz: (b, a) of the two stages of its K weighting.
K_WEIGHTING = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)

Sound = NDArray[np.float32]
"""Shape: (T,) or (T, C)."""


class Level(NamedTuple):
    """Of one preset, over all clips."""

    loudness_lufs: float
    by_clip_lufs: tuple[float, ...]
    peak_dbfs: float
    n_clicks: int
    is_finite: bool


def loudness(sound: Sound, rate: int = RATE) -> float:
    """Integrated loudness in LUFS; one channel counts as two equal ones, as it is played."""
    channels = sound[:, None].repeat(2, axis=1) if sound.ndim == 1 else sound
    weighted = _k_weighted(channels.astype(np.float64))
    size, step = round(0.4 * rate), round(0.1 * rate)
    sums = np.cumsum(np.pad((weighted**2).sum(axis=1), (1, 0)))
    starts = np.arange(0, len(channels) - size + 1, step)
    power = (sums[starts + size] - sums[starts]) / size
    audible = power[_lufs(power) > -70.0]
    if not len(audible):
        return -70.0
    return float(_lufs(audible[_lufs(audible) > _lufs(audible.mean()) - 10.0].mean()))


def _lufs(power: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return -0.691 + 10.0 * np.log10(np.maximum(power, 1e-20))


def _k_weighted(channels: NDArray[np.float64]) -> NDArray[np.float64]:
    """By spectra: the filters ring for a few milliseconds only, and the end is padded for that."""
    n = len(channels) + RATE
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(n))
    response = np.ones(len(z), complex)
    for b, a in K_WEIGHTING:
        response *= np.polyval(b[::-1], z) / np.polyval(a[::-1], z)
    spectrum = np.fft.rfft(channels, n, axis=0) * response[:, None]
    return np.fft.irfft(spectrum, n, axis=0)[: len(channels)]


def play(host: Host, sung: Sound) -> Sound:
    """What comes out, with its tail."""
    host.expect_blocks_of(BLOCK_SIZE)
    padded = np.pad(sung, (0, round(TAIL_S * RATE)))
    blocks = np.split(padded, range(BLOCK_SIZE, len(padded), BLOCK_SIZE))
    return np.concatenate([host.process(block) for block in blocks])


def level_of(sounds: Sequence[Sound]) -> Level:
    by_clip = tuple(loudness(sound) for sound in sounds)
    sides = [side for sound in sounds for side in np.atleast_2d(sound.T)]
    peak = max(float(np.abs(sound).max()) for sound in sounds)
    return Level(
        float(np.mean(by_clip)),
        by_clip,
        20.0 * np.log10(max(peak, 1e-9)),
        sum(clicks(side, RATE).n_above for side in sides),
        all(bool(np.isfinite(sound).all()) for sound in sounds),
    )


def measure(
    names: Sequence[str],
    seconds: float,
    clips: Sequence[str] = CLIPS,
    wav: Path | None = None,
) -> dict[str, Level]:
    """Every preset's level, the singer's first. All are loaded at once, as in a set."""
    heard = [read_audio(CLIPS_DIR / f"{clip}.flac", RATE) for clip in clips]
    sung = [clip[: round(seconds * RATE)] for clip in heard]
    levels = {SINGER: level_of(sung)}
    slots = load_slots([load_preset(name) for name in names])
    for number, name in enumerate(names):
        played = [play(Host([slots[number]]), sound) for sound in sung]
        levels[name] = level_of(played)
        for clip, sound in zip(clips, played, strict=True):
            if wav:
                soundfile.write(wav / f"{name}_{clip}.wav", sound, RATE, "PCM_24")
    return levels


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--presets", nargs="+", default=list_presets())
    parser.add_argument("--wav", type=Path, help="keep the sounds in this folder")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    levels = measure(args.presets, args.seconds, wav=args.wav)
    if args.json:
        print(json.dumps({name: level._asdict() for name, level in levels.items()}))
        return 0
    for name, level in levels.items():
        each = " ".join(f"{lufs:6.1f}" for lufs in level.by_clip_lufs)
        print(
            f"{name:22} {level.loudness_lufs:6.1f} LUFS ({each})"
            f"  peak {level.peak_dbfs:5.1f} dBFS  steps {level.n_clicks}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
