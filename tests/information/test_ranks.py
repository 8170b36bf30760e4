"""Normal scores: quantiles of ranks, blind to every column's own scale."""

import numpy as np
import pytest
import torch
from scipy.special import ndtri
from scipy.stats import norm, rankdata

from mixlib.information.ranks import normal_scores

SAMPLES = np.random.default_rng(0).standard_t(3, size=(200, 4))
COLUMNS = {
    "normal": lambda x: x,
    "all negative": lambda x: -np.abs(x),
    "rounded": lambda x: x.round(1),
    "few values": lambda x: np.sign(x),
    "over all magnitudes": lambda x: np.exp(30 * x),
    "denormal": lambda x: x * 1e-310,
    "alike but for the last bits": lambda x: 1 + 1e-12 * x,
    "with both zeros": lambda x: np.concatenate([[0.0, -0.0], x[2:]]),
    "sorted": np.sort,
    "with one tie": lambda x: np.concatenate([x[:1], x[:-1]]),
}


@pytest.mark.parametrize("size", [3, 100, 5000])
@pytest.mark.parametrize("columns", [list(COLUMNS), ["normal", "sorted"]], ids=["ties", "no ties"])
def test_ranks_are_those_of_scipy(size, columns):
    samples = np.random.default_rng(size).normal(size=(size, len(columns)))
    table = np.column_stack([COLUMNS[name](column) for name, column in zip(columns, samples.T, strict=True)])
    before = table.copy()
    expected = ndtri((rankdata(table, axis=0) - 0.5) / size)
    np.testing.assert_array_equal(normal_scores(table), expected)
    np.testing.assert_array_equal(normal_scores(np.asfortranarray(table)), expected)
    np.testing.assert_array_equal(table, before)


def test_four_values_by_hand():
    scores = normal_scores(np.array([[30.0, -1.0], [10.0, -2.0], [20.0, -3.0], [40.0, -4.0]]))
    np.testing.assert_allclose(norm.cdf(scores), [[5 / 8, 7 / 8], [1 / 8, 5 / 8], [3 / 8, 3 / 8], [7 / 8, 1 / 8]])


def test_scores_are_nearly_standard_normal_whatever_the_column():
    scores = normal_scores(np.exp(SAMPLES))
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scores.std(axis=0), 1, atol=0.01)


def test_increasing_transforms_change_nothing_and_decreasing_ones_the_sign():
    scores = normal_scores(SAMPLES)
    moved = np.column_stack([np.exp(SAMPLES[:, 0]), SAMPLES[:, 1] ** 3, 1e-9 * SAMPLES[:, 2], -SAMPLES[:, 3]])
    np.testing.assert_array_equal(normal_scores(moved)[:, :3], scores[:, :3])
    np.testing.assert_allclose(normal_scores(moved)[:, 3], -scores[:, 3], atol=1e-12)


def test_columns_are_independent_and_rows_keep_their_place():
    order = np.random.default_rng(1).permutation(200)
    np.testing.assert_array_equal(normal_scores(SAMPLES[order]), normal_scores(SAMPLES)[order])
    np.testing.assert_array_equal(normal_scores(SAMPLES[:, :1]), normal_scores(SAMPLES)[:, :1])


def test_equal_values_share_the_mean_of_their_ranks():
    scores = normal_scores(np.array([[0], [1], [0], [1], [1]]))
    np.testing.assert_allclose(norm.cdf(scores[:, 0]), [0.2, 0.7, 0.2, 0.7, 0.7])


def test_ties_broken_at_random_keep_the_order_of_different_values():
    coarse = np.round(SAMPLES[:, :1])
    first, second = (normal_scores(coarse, rng=seed)[:, 0] for seed in (2, 3))
    np.testing.assert_allclose(np.sort(first), normal_scores(np.arange(200.0)[:, None])[:, 0])
    assert (np.diff(coarse[np.argsort(first), 0]) >= 0).all()
    assert (first != second).mean() > 0.8
    np.testing.assert_array_equal(normal_scores(SAMPLES, rng=4), normal_scores(SAMPLES))


def test_batch():
    batch = np.stack([SAMPLES, SAMPLES[::-1] ** 2])
    np.testing.assert_array_equal(normal_scores(batch)[1], normal_scores(batch[1]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_torch_keeps_its_kind(dtype):
    scores = normal_scores(torch.tensor(SAMPLES, dtype=dtype, requires_grad=True))
    assert scores.dtype == dtype
    np.testing.assert_allclose(scores.numpy(), normal_scores(SAMPLES), atol=1e-6)


def test_integers_become_float64():
    whole = np.arange(6).reshape(3, 2)
    assert normal_scores(whole).dtype == normal_scores(torch.tensor(whole)).numpy().dtype == np.float64


@pytest.mark.parametrize(
    ("table", "message"),
    [(np.arange(3.0), r"table: expected shape .* got \(3,\)"), (np.array([[1.0], [np.nan]]), "table: holds NaN")],
)
def test_bad_input_is_named(table, message):
    with pytest.raises(ValueError, match=message):
        normal_scores(table)
