"""The draws have the truth that they claim, and the estimators fail on them as told."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from mixbook.studies.measure import estimators as failures
from mixbook.studies.measure.estimators import estimator, repeat
from mixlib.information import from_covariance, from_pmf, systems


def runs(draw, name="gaussian", **settings):
    options = settings.pop("options", {})
    return repeat(draw, {"it": estimator(name, **options)}, **settings)


def test_repeat_has_mean_and_spread_of_the_same_draws_for_every_setting():
    def draw(rng, samples, shift):
        return rng.normal(size=samples) + shift

    table = repeat(draw, {"mean": np.mean, "median": np.median}, samples=(5, 50), shift=2, seeds=4)
    assert table[["samples", "shift", "estimator"]].to_numpy().tolist() == [
        [5, 2, "mean"],
        [5, 2, "median"],
        [50, 2, "mean"],
        [50, 2, "median"],
    ]
    means = [np.mean(np.random.default_rng(seed).normal(size=5)) + 2 for seed in range(4)]
    assert table.loc[0, "mean"] == pytest.approx(np.mean(means))
    assert table.loc[0, "sd"] == pytest.approx(np.std(means, ddof=1))


def test_graders_are_a_cut_gaussian():
    joint = failures.graders(4, 0.5)
    assert joint.sum() == pytest.approx(1)
    np.testing.assert_allclose(joint.sum(axis=(1, 2)), 0.25, atol=1e-9)
    np.testing.assert_allclose(joint, joint.transpose(2, 0, 1), atol=1e-12)
    lowest_half = joint[:2, :2, :2].sum()
    orthant = multivariate_normal(np.zeros(3), systems.equicorrelated(3, 0.5)).cdf(np.zeros(3))
    assert lowest_half == pytest.approx(orthant, abs=1e-5)
    # cutting loses information: the more grades, the nearer to what is cut
    fine, coarse = (from_pmf(failures.graders(states), units="bits").tc for states in (8, 2))
    assert coarse < fine < from_covariance(systems.equicorrelated(3, 0.6), units="bits").tc


def test_counting_invents_synergy_and_its_null_knows():
    plain = runs(failures.noise, "plugin", samples=(300, 3000), options={"correction": None})
    corrected = runs(failures.noise, "plugin", samples=(100, 3000))
    assert plain["mean"][0] < -0.8
    assert plain["mean"][0] < plain["mean"][1] < -0.05
    assert corrected["mean"][0] < -1.2
    assert abs(corrected["mean"][1]) < 0.02
    assert runs(failures.grades, "plugin", samples=300)["mean"][0] < 0 < from_pmf(failures.graders()).omega
    assert np.median(failures.null_p_values(failures.noise, samples=300, seeds=9, shuffles=39)) > 0.1
    assert failures.null_p_values(failures.grades, samples=300, seeds=5, shuffles=39).max() <= 0.05


def test_a_copula_sees_nothing_of_a_hidden_exclusive_or():
    assert runs(failures.lifted_parity, "gaussian-copula", samples=1000)["mean"].abs().max() < 1e-3
    assert runs(failures.lifted_parity, "ksg", samples=1000, seeds=3)["mean"][0] < -0.6
    samples = failures.lifted_parity(np.random.default_rng(0), 4000, flip=0.25)
    assert np.mean(samples.prod(axis=1) > 0) == pytest.approx(0.25, abs=0.03)


def test_units_change_the_sum_of_entropies_and_not_ksg():
    ways = {"sum": failures.neighbour_sum, "ksg": estimator("ksg")}
    table = repeat(failures.sum_in_units, ways, samples=500, column=(0.01, 1.0, 100.0), seeds=3)
    values = {name: run["mean"].to_numpy() for name, run in table.groupby("estimator")}
    assert np.ptp(values["ksg"]) == 0
    assert values["sum"][0] > 1
    assert values["sum"][1] == pytest.approx(failures.EXACT_SUM, abs=0.2)
    assert values["sum"][2] > values["sum"][1] + 0.3


def test_the_sum_of_entropies_is_kozachenko_and_leonenkos():
    cov = systems.equicorrelated(3, 0.6)
    estimates = [failures.neighbour_sum(systems.sample_gaussian(cov, 3000, rng=seed)) for seed in range(4)]
    assert np.mean(estimates) == pytest.approx(from_covariance(cov, units="bits").omega, abs=0.06)
    # all columns in another unit: nothing, unless negative entropies are refused
    x = systems.sample_gaussian(failures.SUM, 500, rng=1)
    assert failures.neighbour_sum(x / 5) == pytest.approx(failures.neighbour_sum(x), abs=1e-9)
    assert failures.neighbour_sum(x, floor=0) == failures.neighbour_sum(x)
    assert failures.neighbour_sum(x / 5, floor=0) > 0 > failures.neighbour_sum(x)
    assert failures.neighbour_sum(x / 1000, floor=0) == 0


def test_heavy_tails_move_the_gaussian_and_not_the_copula():
    gaussian, copula = (
        runs(failures.sum_with_tails, name, samples=2000, freedom=(1, 30))["mean"]
        for name in ("gaussian", "gaussian-copula")
    )
    assert gaussian[0] > -0.1
    assert gaussian[1] == pytest.approx(failures.EXACT_SUM, abs=0.05)
    np.testing.assert_allclose(copula, failures.EXACT_SUM, atol=0.05)
    assert copula[0] == copula[1]
    margins = failures.sum_with_tails(np.random.default_rng(0), 4000, freedom=3)
    assert np.mean(margins < -0.7649) == pytest.approx(0.25, abs=0.03)  # the quartile of Student's t with 3


def test_no_estimator_wins_everywhere():
    table = failures.compare(samples=500, seeds=3)
    off = table.drop(columns=["truth", "auto"]).sub(table["truth"], axis=0).abs()
    assert (off.max() > 0.15).all()
    assert table.loc["hidden exclusive or", "auto"] == "ksg"
    assert table.loc["noisy sum, heavy tails", "auto"] == "gaussian-copula"
    assert off.loc["noisy sum", "gaussian"] < 0.05 < off.loc["noisy sum, heavy tails", "gaussian"]


def test_the_normal_columns_are_normal():
    x = failures.bells(np.random.default_rng(0), 4000)
    assert x.shape == (4000, 3)
    np.testing.assert_allclose(np.quantile(x, 0.9, axis=0), norm.ppf(0.9), atol=0.08)
