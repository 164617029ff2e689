"""What is listened to while a voice is trained: held-out clips resynthesised, singing played live.

The voice in training is only borrowed: a copy of it plays, so that its mode, its gradients and the
device that it lives on stay as they are; no global random state is drawn from.
"""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.voice import Voice
from training.dataset import Clip, Dataset
from training.live_render import render_live
from training.plots import Track, feature_tracks, spectrogram_pair, waveform_pair
from training.resynthesis import player
from training.sung_clips import SungClip, analyse, frame_times

Audio = NDArray[np.float32]

N_CLIPS = 2
CLIP_S = 4.0
CONTEXT_S = 1.0


class Heard(NamedTuple):
    """A sound beside what the voice made of it. Shape: (T,), (T,)."""

    name: str
    given: Audio
    played: Audio
    sample_rate: int
    titles: tuple[str, str]
    asked: Track
    """Features that the voice was given to play."""
    came: Track
    """Features of what it played."""


def fixed_clips(dataset: Dataset) -> list[Clip]:
    """A few of the longest clips, spread evenly over the split: the same each time."""
    clips = list(dataset.clips(CLIP_S, CONTEXT_S))
    longest = max(clip.batch.f0_hz.shape[1] for clip in clips)
    clips = [clip for clip in clips if clip.batch.f0_hz.shape[1] == longest]
    places = np.linspace(0, len(clips) - 1, min(N_CLIPS, len(clips)))
    return [clips[round(place)] for place in places]


def hear_resynthesis(clips: Sequence[Clip], voice: Voice) -> list[Heard]:
    """The clips from their features, as the voice in training plays them now, in their rooms."""
    play = player(copy.deepcopy(voice).cpu().eval())
    rate, hop_size = voice.config.sample_rate, voice.config.hop_size
    extractor = FeatureExtractor(rate, hop_size)
    return [
        _resynthesised(f"held_out_{number}", clip, play(clip.batch), extractor)
        for number, clip in enumerate(clips, start=1)
    ]


def _resynthesised(name: str, clip: Clip, played: Audio, extractor: FeatureExtractor) -> Heard:
    """Without the clip's lead-in, which only filled the room and the GRU's memory."""
    titles = ("recorded", "resynthesised")
    batch = clip.batch
    frames = slice(clip.n_context, None)
    samples = slice(clip.n_context * extractor.hop_size, None)
    asked = Features(batch.f0_hz[0], batch.confidence[0], batch.loudness_db[0])
    came = analyse(played, extractor)
    shown_s = frame_times(len(came.f0_hz) - clip.n_context, extractor)
    # A window's audio is late by the extractor's delay: see dataset.py.
    asked_s = shown_s + extractor.delay_samples / extractor.sample_rate
    return Heard(
        name,
        batch.audio[0, samples],
        played[samples],
        extractor.sample_rate,
        titles,
        Track(titles[0], asked_s, Features(*(curve[frames] for curve in asked))),
        Track(titles[1], shown_s, Features(*(curve[frames] for curve in came))),
    )


def hear_singing(clip: SungClip, voice_dir: Path) -> Heard:
    """A sung clip through the live engine, in a process of its own.

    Raises:
        VoiceError: the voice in `voice_dir` cannot be played.
    """
    titles = (f"sung by {clip.name}", "played live")
    played = render_live(voice_dir, clip.audio, clip.sample_rate, clip.controls)
    came = analyse(played, clip.extractor)
    times_s = frame_times(len(came.f0_hz), clip.extractor)
    asked = Track("sung, in the voice's register", times_s, clip.heard)
    came_out = Track(titles[1], times_s, came)
    name = f"sung_{clip.name}"
    return Heard(name, clip.audio, played, clip.sample_rate, titles, asked, came_out)


def pictures(heard: Heard) -> dict[str, Figure]:
    """Spectrograms, pitch and loudness, waveforms; by name."""
    pair = (heard.given, heard.played, heard.sample_rate, heard.titles)
    return {
        "spectrogram": spectrogram_pair(*pair),
        "pitch_and_loudness": feature_tracks(heard.asked, heard.came),
        "waveform": waveform_pair(*pair),
    }


def rooms(voice: Voice) -> list[NDArray[np.float32]]:
    """Every room's learned reverberation, without the direct sound. Shape: (length,) each."""
    responses = voice.room.impulse_responses().detach().cpu().numpy()
    return [np.asarray(response, np.float32) for response in responses]
