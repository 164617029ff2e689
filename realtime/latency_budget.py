"""Where the time goes between microphone and loudspeaker: what each part declares, and the sum.

Three ways through the instrument: what is only passed on (`dry`: a click through the dry signal),
what is heard of loudness, and what is heard of pitch. Each part says its delay in ms; the sum has
to be what is measured on that way (`latency.py` puts the two side by side, a test holds them
together).

- input, output buffer: a block is heard once it is whole, and played while the next one is.
- framing: work is done in whole hops; blocks that end elsewhere than hops do wait for the rest.
- window: features describe the sound at the middle of what they look at.
- decoder: computing time lies inside the block, whose output buffer it uses up, and adds nothing.
- ramp: controls go straight from frame to frame and reach one with the last sample of its hop, the
  very sample that the frame has heard last: no delay. (So a sound that begins within a hop may be
  answered from that hop's first sample on.)
- room: convolution without latency; limiter: no look-ahead.
"""

import math
from typing import Literal, NamedTuple

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.features import FeatureExtractor

Way = Literal["dry", "loudness", "pitch"]
WAYS: tuple[Way, ...] = ("dry", "loudness", "pitch")


class Part(NamedTuple):
    """One line of the budget."""

    name: str
    ms: float


def budget(voice: VoiceFile, block_size: int, way: Way) -> tuple[Part, ...]:
    """The parts from microphone to loudspeaker, in the order in which sound meets them."""
    rate, hop_size = voice.config.sample_rate, voice.config.hop_size
    extractor = FeatureExtractor(rate, hop_size)
    window_ms = {
        "dry": ("delay of the dry signal", 1e3 * extractor.delay_samples / rate),
        "loudness": ("loudness window", 1e3 * extractor.delay_samples / rate),
        "pitch": ("pitch window", 1e3 * extractor.pitch.delay_s),
    }
    block_ms = 1e3 * block_size / rate
    passed_on = () if way == "dry" else (Part("decoder", 0.0), Part("ramp", 0.0), Part("room", 0.0))
    return (
        Part("input buffer", block_ms),
        Part("framing", 1e3 * framing_samples(block_size, hop_size) / rate),
        Part(*window_ms[way]),
        *passed_on,
        Part("limiter", 0.0),
        Part("output buffer", block_ms),
    )


def framing_samples(block_size: int, hop_size: int) -> int:
    """How far a hop's end may lie behind a block's end: they meet at multiples of their gcd.

    >>> framing_samples(128, 128), framing_samples(64, 128), framing_samples(480, 128)
    (0, 64, 96)
    """
    return hop_size - math.gcd(block_size, hop_size)


def total_ms(parts: tuple[Part, ...]) -> float:
    """Their sum."""
    return sum(part.ms for part in parts)
