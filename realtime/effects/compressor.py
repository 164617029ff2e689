"""Compressor: what is louder than a threshold rises more slowly from there.

Feed-forward; the gain is found from each sample's level in dB and smoothed there, with a release
that begins where the peak was and an attack behind it ("smooth, decoupled", so that neither depends
on the level). Channels share one gain.

Source: D. Giannoulis, M. Massberg, J. D. Reiss (2012), "Digital Dynamic Range Compressor Design",
J. Audio Eng. Soc. 60 (6), equations 4 and 17.
"""

import math

from numba import njit

from ddsp_core.denormals import flush_denormals, restore_denormals
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.gains import gain_core
from realtime.effects.kind import Kind
from realtime.effects.own import maker
from realtime.effects.ramps import Curves

PARAMETERS = (
    Control("threshold_db", -60, 0, -18, "dB", 0.05, "peaks above it are compressed"),
    Control("ratio", 1, 20, 3, "", 0.05, "dB in for a dB out above the threshold", curve="log"),
    Control("knee_db", 0, 24, 6, "dB", 0.05, "width of the bend around the threshold"),
    Control("attack_s", 0.0005, 0.2, 0.005, "s", 0, "time constant, down", curve="log"),
    Control("release_s", 0.01, 2, 0.15, "s", 0, "time constant, up again", curve="log"),
    Control("makeup_db", -12, 24, 0, "dB", 0.05, "gain behind it"),
)
SOFTEST = 1e-6
DB_A_NEPER = 20.0 / math.log(10.0)


@njit(nogil=True, cache=True)
def reduction_db(level_db: float, threshold_db: float, ratio: float, knee_db: float) -> float:
    """By how much a steady level is turned down (their equation 4)."""
    over = level_db - threshold_db
    if 2.0 * over <= -knee_db:
        return 0.0
    slope = 1.0 - 1.0 / ratio
    if 2.0 * over < knee_db:
        return slope * (over + 0.5 * knee_db) ** 2 / (2.0 * knee_db)
    return slope * over


@njit(nogil=True, cache=True)
def compress(
    block: Channels, curves: Curves, sample_rate: float, memory: Curves, out: Channels
) -> None:
    """(C, T) -> (C, T); memory (2,): reduction in dB behind the release, and behind the attack."""
    denormals = flush_denormals()
    held, reduction = memory[0], memory[1]
    threshold = ratio = knee = makeup = attack = release = 0.0
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            threshold, ratio, knee = curves[0, i], curves[1, i], curves[2, i]
            makeup = curves[5, i]
            attack = math.exp(-1.0 / (curves[3, i] * sample_rate))
            release = math.exp(-1.0 / (curves[4, i] * sample_rate))
        level = SOFTEST
        for c in range(len(block)):
            level = max(level, abs(block[c, i]))
        wanted = reduction_db(DB_A_NEPER * math.log(level), threshold, ratio, knee)
        held = max(wanted, release * held + (1.0 - release) * wanted)
        reduction = attack * reduction + (1.0 - attack) * held
        gain = math.exp((makeup - reduction) / DB_A_NEPER)
        for c in range(len(block)):
            out[c, i] = gain * block[c, i]
    memory[0], memory[1] = held, reduction
    restore_denormals(denormals)


COMPRESSOR = Kind(
    "compressor", "evens out loud and soft", PARAMETERS, maker(PARAMETERS, gain_core(compress, 2))
)
