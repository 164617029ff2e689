"""Makes presets/rooms/hall.flac, the response of a concert hall that was never built.

    python scripts/make_hall.py [FILE]

Two microphones 0.6 m apart in a shoebox of 31 x 19 x 15 m. Early: its mirror images up to the
third order (Allen and Berkley, 1979, doi.org/10.1121/1.382599), each 1/r and darker with every
wall. Late: Gaussian noise, different in each ear, in octave bands that decay each in its own time
(Moorer, 1979, doi.org/10.2307/3680280), risen to its place by the time the images grow sparse. The
direct sound is left out, as a preset mixes it in, and so is the floor's reflection, as people sit
on it. Nobody's recording, so under this project's licence.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

FILE = Path(__file__).resolve().parent.parent / "presets" / "rooms" / "hall.flac"
RATE = 48_000
LENGTH_S = 1.8
SOUND_M_PER_S = 343.0

SIZE_M = np.array([31.0, 19.0, 15.0])
STAGE_M = np.array([5.5, 9.1, 1.5])
EARS_M = np.array([[14.2, 9.9, 1.7], [14.2, 9.3, 1.7]])
WALL_GAIN = 0.84
"""Of pressure, at each reflection."""
WALL_HZ = 9000.0
"""Each reflection is a low-pass of one pole there."""
ORDERS = 3

DECAY_S = {125: 2.3, 250: 2.2, 500: 2.1, 1000: 2.0, 2000: 1.7, 4000: 1.3, 8000: 0.8, 16000: 0.5}
"""To -60 dB, by the centres of octave bands: a hall for strings, filled."""
FIRST_S = 0.005
"""After the direct sound; what comes sooner is the floor's."""
RISE_S = (0.025, 0.090)
"""After the direct sound: the noise begins, and has its whole level."""
LATE_DB = 2.0
"""Energy of the noise against that of the images."""
PEAK = 0.9
STEP = 2.0**-19
"""Twenty bits: the tail ends below sixteen, and FLAC leaves out the four that are always zero."""

Sound = NDArray[np.float64]


def images() -> Sound:
    """Reflections as the two ears hear them, counted from the direct sound. Shape: (2, T)."""
    times_s, gains, walls, ears = [], [], [], []
    turns = range(-ORDERS, ORDERS + 1)
    for cell in itertools.product(turns, repeat=3):
        order = sum(abs(n) for n in cell)
        if not 1 <= order <= ORDERS:
            continue
        odd = np.array(cell) % 2 == 1
        place = np.array(cell) * SIZE_M + np.where(odd, SIZE_M - STAGE_M, STAGE_M)
        for ear, distance in enumerate(np.linalg.norm(EARS_M - place, axis=1)):
            times_s.append(distance / SOUND_M_PER_S)
            gains.append(WALL_GAIN**order / distance)
            walls.append(order)
            ears.append(ear)
    n_samples = round(LENGTH_S * RATE)
    spectrum = np.zeros((2, n_samples + 1), complex)
    hz = np.fft.rfftfreq(2 * n_samples, 1.0 / RATE)
    direct_s = np.linalg.norm(EARS_M - STAGE_M, axis=1).min() / SOUND_M_PER_S
    for time_s, gain, order, ear in zip(times_s, gains, walls, ears, strict=True):
        if time_s < direct_s + FIRST_S:
            continue
        delayed = np.exp(-2j * np.pi * hz * (time_s - direct_s))  # between samples as well
        spectrum[ear] += gain * delayed / (1.0 + 1j * hz / WALL_HZ) ** order
    return np.fft.irfft(spectrum)[:, :n_samples]


def late() -> Sound:
    """The noise into which a hall's reflections melt. Shape: (2, T), of energy 1 each."""
    n_samples = round(LENGTH_S * RATE)
    time_s = np.arange(n_samples) / RATE
    noise = np.random.default_rng(1).standard_normal((2, n_samples))
    spectrum = np.fft.rfft(noise)
    octave = np.log2(np.maximum(np.fft.rfftfreq(n_samples, 1.0 / RATE), 1.0))
    out = np.zeros_like(noise)
    for hz, decay_s in DECAY_S.items():
        near = np.clip(np.abs(octave - np.log2(hz)), 0.0, 1.0)
        if hz == min(DECAY_S):
            near[octave < np.log2(hz)] *= 0.5  # down to 31 Hz
        band = np.fft.irfft(spectrum * np.cos(0.5 * np.pi * near) ** 2, n_samples)
        out += band * 10.0 ** (-3.0 * time_s / decay_s)
    begin_s, end_s = RISE_S
    out *= np.sin(0.5 * np.pi * np.clip((time_s - begin_s) / (end_s - begin_s), 0.0, 1.0)) ** 2
    return out / np.sqrt((out**2).sum(axis=1, keepdims=True))


def hall() -> Sound:
    """Both together, faded out at the end. Shape: (2, T)."""
    early = images()
    level = np.sqrt((early**2).sum() / 2.0) * 10.0 ** (LATE_DB / 20.0)
    out = early + level * late()
    n_fade = RATE // 5
    out[:, -n_fade:] *= np.cos(0.5 * np.pi * np.arange(n_fade) / n_fade) ** 2
    return np.round(PEAK * out / np.abs(out).max() / STEP) * STEP


if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    soundfile.write(file, hall().T, RATE, "PCM_24")
    print(f"{file}: {file.stat().st_size} bytes")
