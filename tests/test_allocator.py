import os
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from training.allocator import keep_memory
if sys.argv[1] == "kept":
    assert keep_memory()
for _ in range(20):
    np.ones(8_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(8_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_kept_memory_is_not_asked_for_again() -> None:
    untold = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    faults = {
        how: int(
            subprocess.check_output([sys.executable, "-c", FAULTS, how], text=True, env=untold)
        )
        for how in ("kept", "as it is")
    }
    assert faults["kept"] * 10 < faults["as it is"]
