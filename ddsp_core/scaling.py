"""How the decoder sees its inputs: centred, scaled, never outside what the voice was trained on.

Clipping to the trained range keeps an unheard-of loudness or pitch from driving the network where
it knows nothing; the oscillators still play the true f0.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class InputScaling:
    """Mean, deviation and range of one decoder input, in the input's own unit (MIDI note or dB)."""

    mean: float
    deviation: float
    minimum: float
    maximum: float


PITCH_MIDI = InputScaling(mean=69.0, deviation=12.0, minimum=28.0, maximum=108.0)
"""Of an untrained decoder: E1...C8."""

LOUDNESS_DB = InputScaling(mean=-30.0, deviation=12.0, minimum=-100.0, maximum=0.0)
"""Of an untrained decoder."""
