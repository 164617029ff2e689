"""An engine behind a sound card of another rate: resampled in, played, resampled out.

soxr's *variable-rate* streams are used although the rate never varies: they hold back 5 ms of
sound each way, where its fixed-rate streams of high quality hold back 20, and are about as clean
(116 dB, flat to 18 kHz). Their outputs come when they come; a queue, filled beforehand with exactly
as much silence as they can ever be behind, turns that into a constant delay.
"""

from collections import deque
from functools import cache
from typing import NamedTuple

import numpy as np
import soxr

from realtime.host_applied import Applied
from realtime.processor import Audio, Processor

PROBE_S = 0.25
"""How long a pair of streams is watched; both repeat their pattern far sooner."""

SLACK_SAMPLES = 2
"""soxr's rate is a binary fraction, off by 3e-11 at worst: two samples last for a week."""

MAX_ENGINE_BLOCK = 8192


class StreamPair(NamedTuple):
    """What resampling there and back costs, in samples of the card's rate."""

    shortfall: int
    """How far the output can be behind the input."""
    delay: float
    """By how much later a sound comes out than its place in the output says (may be negative)."""


class Resampled:
    """An engine that takes and gives blocks at a sound card's rate.

    Args:
        engine: plays at its own rate.
        sample_rate: the card's, in Hz.
    """

    def __init__(self, engine: Processor, sample_rate: int) -> None:
        self._engine = engine
        self.sample_rate = sample_rate
        self._inward = _stream(sample_rate, engine.sample_rate)
        self.n_outputs = getattr(engine, "n_outputs", 1)
        self._outward = _stream(engine.sample_rate, sample_rate, self.n_outputs)
        pair = measure_pair(sample_rate, engine.sample_rate)
        prefill = pair.shortfall + SLACK_SAMPLES
        self._queue: Audio = self._silence(prefill)
        engine_delay = engine.latency_samples * sample_rate / engine.sample_rate
        self.latency_samples = round(prefill + pair.delay + engine_delay)
        self.n_underruns = 0
        self._applied: deque[Applied] = deque()

    def expect_blocks_of(self, block_size: int | None) -> None:
        """The engine's blocks are of any sizes behind soxr: nothing to gain."""

    def process(self, block: Audio) -> Audio:
        """Plays one block.

        Shape: (T,) to (T,), or to (T, 2) in stereo, for any T.
        """
        played = self._play(self._inward.resample_chunk(block))
        self._queue = np.concatenate((self._queue, self._outward.resample_chunk(played)))
        if len(self._queue) < len(block):
            return self._padded(len(block))
        out, self._queue = self._queue[: len(block)], self._queue[len(block) :]
        return out

    def _play(self, block: Audio) -> Audio:
        if 0 < len(block) <= MAX_ENGINE_BLOCK:
            return self._engine.process(np.ascontiguousarray(block))
        cuts = range(0, len(block), MAX_ENGINE_BLOCK)
        parts = [self._engine.process(block[i : i + MAX_ENGINE_BLOCK].copy()) for i in cuts]
        return np.concatenate([*parts, self._silence(0)])

    def _silence(self, n_samples: int) -> Audio:
        return np.zeros((n_samples, 2) if self.n_outputs == 2 else n_samples, np.float32)

    @property
    def readings(self) -> Audio:
        """Of the hops that the last block completed: see `Host`."""
        nothing: Audio = np.zeros((0, 3), np.float32)
        return getattr(self._engine, "readings", nothing)

    @property
    def applied(self) -> deque[Applied]:
        """What took effect during the last block, by this side's samples."""
        theirs: deque[Applied] = getattr(self._engine, "applied", deque())
        while theirs:
            applied = theirs.popleft()
            sample = round(applied.sample * self.sample_rate / self._engine.sample_rate)
            self._applied.append(applied._replace(sample=sample))
        return self._applied

    def go_live(self) -> None:
        """Blocks have a deadline from now on: see `Host`."""
        getattr(self._engine, "go_live", lambda: None)()

    def reset_counters(self) -> None:
        """See `Host`."""
        getattr(self._engine, "reset_counters", lambda: None)()

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        return getattr(self._engine, "problem", "")

    def _padded(self, n_samples: int) -> Audio:
        # Cannot happen as long as the pair was measured rightly; counted so that a test sees it.
        self.n_underruns += 1
        out = self._silence(n_samples)
        out[: len(self._queue)] = self._queue
        self._queue = self._queue[:0]
        return out


def _stream(rate_in: int, rate_out: int, n_channels: int = 1) -> soxr.ResampleStream:
    return soxr.ResampleStream(
        rate_in, rate_out, n_channels, dtype="float32", quality="HQ", vr=True
    )


@cache
def measure_pair(card_rate: int, voice_rate: int) -> StreamPair:
    """Sends a click through both streams, sample by sample, and looks when it comes out.

    The delay is the response's centre of gravity: the group delay at low frequencies.
    """
    inward, outward = _stream(card_rate, voice_rate), _stream(voice_rate, card_rate)
    n_samples = int(PROBE_S * card_rate)
    click_at = n_samples // 2
    click, silence = np.ones(1, np.float32), np.zeros(1, np.float32)
    parts, n_out, shortfall = [], 0, 0
    for index in range(n_samples):
        sample = click if index == click_at else silence
        parts.append(outward.resample_chunk(inward.resample_chunk(sample)))
        n_out += len(parts[-1])
        shortfall = max(shortfall, index + 1 - n_out)
    response = np.concatenate(parts).astype(np.float64)
    places = np.arange(len(response)) - click_at
    return StreamPair(shortfall, float(places @ response / response.sum()))
