"""The instrument: features, decoder, synthesizers, room. No sound card, MIDI, files or YAML."""

import os
import sys

KERNEL_PLACES = "WhereTheUserSays", "BesideTheSource", "InTheUsersFolder"
NUMBAS_PLACES = "IPythonCacheLocator", "ZipCacheLocator"

# How numba finds compiled kernels on disk (`kernel_cache.py`); numba itself may never be needed.
_places = ",".join([*(f"ddsp_core.kernel_cache.{name}" for name in KERNEL_PLACES), *NUMBAS_PLACES])
os.environ.setdefault("NUMBA_CACHE_LOCATOR_CLASSES", _places)
if "numba" in sys.modules:  # then it has read its variables already
    sys.modules["numba"].config.CACHE_LOCATOR_CLASSES = _places
