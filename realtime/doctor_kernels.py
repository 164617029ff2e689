"""Compiled parts ("kernels"): were they on disk already, or is this the slow first start?"""

import sys
from typing import Any

OUR_PACKAGES = ("ddsp_core.", "realtime.")


def count_kernels() -> tuple[int, int]:
    """Kernels used so far by this process: read from disk, and compiled by it (numba's count)."""
    kept = compiled = 0
    for kernel in _our_kernels():
        kept += sum(kernel.stats.cache_hits.values())
        compiled += sum(kernel.stats.cache_misses.values())
    return kept, compiled


def _our_kernels() -> list[Any]:
    """Every compiled function of our modules that are imported, each once."""
    from numba.core.dispatcher import Dispatcher

    found = {
        id(value): value
        for name, module in list(sys.modules.items())
        if name.startswith(OUR_PACKAGES)
        for value in list(vars(module).values())
        if isinstance(value, Dispatcher)
    }
    return list(found.values())
