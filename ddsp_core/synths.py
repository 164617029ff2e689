"""The three synthesizers that a decoder can drive, and what each asks of it.

| synth | tone is made of | heads beside amplitude and noise |
|---|---|---|
| harmonic | K multiples of f0 | their shares of the amplitude |
| sinusoidal | K partials near the multiples of f0, free to leave their place | shares, detuning |
| wavetable | learned single-cycle tables, band-limited, read at f0 | shares of the tables |

**Free frequencies.** With the frequency of every sinusoid free from 0 to Nyquist, as the
`Sinusoidal` of magenta/ddsp has it (`frequencies_sigmoid`, or `frequencies_softmax` over `depth`
bins), gradient descent does not find them: as a function of a frequency, a spectral loss is flat
but for the few hertz of a window's main lobe around the true one (Hayes, Saitis and Fazekas 2023,
"Sinusoidal Frequency Estimation by Gradient Descent", https://arxiv.org/abs/2210.14476). f0 is
known here. So partial k begins at k f0, inside the right lobe for anything nearly harmonic, and
learns only by how much it is off:

    f_k = k f0 2^(D tanh(x_k / X) / 12),    D = 6 semitones, x_k = 0 in an untrained voice.

Half an octave to both sides is the smallest D at which the partials leave no gap from 0.7 f0 up
(the second begins where the first ends, later ones overlap), so nothing is out of reach: the
stretched partials of a string, 12 log2 sqrt(1 + B k^2) semitones, up to B k^2 = 1, and those of
bars and bells, though what is far off is found only where a short window's lobe is wide enough. X
makes the head slow: Adam moves x by about 0.1 a step, which shall be a cent or two, less than a
lobe; and it makes the head's gradient about as long as that of all else together (measured: 1.6
times, 5 at X = 10), so that clipping the whole gradient does not silence the rest.
"""

from typing import Literal, get_args

SynthName = Literal["harmonic", "sinusoidal", "wavetable"]
SYNTHS: tuple[SynthName, ...] = get_args(SynthName)

DETUNING_SEMITONES = 6.0
"""D: how far a sinusoid may leave its place."""

DETUNING_SCALE = 30.0
"""X: output of the detuning head at which three quarters of that are reached."""

N_TABLES = 8
"""Of a wavetable voice."""

SHARES: dict[SynthName, str] = {
    "harmonic": "harmonics",
    "sinusoidal": "partials",
    "wavetable": "tables",
}
"""Name of the head that shares the amplitude out."""


def head_sizes(synth: SynthName, n_harmonics: int, n_bands: int) -> dict[str, int]:
    """Name and size of the decoder's last layers, in the order of the live step's weights.

    >>> head_sizes("sinusoidal", 60, 65)
    {'partials': 60, 'amplitude': 1, 'noise': 65, 'detuning': 60}
    """
    n_shares = N_TABLES if synth == "wavetable" else n_harmonics
    sizes = {SHARES[synth]: n_shares, "amplitude": 1, "noise": n_bands}
    return sizes | ({"detuning": n_harmonics} if synth == "sinusoidal" else {})
