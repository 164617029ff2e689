"""Cross-synthesis: singing goes in, the instrument comes out. How much of each is in it?

A song is played through the live engine and, in torch, offline. Three things are measured: whether
the two agree, sample by sample; whether the output follows the song's pitch; and how much nearer
its timbre is to recordings of the instrument than the singer's own (timbre.py).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from ddsp_core.units import db_to_gain
from training import judge as trackers
from training.cross_offline import COMPARABLE, render_offline
from training.dataset import Dataset
from training.held_out import clips_of
from training.index import Index
from training.live_render import render_live
from training.metrics import PitchDistance, pitch_distance
from training.sung_clips import SURE, SungClip, frame_times, sung_clip, sung_clips
from training.timbre import Cloud, Timbres, cloud, compare

Audio = NDArray[np.float32]

READ_EVERY_S = 0.01
AGREED_SNR_DB = 60.0
"""Offline and live count as equal from here on: their difference is a thousandth or less."""


IN_TABLES = (
    "f0_l1_semitones", "f0_within_50_cents", "timbre_singer", "timbre_output", "timbre_ratio",
)  # fmt: skip
"""Of `Sung.figures`, between the controls and the agreement."""


class Agreement(NamedTuple):
    """Of the live engine with the offline path, which is taken for the truth."""

    snr_db: float
    largest_difference: float
    """In full scale, at the level that was compared (12 dB down)."""


class Sung(NamedTuple):
    """A song and what a voice made of it. Shape: (T,) each, lined up."""

    song: SungClip
    live: Audio
    offline: Audio
    agreement: Agreement
    f0: PitchDistance | None
    """From the song's pitch, shifted as the controls say, to the live output's."""
    timbre: Timbres | None

    def figures(self) -> dict[str, float | None]:
        """All of it as numbers; None where there is too little sound to tell."""
        return {
            **self.song.controls,
            **self.agreement._asdict(),
            "f0_l1_semitones": self.f0.l1_semitones if self.f0 else None,
            "f0_within_50_cents": self.f0.within_50_cents if self.f0 else None,
            **{f"timbre_{name}": value for name, value in _timbres(self.timbre).items()},
        }


def songs(paths: Sequence[Path] | None, index: Index) -> list[SungClip]:
    """Sung recordings in the register and at the level of a dataset; None: those that come along.

    Raises:
        AudioError: one of them cannot be read.
    """
    if paths is None:
        return sung_clips(index)
    return [sung_clip(path, index) for path in paths]


def recordings(datasets: Iterable[Dataset], room: str | None) -> Cloud:
    """The timbre of the instrument: all recordings of a room (None: of all rooms)."""
    clouds = []
    for dataset in datasets:
        index = dataset.index
        for clip in clips_of(dataset, room):
            batch = clip.batch
            f0_hz, confidence, audio = batch.f0_hz[0], batch.confidence[0], batch.audio[0]
            # dataset.py: a frame stands for the sound at the end of its hop.
            time_s = np.arange(1, len(f0_hz) + 1) * index.hop_size / index.sample_rate
            notes_hz = np.where(confidence >= SURE, f0_hz, 0.0)
            notes_hz[: clip.n_context] = 0.0
            clouds.append(cloud(audio, index.sample_rate, time_s, notes_hz))
    return Cloud(*(np.concatenate(parts) for parts in zip(*clouds, strict=True)))


def sing(voice_dir: Path, song: SungClip, instrument: Cloud, judge: str) -> Sung:
    """Plays one song and measures what comes.

    Args:
        instrument: recordings of it.
        judge: the offline pitch tracker by name.
    Raises:
        VoiceError: no voice there, a damaged one, or one that the engine cannot play.
    """
    controls = {**song.controls, **COMPARABLE}
    audio, rate = song.audio, song.sample_rate
    offline = render_offline(voice_dir, audio, rate, controls)
    live = render_live(voice_dir, audio, rate, controls)
    level = np.float32(db_to_gain(-COMPARABLE["output_gain_db"]))
    # Both sides with the notes that are asked for: frames without one are consonants and rests.
    times_s = frame_times(len(song.heard.f0_hz), song.extractor)
    notes_hz = np.where(song.heard.confidence >= SURE, song.heard.f0_hz, 0.0)
    sung, played = (cloud(side, rate, times_s, notes_hz) for side in (audio, live))
    return Sung(
        song,
        live * level,
        offline * level,
        agreement(offline, live),
        _followed(song, live, judge),
        compare(sung, played, instrument),
    )


def agreement(truth: Audio, other: Audio) -> Agreement:
    """How well one signal equals another. Shape: (T,), (T,).

    >>> found = agreement(np.array([1.0, -1.0], np.float32), np.array([1.0, -0.5], np.float32))
    >>> round(found.snr_db, 2), found.largest_difference
    (9.03, 0.5)
    """
    difference = other.astype(np.float64) - truth
    power, error = np.sum(truth.astype(np.float64) ** 2), np.sum(difference**2)
    largest = float(np.abs(difference).max(initial=0.0))
    return Agreement(float(10.0 * np.log10(max(power, 1e-30) / max(error, 1e-30))), largest)


def sung_table(sung: Sequence[Sung]) -> Table:
    """A row a song, for people."""
    table = Table(title="sung clips, played live")
    headings = ("", "octaves", "gain dB", "f0 L1", "within 50 cents", "timbre: singer", "output")
    for heading in (*headings, "ratio", "live = offline"):
        table.add_column(heading, justify="right" if heading else "left")
    for one in sung:
        table.add_row(one.song.name, *_cells(one))
    return table


def _cells(one: Sung) -> list[str]:
    found = one.figures()
    numbers = ["" if (value := found[key]) is None else f"{value:.3f}" for key in IN_TABLES]
    snr_db = one.agreement.snr_db
    verdict = f"{snr_db:.0f} dB" if snr_db >= AGREED_SNR_DB else f"NO: {snr_db:.0f} dB"
    controls = one.song.controls
    top = [f"{controls['octave_shift']:+.0f}", f"{controls['input_gain_db']:+.1f}"]
    return [*top, *numbers, verdict]


def _timbres(timbre: Timbres | None) -> dict[str, float | None]:
    names = (*Timbres._fields, "ratio")
    return {name: getattr(timbre, name) if timbre else None for name in names}


def _followed(song: SungClip, played: Audio, judge: str) -> PitchDistance | None:
    times_s = np.arange(0.0, len(played) / song.sample_rate, READ_EVERY_S)
    sung, heard = (
        trackers.judge(judge, audio, song.sample_rate).at(times_s) for audio in (song.audio, played)
    )
    asked_hz = sung.f0_hz * np.float32(2.0 ** song.controls["octave_shift"])
    return pitch_distance(asked_hz, heard.f0_hz, sung.confidence)
