import numpy as np

from ddsp_core.framing import Framing


def samples(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_hops_are_the_samples_in_order() -> None:
    hops, state = Framing(2).forward(samples(1, 2, 3, 4, 5))
    np.testing.assert_array_equal(hops, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(state.remainder, [5])


def test_less_than_a_hop_waits() -> None:
    framing = Framing(4)
    hops, state = framing.forward(samples(1, 2))
    assert hops.shape == (0, 4)
    hops, state = framing.forward(samples(3, 4), state)
    np.testing.assert_array_equal(hops, [[1, 2, 3, 4]])
    assert not len(state.remainder)


def test_what_waits_is_a_copy() -> None:
    block = samples(1, 2, 3)
    _, state = Framing(2).forward(block)
    block[:] = 9
    np.testing.assert_array_equal(state.remainder, [3])


def test_hops_of_one_leave_nothing() -> None:
    hops, state = Framing(1).forward(samples(1, 2, 3))
    assert hops.shape == (3, 1)
    assert not len(state.remainder)
