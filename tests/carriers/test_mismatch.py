"""The check of kernels on carriers: all carriers by presence, kernels of all kinds, and what it says."""

import math
import re

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.carriers import CARRIERS, Euclidean, Gaussian, Graph, Quantile, check
from mixlib.kernels import Linear, Stochastic, Synergistic

VARIANTS = [carrier for kind in CARRIERS.values() for carrier in kind.variants()]
LAWS = np.array([[0.0, 1.0], [4.0, 7.0]])


@pytest.mark.parametrize("carrier", VARIANTS, ids=lambda carrier: carrier.label)
def test_the_mean_of_a_carrier_fits_and_the_wrong_one_does_not(carrier):
    parts, weights = carrier.sample(4, rng=0), simplex.sample(4, rng=0)
    right, wrong = (check(of, carrier, parts, weights) for of in (carrier.mean, carrier.wrong_mean))
    assert right.ok
    assert right.statistic == right.right
    assert right.gap < 1e-6
    assert check(carrier, carrier, parts, weights) == right
    assert not wrong.ok
    assert wrong.statistic > 1 >= wrong.right - 1e-6
    assert wrong.gap > 1e-3
    for said in (str(wrong), repr(wrong)):
        assert said.startswith(f"{carrier.wrong_name} on {carrier.label}: mismatch, ")
        assert f"is right ({carrier.statistic}); use" in said
        assert said.endswith(f"; use {wrong.advice}")
    assert re.fullmatch(rf"{type(carrier).__name__}\(.*\)\.mean", wrong.advice)
    assert "on " + carrier.label + ": fits" in str(right)
    plain = check(Linear(), carrier, parts, weights)  # a kernel takes points of any shape
    assert plain.kernel == "arithmetic mean"
    assert plain.ok == (plain.statistic <= 1 + 1e-6)


def test_kernels_functions_and_other_carriers_are_taken():
    assert check(Linear(), Euclidean(), LAWS).gap == 0
    assert "fits" in str(check(Linear(), Quantile(), LAWS))
    assert "and is the carrier's own mean" in str(check(Linear(), Quantile(), LAWS))
    assert not check(Synergistic(interaction=40.0), Euclidean(), 1 + LAWS).ok
    assert check(lambda weights, parts: weights @ parts, Euclidean(), LAWS).kernel == "kernel"
    drawn = check(Stochastic(rng=0), Euclidean(), LAWS)
    assert drawn.ok
    assert drawn.gap == pytest.approx(0.5)
    assert "is 50.0% of the parts' distance off its mean" in str(drawn)
    assert check(Euclidean().mean, Quantile(), LAWS).kernel == "mean of Euclidean"


def test_points_that_are_no_vectors_are_flattened_and_read_back():
    laws = Gaussian().sample(3, d=2, rng=0)
    means = check(Linear(), Gaussian(), laws)
    assert means.gap > 0  # covariances are averaged, not their roots
    torch_laws = type(laws)(*map(torch.asarray, laws))
    assert check(Linear(), Gaussian(), torch_laws).gap == pytest.approx(means.gap)
    assert check(Linear(), Gaussian(), tuple(laws)) == means


def test_a_mixture_that_is_no_point_is_infinitely_wrong():
    found = check(lambda weights, parts: -parts[0], Gaussian(), Gaussian().sample(3, rng=0))
    assert not found.ok
    assert found.statistic == found.gap == math.inf
    falling = check(lambda weights, parts: parts[0][::-1], Quantile(), LAWS)
    assert not falling.ok


def test_parts_that_coincide_have_no_distance():
    assert check(Linear(), Euclidean(), LAWS[[0, 0]]).gap == 0
    assert check(lambda weights, parts: parts[0] + 1, Euclidean(), LAWS[[0, 0]]).gap == math.inf


def test_long_options_are_cut_in_the_advice():
    line = Graph(edges=tuple((i, i + 1) for i in range(9)))
    advice = check(Linear(), line, np.eye(10)[[0, 9]]).advice
    assert re.fullmatch(r"Graph\(edges=.{20,36}\.\.\.\)\.mean", advice)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((Linear(), "sphere", LAWS), "carrier: got 'sphere'"),
        (("mean", Euclidean(), LAWS), "kernel: got 'mean'"),
        ((Linear(), Euclidean(), LAWS[None]), "parts: .*no batch"),
        ((Linear(), Gaussian(), LAWS), "parts: .*Gaussian laws"),
        ((Linear(), Euclidean(), LAWS, [0.5, 0.6]), "weights: sums to 1.1"),
        ((lambda weights, parts: parts, Euclidean(), LAWS), "kernel: gave shape"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        check(*given)
