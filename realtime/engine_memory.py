"""What an engine remembers: put back to its beginning, and mended where it is no number any more.

All in place: the arrays of a room are large, and an engine begins anew while others play.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.features import FeatureExtractor
from ddsp_core.live_room import RoomStepState
from ddsp_core.live_voice import LiveVoice
from ddsp_core.pitch import PitchState
from ddsp_core.shaping import start_shaping
from ddsp_core.tuning import start_tuning
from realtime.hop import Audio, HopMemory

UNKNOWN_HZ = 220.0
NOTHING = np.zeros(0)

Reals = NDArray[np.float64]


def new_memory(extractor: FeatureExtractor, voice: LiveVoice) -> HopMemory:
    """Before the first sound."""
    return HopMemory(
        np.zeros(extractor.delay_samples, np.float32),
        extractor.loudness.start(),
        start_shaping(),
        voice.start(),
        np.zeros(1),
        start_tuning(extractor.hop_size / extractor.sample_rate),
        np.zeros(1, np.int64),
    )


def snapshot(state: Any) -> Any:
    """A copy of all but the room, which is silent at the beginning anyway."""
    if isinstance(state, RoomStepState):
        return None
    if isinstance(state, tuple):
        return type(state)(*map(snapshot, state))
    return state.copy()


def put_back(state: Any, start: Any) -> None:
    """Makes a state what it was when `snapshot` saw it; rooms fall silent."""
    if isinstance(state, RoomStepState):
        for array in state:
            array.fill(0)
    elif isinstance(state, tuple):
        for part, part_start in zip(state, start, strict=True):
            put_back(part, part_start)
    else:
        state[...] = start


def stages(memory: HopMemory) -> dict[str, Any]:
    """The parts of a memory by the stage that they belong to."""
    voice = memory.voice
    return {
        "delay": memory.history,
        "loudness": memory.loudness,
        "shaping": memory.shaping,
        "tuning": memory.tuning,
        "decoder": voice.decoder,
        "oscillators": voice.tone,
        "noise": voice.noise,
        "room": voice.room,
        "limiter": memory.limiter_peak,
    }


def mend(memory: HopMemory, start: HopMemory) -> list[str]:
    """Puts back the stages that hold something else than numbers; returns their names."""
    bad = [name for name, state in stages(memory).items() if not _is_finite(state)]
    for name in bad:
        put_back(stages(memory)[name], stages(start)[name])
    memory.n_muted[0] = 0
    return bad


def _is_finite(state: Any) -> bool:
    if isinstance(state, tuple):
        return all(map(_is_finite, state))
    return bool(np.isfinite(state).all())


def lasting(pitch: Any) -> tuple[Reals, Reals]:
    """Of a tracker's state, what may stay spoiled: the DC blocker and the path's scores."""
    state = getattr(pitch, "pitch", pitch)
    return (state.blocker, state.scores) if isinstance(state, PitchState) else (NOTHING, NOTHING)


@njit(nogil=True, cache=True)
def is_well(memory: HopMemory, sound: Audio) -> bool:
    """Whether the sound and all that is short of memory consist of numbers, and no hop was muted.

    Not the room: its input is numbers always, and what it holds is long; what it gives is heard.
    """
    voice = memory.voice
    for array in memory.tuning.vibrato:
        if not np.isfinite(array).all():
            return False
    return bool(
        memory.n_muted[0] == 0
        and np.isfinite(sound).all()
        and np.isfinite(voice.decoder.hidden).all()
        and np.isfinite(voice.tone.phases_cycles).all()
        and np.isfinite(voice.tone.frequencies_hz).all()
        and np.isfinite(voice.tone.amplitudes).all()
        and np.isfinite(voice.noise.tail).all()
        and np.isfinite(memory.shaping.memory).all()
        and np.isfinite(memory.loudness.sections).all()
        and np.isfinite(memory.loudness.squares).all()
        and np.isfinite(memory.tuning.note).all()
        and np.isfinite(memory.tuning.played).all()
    )


@njit(nogil=True, cache=True)
def mend_pitch(f0_hz: Audio, confidence: Audio, blocker: Reals, scores: Reals) -> bool:
    """Readings that are no numbers become no pitch, in place; returns whether the tracker must
    begin afresh: there were any, or what it remembers for ever is none."""
    was_bad = bool(np.isnan(blocker).any() or np.isnan(scores).any())
    for n in range(len(f0_hz)):
        if not (np.isfinite(f0_hz[n]) and f0_hz[n] > 0.0 and np.isfinite(confidence[n])):
            f0_hz[n], confidence[n] = UNKNOWN_HZ, 0.0
            was_bad = True
    return was_bad
