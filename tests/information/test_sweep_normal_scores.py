"""The quick normal scores are those of the plain function, to the last bit."""

import numpy as np
import pytest

from mixlib.information.ranks import normal_scores
from mixlib.information.sweeps.normal_scores import quick_normal_scores

COLUMNS = {
    "normal": lambda x: x,
    "all negative": lambda x: -np.abs(x),
    "rounded": lambda x: x.round(1),
    "few values": lambda x: np.sign(x),
    "over all magnitudes": lambda x: np.exp(30 * x),
    "denormal": lambda x: x * 1e-310,
    "far from zero": lambda x: 1e9 + x,
    "alike but for the last bits": lambda x: 1 + 1e-12 * x,
    "with both zeros": lambda x: np.concatenate([[0.0, -0.0], x[2:]]),
    "sorted": np.sort,
    "with one tie": lambda x: np.concatenate([x[:1], x[:-1]]),
}


@pytest.mark.parametrize("size", [3, 100, 5000])
def test_the_same_to_the_last_bit(size):
    samples = np.random.default_rng(size).normal(size=(size, len(COLUMNS)))
    table = np.column_stack([make(column) for make, column in zip(COLUMNS.values(), samples.T, strict=True)])
    before = table.copy()
    assert np.array_equal(quick_normal_scores(table), normal_scores(table))
    assert np.array_equal(table, before)
    assert np.array_equal(quick_normal_scores(np.asfortranarray(table)), normal_scores(table))
