"""The maximum mean discrepancy: how far apart two samples of points are, as distributions.

A. Gretton et al., "A kernel two-sample test" (JMLR 13, 2012): with k(x, y) = exp(-|x - y|^2 /
(2 s^2)), their unbiased estimator (eq. 3) is

    MMD^2 = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j),

s the median distance over all pairs of a pool (section 8). It is 0 on average between two samples
of one distribution, so it can fall a little below; `mmd` is its root, 0 there. Two distances to the
same points can be compared when both took the same s. With weights the means are weighted ones.
"""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Numbers = NDArray[np.float64]

MOST_POINTS = 1500
"""Evenly spread; the kernel needs the square of it."""


def median_distance(*clouds: Points) -> float:
    """The median heuristic: the middle distance over all pairs of the pool. Shape: (N, D) each."""
    pool = np.concatenate([cloud[thinned(len(cloud))] for cloud in clouds])
    pool = pool[thinned(len(pool))]
    squares = _squares(pool, pool)[np.triu_indices(len(pool), 1)]
    return float(np.sqrt(np.median(squares))) if len(squares) else 1.0


def mmd_squared(x: Points, y: Points, scale: float, y_weights: Numbers | None = None) -> float:
    """The unbiased estimate; about 0 (also below) where both come from one distribution.

    Args:
        scale: s of the kernel.
        y_weights: how much each point of y counts; None: all alike.

    Shape:
        (N, D), (M, D), (M,); two rows or more each.
    """
    x_weights = np.ones(len(x))
    y_weights = np.ones(len(y)) if y_weights is None else y_weights
    within = _mean_of_others(x, x_weights, scale) + _mean_of_others(y, y_weights, scale)
    across = np.average(_kernel(x, y, scale).mean(axis=0), weights=y_weights)
    return float(within - 2.0 * across)


def mmd(x: Points, y: Points, scale: float, y_weights: Numbers | None = None) -> float:
    """The distance: the root of `mmd_squared`, 0 where that is below."""
    return float(np.sqrt(max(mmd_squared(x, y, scale, y_weights), 0.0)))


def thinned(n: int) -> NDArray[np.int64]:
    """Which of n points stay: all, or `MOST_POINTS` evenly spread."""
    kept = np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).round()
    return np.asarray(kept, np.int64)


def _mean_of_others(x: Points, weights: Numbers, scale: float) -> float:
    """Of k over all pairs of two different points, each with the product of its weights."""
    both = weights[:, None] * weights
    np.fill_diagonal(both, 0.0)
    return float((both * _kernel(x, x, scale)).sum() / both.sum())


def _kernel(x: Points, y: Points, scale: float) -> Points:
    return np.asarray(np.exp(-_squares(x, y) / (2.0 * scale**2)))


def _squares(x: Points, y: Points) -> Points:
    """|x|^2 - 2 x y + |y|^2 of every pair, rounding errors below 0 cut off."""
    lengths = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)
    return np.asarray(np.maximum(lengths - 2.0 * x @ y.T, 0.0))
