"""How the decoder sees its two inputs: centred, scaled, and never outside what the voice was trained on.

Clipping to the trained range keeps an unheard-of loudness or pitch from driving the network where it knows
nothing; the oscillators still play the true f0.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class InputScaling:
    """Mean, deviation and range of one decoder input, in the input's own unit (MIDI note or dB)."""

    mean: float
    deviation: float
    minimum: float
    maximum: float
