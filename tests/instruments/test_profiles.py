"""A kernel's profile: the linear kernel against closed forms, and what the table and the plot hold."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import norm

from mixlib.information import from_covariance
from mixlib.information.systems import mean_with_noise
from mixlib.instruments import Profile, interaction_share, profile
from mixlib.kernels import Linear, LogLinear


@pytest.mark.parametrize("n", [2, 3, 5])
def test_linear_kernel_agrees_with_the_closed_form(n):
    result = profile(Linear(), n_parts=n, sampler=norm.ppf, correlations=(0, 0.5, 0.9), rng=n)
    exact = [[from_covariance(mean_with_noise(n, r, s)).omega for s in (1, 10, 100)] for r in (0, 0.5, 0.9)]
    assert np.all(np.abs(result.omega - exact) < 4 * result.omega_error)
    assert result.omega_error.max() < 0.05
    assert result.omega[0, 0] < 0 < result.omega[-1, 0]
    np.testing.assert_allclose(result.escape, 0, atol=1e-12)
    assert np.all(result.noisy_escape > 0)
    assert abs(result.interaction.share) < 1e-12


def test_coordinates_of_a_part_stay_together():
    one, three = (
        profile(Linear(), n_coordinates=d, sampler=norm.ppf, correlations=[0.4], signal_to_noise=[10]) for d in (1, 3)
    )
    # independent coordinates add up
    gap = np.abs(three.omega - 3 * one.omega)
    assert gap < 4 * np.hypot(three.omega_error, 3 * one.omega_error)


def test_log_linear_kernel_escapes_and_interacts():
    result = profile(LogLinear(), n_coordinates=3, n_samples=500)
    assert np.all(result.escape > 0.01)
    assert np.all(result.noisy_escape > result.escape[:, None])  # noise leaves the hull, which is flat
    assert np.all(np.diff(result.noisy_escape, axis=1) < 0)  # the less of it the less
    assert result.interaction.share == pytest.approx(interaction_share(LogLinear()).share, abs=0.01)


def test_another_dimension_has_no_escape():
    result = profile(lambda w, p: np.concatenate([p[:, 0], p[:, 1]], axis=-1), n_samples=200)
    assert np.isnan(result.escape).all()
    assert np.isfinite(result.omega).all()


def test_table_and_plot():
    result = profile(LogLinear(), correlations=(0, 0.5), signal_to_noise=(1, 10, 100), n_samples=200)
    assert isinstance(result, Profile)
    frame = result.to_frame()
    assert frame.shape == (6, 8)
    row = frame[(frame.correlation == 0.5) & (frame.signal_to_noise == 10)].iloc[0]
    assert (row.omega, row.noisy_escape, row.escape) == (
        result.omega[1, 1],
        result.noisy_escape[1, 1],
        result.escape[1],
    )
    axes = Figure().subplots(1, 2)
    result.plot(axes)
    assert [len(ax.lines) for ax in axes] == [4, 4]
    assert f"{result.interaction.share:.3f}" in axes[1].get_title()
    with pytest.raises(ValueError, match="axes: got 1, expected 2"):
        result.plot(axes[:1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"correlations": []}, r"correlations: expected a sequence of numbers from 0 to below 1, got \[\]"),
        ({"correlations": [-0.1]}, "correlations: expected"),
        ({"correlations": [1.0]}, "correlations: expected"),
        ({"signal_to_noise": [0.0]}, "signal_to_noise: expected a sequence of numbers positive and finite"),
        ({"signal_to_noise": 3.0}, "signal_to_noise: expected"),
        ({"n_parts": 0}, "n_parts: got 0, expected a whole number"),
        ({"n_samples": 4}, "samples: 4 samples of 3 columns are too few"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        profile(Linear(), **options)
