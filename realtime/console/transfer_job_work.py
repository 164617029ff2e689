"""What the studio's rendering process does: looks at a recording, and renders it.

Both write files into a folder that they are given and return facts. A rendering is what
`chanterelle render` makes of the same words, to the bit.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import AudioError
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.units import gain_to_db, midi_to_hz
from realtime.audio_file import read_audio, read_native
from realtime.cli import build_parser
from realtime.cli_render import Played, prepare
from realtime.console.takes_sounds import sounds_of
from realtime.console.transfer_job import ORIGINAL, PICTURES
from realtime.console.transfer_job_pictures import (
    curve,
    loudness,
    mean_hz,
    peaks,
    spectrogram,
)
from realtime.host import Host
from realtime.render import Audio, render, write_audio
from realtime.render_picture import frames_of
from realtime.report_png import ReportFrames
from realtime.take_reader import read_sound, read_take
from realtime.transfer import note_ratio

MOST_S = 600.0
"""Of a recording: the page holds the original and a result as they sound, in memory."""
RATE, HOP_SIZE = 48000, 128
"""Of the first look, before any voice is chosen: those of the voices that come along."""
VOICED = 0.5

Tell = Callable[[str, float], None]
"""Takes what is being done and how much of it is done, 0 to 1."""


def look(source: Path, folder: Path, tell: Tell) -> dict[str, Any]:
    """Makes a recording ready to be played and rendered, and shows what the instrument hears.

    Args:
        source: a sound file, or the folder of a take: what was sung.
        folder: where the original goes; it exists.
        tell: told as it goes on.

    Raises:
        AudioError: it cannot be used.
    """
    tell("reading", 0.0)
    original = folder / ORIGINAL
    if source != original:
        _copy(source, original)
    _check_length(source, soundfile.info(original).duration)
    native, rate = read_native(original)
    tell("drawing", 0.2)
    level, mean_db = loudness(native, rate)
    pictures = {
        "peaks": peaks(native),
        "spectrogram": spectrogram(native, rate),
        "level": level,
    }
    tell("listening", 0.6)
    features = _features(read_audio(original, RATE))
    extractor = FeatureExtractor(RATE, HOP_SIZE)
    step_s = HOP_SIZE / RATE
    ratio = note_ratio(features, step_s)
    for name, values in {**features._asdict(), "ratio": ratio}.items():
        pictures[name] = curve(values, step_s - extractor.delay_samples / RATE, step_s)
    _write(folder / PICTURES, pictures)
    heard = (ratio >= 1.0) & (features.confidence >= VOICED)
    return {
        "duration_s": len(native) / rate,
        "sample_rate": rate,
        "n_channels": native.shape[1],
        "level_db": mean_db,
        "sung_hz": mean_hz(features.f0_hz, heard),
    }


def transfer(words: Sequence[str], folder: Path, tell: Tell) -> dict[str, Any]:
    """Renders.

    Args:
        words: of `chanterelle`'s command line, from "render" on.
        folder: where pictures and a FLAC file go, beside what the words name.
        tell: told as it goes on.

    Raises:
        ChanterelleError: a preset, voice or recording that cannot be used.
    """
    tell("loading the voice", 0.0)
    args = build_parser(words)[0].parse_args(list(words))
    args.report = folder  # features are wanted in any case
    played, sung = prepare(args)
    try:
        if played.transfer:
            played.transfer.rewind()
        counted = Counted(played.host, len(sung), tell)
        audio = render(counted, sung, args.block_size, keep_latency=args.keep_latency).audio
        tell("drawing", 0.9)
        rate = played.host.sample_rate
        write_audio(args.output, audio, rate)
        write_audio(args.output.with_suffix(".flac"), audio, rate)
        assert played.features is not None, "a report was asked for"
        frames = frames_of(
            played.features, played.transfer, played.voice, played.host.control_values
        )
        level, mean_db = loudness(audio, rate)
        _write(folder / PICTURES, {"level": level, **_pictures(audio, rate, frames, played)})
        return {
            "duration_s": len(audio) / rate,
            "sample_rate": rate,
            "n_channels": audio.ndim,
            "peak_db": gain_to_db(max(float(np.abs(audio).max(initial=0.0)), 1e-6)),
            "level_db": mean_db,
            "octave_shift": round(played.host.control_values["octave_shift"]),
            **_means(frames, played.voice),
        }
    finally:
        played.host.close()


class Counted:
    """A host that tells how far it has played: a `Processor`."""

    def __init__(self, host: Host, n_samples: int, tell: Tell) -> None:
        self._host, self._n_samples, self._tell = host, max(n_samples, 1), tell
        self._n_played = 0

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self._host.sample_rate

    @property
    def latency_samples(self) -> int:
        """The host's."""
        return self._host.latency_samples

    def expect_blocks_of(self, block_size: int | None) -> None:
        """Starts afresh."""
        self._host.expect_blocks_of(block_size)

    def process(self, block: Audio) -> Audio:
        """Plays, and tells of it."""
        self._n_played += len(block)
        self._tell("rendering", 0.1 + 0.8 * min(self._n_played / self._n_samples, 1.0))
        return self._host.process(block)


def _copy(source: Path, target: Path) -> None:
    """As 32-bit float WAV, which every browser plays and which changes no sample."""
    if source.is_dir():
        take = read_take(source)
        _check_length(source, take.duration_s)
        if "dry" not in {sound.key for sound in sounds_of(take)}:
            raise AudioError(source.name, "what was sung is missing, or a link", "a whole take")
        sound, rate = read_sound(take, "dry"), take.sample_rate
    else:
        if source.is_file():
            _check_file(source)
        sound, rate = read_native(source)
    soundfile.write(target, sound, rate, "FLOAT")


def _check_file(source: Path) -> None:
    """That it is not too long to be read at all."""
    try:
        duration_s = soundfile.info(source).duration
    except (soundfile.SoundFileError, TypeError, OSError):
        return  # whoever reads it says what is wrong with it
    _check_length(source, duration_s)


def _check_length(source: Path, duration_s: float) -> None:
    if duration_s > MOST_S:
        given = f"{duration_s / 60.0:.1f} min long"
        todo = "cut out a part, or use `chanterelle render`, which takes any length"
        raise AudioError(source.name, given, f"up to {MOST_S / 60.0:.0f} min", todo)


def _features(sung: Audio) -> Features:
    n_hops = len(sung) // HOP_SIZE
    hops = np.ascontiguousarray(sung[: n_hops * HOP_SIZE]).reshape(n_hops, HOP_SIZE)
    return FeatureExtractor(RATE, HOP_SIZE).forward(hops)[0]


def _pictures(audio: Audio, rate: int, frames: ReportFrames, played: Played) -> dict[str, Any]:
    step_s = played.voice.config.hop_size / rate
    start_s = float(frames.time_s[0]) if len(frames.time_s) else 0.0
    told = frames.loudness_db if frames.told_db is None else frames.told_db
    curves = {
        "f0_hz": frames.f0_hz,
        "played_f0_hz": frames.played_f0_hz,
        "confidence": frames.confidence,
        "loudness_db": frames.loudness_db,
        "told_db": told + np.float32(played.host.control_values["loudness_shift_db"]),
        "gate": frames.gate,
        "mask": np.ones(len(told)) if frames.mask is None else frames.mask,
    }
    drawn = {name: curve(np.asarray(values), start_s, step_s) for name, values in curves.items()}
    return {"peaks": peaks(audio), "spectrogram": spectrogram(audio, rate), **drawn}


def _means(frames: ReportFrames, voice: VoiceFile) -> dict[str, Any]:
    """Of singer, of what is played, and of what the voice was trained with."""
    heard = (frames.gate > 0.5) & (frames.confidence >= VOICED)
    if frames.mask is not None:
        heard &= frames.mask
    quantiles = voice.statistics.get("f0_quantiles_hz", {})
    mean_midi = voice.statistics.get("f0_mean_midi")
    return {
        "sung_hz": mean_hz(frames.f0_hz, _sounding(frames.f0_hz, heard)),
        "played_hz": mean_hz(frames.played_f0_hz, _sounding(frames.played_f0_hz, heard)),
        "trained_hz": None if mean_midi is None else float(midi_to_hz(mean_midi)),
        "trained_low_hz": quantiles.get("1"),
        "trained_high_hz": quantiles.get("99"),
        "notes_s": float(heard.sum()) * voice.config.hop_size / voice.config.sample_rate,
    }


def _sounding(f0_hz: NDArray[np.floating], heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(heard & (np.asarray(f0_hz) > 0.0))


def _write(path: Path, pictures: dict[str, Any]) -> None:
    path.write_text(json.dumps(pictures))
