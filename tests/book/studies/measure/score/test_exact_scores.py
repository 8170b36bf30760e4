"""Exact noise predictions, against autograd and closed forms."""

import math

import numpy as np
import pytest
import torch

from mixbook.studies.measure.score import exact_scores
from mixlib.information import from_covariance, from_pmf, systems
from mixlib.information.estimators.score.integrals import plan_views

SIGNS = systems.agreeing_bits(0.4, n=3)
VIEWS = plan_views([[0], [1], [2]])


def log_density(signs, seen, states, level):
    """Of what a view sees, from halves of normals: written out pattern by pattern."""
    signal, sigma = math.sqrt(1 / (1 + math.exp(level))), math.sqrt(1 / (1 + math.exp(-level)))
    total = 0
    for pattern in np.ndindex(signs.shape):
        term = signs[pattern]
        for x, state, bit in zip(seen, states.tolist(), pattern, strict=True):
            sign = 2 * bit - 1
            if state == 2:
                # half a normal, blurred
                term = term * torch.exp(-(x**2) / 2) * (1 + torch.erf(sign * signal * x / (sigma * math.sqrt(2))))
            elif state == 1:
                term = term * float(sign * x > 0)
        total = total + term
    return torch.log(total)


@pytest.mark.parametrize("name", [("joint",), ("rest", 1), ("without", 2, 0)])
@pytest.mark.parametrize("signs", [SIGNS, systems.noisy_parity(0.1)])
def test_prediction_is_the_slope_of_the_log_density(name, signs):
    row, level = VIEWS.row[name], 0.3
    states = VIEWS.states[row]
    seen = (torch.tensor([0.7, -0.4, 1.1]).double() * (states != 0)).requires_grad_()
    slope = torch.autograd.grad(log_density(signs, seen, states, level), seen)[0]
    expected = -math.sqrt(1 / (1 + math.exp(-level))) * slope * (states == 2)
    found = exact_scores.SignLiftPrediction(signs, VIEWS)(row, seen.detach()[None], torch.tensor([level]).double())
    torch.testing.assert_close(found[0], expected)


def test_pull_is_towards_signs_that_occur_together():
    points = np.array([[2.0, 0.1], [2.0, -0.1], [-2.0, 0.1]])
    pull = exact_scores.sign_lift_pull(systems.copy(2), points, -2.0)
    assert (pull[:, 1] * points[:, 0] > 0).all()
    assert np.abs(exact_scores.sign_lift_pull(np.full((2, 2), 0.25), points, -2.0)).max() < 1e-12


def test_half_the_mean_square_of_the_pull_is_what_tc_is_made_of():
    rng = np.random.default_rng(3)
    drawn = systems.sign_lift(systems.sample(SIGNS, 20_000, rng=rng), rng=rng)
    seen = math.sqrt(1 / (1 + math.exp(-1))) * drawn + math.sqrt(1 / (1 + math.exp(1))) * rng.normal(size=drawn.shape)
    found = 0.5 * (exact_scores.sign_lift_pull(SIGNS, seen, -1.0) ** 2).sum(axis=1).mean()
    expected = exact_scores.sign_lift_densities(SIGNS, [-1.0], points=20_000, rng=4)[0, 0]
    assert found == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("cov", [systems.equicorrelated(3, 0.6), systems.synergistic(4, 0.6)])
def test_gaussian_levels_add_up_to_the_closed_form(cov):
    levels, exact = exact_scores.midpoints(400), from_covariance(cov)
    found = exact_scores.integral(exact_scores.gaussian_densities(cov, levels), levels)
    np.testing.assert_allclose(found, [exact.tc, exact.dtc], atol=2e-4)


@pytest.mark.parametrize("signs", [systems.parity(3), systems.noisy_copy(0.1)])
def test_sign_lift_levels_add_up_to_the_discrete_information(signs):
    levels, exact = exact_scores.midpoints(88), from_pmf(signs)
    found = exact_scores.integral(exact_scores.sign_lift_densities(signs, levels, rng=0), levels)
    np.testing.assert_allclose(found, [exact.tc, exact.dtc], atol=0.02)


def test_only_fair_signs_of_the_right_number_are_taken():
    with pytest.raises(ValueError, match=r"signs: shape \(2, 2\), expected \(2,\) \* 3"):
        exact_scores.SignLiftPrediction(np.full((2, 2), 0.25), VIEWS)
    with pytest.raises(ValueError, match=r"signs: P\(minus\) is .* fair signs"):
        exact_scores.SignLiftPrediction(systems.and_gate(), VIEWS)
