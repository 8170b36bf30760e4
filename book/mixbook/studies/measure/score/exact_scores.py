"""Noise predictions that need no training, since the density is known: they show what a network has to learn.

With them the integrals over noise levels can be held against closed forms, and drawn level by level.
"""

import math

import numpy as np
import torch

from mixlib.arrays import generator
from mixlib.information import systems
from mixlib.information.estimators.score.integrals import (
    CLEAN,
    DIFFUSED,
    LOG_RATIOS,
    GaussianPrediction,
    amplitudes,
    densities,
    plan_views,
)

CLEAN_STEEPNESS = 1e6  # the sign of a clean value is certain


class SignLiftPrediction:
    r"""The exact prediction of the noise for normal variables whose signs follow a joint law, in every view.

    Let :math:`a_j = E[s_j \mid x_j] = \operatorname{erf}(k x_j / \sqrt 2 \sigma)` be what a noisy column alone tells of
    its sign; it is the sign itself for a clean column and 0 for an absent one. Then

    .. math:: p(x) = \prod_j \varphi(x_j) \, \sum_s p(s) \prod_j (1 + s_j a_j), \qquad
              \hat z_i = -\sigma \, \partial_i \log p(x).

    Parameters
    ----------
    signs : array (2,) * n
        Joint mass function of the signs, each fair; entry 0 of an axis is a minus.
    views : Views
    """

    def __init__(self, signs, views):
        signs = np.asarray(signs, dtype=float)
        if signs.shape != (2,) * views.states.shape[1]:
            raise ValueError(f"signs: shape {signs.shape}, expected (2,) * {views.states.shape[1]}, an axis a column")
        margins = [np.moveaxis(signs, axis, 0).reshape(2, -1).sum(axis=1) for axis in range(signs.ndim)]
        if not np.allclose(margins, 0.5):
            raise ValueError(f"signs: P(minus) is {[float(m[0]) for m in margins]}; normal variables need fair signs")
        self.views = views
        self.patterns = torch.tensor(2.0 * np.argwhere(signs > 0) - 1, dtype=torch.float64)
        self.masses = torch.tensor(signs[signs > 0])

    def __call__(self, row, seen, log_ratio):
        """Predicted noise (B, n), 0 where nothing is diffused."""
        signal, sigma = amplitudes(log_ratio)
        state = self.views.states[row]
        steepness = torch.where(state == DIFFUSED, signal / sigma, CLEAN_STEEPNESS * (state == CLEAN))
        known = torch.erf(seen * steepness / math.sqrt(2))
        agreement = 1 + self.patterns * known[:, None]  # (B, patterns, n)
        likelihood = self.masses * agreement.prod(dim=-1)
        others = (likelihood[:, :, None] * self.patterns / agreement.clamp(min=1e-300)).sum(dim=1)
        slope = math.sqrt(2 / math.pi) * signal * torch.exp(-((seen * steepness) ** 2) / 2)
        return (sigma * seen - slope * others / likelihood.sum(dim=1)[:, None]) * (state == DIFFUSED)


def sign_lift_pull(signs, seen, log_ratio):
    r"""How seeing all columns moves the guess of the clean ones, at noisy points ``seen`` (B, n): array (B, n).

    .. math:: \hat z(x_i) - \hat z_i(x) = \sigma \, \partial_i \log \frac{p(x)}{\prod_j p(x_j)}

    It is what TC is made of: half its mean square at every noise level. Signs as in :class:`SignLiftPrediction`.
    """
    views = _views(np.ndim(signs))
    seen, levels = torch.as_tensor(seen), torch.full((len(seen),), float(log_ratio), dtype=torch.float64)
    together = SignLiftPrediction(signs, views)(views.row["joint",], seen, levels)
    return (amplitudes(levels)[1] * seen - together).numpy()


def gaussian_densities(cov, log_ratios):
    """What each noise level adds to TC and DTC of a Gaussian with unit variances, by its exact scores: (L, 2).

    The integrands are quadratic, so their mean over data and noise is the mean over the 4 N ends of the axes.
    """
    n = len(cov)
    views, correlation = _views(n), torch.as_tensor(cov)
    ends = math.sqrt(2 * n) * torch.cat([torch.eye(2 * n), -torch.eye(2 * n)]).double()
    clean, noise = ends[:, :n] @ torch.linalg.cholesky(correlation).T, ends[:, n:]
    predict = GaussianPrediction(correlation, views)
    return np.array([_mean_densities(predict, views, clean, noise, level) for level in log_ratios])


def sign_lift_densities(signs, log_ratios, *, points=4000, rng=None):
    """The same of normal variables whose signs have the joint mass function ``signs``, from random points: (L, 2)."""
    rng = generator(rng)
    views = _views(np.ndim(signs))
    predict = SignLiftPrediction(signs, views)

    def at(level):
        clean = systems.sign_lift(systems.sample(signs, points, rng=rng), rng=rng)
        noise = rng.standard_normal(clean.shape)
        return _mean_densities(predict, views, torch.tensor(clean), torch.tensor(noise), level)

    return np.array([at(level) for level in log_ratios])


def integral(level_densities, log_ratios):
    """Sum over evenly spaced levels that stand in the middle of their cells: TC and DTC in nats, an array (2,)."""
    return level_densities.sum(axis=0) * (log_ratios[1] - log_ratios[0])


def midpoints(count):
    """``count`` evenly spaced log ratios, in the middle of the cells that part the range of the integrals."""
    low, high = LOG_RATIOS
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _views(n):
    return plan_views([[i] for i in range(n)], gradient=False)


def _mean_densities(predict, views, clean, noise, level):
    levels = torch.full((len(clean),), float(level), dtype=clean.dtype)
    return densities(predict, views, clean, noise, levels).mean(dim=0).numpy()
