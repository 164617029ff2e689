"""`chanterelle bench --latency`: how long the instrument takes to answer, and where the time goes.

*Engine only* is onset out minus onset in on the engine's streams of samples, sound-card buffers
apart, as BRAVE counts it: a block goes in, a block comes out, and what stands at the same place in
both is simultaneous. *Microphone to loudspeaker* adds the two buffers that no card does without: a
block until the block is whole, and a block until it has been played.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ddsp_core.checkpoint import VoiceFile
from realtime.latency_budget import WAYS, Way, budget, total_ms
from realtime.latency_following import (
    STEADY_NOTES_HZ,
    VIBRATO_NOTES_HZ,
    new_notes,
    swell,
    vibrato,
)
from realtime.latency_sounds import TESTS, Onsets, OnsetTest, Play, run_test
from realtime.latency_starts import note_starts
from realtime.latency_voices import bare_sine, follower, player

BLOCK_SIZES = (64, 128, 256)
CONTROLS = {"room_mix": 0.0}
"""Laid over the preset's: a room's tail would hide the next onset and moves none."""

SWELL_NOTE_HZ = 1000.0 / 3.0
"""Three whole periods are the loudness window that is declared."""
BEND_NOTE_HZ = 440.0

Row = dict[str, Any]


class Setup(NamedTuple):
    """What is measured at one block size."""

    voice: VoiceFile
    controls: Mapping[str, float]
    block_size: int

    @property
    def rate(self) -> int:
        """Hz."""
        return self.voice.config.sample_rate

    @property
    def buffers_ms(self) -> float:
        """The sound card's: a block in, a block out."""
        return 2e3 * self.block_size / self.rate

    def play(self, voice: VoiceFile | None = None, **controls: float) -> Play:
        """The voice, or another, with the preset's controls and those named here."""
        settings = {**self.controls, **CONTROLS, **controls}
        return player(voice or self.voice, settings, self.block_size)

    def sine(self) -> Play:
        """The bare sine, without the noise that stands in for a tone at its beginning."""
        return self.play(bare_sine(self.voice), noise_gain_db=-60.0)


def measure(
    voice: VoiceFile,
    controls: Mapping[str, float],
    block_sizes: Sequence[int] = BLOCK_SIZES,
    n_runs: int = 100,
    tell: Callable[[str], None] = lambda _: None,
) -> Row:
    """All of it; `n_runs` sounds a test, a fifth as many fifths up and down in each register."""
    result: Row = {"n_runs": n_runs, "room_mix": CONTROLS["room_mix"]}
    result |= {"onsets": [], "following": [], "starts": [], "budget": []}
    for block_size in block_sizes:
        setup = Setup(voice, controls, block_size)
        tell(f"{block_size} frames")
        result["following"] += following_rows(setup, max(1, n_runs // 5))
        result["starts"] += start_rows(setup, n_runs)
        result["budget"] += budget_rows(setup)
        result["onsets"] += onset_rows(setup, n_runs, TESTS)
    return result


def onset_rows(setup: Setup, n_runs: int, tests: Sequence[OnsetTest], seed: int = 0) -> list[Row]:
    """A row a test."""
    play = setup.play()
    return [_onset_row(setup, run_test(test, play, setup.rate, n_runs, seed)) for test in tests]


def _onset_row(setup: Setup, onsets: Onsets) -> Row:
    lags = np.array(onsets.lags, np.float64) if onsets.lags else np.array([math.nan])
    lags_ms = 1e3 / setup.rate * lags
    mean_ms = float(lags_ms.mean())
    return {
        "sound": onsets.test.kind,
        "n_samples": onsets.test.n_samples,
        "level_db": onsets.test.level_db,
        "block_size": setup.block_size,
        "mean_ms": known(mean_ms),
        "jitter_ms": known(float(lags_ms.std())),
        "max_ms": known(float(lags_ms.max())),
        "microphone_to_loudspeaker_ms": known(mean_ms + setup.buffers_ms),
        "missed": onsets.n_missed,
    }


def following_rows(setup: Setup, n_steps: int) -> list[Row]:
    """New notes, vibrato and dynamics; ms through the engine only, and with the card's buffers."""
    sine = setup.sine()
    in_tune_ms = [note.in_tune_ms for note in new_notes(sine, setup.rate, n_steps)]
    bends = [vibrato(sine, setup.rate, f0_hz) for f0_hz in VIBRATO_NOTES_HZ]
    swells = [swell(setup.play(), setup.rate, f0_hz) for f0_hz in STEADY_NOTES_HZ]
    pitch_ms, dynamics_ms = (float(np.mean([f.lag_ms for f in fs])) for fs in (bends, swells))
    p50_ms, p90_ms = np.percentile(in_tune_ms, (50, 90), method="inverted_cdf")
    return [
        _following_row(setup, "dynamics: lag of swells", dynamics_ms),
        _following_row(setup, "pitch following: lag of vibrato", pitch_ms)
        | {"depth_kept": float(np.mean([bend.depth_kept for bend in bends]))},
        _following_row(setup, "new note in tune, p50", float(p50_ms)),
        _following_row(setup, "new note in tune, p90", float(p90_ms)),
    ]


def start_rows(setup: Setup, n_notes: int) -> list[Row]:
    """How many notes out of silence begin in a wrong octave."""
    starts = note_starts(setup.sine(), setup.rate, n_notes)
    n_wrong = sum(bool(start.is_wrong) for start in starts)
    return [{"block_size": setup.block_size, "notes": n_notes, "wrong_octave": n_wrong}]


def _following_row(setup: Setup, what: str, engine_ms: float) -> Row:
    return {
        "what": what,
        "block_size": setup.block_size,
        "engine_ms": known(engine_ms),
        "microphone_to_loudspeaker_ms": known(engine_ms + setup.buffers_ms),
    }


def known(ms: float) -> float | None:
    """None for what was never heard: JSON knows neither nan nor infinity."""
    return ms if math.isfinite(ms) else None


def budget_rows(setup: Setup) -> list[Row]:
    """Declared parts, their sum and what was measured, each way through the instrument."""
    return [_budget_row(setup, way) for way in WAYS]


def _budget_row(setup: Setup, way: Way) -> Row:
    parts = budget(setup.voice, setup.block_size, way)
    return {
        "way": way,
        "block_size": setup.block_size,
        "parts_ms": {part.name: part.ms for part in parts},
        "sum_ms": total_ms(parts),
        "measured_ms": measured_ms(setup, way) + setup.buffers_ms,
    }


def measured_ms(setup: Setup, way: Way) -> float:
    """The delay that a click, a swell or vibrato has, through the engine only."""
    if way == "dry":
        click = np.zeros(setup.rate // 2, np.float32)
        click[setup.rate // 4] = 0.4
        out = setup.play(dry_wet=0.0)(click)
        return 1e3 * (int(np.argmax(out)) - setup.rate // 4) / setup.rate
    if way == "loudness":
        return swell(setup.play(follower(setup.voice)), setup.rate, SWELL_NOTE_HZ).lag_ms
    return vibrato(setup.sine(), setup.rate, BEND_NOTE_HZ).lag_ms
