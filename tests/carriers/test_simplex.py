"""The simplex under its metrics: which pool each mean is, what it minimises, and zeros."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from mixlib import simplex
from mixlib.carriers import Simplex

LAWS, WEIGHTS = simplex.sample(4, 3, rng=0), simplex.sample(3, rng=1)
AITCHISON, FISHER, LINEAR = Simplex.variants()


def test_other_names_mean_the_same():
    assert [Simplex(metric=name) for name in ("logarithmic", "hellinger", "euclidean")] == list(Simplex.variants())
    assert Simplex() == AITCHISON
    assert Simplex(metric="hellinger").label == "Simplex, fisher-rao"
    for metric in ("wasserstein", 3, None):
        with pytest.raises(ValueError, match=r"metric: got .*; expected one of 'aitchison'"):
            Simplex(metric=metric)


def test_two_of_the_means_are_the_pools():
    product = np.prod(LAWS ** WEIGHTS[:, None], axis=0)
    np.testing.assert_allclose(AITCHISON.mean(LAWS, WEIGHTS), product / product.sum())
    np.testing.assert_allclose(LINEAR.mean(LAWS, WEIGHTS), WEIGHTS @ LAWS)
    np.testing.assert_allclose(AITCHISON.wrong_mean(LAWS, WEIGHTS), LINEAR.mean(LAWS, WEIGHTS))
    np.testing.assert_allclose(LINEAR.wrong_mean(LAWS, WEIGHTS), AITCHISON.mean(LAWS, WEIGHTS))


def divergence(p, q):
    return np.sum(p * np.log(p / q), axis=-1)


COSTS = {
    "aitchison": lambda m: WEIGHTS @ divergence(m, LAWS),
    "linear": lambda m: WEIGHTS @ divergence(LAWS, m),
    "fisher-rao": lambda m: WEIGHTS @ (2 * np.arccos(np.sum(np.sqrt(m * LAWS), axis=-1))) ** 2,
}


@pytest.mark.parametrize("metric", COSTS)
def test_a_general_solver_finds_the_same_mean(metric):
    def of_logits(logits):
        return np.exp(logits) / np.exp(logits).sum()

    found = minimize(lambda logits: COSTS[metric](of_logits(logits)), np.zeros(4), options={"gtol": 1e-9})
    mean = Simplex(metric=metric).mean(LAWS, WEIGHTS)
    np.testing.assert_allclose(mean, of_logits(found.x), atol=1e-6)
    others = [other.mean(LAWS, WEIGHTS) for other in Simplex.variants() if other.metric != metric]
    assert min(np.abs(mean - other).max() for other in others) > 1e-3


def test_distances_by_hand():
    coin, sure = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    assert FISHER.distance(coin, sure) == pytest.approx(np.pi / 2)
    assert LINEAR.distance(coin, sure) == pytest.approx(0.5**0.5)
    assert AITCHISON.distance(coin, np.array([0.8, 0.2])) == pytest.approx(np.log(4) / 2**0.5)
    # equal steps of Fisher's distance change the arcsine of the root equally
    way = [FISHER.geodesic(np.array([0.1, 0.9]), np.array([0.7, 0.3]), t)[0] for t in (0, 0.25, 0.5, 0.75, 1)]
    np.testing.assert_allclose(np.diff(np.arcsin(np.sqrt(way)), 2), 0, atol=1e-12)


def test_zeros_are_taken_where_they_are_at_a_finite_distance():
    laws = np.array([[0.0, 0.5, 0.5], [0.5, 0.5, 0.0]])
    np.testing.assert_allclose(LINEAR.mean(laws), [0.25, 0.5, 0.25])
    np.testing.assert_allclose(FISHER.mean(laws), [1 / 6, 2 / 3, 1 / 6])
    assert FISHER.distance(*np.eye(2)) == pytest.approx(np.pi)
    assert FISHER.failure(FISHER.mean(laws), laws) == pytest.approx(1)
    for broken in (lambda: AITCHISON.mean(laws), lambda: AITCHISON.wrong_mean(laws)):
        with pytest.raises(ValueError, match=r"points: holds a zero.*add a small amount.*metric='fisher-rao'"):
            broken()
    with pytest.raises(ValueError, match="b: holds a zero"):
        AITCHISON.distance(np.array([0.5, 0.5]), np.array([1.0, 0.0]))


def test_small_probabilities_keep_their_digits():
    laws = np.array([[1e-200, 1 - 1e-200], [1e-100, 1 - 1e-100]])
    assert AITCHISON.mean(laws)[0] == pytest.approx(1e-150, rel=1e-9, abs=0)
    assert FISHER.mean(laws)[0] == pytest.approx(2.5e-101, rel=1e-9, abs=0)


def test_the_failure_of_points_that_coincide_is_right_or_infinite():
    same = np.array([[0.2, 0.8], [0.2, 0.8]])
    for carrier in Simplex.variants():
        assert carrier.failure(same[0], same) == 1
        assert carrier.failure(np.array([0.3, 0.7]), same) == np.inf


@pytest.mark.parametrize(
    ("laws", "message"),
    [
        (np.array([[0.5, 0.6], [0.5, 0.5]]), "points: a sum is off 1 by 0.1"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), "points: holds a negative probability, -0.5"),
        (np.array([0.5, 0.5]), "points: expected shape"),
    ],
)
def test_what_is_no_law_is_named(laws, message):
    for carrier in Simplex.variants():
        with pytest.raises(ValueError, match=message):
            carrier.mean(laws)
    with pytest.raises(ValueError, match="b: has 3 outcomes where a has 2"):
        LINEAR.distance(np.array([0.5, 0.5]), np.array([0.5, 0.25, 0.25]))


def test_derivatives_reach_the_weights():
    for carrier in (AITCHISON, LINEAR):
        weights = torch.tensor(WEIGHTS, requires_grad=True)
        carrier.mean(torch.asarray(LAWS), weights)[0].backward()
        assert weights.grad.abs().min() > 0
