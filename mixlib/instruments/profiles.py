"""A kernel's profile: its three instruments over part correlation and signal-to-noise ratio."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from mixlib.arrays import floats, generator, whole
from mixlib.information.estimate import o_information
from mixlib.instruments.hull import hull_escape
from mixlib.instruments.interaction import InteractionShare, interaction_share


@dataclass(frozen=True)
class Profile:
    """A kernel's profile: hull escape, interaction share and O-information; arrays are (correlations, ratios).

    Attributes
    ----------
    correlations, signal_to_noise : array
        The grid.
    escape : array (correlations,)
        Mean hull escape of the mixtures; NaN for mixtures of another dimension than their parts.
    noisy_escape : array
        The same of the mixtures with their noise.
    omega, omega_error : array
        O-information of the parts and the noisy mixture, in nats, and its standard error.
    interaction : InteractionShare
        Of independent parts and no noise, so the same over the whole grid.

    Examples
    --------
    >>> from mixlib.instruments import profile
    >>> from mixlib.kernels import Synergistic
    >>> made = profile(Synergistic(4.0), correlations=[0.0], signal_to_noise=[10.0], n_samples=512)
    >>> made.to_frame().round(2).T
                           0
    correlation         0.00
    signal_to_noise    10.00
    escape              3.20
    noisy_escape        3.47
    omega              -0.47
    omega_error         0.03
    interaction         0.04
    interaction_error   0.00
    >>> import matplotlib.pyplot as plt
    >>> made.plot(plt.subplots(1, 2)[1])
    """

    correlations: np.ndarray
    signal_to_noise: np.ndarray
    escape: np.ndarray
    noisy_escape: np.ndarray
    omega: np.ndarray
    omega_error: np.ndarray
    interaction: InteractionShare

    def to_frame(self):
        """A pandas table, one row a point of the grid."""
        import pandas as pd

        shape = self.omega.shape
        columns = {
            "correlation": np.broadcast_to(self.correlations[:, None], shape),
            "signal_to_noise": np.broadcast_to(self.signal_to_noise, shape),
            "escape": np.broadcast_to(self.escape[:, None], shape),
            **{name: getattr(self, name) for name in ("noisy_escape", "omega", "omega_error")},
            "interaction": np.full(shape, self.interaction.share),
            "interaction_error": np.full(shape, self.interaction.standard_error),
        }
        return pd.DataFrame({name: values.ravel() for name, values in columns.items()})

    def plot(self, axes):
        """Draw hull escape and O-information over correlation on two matplotlib axes, one line a ratio.

        Raises
        ------
        ValueError
            If there are not exactly two axes.
        """
        axes = np.ravel(axes)
        if len(axes) != 2:
            raise ValueError(f"axes: got {len(axes)}, expected 2, one for hull escape and one for O-information")
        axes[0].plot(self.correlations, self.escape, color="C0", label="no noise")
        for k, ratio in enumerate(self.signal_to_noise):
            style = {"color": f"C{k + 1}", "marker": "o", "label": f"signal-to-noise {ratio:g}"}
            axes[0].plot(self.correlations, self.noisy_escape[:, k], **style)
            axes[1].errorbar(self.correlations, self.omega[:, k], yerr=self.omega_error[:, k], **style)
        axes[1].axhline(0, color="0.5", linewidth=0.8)
        axes[0].set(xlabel="correlation of the parts", ylabel="mean hull escape")
        axes[1].set(xlabel="correlation of the parts", ylabel="O-information (nats)")
        axes[1].set_title(f"interaction share {self.interaction.share:.3f}")
        axes[0].legend()


def profile(
    kernel,
    *,
    correlations=(0.0, 0.3, 0.6, 0.9),
    signal_to_noise=(1.0, 10.0, 100.0),
    n_parts=2,
    n_coordinates=1,
    weights=None,
    sampler=None,
    n_samples=8192,
    rng=None,
):
    r"""Profile of a kernel: hull escape, interaction share and O-information over correlation and noise.

    The parts are standard normal, with the given correlation between parts at every coordinate, then brought to the
    kernel's inputs by ``sampler(Phi(z))``. Noise is normal and independent, its variance the mixture's over the
    signal-to-noise ratio, coordinate by coordinate. O-information is the Gaussian estimate for the variables
    :math:`(P_1, \dots, P_n, M)` in these inputs: exact for jointly Gaussian variables, which the linear kernel with
    ``sampler=scipy.stats.norm.ppf`` has, and elsewhere a statement about covariances.

    Parameters
    ----------
    kernel : Kernel or callable
        Called as ``kernel(weights, parts)`` with parts (T, n, d).
    correlations : sequence of float, default=(0.0, 0.3, 0.6, 0.9)
        Between the parts, from 0 to below 1. Higher makes parts more alike and shared information redundant.
    signal_to_noise : sequence of float, default=(1.0, 10.0, 100.0)
        Variance of the mixture over that of its noise, positive. Higher shows more of the mixture.
    n_parts : int, default=2
        How many parts are mixed.
    n_coordinates : int, default=1
        Coordinates of a part.
    weights : None or array (n,), default=None
        On the simplex; ``None`` means ``1 / n`` each.
    sampler : None or callable, default=None
        Makes inputs of uniform numbers in (0, 1), as in :func:`mixlib.interaction_share`. With ``None`` they are the
        inputs.
    n_samples : int, default=8192
        At every point of the grid; the same draws serve all points. More give smaller errors.
    rng : None, int or numpy.random.Generator, default=None
        Source of the draws; ``None`` is seed 0.

    Returns
    -------
    Profile
        Arrays (correlations, ratios), as a table with ``to_frame()``.

    Raises
    ------
    ValueError
        If the grid is empty or out of range, or as :func:`mixlib.interaction_share` and
        :func:`mixlib.o_information` do.

    Examples
    --------
    >>> from mixlib.instruments import profile
    >>> from mixlib.kernels import Linear
    >>> profile(Linear(), correlations=[0.0, 0.9], signal_to_noise=[100.0], n_samples=512).omega.round(2)
    array([[-1.62],
           [ 0.49]])
    """
    correlations = _grid("correlations", correlations, lambda x: (x >= 0) & (x < 1), "from 0 to below 1")
    ratios = _grid("signal_to_noise", signal_to_noise, lambda x: (x > 0) & np.isfinite(x), "positive and finite")
    rng = generator(rng)
    whole(n_samples, "n_samples", 2)
    shape = {"n_parts": n_parts, "n_coordinates": n_coordinates}
    interaction = interaction_share(kernel, weights=weights, sampler=sampler, rng=rng, **shape)
    common = rng.standard_normal((n_samples, 1, n_coordinates))
    own = rng.standard_normal((n_samples, n_parts, n_coordinates))
    noise = None
    rows = []
    for correlation in correlations:
        uniform = ndtr(np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
        parts = uniform if sampler is None else np.asarray(sampler(uniform))
        mixture = np.asarray(kernel(weights, parts), dtype=float)
        noise = rng.standard_normal(mixture.shape) if noise is None else noise
        noisy = [mixture + noise * mixture.std(axis=0) / np.sqrt(ratio) for ratio in ratios]
        omegas = [_omega(parts, seen) for seen in noisy]
        rows.append(
            {
                "escape": _mean_escape(mixture, parts),
                "noisy_escape": [_mean_escape(seen, parts) for seen in noisy],
                "omega": [result.omega for result in omegas],
                "omega_error": [result.standard_error for result in omegas],
            }
        )
    measured = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Profile(correlations, ratios, interaction=interaction, **measured)


def _omega(parts, mixture):
    n, d = parts.shape[1:]
    table = np.hstack([parts.reshape(len(parts), -1), mixture])
    groups = [*np.arange(n * d).reshape(n, d).tolist(), list(range(n * d, table.shape[1]))]
    return o_information(table, groups=groups)


def _mean_escape(mixture, parts):
    return hull_escape(mixture, parts).distance.mean() if mixture.shape[-1] == parts.shape[-1] else np.nan


def _grid(name, values, fits, expected):
    values = floats(values, name)
    if values.ndim != 1 or len(values) == 0 or not fits(values).all():
        raise ValueError(f"{name}: expected a sequence of numbers {expected}, got {values.tolist()}")
    return values
