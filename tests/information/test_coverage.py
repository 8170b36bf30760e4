"""Coverage is counted rightly, and stated errors hold where they once did not."""

import numpy as np
import pytest
from scipy.special import erf, polygamma
from scipy.stats import kstest, norm
from scipy.stats import t as student

from mixbook.studies.measure.estimators import graders
from mixlib.information import coverage as module
from mixlib.information import from_pmf, systems
from mixlib.information.coverage import FAIR, MEASURES, Case, coverage, discrete, lifted, normal, served, stretched
from mixlib.information.result import Information

SUM = systems.sum_with_noise(2, 0.5)


def test_the_spread_of_independent_columns_is_that_of_wishart_determinants():
    # det R of n independent columns is a product of Beta((T - 1 - j) / 2, j / 2), so -log det R / 2 has this variance
    size, n = 60, 4
    found = coverage(normal("noise", np.eye(n)), samples=size, repetitions=400, error="jackknife").set_index("measure")
    variance = sum(polygamma(1, (size - 1 - j) / 2) - polygamma(1, (size - 1) / 2) for j in range(1, n)) / 4
    assert found.loc["tc", "spread"] == pytest.approx(np.sqrt(variance), rel=0.12)
    assert abs(found.loc["tc", "bias"]) < 3 * np.sqrt(variance / 400)


def test_rows_that_remember_keep_the_covariance_and_forget_by_the_power_of_the_lag():
    cov, memory = systems.equicorrelated(3, 0.5), 0.6
    rows = module.autoregressive_rows("", cov, memory).draw(40_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(rows.T), cov, atol=0.06)
    for lag in (1, 2):
        np.testing.assert_allclose((rows[lag:] * rows[:-lag]).mean(axis=0), memory**lag, atol=0.06)


@pytest.mark.parametrize(("stated", "shift"), [(1.0, 0.0), (0.5, 0.0), (1.0, 2.0)])
def test_shares_are_those_of_a_normal_estimate(monkeypatch, stated, shift):
    exact = from_pmf(systems.parity(3))

    def answer(samples, estimator, *, rng, gradient):
        values = {name: getattr(exact, name) + shift + rng.standard_normal() for name in MEASURES}
        errors = dict.fromkeys(MEASURES, stated)
        return Information(**values, s_information=0.0, gradient=np.zeros(3), errors=errors)

    monkeypatch.setattr(module, "o_information", answer)
    found = coverage(Case("", lambda size, rng: None, exact), repetitions=2000)
    expected = (erf((stated - shift) / np.sqrt(2)) + erf((stated + shift) / np.sqrt(2))) / 2
    np.testing.assert_allclose(found["covered"], expected, atol=0.04)
    np.testing.assert_allclose(found["bias"], shift, atol=0.08)
    np.testing.assert_allclose(found["spread"], 1, rtol=0.06)
    assert (found["stated"] == stated).all()


def test_systems_are_drawn_as_said():
    rng = np.random.default_rng(1)
    assert kstest(stretched("", SUM).draw(2000, rng)[:, 2], student(2).cdf).pvalue > 1e-3
    hidden = lifted("", systems.parity(3)).draw(2000, rng)
    assert kstest(hidden[:, 0], norm.cdf).pvalue > 1e-3
    assert len(np.unique(np.sign(hidden).prod(axis=1))) == 1
    assert set(np.unique(discrete("", systems.and_gate()).draw(100, rng))) == {0, 1}
    for cases, _, _ in served().values():
        assert len({case.name for case in cases}) == 6


@pytest.mark.parametrize(
    ("case", "estimator", "samples"),
    [
        (stretched("noisy sum", SUM), "gaussian-copula", 50),  # ranks blur it: 52% for TC without the bias
        (discrete("graders", graders(4)), "plugin", 100),  # unseen states: 13% for DTC
    ],
)
def test_errors_hold_with_few_samples(case, estimator, samples):
    found = coverage(case, estimator, samples=samples, repetitions=120)
    assert found["covered"].between(*FAIR).all()


def test_neighbours_state_a_bias_where_the_density_jumps():
    found = coverage(lifted("hidden exclusive or", systems.parity(3)), "ksg", samples=200, repetitions=16)
    assert (found["covered"] > 0.15).all()  # 0 by the spread alone
    assert (found["stated"] > 0.6 * found["bias"].abs()).all()
