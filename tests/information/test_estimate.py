"""O-information from samples: bias, spread and refusals."""

import numpy as np
import pandas as pd
import pytest
import torch

from mixlib import o_information
from mixlib.information import from_covariance, from_pmf, systems


def gaussian_samples(cov, size, seed):
    return systems.sample_gaussian(cov, size, rng=seed)


def discrete_samples(pmf, size, seed):
    return systems.sample(pmf, size, rng=seed)


def repeat(draw, system, size, estimator, times, **options):
    return [o_information(draw(system, size, seed), estimator, **options) for seed in range(times)]


@pytest.mark.rare
@pytest.mark.parametrize(
    ("cov", "size"),
    [
        (np.eye(5), 30),
        (systems.equicorrelated(4, 0.6), 25),
        (systems.synergistic(3, 0.6), 20),
        (systems.sum_with_noise(3, 0.5), 40),
    ],
)
def test_gaussian_estimator_is_unbiased_even_for_few_samples(cov, size):
    exact, runs = from_covariance(cov), repeat(gaussian_samples, cov, size, "gaussian", 400, error=None)
    for name in ("tc", "dtc", "omega"):
        values = np.array([getattr(run, name) for run in runs])
        standard_error = values.std() / np.sqrt(len(values))
        assert abs(values.mean() - getattr(exact, name)) < 3.5 * standard_error


@pytest.mark.rare
@pytest.mark.parametrize(
    ("draw", "system", "estimator", "size"),
    [
        (gaussian_samples, systems.equicorrelated(4, 0.6), "gaussian", 200),
        (gaussian_samples, systems.sum_with_noise(2, 0.5), "gaussian", 100),
        (discrete_samples, systems.and_gate(), "plugin", 300),
        (discrete_samples, systems.noisy_copy(0.1), "plugin", 300),
    ],
)
def test_standard_error_is_the_spread_over_repetitions(draw, system, estimator, size):
    runs = repeat(draw, system, size, estimator, 200)
    spread = np.std([run.omega for run in runs])
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(spread, rel=0.2)


@pytest.mark.rare
@pytest.mark.parametrize(
    ("draw", "system", "estimator"),
    [(gaussian_samples, np.eye(4), "gaussian"), (discrete_samples, np.full((2,) * 4, 1 / 16), "plugin")],
)
def test_standard_error_covers_noise_where_there_is_no_signal(draw, system, estimator):
    runs = repeat(draw, system, 400, estimator, 200)
    spread = np.std([run.omega for run in runs])
    assert spread <= 1.1 * np.mean([run.standard_error for run in runs]) < 3 * spread


def test_miller_madow_takes_out_most_of_the_bias():
    # counting frequencies alone makes synergy out of noise: to first order -(63 - 3 * 15 + 3 * 3) / 2T = -.0675 nats
    pmf = np.full((4, 4, 4), 1 / 64)
    omegas = [run.omega for run in repeat(discrete_samples, pmf, 200, "plugin", 50)]
    table = discrete_samples(pmf, 200, 0)
    counts = np.zeros(pmf.shape)
    np.add.at(counts, tuple(table.T), 1)
    assert from_pmf(counts / 200).omega < -0.05
    assert abs(np.mean(omegas)) < 0.02


def test_plugin_adds_the_miller_madow_term():
    # parity, each joint state 100 times: H(X) = H(X without i) = 2 log 2 + 3/800, H(Xi) = log 2 + 1/800
    result = o_information(np.repeat([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]], 100, axis=0), "plugin")
    assert result.tc == pytest.approx(np.log(2), abs=1e-12)
    assert result.dtc == pytest.approx(2 * np.log(2) + 3 / 800, abs=1e-12)


@pytest.mark.parametrize("system", [systems.parity(4), systems.copy(3), systems.and_gate(), systems.dyadic()])
def test_plugin_finds_discrete_systems(system):
    exact, result = from_pmf(system), o_information(discrete_samples(system, 5000, 1), "plugin")
    for name in ("tc", "dtc", "omega"):
        assert getattr(result, name) == pytest.approx(getattr(exact, name), abs=0.05)
    np.testing.assert_allclose(result.gradient, exact.gradient, atol=0.05)
    assert (result.estimator, result.n_samples, result.units) == ("plugin", 5000, "nats")


def test_gaussian_gradient_groups_and_units():
    cov = systems.sum_with_noise(4, 0.5)
    samples = gaussian_samples(cov, 20000, 2)
    groups = [[0, 1], [2], [4]]
    exact, result = from_covariance(cov, groups, "bits"), o_information(samples, groups=groups, units="bits")
    assert result.omega == pytest.approx(exact.omega, abs=4 * result.standard_error)
    np.testing.assert_allclose(result.gradient, exact.gradient, atol=0.05)


def test_scale_and_shift_do_not_matter():
    samples = gaussian_samples(systems.synergistic(3, 0.6), 100, 3)
    moved = samples * [1e-8, 1.0, 1e8] + [5.0, -1e3, 0.0]
    assert o_information(moved).omega == pytest.approx(o_information(samples).omega, abs=1e-8)


def test_every_kind_of_table_gives_the_same():
    samples = gaussian_samples(systems.equicorrelated(3, 0.5), 60, 4)
    expected = o_information(samples)
    frame = o_information(pd.DataFrame(samples))
    assert frame.omega == expected.omega
    tensor = o_information(torch.tensor(samples, requires_grad=True))
    assert isinstance(tensor.omega, torch.Tensor)
    assert float(tensor.omega) == expected.omega
    assert tensor.gradient.shape == (3,)


def test_seed_only_moves_the_standard_error():
    samples = gaussian_samples(systems.equicorrelated(3, 0.5), 100, 5)
    first, again, other = (o_information(samples, rng=seed) for seed in (1, np.random.default_rng(1), 2))
    assert first.standard_error == again.standard_error != other.standard_error
    assert first.omega == pytest.approx(other.omega, abs=1e-12)


def test_smallest_sample_that_is_accepted():
    samples = gaussian_samples(np.eye(4), 6, 6)
    assert np.isfinite(o_information(samples).standard_error)
    with pytest.raises(ValueError, match=r"samples: 5 samples of 4 columns are too few, at least 6 .*transposed"):
        o_information(samples[:5])


def test_more_states_than_samples_can_count_is_warned_about():
    table = np.random.default_rng(8).integers(0, 4, (100, 5))
    with pytest.warns(UserWarning, match="plugin: 100 samples show .* joint states"):
        o_information(table, "plugin")
