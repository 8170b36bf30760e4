"""Pools, portfolios and model averages: by hand, by sampling, and by counting."""

import numpy as np
import pytest

from mixlib.domains import DOMAINS, statistics

MEANS, SPREADS, WEIGHTS = np.array([0.0, 3.0]), np.array([1.0, 2.0]), np.array([0.25, 0.75])


def test_the_pool_is_that_of_draws():
    rng = np.random.default_rng(0)
    member = rng.choice(2, 200_000, p=WEIGHTS)
    drawn = rng.normal(MEANS[member], SPREADS[member])
    np.testing.assert_allclose(statistics.pooled(WEIGHTS, MEANS, SPREADS), (drawn.mean(), drawn.std()), rtol=0.01)


def test_the_logarithmic_pool_is_the_product_on_a_grid():
    grid = np.linspace(-20, 20, 8001)
    log = -(WEIGHTS[:, None] * ((grid - MEANS[:, None]) / SPREADS[:, None]) ** 2 / 2).sum(axis=0)
    density = np.exp(log) / np.exp(log).sum()
    mean = density @ grid
    expected = mean, np.sqrt(density @ (grid - mean) ** 2)
    np.testing.assert_allclose(statistics.log_pooled(WEIGHTS, MEANS, SPREADS), expected, rtol=1e-6)


def test_a_portfolio_by_hand():
    # 0.25^2 + (0.75 * 2)^2 + 2 * 0.25 * 1.5 * 0.5
    mean, risk = statistics.portfolio(WEIGHTS, MEANS, SPREADS, 0.5)
    assert (mean, risk**2) == (pytest.approx(2.25), pytest.approx(0.0625 + 2.25 + 0.375))
    np.testing.assert_allclose(statistics.portfolio([[1, 0], [0, 1]], MEANS, SPREADS, -0.3)[1], SPREADS)


@pytest.mark.parametrize("correlation", [-0.5, 0.3, 0.49, 0.51, 0.9])
def test_less_risk_than_both_below_the_ratio_of_risks(correlation):
    shares = np.linspace(0, 1, 2001)
    risks = statistics.portfolio(np.stack([shares, 1 - shares], -1), MEANS, SPREADS, correlation)[1]
    assert (risks.min() < SPREADS.min() - 1e-9) == (correlation < 0.5)


@pytest.mark.parametrize(("balls", "drawn", "white"), [(10, 5, 4), (6, 0, 0), (7, 3, 0), (8, 7, 7)])
def test_averaging_urns_is_counting_orders(balls, drawn, white):
    prior = np.random.default_rng(1).dirichlet(np.ones(balls + 1))
    for chances in (None, prior):
        weights, parts = statistics.urn(balls, drawn, white, chances)
        assert weights @ parts[:, 0] == pytest.approx(statistics.urn_by_counting(balls, drawn, white, chances))
    weights, parts = statistics.urn(balls, drawn, white)
    assert weights @ parts[:, 0] == pytest.approx((white + 1) / (drawn + 2))  # Laplace


def test_of_fair_coins_nothing_is_learnt():
    coins = np.array([1, 4, 6, 4, 1]) / 16
    assert statistics.urn_by_counting(4, 2, 2, coins) == pytest.approx(0.5)


def test_regressions_by_hand():
    x = np.array([[1.0], [2.0], [3.0], [4.0]])
    y = np.array([1.0, 2.0, 2.0, 4.0])
    weights, predict = statistics.regressions(x, y)
    fit = np.polyfit(x[:, 0], y, 1)
    np.testing.assert_allclose(predict([[2.5], [5.0]])[0], y.mean())
    shrunk = y.mean() + 4 / 5 * (np.polyval(fit, 5.0) - y.mean())
    np.testing.assert_allclose(predict([[2.5], [5.0]])[1], [y.mean(), shrunk])
    explained = np.corrcoef(x[:, 0], y)[0, 1] ** 2
    assert weights[1] / weights[0] == pytest.approx(5 / (1 + 4 * (1 - explained)) ** 1.5)


def test_a_prior_against_inputs_takes_weight_from_large_models():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 4))
    y = x[:, 0] + rng.normal(size=30)
    size = np.array([bin(k).count("1") for k in range(16)])
    few, many = (statistics.regressions(x, y, include)[0] @ size for include in (0.1, 0.9))
    assert few < many - 1


def test_the_domain_by_hand():
    # 5, 6, 7 or 8 white balls: 5 * 5, 15 * 4, 35 * 3 and 70 * 2 ways, with 1 to 4 white of the 5 that are left
    ways = np.array([25, 60, 105, 140])
    assert DOMAINS["statistics"].known[0] == pytest.approx(ways @ [0.2, 0.4, 0.6, 0.8] / ways.sum())


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: statistics.pooled([0.5, 0.6], MEANS, SPREADS), "weights"),
        (lambda: statistics.pooled(WEIGHTS, MEANS, [1.0, 0.0]), "spreads"),
        (lambda: statistics.portfolio(WEIGHTS, MEANS, SPREADS, 1.5), "correlation"),
        (lambda: statistics.urn(10, 11, 3), "drawn"),
        (lambda: statistics.urn(10, 3, 4), "white"),
        (lambda: statistics.urn(2, 1, 1, [1.0, 0.0, 0.0]), "prior"),
        (lambda: statistics.urn(2, 1, 1, [1.0, 1.0]), "prior"),
        (lambda: statistics.regressions(np.zeros((20, 13)), np.zeros(20)), "inputs"),
        (lambda: statistics.regressions(np.zeros((3, 2)), np.zeros(3)), "inputs"),
        (lambda: statistics.regressions(np.zeros((9, 2)), np.zeros(9), include=1), "include"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
