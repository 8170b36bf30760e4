r"""Integrals over noise levels that turn noise predictions into total correlation, its dual and their gradient.

Clean data :math:`x_0` are seen at a noise level :math:`\lambda` as :math:`x = k x_0 + \sigma z` with standard normal
:math:`z`, :math:`k^2 + \sigma^2 = 1` and :math:`\lambda = \log(\sigma^2 / k^2)`. A prediction of :math:`z` is a score:
:math:`\nabla \log p(x) = -\hat z(x) / \sigma`. In a variance-preserving diffusion with rate :math:`\beta(t)` the level
moves by :math:`d\lambda = \beta / \sigma^2\, dt`, so that integrals over time with weight :math:`\beta` of squared
scores are integrals over :math:`\lambda` of squared predictions, whatever :math:`\beta` is.

Source: Bounoua et al. 2024.
"""

from dataclasses import dataclass, replace

import torch

LOG_RATIOS = (-12.0, 10.0)  # what is left out at either end: below 1e-4 nats for smooth densities, .005 for jumps
ABSENT, CLEAN, DIFFUSED = 0, 1, 2
STRATA = 44  # half a unit of the log ratio each
PILOT = 64  # pairs of points a stratum that tell where more are needed


@dataclass(frozen=True)
class Views:
    """The states of the columns in each prediction that the integrals compare.

    Attributes
    ----------
    groups : list of lists of int
        The columns of each variable.
    states : tensor (V, N)
        ``DIFFUSED``, ``CLEAN`` (conditioned on) or ``ABSENT`` for every view and column.
    row : dict
        The row of each view: ``("joint",)``, ``("rest", i)`` for variable i given all others, ``("alone", i)`` for
        variables of several columns, ``("without", i, j)`` for i given all others but j.
    gradient : bool
        Whether the gradient is wanted beside TC and DTC.
    """

    groups: list
    states: torch.Tensor
    row: dict
    gradient: bool

    def seen(self, row, clean, noise, log_ratio):
        """The columns (B, N) as the view in ``row`` (one, or one a sample) sees them; absent ones are 0."""
        signal, sigma = amplitudes(log_ratio)
        state = self.states[row]
        return torch.where(state == DIFFUSED, signal * clean + sigma * noise, clean) * (state != ABSENT)


def plan_views(groups, *, gradient=True, device=None):
    """The views that TC and DTC of ``groups`` need, and with ``gradient`` also those of the gradient."""
    n, n_columns = len(groups), sum(map(len, groups))
    names = [("joint",), *(("rest", i) for i in range(n))]
    names += [("alone", i) for i in range(n) if len(groups[i]) > 1]
    gradient = gradient and n > 2  # of two variables it is 0
    if gradient:
        names += [("without", i, j) for i in range(n) for j in range(n) if i != j]
    states = torch.full((len(names), n_columns), CLEAN, device=device)
    for state, (kind, *variables) in zip(states, names, strict=True):
        if kind == "alone":
            state[:] = ABSENT
        state[:] = DIFFUSED if kind == "joint" else state
        for variable, value in zip(variables, (DIFFUSED, ABSENT), strict=False):
            state[groups[variable]] = value
    return Views(groups, states, {name: row for row, name in enumerate(names)}, gradient)


def amplitudes(log_ratio):
    """Amplitudes (B, 1) of signal and noise at the log ratio (B,) of their powers, noise over signal."""
    return torch.sigmoid(-log_ratio)[:, None].sqrt(), torch.sigmoid(log_ratio)[:, None].sqrt()


class GaussianPrediction:
    r"""The exact prediction of the noise for Gaussian columns, in every view.

    The diffused columns D given the clean columns C are Gaussian with mean :math:`B x_C` and covariance :math:`S`, so

    .. math:: \hat z = \sigma\, (k^2 S + \sigma^2 I)^{-1} (x_D - k B x_C).

    Parameters
    ----------
    correlation : tensor (N, N)
        Covariance of the columns, which have mean 0.
    views : Views
    """

    def __init__(self, correlation, views):
        n_views, n_columns = views.states.shape
        self.views = views
        self.regression = correlation.new_zeros(n_views, n_columns, n_columns)
        self.basis = torch.zeros_like(self.regression)
        self.spread = correlation.new_ones(n_views, n_columns)
        for row, state in enumerate(views.states):
            diffused, clean = (torch.nonzero(state == value)[:, 0] for value in (DIFFUSED, CLEAN))
            cross = correlation[diffused][:, clean]
            regression = torch.linalg.solve(correlation[clean][:, clean], cross.T).T
            spread, basis = torch.linalg.eigh(correlation[diffused][:, diffused] - regression @ cross.T)
            self.regression[row, diffused[:, None], clean] = regression
            self.basis[row, diffused, : len(diffused)] = basis
            self.spread[row, : len(diffused)] = spread

    def to(self, dtype):
        """The same prediction in another floating dtype."""
        for name in ("regression", "basis", "spread"):
            setattr(self, name, getattr(self, name).to(dtype))
        return self

    def __call__(self, row, seen, log_ratio):
        """Predicted noise (B, N), 0 where nothing is diffused; ``row`` is a view's, or one a sample (B,)."""
        signal, sigma = amplitudes(log_ratio)
        basis = self.basis[row]
        surprise = seen - signal * _apply(self.regression[row].mT, seen)
        along = _apply(basis, surprise) * sigma / (signal**2 * self.spread[row] + sigma**2)
        return _apply(basis.mT, along)


def densities(predict, views, clean, noise, log_ratio, *, by_errors=False):
    r"""What each point adds to TC, DTC and the gradient, per unit of the log ratio: tensor (B, 2 + n) or (B, 2).

    .. math::
        \mathrm{TC} &= \tfrac12 \int E \sum_i \bigl\| \hat z_i(x) - \hat z(x_i) \bigr\|^2 d\lambda, \qquad
        \mathrm{DTC} = \tfrac12 \int E \sum_i \bigl\| \hat z_i(x) - \hat z(x_i \mid x_{0,-i}) \bigr\|^2 d\lambda, \\
        \partial_i \Omega &= (2 - n)\, I(X_i; X_{-i}) + \sum_{j \ne i} I(X_i; X_{-ij}), \qquad
        I(X_i; Y) = \tfrac12 \int E \bigl\| \hat z(x_i \mid y_0) - \hat z(x_i) \bigr\|^2 d\lambda

    For the best prediction :math:`E \| \hat z_+ - \hat z \|^2 = E \| z - \hat z \|^2 - E \| z - \hat z_+ \|^2`, where
    :math:`\hat z_+` sees more. For a prediction that is learned the left side is off by the first power of what it
    lacks, the right side by the second, and a sample's share in it is its log ratio of densities.

    Source: Bounoua et al. 2024; Guo et al. 2005 for errors.

    Parameters
    ----------
    predict : callable
        ``predict(row, seen, log_ratio) -> (B, N)``, the noise in the diffused columns of the view in ``row``.
    views : Views
    clean, noise : tensor (B, N)
        Columns that stand alone in their group are standard normal: their own prediction is then known.
    log_ratio : tensor (B,)
    by_errors : bool
        Whether to take differences of squared errors in place of squared differences.
    """

    def predicted(*name):
        row = views.row[name]
        return predict(row, views.seen(row, clean, noise, log_ratio), log_ratio)

    signal, sigma = amplitudes(log_ratio)
    own_margin = sigma * (signal * clean + sigma * noise)  # of a standard normal column
    joint, n = predicted("joint"), len(views.groups)
    tc, dtc, gradient = 0, 0, []
    for i, columns in enumerate(views.groups):
        rest = predicted("rest", i)[:, columns]
        alone = (own_margin if len(columns) == 1 else predicted("alone", i))[:, columns]
        target = noise[:, columns] if by_errors else None
        tc = tc + _gain(alone, joint[:, columns], target)
        dtc = dtc + _gain(joint[:, columns], rest, target)
        if views.gradient:
            less = sum(_gain(alone, predicted("without", i, j)[:, columns], target) for j in range(n) if j != i)
            gradient.append((2 - n) * _gain(alone, rest, target) + less)
    return torch.stack([tc, dtc, *gradient], dim=-1)


class Shares:
    """What single samples add to TC and DTC, in two independent looks: in all, and beyond the control.

    Attributes
    ----------
    sums : tensor (2, T, 4)
        Look, sample, and TC and DTC in all, then both beyond the control.
    visits : tensor (2, T)
        How many points each sample had.
    """

    def __init__(self, data):
        self.sums, self.visits = data.new_zeros(2, len(data), 4), data.new_zeros(2, len(data))

    def add(self, look, rows, values):
        """Add the points ``values`` (B, 4) of the samples ``rows`` (B,)."""
        self.sums[look].index_add_(0, rows, values)
        self.visits[look].index_add_(0, rows, torch.ones_like(values[:, 0]))

    def means(self):
        """Of every sample, in both looks: tensor (2, T, 4)."""
        return self.sums / self.visits[..., None]


def integrate(predict, views, data, *, control=None, points=2**14, replicates=32, generator=None, shares=None):
    """Monte Carlo values of the integrals in :func:`densities`, one row a replicate: (replicates, 2 + n) or (.., 2).

    They are taken by errors: on samples that ``predict`` has not learned from, what it lacks can then only lower what
    it tells of any information. Log ratios are stratified, from a density that a pilot run fits to where the
    integrands vary most; noise comes in pairs of opposite sign. Every replicate goes through ``data`` without
    repeating a sample before all were used.
    Replicates are independent given the data, so their spread tells the Monte Carlo error.

    Parameters
    ----------
    predict, control : callable
        See :func:`densities`. The integrals of ``control`` are taken off, point by point: where they are known in
        closed form, only what ``predict`` changes is left to chance.
    views : Views
    data : tensor (T, N)
    points : int
        In each replicate.
    replicates : int
    generator : torch.Generator, optional
        On the device of ``data``.
    shares : Shares, optional
        Takes down what single samples add; even and odd replicates are its two looks.
    """
    low, high = LOG_RATIOS
    width = (high - low) / STRATA
    every = torch.arange(len(data), device=data.device)

    def values(views, log_ratio, weight=None, look=None):
        rows = shuffled(every, len(log_ratio) // 2, generator)
        clean, noise = noise_pairs(data[rows], generator)
        point = {"clean": clean, "noise": noise, "log_ratio": log_ratio, "by_errors": True}
        total = densities(predict, views, **point)
        beyond = total if control is None else total - densities(control, views, **point)
        if shares is not None and look is not None:
            shares.add(look % 2, rows.repeat(2), torch.cat([total[:, :2], beyond[:, :2]], dim=1) * weight)
        return beyond

    with torch.no_grad():
        pilot = values(replace(views, gradient=False), stratified_pairs(2 * STRATA * PILOT, data, generator))
        spread = pilot.reshape(2, STRATA, PILOT, 2).var(dim=(0, 2)).sum(dim=-1).sqrt()
        share = spread + 0.1 * spread.mean() + torch.finfo(data.dtype).tiny
        share = share / share.sum()
        ends = share.cumsum(0)
        results = []
        for replicate in range(replicates):
            level = (stratified_pairs(points, data, generator) - low) / (high - low) * ends[-1]
            stratum = torch.searchsorted(ends, level).clamp(max=STRATA - 1)
            inside = 1 + (level - ends[stratum]) / share[stratum]
            log_ratio = low + width * (stratum + inside.clamp(0, 1))
            weight = (width / share[stratum])[:, None]
            results.append((values(views, log_ratio, weight, replicate) * weight).mean(dim=0))
        return torch.stack(results)


def stratified_pairs(n_points, like, generator=None):
    """Log ratios (2 B,), one in each of B equal parts of the range, rising, then the same again; 2 B is n_points."""
    low, high = LOG_RATIOS
    half = n_points // 2
    jitter = torch.rand(half, generator=generator, device=like.device, dtype=like.dtype)
    return (low + (high - low) * (torch.arange(half, device=like.device) + jitter) / half).repeat(2)


def noise_pairs(clean, generator=None):
    """The samples (B, N) twice over, with normal noise, and with its opposite: two tensors (2 B, N).

    At low noise a prediction hardly differs between the two, so that most of the chance cancels.
    """
    noise = torch.randn(clean.shape, generator=generator, device=clean.device, dtype=clean.dtype)
    return clean.repeat(2, 1), torch.cat([noise, -noise])


def shuffled(data, n_points, generator=None):
    """Rows of ``data`` in random order, over and over until there are ``n_points``."""
    rounds = -(-n_points // len(data))
    order = [torch.randperm(len(data), generator=generator, device=data.device) for _ in range(rounds)]
    return data[torch.cat(order)[:n_points]]


def _apply(matrix, vectors):
    """``vectors @ matrix`` for one matrix (N, N), or for one a vector (B, N, N)."""
    return vectors @ matrix if matrix.ndim == 2 else (vectors[:, None] @ matrix)[:, 0]


def _gain(worse, better, target):
    """Half the square by which the guess that sees more differs, or by which its error is less."""
    if target is None:
        return 0.5 * ((better - worse) ** 2).sum(dim=-1)
    return 0.5 * ((better - worse) * (2 * target - better - worse)).sum(dim=-1)
