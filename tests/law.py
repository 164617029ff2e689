"""The law, as one check that every stateful stage has to pass: cutting the input changes nothing.

`forward(inputs)` on a whole stretch, and the same through any cuts with the state carried over,
must agree in outputs, final state and gradients; and `forward` may not write into what it was
given. Inputs, outputs and states are trees: (named) tuples of arrays, tensors and numbers.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

Tree = Any
Forward = Callable[[Tree, Tree], tuple[Tree, Tree]]

TOLERANCE = {"float64": 1e-9, "float32": 1e-5}
"""Of values around 1; larger values may be off by as much more."""


class Subject(NamedTuple):
    """A stage as the law sees it.

    Args:
        forward: of the stage.
        inputs: the whole stretch; leaves without a time axis go into every piece.
        n_units: how many places it has for a cut, plus one; every leaf is a multiple as long.
        axis: the time axis, of inputs and outputs.
        parameters: whose gradients are compared, beside those of inputs that ask for one.
        takes_over: the stage says that it writes into the state that it is given.
        seen: what of a state is compared.
        slack: times the usual tolerance; who needs more than once says why.
    """

    forward: Forward
    inputs: Tree
    n_units: int
    axis: int = 0
    parameters: Sequence[Tensor] = ()
    takes_over: bool = False
    seen: Callable[[Tree], Tree] = lambda state: state
    slack: float = 1.0


def check(subject: Subject, cuts: Sequence[int], tolerance: float) -> None:
    """Asserts the law for one set of cuts, ascending, in 1 ... n_units - 1."""
    inputs_before = _copied(subject.inputs)
    outputs, end = subject.forward(subject.inputs, None)
    parts, state = [], None
    for start, stop in pairwise((0, *cuts, subject.n_units)):
        part, state = _step(subject, start, stop, state)
        parts.append(part)
    pieced = _joined(parts, subject.axis)
    assert_close(pieced, outputs, tolerance, "outputs")
    assert_close(subject.seen(state), subject.seen(end), tolerance, "final state")
    assert_close(subject.inputs, inputs_before, 0.0, "inputs, written into")
    wanted = [leaf for leaf in leaves(subject.inputs) if _has_gradient(leaf)]
    wanted += subject.parameters
    if wanted:
        slopes = _gradients((outputs, end), wanted), _gradients((pieced, state), wanted)
        assert_close(slopes[1], slopes[0], tolerance, "gradients")


def every(size: int, n_units: int) -> list[int]:
    """Cuts into pieces of one size."""
    return list(range(size, n_units, size))


def at_random(n_units: int, largest: int, seed: int = 0) -> list[int]:
    """Cuts into pieces of 1 ... largest."""
    sizes = np.random.default_rng(seed).integers(1, largest + 1, n_units)
    cuts = np.cumsum(sizes)
    return [int(cut) for cut in cuts[cuts < n_units]]


def leaves(tree: Tree) -> list[Any]:
    """All that is not a tuple, in order, without None."""
    if isinstance(tree, tuple | list):
        return [leaf for part in tree for leaf in leaves(part)]
    return [] if tree is None else [tree]


def assert_close(found: Tree, wanted: Tree, tolerance: float, what: str) -> None:
    """Asserts that two trees hold the same types and, within the tolerance, numbers."""
    pairs = list(zip(leaves(found), leaves(wanted), strict=True))
    for number, (one, other) in enumerate(pairs):
        left, right = _plain(one), _plain(other)
        assert left.dtype == right.dtype, f"{what}, leaf {number}"
        largest = np.max(np.abs(right), initial=1.0, where=np.isfinite(right))
        allowed = tolerance * float(largest)
        message = f"{what}, leaf {number}"
        np.testing.assert_allclose(left, right, rtol=0.0, atol=allowed, err_msg=message)


def _step(subject: Subject, start: int, stop: int, state: Tree) -> tuple[Tree, Tree]:
    """One piece through the stage; the state must come out of it as it went in."""
    piece = _piece(subject, start, stop)
    if subject.takes_over:
        return subject.forward(piece, _copied(state))
    before = _copied(state)
    result = subject.forward(piece, state)
    assert_close(state, before, 0.0, "state, written into")
    return result


def _piece(subject: Subject, start: int, stop: int) -> Tree:
    def cut(leaf: Any) -> Any:
        if leaf.ndim <= subject.axis:
            return leaf
        size, rest = divmod(leaf.shape[subject.axis], subject.n_units)
        assert not rest, "the stretch is not a whole number of units"
        return leaf[(slice(None),) * subject.axis + (slice(start * size, stop * size),)]

    return _mapped(cut, subject.inputs)


def _joined(parts: Sequence[Tree], axis: int) -> Tree:
    first = parts[0]
    if isinstance(first, tuple):
        return tuple(_joined(column, axis) for column in zip(*parts, strict=True))
    return torch.cat(parts, axis) if isinstance(first, Tensor) else np.concatenate(parts, axis)


def _mapped(function: Callable[[Any], Any], tree: Tree) -> Tree:
    if isinstance(tree, tuple):
        parts = [_mapped(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    return None if tree is None else function(tree)


def _copied(tree: Tree) -> Tree:
    def copy(leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            return leaf.detach().clone()
        return leaf.copy() if isinstance(leaf, np.ndarray) else leaf

    return _mapped(copy, tree)


def _plain(leaf: Any) -> np.ndarray:
    return leaf.detach().numpy() if isinstance(leaf, Tensor) else np.asarray(leaf)


def _has_gradient(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.requires_grad


def _gradients(results: Tree, wanted: Sequence[Tensor]) -> list[Tensor]:
    """Of a random weighting of everything that came out."""
    generator = torch.Generator().manual_seed(0)
    total = torch.zeros((), dtype=torch.float64)
    for leaf in filter(_has_gradient, leaves(results)):
        weights = torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        total = total + (leaf * weights).sum() / max(leaf.numel(), 1) ** 0.5
    slopes = torch.autograd.grad(total, wanted, allow_unused=True, materialize_grads=True)
    return list(slopes)
