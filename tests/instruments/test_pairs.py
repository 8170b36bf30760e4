"""The instruments on a pair of scalar parts: against closed forms, samples and symmetry."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from mixbook.studies.measure.sign.maps import linear_sign_change
from mixlib.information import from_covariance, from_pmf
from mixlib.information.systems import mean_with_noise
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import Linear, LogLinear


def draw_first_or_second(weights, parts):
    """Both outcomes of a kernel that draws a part."""
    return parts[..., 0]


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9, -0.5])
@pytest.mark.parametrize("ratio", [1.0, 10.0, 100.0])
def test_linear_kernel_of_normal_parts_has_its_closed_form(correlation, ratio):
    pair = tabulate_pair(Linear(), sampler=norm.ppf)
    exact = from_covariance(mean_with_noise(2, correlation, ratio), units="bits").omega
    assert pair.omega(correlation, ratio, units="bits") == pytest.approx(exact, abs=2e-5)
    assert pair.omega(correlation, ratio) == pytest.approx(exact * math.log(2), abs=2e-5)


@pytest.mark.parametrize("ratio", [3.0, 10.0, 30.0])
def test_sign_change_of_the_linear_kernel(ratio):
    pair = tabulate_pair(Linear(), sampler=norm.ppf)
    assert pair.sign_change(ratio) == pytest.approx(linear_sign_change(2, ratio), abs=2e-5)


def test_a_comparison_never_turns_positive_and_a_copy_is_zero_at_independence():
    difference = tabulate_pair(lambda _, parts: parts[:, 0] - parts[:, 1], sampler=norm.ppf)
    assert math.isnan(difference.sign_change())
    first = tabulate_pair(lambda _, parts: parts[:, 0], sampler=norm.ppf)
    assert first.omega(0.0) == pytest.approx(0, abs=1e-9)
    assert first.sign_change() == pytest.approx(0, abs=1e-3)
    assert first.omega(0.5) == pytest.approx(from_covariance(_copy(0.5, 10)).omega, abs=1e-5)


def _copy(correlation, ratio):
    """Two parts, and the first of them with noise."""
    mixing = np.array([[1, 0], [0, 1], [1, 0]])
    cov = mixing @ np.array([[1, correlation], [correlation, 1]]) @ mixing.T
    cov[2, 2] += 1 / ratio
    return cov.astype(float)


def test_any_kernel_agrees_with_counts_on_a_fine_grid():
    pair = tabulate_pair(lambda _, parts: np.sin(3 * parts[:, 0]) * parts[:, 1], sampler=norm.ppf, nodes=31)
    weights = multivariate_normal(cov=[[1, 0.4], [0.4, 1]]).pdf(pair.parts)
    weights, mixtures = weights / weights.sum(), pair.mixtures[0]
    noise = np.sqrt((np.sum(weights * mixtures**2) - np.sum(weights * mixtures) ** 2) / 10)
    edges = np.linspace(mixtures.min() - 6 * noise, mixtures.max() + 6 * noise, 401)
    cells = weights[..., None] * np.diff(norm.cdf(edges, mixtures[..., None], noise), axis=-1)
    assert pair.omega(0.4) == pytest.approx(from_pmf(cells / cells.sum()).omega, abs=2e-3)


def test_outcomes_of_a_draw_count_by_their_probability():
    certain = tabulate_pair(draw_first_or_second, probabilities=(1.0, 0.0), sampler=norm.ppf)
    assert certain.omega(0.3) == pytest.approx(from_covariance(_copy(0.3, 10)).omega, abs=1e-5)
    fair = tabulate_pair(draw_first_or_second, probabilities=(0.5, 0.5), sampler=norm.ppf)
    assert fair.omega(0.0) < -0.1  # synergy, although every outcome alone copies a part
    assert fair.share_outside(0.5) == 0


def test_share_outside():
    assert tabulate_pair(LogLinear()).share_outside(0.3) == 0
    assert tabulate_pair(lambda _, parts: parts[:, 0] + 10).share_outside() == pytest.approx(1)
    # a level lies outside if both parts are on one side of it
    level = tabulate_pair(lambda _, parts: np.full((len(parts), 1), 0.7) + 1e-6 * parts[:, 0], nodes=201)
    assert level.share_outside() == pytest.approx(0.7**2 + 0.3**2, abs=0.01)


def test_omega_of_independent_parts_is_never_positive_and_ignores_bijections():
    for frequency in (1.0, 4.0, 9.0):

        def wave(weights, parts, frequency=frequency):
            return np.cos(frequency * parts.sum(axis=1)) + parts[:, 0]

        pair = tabulate_pair(wave)
        moved = tabulate_pair(lambda w, p, wave=wave: 7 - 3 * wave(w, p))
        assert pair.omega() < 1e-9
        assert moved.omega(0.6) == pytest.approx(pair.omega(0.6), abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tabulate_pair(Linear(), nodes=5), "nodes: got 5, expected a whole number, 8 or more"),
        (lambda: tabulate_pair(Linear(), probabilities=(0.5, 0.6)), "probabilities: got"),
        (lambda: tabulate_pair(Linear(), probabilities=(0.5, 0.5)), r"shape \(3721, 1\); expected \(3721, 2\)"),
        (lambda: tabulate_pair(lambda w, p: p[:, 0] / 0.0), "NaN or infinity"),
        (lambda: tabulate_pair(lambda w, p: 0 * p[:, 0] + 1).omega(), "does not vary"),
        (lambda: tabulate_pair(Linear()).omega(0.99), "correlation: got 0.99"),
        (lambda: tabulate_pair(Linear()).omega(math.nan), "correlation: got nan"),
        (lambda: tabulate_pair(Linear()).omega(0, 0), "signal_to_noise: got 0"),
        (lambda: tabulate_pair(Linear()).omega(units="shannon"), "units: got 'shannon'"),
        (lambda: tabulate_pair(Linear()).share_outside(2), "correlation: got 2"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")  # NumPy says so before the error does
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
