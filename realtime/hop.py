"""What the engine does with hops, compiled: everything behind the pitch in one call.

    heard -> loudness -> shaping -> tuning -> voice -> crossfade with the dry sound -> limiter

One call without Python's lock, for one hop or many; memory moves on in place, so nothing is
allocated that outlives it. Each stage's own `forward` calls the same kernels.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.denormals import flush_denormals, restore_denormals
from ddsp_core.live_voice import LiveState, LiveTables, play_hop
from ddsp_core.loudness import LoudnessState, LoudnessTables, weigh_hops
from ddsp_core.loudness_map import IDENTITY, MapTables
from ddsp_core.shaping import Shaped, ShapingState, shape_hops
from ddsp_core.tuning import TuningState, tune_hop
from realtime.limiter import limit
from realtime.settings import Bends, Settings

Audio = NDArray[np.float32]
Reals = NDArray[np.floating]

LOUDEST = 100.0
"""+40 dBFS: far above any microphone, far below where a square or the limiter would overflow."""


class HopTables(NamedTuple):
    """What does not change while an engine plays."""

    loudness: LoudnessTables
    voice: LiveTables
    hop_s: float
    limiter_release: float
    tuning: NDArray[np.float64]  # weights of the centre of a note
    loudness_map: MapTables = IDENTITY


class Levels(NamedTuple):
    """Of one hop, sample by sample. Shape: (H,) each."""

    harmonic_gain: Audio
    noise_gain: Audio
    wet_share: Audio
    output_gain: Audio


class HopMemory(NamedTuple):
    """What the engine remembers between hops; written in place."""

    history: Audio  # the last samples of input, as many as the features' delay
    loudness: LoudnessState
    shaping: ShapingState
    voice: LiveState
    limiter_peak: NDArray[np.float64]  # (1,)
    tuning: TuningState
    n_muted: NDArray[np.int64]  # (1,), hops whose tone and noise were no numbers


@njit(nogil=True, cache=True)
def course(start: float, end: float, bend: float, out: Reals) -> None:
    """Fills out (H,) with a control's way through a hop: see `settings.next_settings`."""
    for i in range(len(out)):
        x = (i + 1) / len(out)
        out[i] = start + x * (end - start + 4.0 * bend * (1.0 - x))


@njit(nogil=True, cache=True)
def amplify(hops: Audio, start: float, end: float, bend: float, out: Audio) -> float:
    """Gain, moving in the first hop. (N, H) -> (N, H). Returns the last hop's peak before it.

    What is no number becomes silence, what is absurdly loud is clipped.
    """
    hop_size = hops.shape[1]
    gain = np.empty(hop_size)
    peak = 0.0
    for n in range(len(hops)):
        if n < 2:
            course(start, end, bend, gain)
        peak = 0.0
        for i in range(hop_size):
            sample = hops[n, i] if np.isfinite(hops[n, i]) else np.float32(0.0)
            sample = min(max(sample, -LOUDEST), LOUDEST)
            peak = max(peak, abs(sample))
            out[n, i] = sample * gain[i]
        start, bend = end, 0.0
    return peak


@njit(nogil=True, cache=True)
def _weigh(
    tables: HopTables, memory: HopMemory, heard: Audio, f0_hz: Audio, before: Settings,
    now: Settings, loudness_db: Audio,
) -> None:  # fmt: skip
    """Loudness, for which the input gain has always been what it is at the end of this hop.

    A gain that moves would be a crescendo within the window, whose whole periods are even no more:
    the loudness would pulse with the pitch. So the past is brought to the new gain as well.
    """
    start, end, bend = before.input_gain, now.input_gain, now.bends.input_gain
    if start == end and bend == 0.0:
        weigh_hops(tables.loudness, memory.loudness, heard, f0_hz, loudness_db)
        return
    change = end / start
    memory.loudness.sections[:] *= change
    memory.loudness.squares[:] *= change * change
    gain = np.empty(heard.shape[1])
    course(start, end, bend, gain)
    steady = heard.copy()
    for i in range(len(gain)):
        steady[0, i] = heard[0, i] * (end / gain[i])
    weigh_hops(tables.loudness, memory.loudness, steady, f0_hz, loudness_db)


@njit(nogil=True, cache=True)
def _mix(wet: Audio, dry: Audio, levels: Levels) -> None:
    """Crossfade and output gain in place."""
    share, gain = levels.wet_share, levels.output_gain
    for i in range(len(wet)):
        wet[i] = gain[i] * (share[i] * wet[i] + (1.0 - share[i]) * dry[i])


@njit(nogil=True, cache=True)
def _level_courses(before: Settings, now: Settings, bends: Bends, levels: Levels) -> None:
    """One hop's gains and shares, sample by sample."""
    course(before.harmonic_gain, now.harmonic_gain, bends.harmonic_gain, levels.harmonic_gain)
    course(before.noise_gain, now.noise_gain, bends.noise_gain, levels.noise_gain)
    course(before.wet_share, now.wet_share, bends.wet_share, levels.wet_share)
    course(before.output_gain, now.output_gain, bends.output_gain, levels.output_gain)


@njit(nogil=True, cache=True)
def shaped_hops(
    tables: HopTables, memory: HopMemory, f0_hz: Audio, confidence: Audio, loudness_db: Audio,
    now: Settings,
) -> Shaped:  # fmt: skip
    """What the voice is given for these hops; shaping's and tuning's memory moves on in place."""
    n_hops = len(f0_hz)
    semitones = np.full(n_hops, np.float32(now.semitones))
    shift_db = np.full(n_hops, np.float32(now.loudness_shift_db))
    gate_db = np.full(n_hops, np.float32(now.gate_db))
    out = np.empty((5, n_hops), np.float32)
    shaped = Shaped(out[0], out[1], out[2], out[3], out[4])
    shape_hops(
        f0_hz, confidence, loudness_db, semitones, shift_db, gate_db,
        tables.loudness_map.sung_db, tables.loudness_map.played_db, tables.hop_s,
        memory.shaping.memory, shaped.f0_hz, shaped.loudness_db, shaped.tone_gain,
        shaped.noise_gain, shaped.scratch,
    )  # fmt: skip
    for n in range(n_hops):
        shaped.f0_hz[n] = tune_hop(
            shaped.f0_hz[n], shaped.tone_gain[n] > 0.0, now.tuning, tables.tuning, tables.hop_s,
            memory.tuning,
        )  # fmt: skip
    return shaped


@njit(nogil=True, cache=True)
def play_hops(
    tables: HopTables, memory: HopMemory, heard: Audio, f0_hz: Audio, confidence: Audio,
    given_db: Audio, chance: Audio, before: Settings, now: Settings, loudness_db: Audio, out: Audio,
) -> float:  # fmt: skip
    """Fills loudness_db (N,) and out (N, H); returns how far the last hop's gate is open.

    Args:
        heard: the sound, gain applied. Shape: (N, H).
        f0_hz, confidence: of the pitch tracker, or given. Shape: (N,).
        given_db: loudness in place of that of the sound. Shape: (N,), or (0,) where none is.
        chance: evenly distributed in 0...1, becomes the noise. Shape: (N, H).
        before, now: settings at the ends of the first hop; they stay there in the later ones.
    """
    denormals = flush_denormals()
    n_past, hop_size = len(memory.history), heard.shape[1]
    if len(given_db):
        loudness_db[:] = given_db
    else:
        _weigh(tables, memory, heard, f0_hz, before, now, loudness_db)
    shaped = shaped_hops(tables, memory, f0_hz, confidence, loudness_db, now)
    past = np.empty(n_past + hop_size, np.float32)
    white = np.empty(hop_size, np.float32)
    rows = np.empty((4, hop_size), np.float32)
    levels, bends = Levels(rows[0], rows[1], rows[2], rows[3]), now.bends
    for n in range(len(heard)):
        if n < 2:
            _level_courses(before, now, bends, levels)
        for i in range(hop_size):
            white[i] = levels.noise_gain[i] * (np.float32(2.0) * chance[n, i] - np.float32(1.0))
        is_well = play_hop(
            tables.voice, memory.voice, shaped.f0_hz[n], shaped.loudness_db[n],
            shaped.tone_gain[n], shaped.noise_gain[n], shaped.scratch[n], levels.harmonic_gain,
            white, now.room_mix, out[n],
        )  # fmt: skip
        memory.n_muted[0] += not is_well
        past[:n_past] = memory.history
        past[n_past:] = heard[n]
        _mix(out[n], past, levels)
        memory.history[:] = past[hop_size:]
        memory.limiter_peak[0] = limit(
            out[n], out[n], memory.limiter_peak[0], tables.limiter_release
        )
        before, bends = now, Bends(0.0, 0.0, 0.0, 0.0, 0.0)
    restore_denormals(denormals)
    return float(shaped.tone_gain[-1])
