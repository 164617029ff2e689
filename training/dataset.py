"""Draws training windows from a prepared dataset, and hands out its validation stretches in order.

**Alignment of features and target.** In the engine, feature frame k is known once hop k of the
input is complete, at sample (k + 1) * hop. It drives output hop k, which ramps from control frame
k - 1 to control frame k: its last sample sounds exactly frame k. Frame k describes the input at the
centre of its analysis window, sample (k + 1) * hop - delay. So the instrument's output hop k stands
for the input `delay` earlier (216 samples at 48 kHz), and for frames n ... n + N - 1 the synth's N
hops must sound like the recording's

    audio[n * hop - delay : (n + N) * hop - delay]

(Playing in blocks that end where no hop ends costs up to a hop more; training need not know.)
The recording is therefore kept with `delay` zeros before it, and frames n ... m go with the samples
n * hop ... m * hop of that.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import RecipeError
from ddsp_core.features import Features
from ddsp_core.units import DB_FLOOR, db_to_gain
from training.augmentation import Batch, faster, louder, rounded, source_frames
from training.index import Entry, Index, read_index
from training.recording import load
from training.segments import Split

SHORTEST_CLIP_S = 0.5


class Clip(NamedTuple):
    """One stretch of a recording, as a batch of one; its first `n_context` frames are lead-in."""

    name: str
    start_s: float
    n_context: int
    batch: Batch


class _Loaded(NamedTuple):
    """A recording in memory: features at the common level, audio behind its `delay` zeros."""

    entry: Entry
    features: Features
    pcm: NDArray[np.int16]
    scale: np.float32


class Dataset:
    """One split of a prepared dataset, in memory (11 MB a minute at 48 kHz).

    Args:
        path: folder that `prepare` made.
        split: `train` or `validation`.
        notes_share: share of windows from folders of single notes, 0 to 1; None: as their time.
        level_range_db: half of the windows are made louder or softer by a gain from this range.
        pitch_range_semitones: windows are played higher or lower by up to this.

    Raises:
        RecipeError: no dataset there, or nothing in the split (or kind) that is asked for.
    """

    def __init__(
        self,
        path: Path,
        split: Split,
        notes_share: float | None = None,
        level_range_db: tuple[float, float] = (0.0, 0.0),
        pitch_range_semitones: float = 0.0,
    ) -> None:
        self.path = path
        self.index: Index = read_index(path)
        self.split = split
        self.level_range_db = level_range_db
        self.pitch_range_semitones = pitch_range_semitones
        self._loaded = [self._load(path, entry) for entry in self.index.recordings]
        self._places = [
            (loaded, segment)
            for loaded in self._loaded
            for segment in loaded.entry.segments
            if segment.split == split
        ]
        if not self._places:
            raise RecipeError(str(path), f"nothing in it for {split}", "a dataset with both splits")
        self._shares = self._place_shares(path, notes_share)

    @property
    def rooms(self) -> list[str]:
        """Names of the rooms; `Batch.room` counts in this list."""
        return self.index.rooms

    def windows(
        self,
        batch_size: int,
        n_frames: int,
        rng: np.random.Generator,
        rows: slice = slice(None),
    ) -> Batch:
        """Random windows, uniform over usable time; `rows` of them are cut and returned.

        A window lies inside one segment. Where the segment is shorter, the window ends with it and
        reaches back into what was played before (never out of its span, nor into the other split),
        and what is missing even then is silence.
        """
        drawn = rng.choice(len(self._places), size=batch_size, p=self._shares)
        positions = rng.random(batch_size)
        levels_db = rng.uniform(*self.level_range_db, batch_size)
        levels_db *= rng.random(batch_size) < 0.5
        shifts = self.pitch_range_semitones * rng.uniform(-1.0, 1.0, batch_size)
        windows = []
        for n in range(batch_size)[rows]:
            loaded, segment = self._places[drawn[n]]
            n_source = source_frames(n_frames, shifts[n])
            free = max(segment.end - segment.start - n_source, 0)
            end = segment.end - round(positions[n] * free)
            window = self._cut(loaded, segment.earliest, end - n_source, end)
            moved = louder(faster(window, n_frames), levels_db[n])
            windows.append(rounded(moved, loaded.scale))
        return _join(windows)

    def batch(
        self, step: int, seed: int, batch_size: int, n_frames: int, rows: slice = slice(None)
    ) -> Batch:
        """The windows of one training step (or `rows` of them): they depend on seed and step alone.

        A process that trains on a share of the batch cuts only its own.
        """
        return self.windows(batch_size, n_frames, np.random.default_rng((seed, step)), rows)

    def clips(self, seconds: float, context_s: float = 0.0) -> Iterator[Clip]:
        """All segments of the split in order, in pieces of up to `seconds`, without overlap.

        Args:
            context_s: lead-in before each clip, silent where the recording has none to give; the
                rooms and the GRU's memory need it.
        """
        length = max(round(seconds * self.index.frame_rate), 1)
        n_context = round(context_s * self.index.frame_rate)
        for loaded, segment in self._places:
            for start in range(segment.start, segment.end, length):
                end = min(start + length, segment.end)
                if start > segment.start and end - start < SHORTEST_CLIP_S * self.index.frame_rate:
                    continue
                batch = self._cut(loaded, segment.earliest, start - n_context, end)
                yield Clip(loaded.entry.name, start / self.index.frame_rate, n_context, batch)

    def _load(self, path: Path, entry: Entry) -> _Loaded:
        recording = load(path / entry.stored)
        if self.index.pitch == "repaired":
            recording = recording.repaired()
        delay, n_frames = self.index.delay_samples, len(recording.features.f0_hz)
        pcm = np.zeros(n_frames * self.index.hop_size, dtype=np.int16)
        pcm[delay : delay + len(recording.pcm)] = recording.pcm
        loudness_db = np.maximum(recording.features.loudness_db + entry.gain_db, DB_FLOOR)
        features = recording.features._replace(loudness_db=loudness_db.astype(np.float32))
        scale = np.float32(recording.scale * db_to_gain(entry.gain_db))
        return _Loaded(entry, features, pcm, scale)

    def _place_shares(self, path: Path, notes_share: float | None) -> NDArray[np.float64]:
        """Probability of every segment."""
        lengths = np.array([float(s.end - s.start) for _, s in self._places])
        notes = np.array([loaded.entry.kind == "notes" for loaded, _ in self._places])
        if notes_share is None:
            return np.asarray(lengths / lengths.sum())
        shares = np.zeros_like(lengths)
        for kind, share in ((notes, notes_share), (~notes, 1.0 - notes_share)):
            if share > 0.0 and not kind.any():
                given = f"notes_share is {notes_share:g}"
                allowed = "a dataset with single notes and phrases"
                raise RecipeError(str(path), given, allowed, "leave notes_share out")
            shares[kind] = share * lengths[kind] / max(lengths[kind].sum(), 1.0)
        return shares

    def _cut(self, loaded: _Loaded, earliest: int, start: int, end: int) -> Batch:
        """Frames start ... end as a batch of one; silence before `earliest`."""
        first = max(start, earliest)
        missing = first - start
        hop_size = self.index.hop_size
        audio = loaded.pcm[first * hop_size : end * hop_size] * loaded.scale
        f0_hz, confidence, loudness_db = (curve[first:end] for curve in loaded.features)
        return Batch(
            f0_hz=np.pad(f0_hz, (missing, 0), mode="edge")[None],
            loudness_db=np.pad(loudness_db, (missing, 0), constant_values=DB_FLOOR)[None],
            confidence=np.pad(confidence, (missing, 0))[None],
            audio=np.pad(audio, (missing * hop_size, 0))[None],
            room=np.array([loaded.entry.room], dtype=np.int64),
        )


def _join(batches: list[Batch]) -> Batch:
    return Batch(*(np.concatenate(parts) for parts in zip(*batches, strict=True)))
