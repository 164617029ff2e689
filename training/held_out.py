"""Resynthesises stretches of a dataset from their features and compares them with the recordings.

Each stretch is played twice: by the dataset's pitch (which is what the voice learned from), and by
that of the offline tracker which judges. metrics.py says what the figures are.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import RecipeError, did_you_mean
from ddsp_core.features import FeatureExtractor, Features
from training import judge as trackers
from training.augmentation import Batch
from training.dataset import Clip, Dataset
from training.metrics import (
    ClipMetrics,
    SplitMetrics,
    loudness_distance_db,
    pitch_distance,
    summarise,
)
from training.octaves import repaired_f0_hz
from training.reference_pitch import voiced_from

Audio = NDArray[np.float32]
Play = Callable[[Batch], Audio]
"""Resynthesises a batch of one: (1, N) features to (T,) samples, T = N * hop."""
Loss = Callable[[Audio, Audio], float]
"""Multi-scale spectral loss of (T,) and (T,) samples."""

CLIP_S = 4.0
CONTEXT_S = 1.0
"""Lead-in that is played but not compared: GRU and room start from rest, the recording did not."""
MOST_CLIPS = 40
"""Evenly spread over each split; the training split is long."""


class Heard(NamedTuple):
    """A sound and what is heard in it. Shape: audio (T,), curves (N,) each."""

    audio: Audio
    live: Features
    """At the moments that the live frames describe."""
    judged: trackers.Pitch
    """At the moments when the synth sounds each frame: the end of its hop."""


class Compared(NamedTuple):
    """A clip, what the voice made of it, and the figures. Shape: audio (T,), without lead-in."""

    clip: Clip
    recorded: Audio
    played: Audio
    metrics: ClipMetrics


def evaluate_split(
    dataset: Dataset,
    play: Play,
    loss: Loss,
    room: str | None = None,
    judge: str = trackers.DEFAULT,
) -> SplitMetrics:
    """Metrics of a voice over (at most `MOST_CLIPS` clips of) one split.

    Args:
        room: compare recordings of this room only.
        judge: the offline tracker by name.
    Raises:
        RecipeError: no such room or tracker, or nothing of the room in the split.
    """
    clips = clips_of(dataset, room)
    every = -(-len(clips) // MOST_CLIPS)
    compared = [compare(clip, dataset, play, loss, judge).metrics for clip in clips[::every]]
    return summarise(compared, dataset.index.frame_rate)


def clips_of(dataset: Dataset, room: str | None) -> list[Clip]:
    """The split in clips of four seconds or less; raises RecipeError where there is none."""
    clips = list(dataset.clips(CLIP_S, CONTEXT_S))
    if room is not None:
        if room not in dataset.rooms:
            raise RecipeError("--room", f"no room {room!r}", did_you_mean(room, dataset.rooms))
        number = dataset.rooms.index(room)
        clips = [clip for clip in clips if clip.batch.room[0] == number]
    if not clips:
        given = f"nothing of {room} for {dataset.split}"
        raise RecipeError("--room", given, "another room, or all")
    return clips


def compare(clip: Clip, dataset: Dataset, play: Play, loss: Loss, judge: str) -> Compared:
    """One clip, played and compared."""
    index, batch = dataset.index, clip.batch
    extractor = FeatureExtractor(index.sample_rate, index.hop_size)
    frames, heard = slice(clip.n_context, None), slice(clip.n_context * index.hop_size, None)
    # Both sides are measured alike, from the clip's start: no alignment is left to get wrong.
    recorded = listen(batch.audio[0], extractor, judge)
    given_hz, sure = recorded.judged.f0_hz, recorded.judged.confidence[frames]
    played = listen(play(batch), extractor, judge)
    as_judged = listen(play(batch._replace(f0_hz=given_hz[None])), extractor, judge)
    before, after = recorded.live, played.live
    metrics = ClipMetrics(
        batch.f0_hz.shape[1] - clip.n_context,
        loss(recorded.audio[heard], played.audio[heard]),
        loudness_distance_db(before.loudness_db[frames], after.loudness_db[frames]),
        pitch_distance(given_hz[frames], as_judged.judged.f0_hz[frames], sure),
        pitch_distance(batch.f0_hz[0, frames], played.judged.f0_hz[frames], sure),
        pitch_distance(before.f0_hz[frames], after.f0_hz[frames], before.confidence[frames]),
    )
    return Compared(clip, recorded.audio[heard], played.audio[heard], metrics)


def listen(audio: Audio, extractor: FeatureExtractor, judge: str) -> Heard:
    """Both trackers on one sound of whole hops."""
    readings = trackers.judge(judge, audio, extractor.sample_rate)
    features, _ = extractor.forward(audio.reshape(-1, extractor.hop_size))
    ends = extractor.hop_size * np.arange(1, len(features.f0_hz) + 1)
    reference = readings.at((ends - extractor.delay_samples) / extractor.sample_rate)
    # Octave errors put right, as the training data has them.
    voiced = reference.confidence >= voiced_from(judge)
    heard_hz = np.where(voiced, reference.f0_hz, np.float32(0.0))
    live = features._replace(f0_hz=repaired_f0_hz(features.f0_hz, heard_hz))
    return Heard(audio, live, readings.at(ends / extractor.sample_rate))
