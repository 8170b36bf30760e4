"""Barycenters of histograms, held against POT where it is right, quantiles and closed forms."""

import numpy as np
import ot
import pytest
import torch

from mixlib import carriers
from mixlib.carriers import Quantile, entropic_width, from_density, to_density, wasserstein_barycenter

GRID = np.arange(60.0)
COST = (GRID[:, None] - GRID) ** 2
WEIGHTS = np.array([0.3, 0.7])


def bell(mean, deviation, grid=GRID):
    mass = np.exp(-((grid - mean) ** 2) / 2 / deviation**2)
    return mass / mass.sum()


PAIR = np.stack([bell(18, 3), bell(42, 5)])


def moments(masses, grid=GRID):
    mean = masses @ grid
    return mean, np.sqrt(masses @ (grid - mean) ** 2)


def test_the_exact_barycenter_is_that_of_quantiles():
    few = np.arange(30.0)
    pair = np.stack([bell(8, 2, few), bell(20, 3, few)])
    exact = wasserstein_barycenter(pair, WEIGHTS, method="exact")
    quantiles = Quantile().mean(from_density(few, pair), WEIGHTS)
    by_quantiles = to_density(quantiles, few)
    assert moments(exact, few) == pytest.approx(
        moments(by_quantiles / by_quantiles.sum(), few), abs=0.2
    )  # ties between bins
    cost = sum(w * ot.emd2(exact, h, (few[:, None] - few) ** 2) for w, h in zip(WEIGHTS, pair, strict=True))
    assert cost == pytest.approx(0.21 * Quantile().distance(*from_density(few, pair)) ** 2, rel=0.01)


@pytest.mark.parametrize("reg", [2.0, 5.0, 20.0])  # 2 has kernels that underflow, and goes another way
def test_sinkhorn_agrees_with_pot_on_logarithms_for_unequal_weights(reg):
    ours = wasserstein_barycenter(PAIR, WEIGHTS, method="sinkhorn", reg=reg, tolerance=1e-7)
    theirs = ot.bregman.barycenter(PAIR.T.copy(), COST, reg, WEIGHTS, method="sinkhorn_log", numItermax=20000)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    np.testing.assert_allclose(wasserstein_barycenter(PAIR, WEIGHTS, "sinkhorn", reg=reg, cost=COST), ours, atol=1e-6)
    mean, deviation = moments(ours)
    assert mean == pytest.approx(0.3 * 18 + 0.7 * 42, abs=1e-2)
    assert deviation**2 == pytest.approx((0.3 * 3 + 0.7 * 5) ** 2 + entropic_width(reg) ** 2, rel=4e-3)


def test_the_debiased_barycenter_has_no_blur():
    mean, deviation = moments(wasserstein_barycenter(PAIR, WEIGHTS, reg=20.0))
    assert (mean, deviation) == pytest.approx((0.3 * 18 + 0.7 * 42, 0.3 * 3 + 0.7 * 5), rel=2e-3)
    two = np.eye(40)[[5, 25]]  # of two point masses
    assert wasserstein_barycenter(two, reg=8.0)[15] > 0.98
    assert wasserstein_barycenter(two, reg=8.0, method="sinkhorn")[15] < 0.3


def test_images_of_any_shape_have_square_pixels():
    rows, columns = np.arange(16.0), np.arange(24.0)
    images = np.stack(
        [np.outer(bell(5, 1.5, rows), bell(6, 2, columns)), np.outer(bell(9, 2, rows), bell(16, 3, columns))]
    )
    for method in ("sinkhorn", "debiased"):
        ours = wasserstein_barycenter(images, WEIGHTS, method=method, reg=3.0, tolerance=1e-4)
        alone = [wasserstein_barycenter(images.sum(axis=a), WEIGHTS, method=method, reg=3.0) for a in (2, 1)]
        np.testing.assert_allclose(ours, np.outer(*alone), atol=5e-4)  # a product of laws stays one
    square = images[:, :, 4:20] / images[:, :, 4:20].sum(axis=(1, 2), keepdims=True)
    theirs = ot.bregman.convolutional_barycenter2d(square, 3.0 / 15**2, WEIGHTS, method="sinkhorn_log", stopThr=1e-7)
    np.testing.assert_allclose(wasserstein_barycenter(square, WEIGHTS, method="sinkhorn", reg=3.0), theirs, atol=1e-5)
    tiny = wasserstein_barycenter(
        square[:, 4:9, 4:9] / square[:, 4:9, 4:9].sum(axis=(1, 2), keepdims=True), method="exact"
    )
    assert tiny.shape == (5, 5)
    assert tiny.sum() == pytest.approx(1)


def test_spacing_is_a_change_of_units():
    once = wasserstein_barycenter(PAIR, WEIGHTS, reg=20.0)
    np.testing.assert_allclose(wasserstein_barycenter(PAIR, WEIGHTS, reg=5.0, spacing=0.5), once)
    np.testing.assert_allclose(wasserstein_barycenter(PAIR, WEIGHTS, reg=5.0, spacing=[0.5]), once)


def test_each_axis_has_its_own_spacing_and_the_default_blur_is_of_the_largest_cost():
    images = np.stack([np.outer(bell(2, 1, GRID[:6]), bell(3, 1, GRID[:8])), np.full((6, 8), 1 / 48)])
    ours = wasserstein_barycenter(images, method="sinkhorn", reg=3.0, spacing=[1.0, 2.0])
    alone = [
        wasserstein_barycenter(images.sum(axis=a), method="sinkhorn", reg=3.0, spacing=s)
        for a, s in ((2, 1.0), (1, 2.0))
    ]
    np.testing.assert_allclose(ours, np.outer(*alone), atol=1e-4)
    pair = images.sum(axis=1)
    np.testing.assert_array_equal(wasserstein_barycenter(pair), wasserstein_barycenter(pair, reg=7**2 / 500))


@pytest.mark.parametrize("method", ["exact", "sinkhorn", "debiased"])
def test_all_weight_on_one_and_bins_without_mass(method):
    pair = np.zeros((2, 12))
    pair[0, 2:5], pair[1, 8] = 1 / 3, 1.0
    options = {} if method == "exact" else {"reg": 4.0}
    alone = wasserstein_barycenter(pair, [0.0, 1.0], method, **options)
    assert np.isfinite(alone).all()
    assert alone.argmax() == 8
    if method != "sinkhorn":
        np.testing.assert_allclose(alone, pair[1], atol=0.03)
    both = wasserstein_barycenter(pair, method=method, **options)
    assert both @ np.arange(12) == pytest.approx((3 + 8) / 2, abs=0.2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("method", ["exact", "sinkhorn", "debiased"])
def test_torch_and_float32(dtype, method):
    pair = PAIR[:, 10:50:2] / PAIR[:, 10:50:2].sum(axis=1, keepdims=True)
    double = wasserstein_barycenter(pair, WEIGHTS, method)
    low = wasserstein_barycenter(torch.asarray(pair.astype(dtype)), WEIGHTS, method)
    assert low.dtype == getattr(torch, dtype)
    np.testing.assert_allclose(low.numpy(), double, atol=1e-5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", ["sinkhorn", "debiased"])
def test_a_small_reg_is_right_or_is_refused_with_the_smallest(method):
    peaks = np.eye(9)[[1, 7]]
    for reg in (1e-2, 1e-6, 1e-8):
        np.testing.assert_allclose(wasserstein_barycenter(peaks, reg=reg, method=method), np.eye(9)[4], atol=2e-5)
    with pytest.raises(ValueError, match=r"reg: got 1e-09, expected at least 1\.42e-09") as refused:
        wasserstein_barycenter(peaks, reg=1e-9, method=method)
    least = float(str(refused.value).split("at least ")[1].split(",")[0])
    wasserstein_barycenter(peaks, reg=1.01 * least, method=method)


def test_giving_up_is_said(monkeypatch):
    with pytest.raises(RuntimeError, match=r"plans still differ by .* after 3 rounds, .* raise reg \(now 5\)"):
        wasserstein_barycenter(PAIR, reg=5.0, max_rounds=3)

    class Failed:
        success, message = False, "time is up"

    monkeypatch.setattr(ot.lp, "barycenter", lambda *given, **options: (None, Failed))
    with pytest.raises(RuntimeError, match="linear programme failed: time is up"):
        wasserstein_barycenter(PAIR, method="exact")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"histograms": PAIR * 2}, "histograms: sums to 2"),
        ({"histograms": PAIR - 0.1}, "histograms: holds a negative"),
        ({"histograms": PAIR[0]}, r"histograms: expected shape \(k, n\)"),
        ({"weights": [0.5, 0.6]}, "weights: sums to 1.1"),
        ({"weights": [[0.5, 0.5]]}, "weights: .*no batch"),
        ({"method": "bregman"}, "method: got 'bregman', expected one of exact"),
        ({"reg": -1.0}, "reg: got -1.0"),
        ({"spacing": [1.0, 1.0]}, "spacing: .* 1, one for each axis"),
        ({"cost": COST[:5]}, "cost: shape"),
        ({"cost": np.tril(COST)}, "cost: is negative or not symmetric"),
        ({"cost": COST + np.eye(60, k=1)}, "cost: is negative or not symmetric"),
    ],
)
def test_what_cannot_be_used_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        carriers.wasserstein_barycenter(**{"histograms": PAIR} | given)
