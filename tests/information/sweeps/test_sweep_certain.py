"""The sign of an O-information: certain where it is far from zero for the best of so many, and none for zero itself."""

import numpy as np
import pytest
from scipy.stats import norm

from mixlib import o_information_sweep


def noise(seed, rows=200):
    return np.random.default_rng(seed).normal(size=(rows, 6))


def test_independent_columns_hardly_ever_look_certain():
    found = [o_information_sweep(noise(seed), orders=3, top=5, error="auto").to_frame() for seed in range(20)]
    assert sum(frame["certain"].any() for frame in found) <= 3


def test_what_was_planted_is_certain_and_the_rest_is_not():
    samples = noise(0, 1000)
    samples[:, 2] += samples[:, 0] + samples[:, 1]
    frame = o_information_sweep(samples, orders=3, error="auto").to_frame()
    assert frame["variables"][frame["certain"]].tolist() == [(0, 1, 2)]


def test_the_best_of_many_have_to_be_farther_out():
    one = o_information_sweep(noise(0)[:, :3], error="auto")
    assert one.errors_needed == pytest.approx(norm.ppf(0.975))
    many = o_information_sweep(noise(0), orders=3, top=1)
    assert many.errors_needed == pytest.approx(norm.ppf(1 - 0.025 / 20))


@pytest.mark.parametrize("units", ["nats", "bits"])
def test_zero_has_no_sign(units):
    pairs = np.kron(np.eye(3), [[1.0, 0.6], [0.6, 1.0]])  # of which three have an Omega of 0
    sweep = o_information_sweep(covariance=pairs, orders=3, units=units)
    assert np.abs(sweep.omega).max() < 1e-12
    assert sweep.synergistic().empty
    assert sweep.redundant().empty
    assert "certain" not in sweep.to_frame()


def test_bars_of_uncertain_signs_are_pale():
    from matplotlib.figure import Figure

    samples = noise(0, 1000)
    samples[:, 2] += samples[:, 0] + samples[:, 1]
    ax = o_information_sweep(samples, orders=3, error="auto").plot(Figure().subplots(), count=2)
    assert sorted(bar.get_alpha() for bar in ax.patches) == [0.35, 0.35, 0.35, 1]
