"""Plug-ins as the tests play them: Debian's zam-plugins, and ones written in Python."""

import contextlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realtime.effects.kinds import check_effect
from realtime.effects.pace import Pace, paced
from realtime.effects.plugin import Plugin

RATE = 48_000
PATIENT = Pace(waits=True)
VST3 = Path("/usr/lib/vst3")

FAKE = """
import os, sys, time
import numpy as np

class Parameter:
    label, type, ranges = "dB", float, {{(i / 1000, (i + 1) / 1000): i / 50.0 for i in range(1001)}}
    raw_value = 0.0

class VST3Plugin:
    name, is_effect, is_instrument = "Fake", True, False
    reported_latency_samples = 0

    def __init__(self, file, plugin_name=None):
        self.parameters = {{"gain_db": Parameter()}}

    def reset(self):
        pass

    def process(self, block, rate, size, reset):
        return block * np.float32(10 ** (self.parameters["gain_db"].raw_value))

{code}
"""
"""Stands in for pedalboard in the plug-in's process: a gain of 0 to 20 dB, and what a test adds."""


def zam(name: str) -> str:
    """The path of one of Debian's plug-ins; a test without it says how to get it."""
    path = VST3 / f"{name}.vst3"
    if not path.exists():
        pytest.skip("needs zam-plugins: sudo apt-get install zam-plugins (`make test` does it)")
    return str(path)


@contextlib.contextmanager
def playing(file: str, n_inputs: int = 1, pace: Pace = PATIENT, **values: Any) -> Iterator[Plugin]:
    """A plug-in as a preset makes it, with its process."""
    line = {"kind": "plugin", "name": "max", "file": file, **values}
    with paced(pace):
        plugin = Plugin(check_effect(line, "effects.output[0]", Path()), RATE, n_inputs)
    try:
        yield plugin
    finally:
        plugin.close()


def fake_pedalboard(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str = "") -> str:
    """Processes that are started from now on find this; returns the path of a plug-in.

    Args:
        code: added to the module.
    """
    (folder / "pedalboard.py").write_text(FAKE.format(code=code))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    file = folder / "fake.vst3"
    file.touch()
    return str(file)


def play(plugin: Plugin, sound: np.ndarray, cuts: Mapping[int, Any] | tuple[int, ...] = ()) -> Any:
    """The sound in pieces; what stands at a cut is done there. (C, T) -> (N, T)."""
    n_samples = sound.shape[1]
    edges = sorted({0, *cuts, n_samples})
    parts = []
    for start, stop in pairwise(edges):
        if isinstance(cuts, Mapping) and cuts.get(start):
            cuts[start](plugin)
        parts.append(plugin.process(sound[:, start:stop]))
    return np.concatenate(parts, axis=1)
