"""Matrix times vector, with the weights kept as floats or in 8 bits."""

import numpy as np
import pytest

from ddsp_core.products import LINE_BYTES, STORAGES, Storage, add_product, packed, stored

ERROR = {"float32": 1e-6, "int8": 0.5 / 127}
"""Of a row's largest weight."""


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("storage", STORAGES)
def test_no_weight_is_further_off_than_half_a_step(storage: Storage) -> None:
    matrix = random(30, 50) * 10.0 ** np.linspace(-6.0, 6.0, 30, dtype=np.float32)[:, None]
    values, scales = stored(matrix, storage)
    assert values.dtype == storage
    off = np.abs(scales[:, None] * values - matrix).max(axis=1)
    assert np.all(off <= 1.001 * ERROR[storage] * np.abs(matrix).max(axis=1))


@pytest.mark.parametrize("storage", STORAGES)
def test_products_are_added(storage: Storage) -> None:
    matrix, x = random(7, 33), random(33)
    kept = stored(matrix, storage)
    out = np.ones(7, np.float32)
    add_product(kept, x, out)
    wanted = 1.0 + (kept.scales[:, None] * kept.values) @ x
    np.testing.assert_allclose(out, wanted, atol=1e-5)


@pytest.mark.parametrize("storage", STORAGES)
def test_a_row_of_zeros_stays_one(storage: Storage) -> None:
    kept = stored(np.zeros((2, 3)), storage)
    assert not kept.values.any()
    assert np.isfinite(kept.scales).all()


def test_packed_arrays_are_the_same_and_begin_with_a_cache_line() -> None:
    arrays = [random(3, 5), np.arange(7, dtype=np.int8), random(1)]
    views = packed(arrays)
    for array, view in zip(arrays, views, strict=True):
        np.testing.assert_array_equal(view, array)
        assert (view.dtype, view.ctypes.data % LINE_BYTES) == (array.dtype, 0)
    assert views[0].base is not None
