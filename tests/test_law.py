"""Every stateful stage against the law: see `law.py`."""

import importlib
import inspect
import pkgutil
from typing import Any

import law
import numpy as np
import pytest
import stages_synths  # noqa: F401  (enters its stages into the table)
import torch
import voices
from hypothesis import given, settings
from hypothesis import strategies as st
from law import Subject
from stages import HOP, TABLE, sung

import ddsp_core
from ddsp_core.streaming import Stage
from ddsp_core.synths import SYNTHS
from realtime.engine import Engine


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name, (_, dtypes, _) in TABLE.items() for dtype in dtypes]
)
def test_cutting_the_input_changes_nothing(name: str, dtype: str) -> None:
    stage = TABLE[name][2](dtype)
    tolerance = stage.slack * law.TOLERANCE[dtype]
    law.check(stage, law.every(1, stage.n_units), tolerance)
    law.check(stage, law.every(3, stage.n_units), tolerance)

    @given(st.sets(st.integers(1, stage.n_units - 1), max_size=6))
    @settings(max_examples=4, deadline=None, database=None)
    def anywhere(cuts: set[int]) -> None:
        law.check(stage, sorted(cuts), tolerance)

    anywhere()


N_SAMPLES = 100 * HOP + 77
ENGINE_CUTS = {f"blocks of {size}": law.every(size, N_SAMPLES) for size in (16, 64, 128, 480, 1024)}
ENGINE_CUTS |= {f"random {n}": law.at_random(N_SAMPLES, n) for n in (40, 500, 4000)}
ENGINE_CUTS["blocks of 1"] = law.every(1, N_SAMPLES)


@pytest.fixture(scope="module", params=SYNTHS)
def engine_subject(request: pytest.FixtureRequest) -> Subject:
    """`Engine` keeps its state to itself: it is the state here, and its fields are looked at."""
    file = voices.random_file(voices.config(synth=request.param))

    def forward(block: Any, engine: Any) -> Any:
        engine = engine or Engine(file, {"gate_db": -70.0, "dry_wet": 0.9, "output_gain_db": 6.0})
        return engine.process(block), engine

    def seen(engine: Any) -> Any:
        return engine._memory, engine._pitch, engine._collected, engine._ready, engine.meters

    return Subject(forward, np.resize(sung(), N_SAMPLES), N_SAMPLES, takes_over=True, seen=seen)


@pytest.mark.parametrize("cuts", ENGINE_CUTS.values(), ids=ENGINE_CUTS.keys())
def test_blocks_of_any_length_give_the_same_sound(engine_subject: Subject, cuts: list[int]) -> None:
    # Equal to the bit in most processes; in one that had just compiled its kernels the last bit of
    # float32 was once seen to differ, for a reason not found yet.
    law.check(engine_subject, cuts, tolerance=1e-5)


def test_no_stage_is_missing_from_the_table() -> None:
    stateful = set()
    for module in pkgutil.iter_modules(ddsp_core.__path__):
        for _, found in inspect.getmembers(
            importlib.import_module(f"ddsp_core.{module.name}"), inspect.isclass
        ):
            forward = found.__dict__.get("forward")
            if callable(forward) and "state" in inspect.signature(forward).parameters:
                stateful.add(found)
    assert stateful - {Stage} <= {stage for stage, _, _ in TABLE.values()}


def _leaky(inputs: np.ndarray, state: Any) -> Any:
    """A running sum that forgets a little at every cut."""
    total = np.cumsum(inputs) + (0.0 if state is None else 0.999999 * state[0])
    return total, (total[-1],)


def _careless(inputs: np.ndarray, state: Any) -> Any:
    """A running sum that writes into the state that it was given."""
    memory = np.zeros(1) if state is None else state[0]
    total = np.cumsum(inputs) + memory
    memory[:] = total[-1]
    return total, (memory,)


class _Severed(torch.nn.Module):
    """A running sum through which no gradient passes from piece to piece."""

    def forward(self, inputs: torch.Tensor, state: Any) -> Any:
        total = inputs.cumsum(0) + (0.0 if state is None else state[0].detach())
        return total, (total[-1],)


@pytest.mark.parametrize(
    ("forward", "what"),
    [(_leaky, "outputs"), (_careless, "written into"), (_Severed().forward, "gradients")],
)
def test_the_law_catches(forward: Any, what: str) -> None:
    inputs: Any = np.arange(1.0, 10.0)
    if what == "gradients":
        inputs = torch.from_numpy(inputs).requires_grad_(True)
    with pytest.raises(AssertionError, match=what):
        law.check(Subject(forward, inputs, 9), [4], law.TOLERANCE["float64"])
