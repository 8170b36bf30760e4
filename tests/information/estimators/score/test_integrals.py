"""The integrals over noise levels, with scores that are known exactly: then only the integrals can be wrong."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import block_diag

from mixlib.information import from_covariance, systems
from mixlib.information.estimators.score.integrals import (
    DIFFUSED,
    LOG_RATIOS,
    GaussianPrediction,
    amplitudes,
    densities,
    integrate,
    plan_views,
    shuffled,
)

MIXED = block_diag(systems.equicorrelated(3, 0.6), systems.synergistic(3, 0.6))
WIDTH = LOG_RATIOS[1] - LOG_RATIOS[0]


def singles(n):
    return [[i] for i in range(n)]


def gaussian_integrals(cov, groups, n_levels=1500, *, learned=1.0, **options):
    """The integrals with exact scores by quadrature: exact in data and noise, since the integrands are quadratic.

    ``learned`` is the share of what a view tells beyond a single column that its prediction has.
    """
    n = len(cov)
    views, correlation = plan_views(groups), torch.tensor(cov)
    axes = math.sqrt(2 * n) * torch.cat([torch.eye(2 * n), -torch.eye(2 * n)]).double()
    levels = LOG_RATIOS[0] + WIDTH * (torch.arange(n_levels).double() + 0.5) / n_levels
    clean = axes[:, :n] @ torch.linalg.cholesky(correlation).T
    points = clean.repeat(n_levels, 1), axes[:, n:].repeat(n_levels, 1), levels.repeat_interleave(4 * n)
    exact = GaussianPrediction(correlation, views)

    def predict(row, seen, log_ratio):
        alone = amplitudes(log_ratio)[1] * seen * (views.states[row] == DIFFUSED)
        return alone + learned * (exact(row, seen, log_ratio) - alone)

    return WIDTH * densities(predict, views, *points, **options).mean(dim=0).numpy()


@pytest.mark.parametrize(
    ("cov", "groups"),
    [
        (systems.equicorrelated(3, 0.6), singles(3)),
        (systems.synergistic(3, 0.6), singles(3)),
        (MIXED, singles(6)),
        (systems.equicorrelated(4, 0.7), singles(4)),
        (systems.autoregressive(2, 0.8), singles(2)),
        (MIXED, [[0, 1], [2], [3, 4, 5]]),
        (systems.synergistic(5, 0.9), [[0, 3], [1, 4], [2]]),
    ],
)
@pytest.mark.parametrize("by_errors", [False, True])
def test_exact_scores_of_gaussians_give_the_closed_form(cov, groups, by_errors):
    exact, found = from_covariance(cov, groups), gaussian_integrals(cov, groups, by_errors=by_errors)
    np.testing.assert_allclose(found[:2], [exact.tc, exact.dtc], atol=2e-4)
    np.testing.assert_allclose(found[2:], exact.gradient if len(groups) > 2 else [], atol=2e-4 * len(groups))


@pytest.mark.parametrize(("by_errors", "share"), [(False, 0.9**2), (True, 1 - 0.1**2)])
def test_what_is_not_learned_counts_twice_in_differences_and_by_its_square_in_errors(by_errors, share):
    cov = systems.equicorrelated(3, 0.6)
    whole = gaussian_integrals(cov, singles(3))
    found = gaussian_integrals(cov, singles(3), learned=0.9, by_errors=by_errors)
    np.testing.assert_allclose(found, share * whole, rtol=1e-6)


class SignLiftedParity:
    """Exact prediction for three normal variables whose signs multiply to 1, otherwise independent."""

    def __init__(self, views):
        self.views = views

    def __call__(self, row, seen, log_ratio):
        signal, sigma = amplitudes(log_ratio)
        diffused = self.views.states[row] == DIFFUSED
        steepness = torch.where(diffused, signal / sigma, 1e6)  # the sign of clean values is known
        sign = torch.erf(seen * steepness / math.sqrt(2))  # mean of the clean sign, given each column alone
        slope = math.sqrt(2 / math.pi) * signal * torch.exp(-((seen * steepness) ** 2) / 2)
        others = torch.stack([sign[:, 1] * sign[:, 2], sign[:, 0] * sign[:, 2], sign[:, 0] * sign[:, 1]], dim=1)
        return (sigma * seen - others * slope / (1 + sign.prod(dim=1, keepdim=True))) * diffused


def test_exact_scores_of_sign_lifted_parity_give_its_bits():
    rng = np.random.default_rng(1)
    signs = rng.choice([-1.0, 1.0], size=(20000, 2))
    data = torch.tensor(np.column_stack([signs, signs.prod(axis=1)]) * np.abs(rng.normal(size=(20000, 3))))
    views = plan_views(singles(3), gradient=False)
    generator = torch.Generator().manual_seed(1)
    runs = integrate(SignLiftedParity(views), views, data, points=2**15, generator=generator).numpy()
    error = runs.std(axis=0, ddof=1) / math.sqrt(len(runs))
    assert np.all(error < 0.01)
    # what lies beyond the range of log ratios: .005 nats of TC, since the density jumps
    np.testing.assert_array_less(np.abs(runs.mean(axis=0) - np.log([2, 4])), 4 * error + [0.005, 0.0005])


def test_monte_carlo_error_is_honest():
    cov = torch.tensor(systems.equicorrelated(3, 0.6))
    views = plan_views(singles(3))
    data = torch.randn((4000, 3), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    data = torch.linalg.solve(torch.linalg.cholesky(data.T @ data / 4000), data.T).T @ torch.linalg.cholesky(cov).T
    runs = integrate(
        GaussianPrediction(cov, views), views, data, points=2**12, generator=torch.Generator().manual_seed(3)
    ).numpy()
    exact = from_covariance(cov.numpy())
    score = (runs.mean(axis=0) - [exact.tc, exact.dtc, *exact.gradient]) / runs.std(axis=0, ddof=1) * math.sqrt(32)
    assert np.all(np.abs(score) < 3.5)
    assert runs[:, :2].std() > 0


def test_control_leaves_only_the_difference_to_chance():
    cov = torch.tensor(systems.equicorrelated(3, 0.6))
    views = plan_views(singles(3))
    exact, data = GaussianPrediction(cov, views), torch.randn((500, 3), dtype=torch.float64)
    runs = integrate(exact, views, data, control=exact, points=512, replicates=2)
    assert torch.all(runs == 0)


def test_views_name_what_is_diffused_clean_and_absent():
    views = plan_views([[0], [1, 2], [3]])
    states = {name: "".join("-c*"[value] for value in views.states[row]) for name, row in views.row.items()}
    assert states == {
        ("joint",): "****",
        ("rest", 0): "*ccc",
        ("rest", 1): "c**c",
        ("rest", 2): "ccc*",
        ("alone", 1): "-**-",
        ("without", 0, 1): "*--c",
        ("without", 0, 2): "*cc-",
        ("without", 1, 0): "-**c",
        ("without", 1, 2): "c**-",
        ("without", 2, 0): "-cc*",
        ("without", 2, 1): "c--*",
    }
    clean, noise = torch.full((2, 4), 3.0), torch.ones(2, 4)
    seen = views.seen(views.row["without", 0, 1], clean, noise, torch.tensor([-50.0, 50.0]))
    torch.testing.assert_close(seen, torch.tensor([[3.0, 0, 0, 3], [1.0, 0, 0, 3]]))


def test_shuffling_uses_every_sample_before_any_twice():
    order = shuffled(torch.arange(5.0)[:, None], 12, torch.Generator().manual_seed(4))[:, 0].tolist()
    assert sorted(order[:5]) == sorted(order[5:10]) == [0, 1, 2, 3, 4]
    assert len(set(order[10:])) == 2
