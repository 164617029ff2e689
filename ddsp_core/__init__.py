"""The instrument: features, decoder, synthesizers, room. No sound card, MIDI, files or YAML."""

import os
import sys

# Where numba keeps compiled kernels, and when they are out of date: see `kernel_cache.py`. By a
# variable, as many a program that imports this never needs numba.
_ours = ("WhereTheUserSays", "BesideTheSource", "InTheUsersFolder")
_places = [*(f"ddsp_core.kernel_cache.{name}" for name in _ours), "IPythonCacheLocator"]
os.environ.setdefault("NUMBA_CACHE_LOCATOR_CLASSES", ",".join([*_places, "ZipCacheLocator"]))
if "numba" in sys.modules:  # then it has read its variables already
    sys.modules["numba"].config.CACHE_LOCATOR_CLASSES = os.environ["NUMBA_CACHE_LOCATOR_CLASSES"]
