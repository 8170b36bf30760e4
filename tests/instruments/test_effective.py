"""The effective number of parts: known values, its bounds, and what it says of odd input."""

import numpy as np
import pytest
import torch

from mixlib.instruments.effective import above_average, effective_number


@pytest.mark.parametrize("order", [0.5, 1, 2, 3.0])
def test_equal_parts_count_in_full_and_absent_ones_not_at_all(order):
    assert effective_number([0.25] * 4, order) == pytest.approx(4)
    assert effective_number([0.5, 0.5, 0.0], order) == pytest.approx(2)
    assert effective_number([1.0, 0.0], order) == pytest.approx(1)


def test_order_one_is_the_limit_and_more_order_counts_less():
    weights = np.random.default_rng(0).dirichlet(np.ones(5), 20)
    np.testing.assert_allclose(effective_number(weights, 1), effective_number(weights, 1 + 1e-7), rtol=1e-6)
    counts = [effective_number(weights, order) for order in (0.5, 1, 2, 4)]
    assert (np.diff(counts, axis=0) < 0).all()


def test_parts_above_the_average_are_counted_among_those_that_are_there():
    assert above_average([[0.5, 0.5, 0.0], [0.6, 0.3, 0.1], [1.0, 0.0, 0.0]]).tolist() == [2, 1, 1]
    assert above_average(np.full(7, 1 / 7)) == 7


def test_tensors_stay_tensors():
    weights = torch.tensor([0.6, 0.3, 0.1])
    assert effective_number(weights).dtype == torch.float32
    assert effective_number(weights, 1).item() == pytest.approx(effective_number(weights.numpy(), 1), rel=1e-5)
    assert above_average(weights).item() == 1


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="weights"):
        effective_number([0.5, 0.6])
    with pytest.raises(ValueError, match="order"):
        effective_number([0.5, 0.5], 0)


def test_the_average_share_is_that_of_the_parts_that_are_there():
    assert above_average([[0.6, 0.4, 0.0], [0.6, 0.4, 1e-9]]).tolist() == [1, 2]
