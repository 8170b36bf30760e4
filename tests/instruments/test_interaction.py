"""Interaction share against closed forms."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.stats import norm

import mixlib
from mixlib import interaction_share
from mixlib.kernels import Linear, LogLinear


def ishigami(x):
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def assert_is(result, share, within=1e-2):
    assert result.standard_error < within
    assert abs(result.share - share) <= 4 * result.standard_error
    assert result.share == pytest.approx(1 - result.first_order.sum(), abs=1e-12)


def test_ishigami():
    a, b = 7, 0.1
    first = (1 + b * np.pi**4 / 5) ** 2 / 2
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 1 / 2
    result = interaction_share(ishigami, n_parts=3, sampler=lambda u: np.pi * (2 * u - 1))
    assert_is(result, 1 - (first + a**2 / 8) / variance)
    np.testing.assert_allclose(result.first_order, [first / variance, a**2 / 8 / variance, 0], atol=0.01)
    assert result.variance == pytest.approx(variance, rel=1e-2)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_products_of_uniform_numbers(n):
    ratio = 1 / 3  # variance over squared mean of a factor
    result = interaction_share(lambda x: x.prod(axis=-1), n_parts=n, points=4096)
    assert_is(result, 1 - n * ratio / ((1 + ratio) ** n - 1))


def test_maximum_and_geometric_mean_of_uniform_numbers():
    assert_is(interaction_share(lambda x: x.max(axis=-1)), 1 / 5)
    assert_is(interaction_share(LogLinear()), 1 / 17)


@pytest.mark.parametrize(
    ("function", "share"),
    [
        (lambda x: x.mean(axis=-1), 0),
        (lambda x: np.sqrt(x.prod(axis=-1)), 0.05),
        (lambda x: x.max(axis=-1), 0.06),
        (lambda x: x.mean(axis=-1) + x.prod(axis=-1), 0.11),
        (lambda x: 1 / (1 / x).mean(axis=-1), 0.14),
    ],
    ids=["linear", "geometric", "maximum", "bilinear", "harmonic"],
)
def test_lognormal_inputs_order_the_means(function, share):
    result = interaction_share(function, sampler=lambda u: np.exp(0.63 * norm.ppf(u)))
    assert result.share == pytest.approx(share, abs=0.005 + 2 * result.standard_error)


@pytest.mark.parametrize("n", [2, 4])
@pytest.mark.parametrize("sampler", [None, norm.ppf])
def test_additive_functions_have_none(n, sampler):
    weights = np.arange(1, n + 1) / np.arange(1, n + 1).sum()
    for result in (
        interaction_share(Linear(), weights=weights, n_parts=n, n_coordinates=2, sampler=sampler),
        interaction_share(lambda x: np.sin(3 * x).sum(axis=-1) + 5, n_parts=n, sampler=sampler),
    ):
        assert abs(result.share) <= 3 * result.standard_error < 1e-12
    first = interaction_share(Linear(), weights=weights, n_parts=n, sampler=sampler).first_order
    np.testing.assert_allclose(first, weights**2 / np.sum(weights**2), atol=0.01)


def test_coordinates_count_by_their_variance_and_parts_act_as_wholes():
    def product_and_sum(x):
        return np.stack([x.prod(axis=-1), 3 * x.sum(axis=-1)], axis=-1)

    product, total = 7 / 144, 9 / 6
    assert_is(interaction_share(product_and_sum), product / 7 / (product + total))
    # a part's own coordinates may interact
    assert abs(interaction_share(lambda x: x.prod(axis=-1).sum(axis=-1), n_coordinates=2).share) < 1e-12


def test_the_standard_error_is_that_of_the_estimate():
    runs = [interaction_share(lambda x: x.max(axis=-1), points=64, rng=seed) for seed in range(40)]
    errors = np.array([run.share - 0.2 for run in runs])
    claimed = np.sqrt(np.mean([run.standard_error**2 for run in runs]))
    assert 0.7 < np.sqrt(np.mean(errors**2)) / claimed < 1.4


def test_samples_of_parts_are_drawn_independently():
    rng = np.random.default_rng(1)
    one = rng.choice([1.0, 2.0], 64)
    parts = np.stack([one, one], axis=-1)[..., None]  # wholly dependent, which the share ignores
    ratio = np.var(one) / np.mean(one) ** 2
    result = interaction_share(lambda w, p: p.prod(axis=-2), parts, points=4096)
    assert_is(result, ratio / (2 + ratio))


def test_seeds_repeat_and_torch_kernels_serve():
    first, again, other = (interaction_share(ishigami, n_parts=3, rng=seed) for seed in (5, 5, 6))
    assert first.share == again.share != other.share
    assert first.share == pytest.approx(other.share, abs=6 * first.standard_error)
    by_torch = interaction_share(lambda w, p: LogLinear()(w, torch.asarray(p)))
    assert by_torch.share == pytest.approx(interaction_share(LogLinear()).share)
    assert mixlib.interaction_share is interaction_share


def test_hull_escape_alone_does_not_load_it():
    program = "import sys, mixlib; mixlib.hull_escape; print('mixlib.instruments.interaction' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("kernel", "options", "message"),
    [
        (lambda x: np.ones(len(x)), {}, "kernel: the output does not vary"),
        (lambda x: np.full(len(x), np.nan), {}, "kernel: gave NaN or infinity"),
        (lambda x: x.sum(), {}, r"kernel: 1024 points of inputs gave an output of shape \(\)"),
        (lambda a, b, c: a, {}, "kernel: has 3 required arguments"),
        (lambda x: x[..., 0], {"weights": [0.5, 0.5]}, "weights: given for a function"),
        (Linear(), {"points": 1000}, "points: expected a power of 2, got 1000"),
        (Linear(), {"scrambles": 1}, "scrambles: got 1, expected a whole number, 2 or more"),
        (Linear(), {"n_parts": 0}, "n_parts: got 0, expected a whole number, 1 or more"),
        (Linear(), {"parts": np.ones((4, 2))}, r"parts: expected finite samples .* got shape \(4, 2\)"),
        (Linear(), {"parts": np.ones((4, 2, 1)), "sampler": norm.ppf}, "sampler: given together with parts"),
        (Linear(), {"sampler": lambda u: u[0]}, r"sampler: made \(2, 1\) of \(1024, 2, 1\)"),
        (Linear(), {"weights": [0.9, 0.9]}, "weights: sums to 1.8"),
    ],
)
def test_bad_input_is_named(kernel, options, message):
    with pytest.raises(ValueError, match=message):
        interaction_share(kernel, **options)
