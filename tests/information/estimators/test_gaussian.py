"""Closed-form information measures of Gaussian systems."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.linalg import block_diag

from mixlib.information import from_covariance, systems
from mixlib.information.estimators.gaussian import entropy_bias

KNOWN = {  # Omega in nats
    "equicorrelated 3": (systems.equicorrelated(3, 0.5), 0.08495),
    "equicorrelated 5": (systems.equicorrelated(5, 0.5), 0.396912),
    "autoregressive": (systems.autoregressive(3, 0.8), 0.263478),
    "red 3": (systems.equicorrelated(3, 0.6), 0.147369),
    "red 4": (systems.equicorrelated(4, 0.7), 0.584437),
    "syn 3": (systems.synergistic(3, 0.6), -0.123918),
}


@pytest.mark.parametrize(("cov", "omega"), KNOWN.values(), ids=KNOWN)
def test_known_systems(cov, omega):
    assert from_covariance(cov).omega == pytest.approx(omega, abs=6e-6)


@pytest.mark.parametrize(
    ("cov", "known"),
    [
        (systems.sum_with_noise(2, 0.5), (1.0986, 1.6094, -0.5108)),
        (systems.common_cause(3, 0.5), (1.1317, 0.7309, 0.4008)),
    ],
)
def test_total_and_dual_total_correlation(cov, known):
    result = from_covariance(cov)
    np.testing.assert_allclose([result.tc, result.dtc, result.omega], known, atol=6e-5)


@pytest.mark.parametrize(("snr", "omega"), [(1, -0.0850), (10, -0.8552), (100, -2.3433)])
def test_noisy_mean_of_independent_parts(snr, omega):
    assert from_covariance(systems.mean_with_noise(2, 0, snr), units="bits").omega == pytest.approx(omega, abs=6e-5)


def random_covariance(n, seed, batch=()):
    root = np.random.default_rng(seed).normal(size=(*batch, n, 2 * n))
    return root @ np.swapaxes(root, -1, -2)


def log_det(cov, columns):
    return np.linalg.slogdet(cov[np.ix_(columns, columns)])[1] if columns else 0.0


@pytest.mark.parametrize("groups", [None, [[0, 3], [1], [2, 4]], [[4], [0]]])
def test_definitions_and_groups(groups):
    cov = random_covariance(5, seed=1)
    result = from_covariance(cov, groups)
    groups = groups or [[i] for i in range(5)]
    every = [column for group in groups for column in group]
    whole, rests = log_det(cov, every), [log_det(cov, [c for c in every if c not in group]) for group in groups]
    assert result.tc == pytest.approx((sum(log_det(cov, g) for g in groups) - whole) / 2)
    assert result.dtc == pytest.approx((whole - sum(whole - rest for rest in rests)) / 2)
    assert result.omega == pytest.approx(result.tc - result.dtc, abs=1e-12)
    if len(groups) == 3:
        without = [from_covariance(cov, groups[:i] + groups[i + 1 :]).omega for i in range(3)]
        np.testing.assert_allclose(result.gradient, result.omega - np.array(without), atol=1e-12)


def test_scales_do_not_matter_and_independent_systems_add():
    cov, scales = random_covariance(4, seed=2), np.array([1e-6, 1.0, 1e6, 10.0])
    assert from_covariance(cov * np.outer(scales, scales)).omega == pytest.approx(from_covariance(cov).omega)
    both = np.zeros((7, 7))
    both[:4, :4], both[4:, 4:] = cov, systems.synergistic(3, 0.6)
    assert from_covariance(both).omega == pytest.approx(from_covariance(cov).omega - 0.123918, abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_laws_hold_on_random_covariances(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    cov, order = random_covariance(n, seed), rng.permutation(n)
    before, after = from_covariance(cov), from_covariance(block_diag(cov[np.ix_(order, order)], rng.random()))
    assert min(before.tc, before.dtc) >= 0
    assert n > 2 or before.omega == 0
    for name in ("tc", "dtc", "omega"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1e-12)
    np.testing.assert_allclose(after.gradient, [*before.gradient[order], 0], atol=1e-12)


def test_names_of_a_frame():
    frame = pd.DataFrame(random_covariance(4, seed=6), index=list("abcd"), columns=list("abcd"))
    result = from_covariance(frame, {"first": ["a", "c"], "second": ["d"]})
    assert result.variables == ("first", "second")
    assert result.tc == pytest.approx(from_covariance(frame.to_numpy(), [[0, 2], [3]]).tc)
    assert from_covariance(frame).to_frame().index[-1] == "gradient d"


def test_batch():
    cov = random_covariance(4, seed=3, batch=(2, 3))
    together = from_covariance(cov, units="bits")
    one = from_covariance(cov[1, 2], units="bits")
    assert together.gradient.shape == (2, 3, 4)
    np.testing.assert_allclose(together.omega[1, 2], one.omega)
    np.testing.assert_allclose(together.gradient[1, 2], one.gradient)
    assert together.to_frame().shape == (8, 6)
    np.testing.assert_allclose(together.to_frame()["bits 5"], one.to_frame()["bits"])


def test_torch():
    cov = torch.tensor(random_covariance(3, seed=4), requires_grad=True)
    result = from_covariance(cov)
    assert result.omega.item() == pytest.approx(from_covariance(cov.detach().numpy()).omega)
    assert torch.autograd.gradcheck(lambda c: from_covariance((c + c.T) / 2).omega, (cov,))
    assert repr(result).startswith(f"Information(tc={result.tc.item():.5g}, ")
    single = from_covariance(cov.detach().float())
    assert single.omega.dtype == torch.float32


@pytest.mark.parametrize(("size", "columns"), [(6, 1), (6, 3), (20, 5)])
def test_entropy_bias_is_the_mean_log_determinant_of_sample_covariances(size, columns):
    samples = np.random.default_rng(9).normal(size=(20000, size, columns))
    samples -= samples.mean(axis=1, keepdims=True)
    halves = np.linalg.slogdet(np.swapaxes(samples, 1, 2) @ samples / (size - 1))[1] / 2
    assert entropy_bias(size, columns) == pytest.approx(halves.mean(), abs=4 * halves.std() / 20000**0.5)


@pytest.mark.parametrize(
    ("cov", "message"),
    [
        (np.ones((2, 3)), r"cov: expected shape \(..., N, N\) with N >= 2, got \(2, 3\)"),
        (np.ones((1, 1)), "cov: expected shape"),
        (np.eye(3, dtype=int), "cov: expected a floating dtype"),
        (np.array([[1, np.nan], [np.nan, 1]]), "cov: holds NaN"),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), "cov: not symmetric .correlations differ by 0.1"),
        (np.diag([1.0, 0.0]), "cov: smallest variance 0"),
        (np.ones((3, 3)), "cov: singular"),
        (systems.equicorrelated(3, -0.5), "cov: singular"),
        (systems.equicorrelated(3, -0.6), "cov: not positive semi-definite .smallest eigenvalue .* -0.2"),
    ],
)
def test_bad_covariances_are_named(cov, message):
    with pytest.raises(ValueError, match=message):
        from_covariance(cov)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([[0, 1]], "at least 2 groups"),
        ([[0], []], "none empty"),
        ([[0], [3]], "column 3 does not exist, columns are 0 to 2"),
        ([[0], [-1]], "column -1 does not exist"),
        ([[0, 1], [1]], "column 1 is in two places"),
        ([0, 1], "expected lists of column numbers"),
        ([["a"], [1]], "column 'a' does not exist, columns are 0 to 2"),
        (["ab", "c"], "expected lists of column numbers"),
    ],
)
def test_bad_groups_are_named(groups, message):
    with pytest.raises(ValueError, match=f"groups: .*{message}"):
        from_covariance(np.eye(3), groups)
