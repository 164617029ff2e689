import numpy as np
import pytest

from training.mmd import median_distance, mmd, mmd_squared, thinned


def cloud(n, centre=0.0, seed=0):
    return np.random.default_rng(seed).normal(centre, 1.0, (n, 13))


def test_one_distribution_is_at_no_distance():
    # Unbiased: over many draws of one distribution the mean is 0 within its own error.
    found = [mmd_squared(cloud(60, seed=2 * n), cloud(60, seed=2 * n + 1), 5.0) for n in range(80)]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 3 * error
    assert min(found) < 0.0


def test_two_distributions_are_apart_and_more_so_the_further():
    scale = median_distance(cloud(100), cloud(100, 1.0, seed=1))
    near, far = (mmd(cloud(100), cloud(100, centre, seed=1), scale) for centre in (0.5, 2.0))
    assert 0.1 < near < far <= np.sqrt(2.0)


def test_mmd_by_hand():
    # Two points each, on a line: k = exp(-d^2 / 2). Within: one pair each; across: four.
    x, y = np.array([[0.0], [1.0]]), np.array([[3.0], [5.0]])
    k = [np.exp(-(d**2) / 2) for d in (1.0, 2.0, 3.0, 5.0, 2.0, 4.0)]
    assert mmd_squared(x, y, 1.0) == pytest.approx(k[0] + k[1] - 2 * sum(k[2:]) / 4)


def test_the_middle_distance():
    # 0, 1, 3: the distances are 1, 2, 3.
    assert median_distance(np.array([[0.0], [1.0]]), np.array([[3.0]])) == pytest.approx(2.0)


def test_weights_count_points_as_often():
    # A point of weight 2 is the same point twice, but for its pair with itself, which is no pair
    # of two points; so the samples are large here.
    x, y = cloud(150, seed=5), cloud(200, 0.5, seed=6)
    weights = np.where(np.arange(200) < 100, 2.0, 1.0)
    repeated = np.concatenate([y, y[:100]])
    found = mmd_squared(x, y, 4.0, weights)
    assert found == pytest.approx(mmd_squared(x, repeated, 4.0), abs=0.01)
    assert abs(found - mmd_squared(x, y[100:], 4.0)) > 1e-3
    half_gone = np.where(np.arange(200) < 100, 0.0, 3.0)
    assert mmd_squared(x, y, 4.0, half_gone) == pytest.approx(mmd_squared(x, y[100:], 4.0))


def test_many_points_are_thinned_evenly():
    assert thinned(10).tolist() == list(range(10))
    kept = thinned(4000)
    assert len(kept) == 1500
    assert (kept[0], kept[-1]) == (0, 3999)
    assert set(np.diff(kept)) == {2, 3}
