"""O-information by learned scores: no bins, no distances, no Gaussian assumption.

TC and DTC are integrals of differences between the errors of scores of noisy data: of all variables jointly, of each
alone, and of each given the clean others. One network learns them all, as a residual on the closed-form scores of a
Gaussian. It sees normal scores of the columns (a copula's), under which the score of a single column is known.
"""

import math
import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from mixlib.arrays import generator, whole
from mixlib.information.estimators.gaussian import entropy_bias, half_log_det
from mixlib.information.estimators.gaussian_copula import GaussianCopula
from mixlib.information.estimators.score.integrals import GaussianPrediction, Shares, integrate, plan_views
from mixlib.information.estimators.score.network import train
from mixlib.information.ranks import normal_scores
from mixlib.information.result import measures_from_entropy
from mixlib.information.table import check_groups, columns_of
from mixlib.information.uncertainty import jackknife
from mixlib.progress import Progress

MIN_SAMPLES = 200
CURVE_SHARE = 16  # a point of the history takes a sixteenth of the final predictions
REPLICATES = 32
STILL_TO_COME = 0.5  # of a late gain: what was missing in trials with a known answer, once the rate had cooled down


@dataclass(frozen=True)
class ScoreEstimate:
    """What learned scores tell of the variables' information, in nats.

    Attributes
    ----------
    tc, dtc, omega : float
    gradient : array (n,)
        What each variable adds to Omega; NaN if it was not asked for.
    tc_error, dtc_error, standard_error : float
        Standard errors of TC, DTC and Omega: sampling, the chance of the integrals, and both parts of ``bias``, root
        of the sum of squares. Where the Gaussian copula was kept they are its own.
    bias : array (3,)
        Of TC, DTC and Omega, as far as can be told, in two parts. *By heart*: how much more the network adds to the
        Gaussian's answer on samples that it learned from than on those held out, less what chance makes of it.
        *In haste*: half of what the second half of the steps added is still to learn, and counts with minus.
        What a network of this kind never learns is in neither.
    monte_carlo : array (3,)
        The part of the errors that is the chance of the integrals; 0 where the Gaussian copula was kept.
    history : DataFrame
        A row for the start (the Gaussian answer) and for every check: ``step``; ``train_loss`` and
        ``held_out_loss``, squared error beyond the Gaussian's in nats, so 0 at the start and falling; and ``tc``,
        ``dtc``, ``omega`` by then, from fewer points than the final ones.
    step : int
        Of the network in use, the one of the least held-out loss; 0 where the Gaussian was kept.
    stopped : {"steps", "no improvement", "time"}
        Why training ended.
    """

    tc: float
    dtc: float
    omega: float
    gradient: np.ndarray
    tc_error: float
    dtc_error: float
    standard_error: float
    bias: np.ndarray
    monte_carlo: np.ndarray
    history: pd.DataFrame
    step: int
    stopped: str


def score_o_information(
    samples,
    groups=None,
    *,
    rng=None,
    steps=3000,
    max_seconds=None,
    predictions=2**22,
    gradient=True,
    device="auto",
    progress=None,
):
    r"""O-information from learned scores (SOI).

    A network learns the residual on the Gaussian scores by denoising; the weights (averaged over steps) of the least
    held-out loss are used, unless they are no better than the Gaussian. Every measure is then

    .. math:: \text{closed form of the Gaussian copula}
              + \int E\bigl[\text{network} - \text{Gaussian}\bigr]\, d\lambda,

    with the integrands of :func:`~mixlib.information.estimators.score.integrals.densities`. Ties are ranked at random:
    that turns a discrete column into a continuous one with the same information, so columns may be discrete.

    Source: Bounoua et al. 2024.

    Parameters
    ----------
    samples : array (T, N)
        ``T`` independent samples, better ten thousand than one.
    groups : list of lists of int, optional
        Columns that together form one variable; columns in no group are left out.
    rng : numpy Generator or int, optional
        By default seed 0. The same seed gives the same numbers on the same device.
    steps : int
        Of training, at most. With 0 the Gaussian copula answers.
    max_seconds : float, optional
        Of training, about; then the result depends on the machine.
    predictions : int
        Of the network in the final integrals, in all views together; four times as many halve the Monte Carlo error.
    gradient : bool
        Whether to estimate the gradient too, which takes n (n - 1) more conditional scores.
    device : str
        "cpu", "cuda", or "auto": the latter where there is one.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    ScoreEstimate

    Raises
    ------
    ValueError
        If samples are not a finite table of at least 200 rows, a column is constant, columns determine one another
        (information is infinite), or an option is out of its range.
    """
    device = _check_options(steps, max_seconds, predictions, device)
    table = _check_table(samples)
    groups = check_groups(groups, table.shape[1])
    used = columns_of(groups, range(len(groups)))
    rng = generator(rng)
    seeds = [int(seed) for seed in rng.integers(2**62, size=4)]
    normal = normal_scores(_check_columns(table, used), rng=rng)
    normal /= normal.std(axis=0)
    correlation = _check_dependence(np.corrcoef(normal, rowvar=False), used)
    ends = np.cumsum([len(group) for group in groups])
    groups = [list(range(end - len(group), end)) for group, end in zip(groups, ends, strict=True)]

    data = torch.tensor(normal, dtype=torch.float32, device=device)
    views = plan_views(groups, gradient=gradient, device=device)
    base = GaussianPrediction(torch.tensor(correlation, device=device), views).to(torch.float32)
    measures = _gaussian_copula(correlation, groups, len(table))
    history = [_row(0, 0.0, 0.0, measures)]

    def beyond_gaussian(network, views, predictions, replicates, seed, shares=None):
        """What the network adds to TC, DTC and the gradient (if in the views), a row a replicate."""

        def predict(row, seen, log_ratio):
            return base(row, seen, log_ratio) + network(views.states[row], seen, log_ratio)

        points = max(predictions // (replicates * len(views.row)), 64)
        generator = torch.Generator(device).manual_seed(seed)
        sampling = {"points": points, "replicates": replicates, "generator": generator, "shares": shares}
        return integrate(predict, views, data, control=base, **sampling).double().cpu().numpy()

    with Progress(progress, "learning scores", steps) as work:

        def on_check(step, network, train_loss, held_out_loss):
            curve = replace(views, gradient=False)
            now = measures[:2] + beyond_gaussian(network, curve, predictions // CURVE_SHARE, 1, seeds[2])[0]
            history.append(_row(step, train_loss, held_out_loss, now))
            work.add(step - work.done, f"held-out loss {held_out_loss:.4f}")

        limits = {"steps": steps, "max_seconds": max_seconds}
        trained = train(base, views, data, **limits, seeds=seeds[:2], on_check=on_check)

    if trained.network is None:
        chance, (errors, bias) = np.zeros(3), _copula_errors(normal, groups, rng)
    else:
        shares = Shares(data)
        found = beyond_gaussian(trained.network, views, predictions, REPLICATES, seeds[3], shares)
        measures[: found.shape[1]] += found.mean(axis=0)
        chance = _with_omega(found[:, :2]).std(axis=0, ddof=1) / math.sqrt(REPLICATES)
        sampling, gap = _errors_of_shares(shares, trained.held_out)
        late = _late_gain(history, trained.step)
        errors, bias = np.sqrt(chance**2 + sampling**2 + gap**2 + late**2), gap - late
    tc, dtc, *slopes = measures
    slopes = np.array(slopes) if gradient else np.full(len(groups), np.nan)
    omega = float(tc - dtc)
    curve = pd.DataFrame(history)
    return ScoreEstimate(
        float(tc), float(dtc), omega, slopes, *map(float, errors), bias, chance, curve, trained.step, trained.stopped
    )


def _gaussian_copula(correlation, groups, n_samples):
    """TC, DTC and gradient in one array, the bias of the sample correlation removed."""

    def entropy(variables):
        columns = columns_of(groups, variables)
        return half_log_det(correlation, columns) - entropy_bias(n_samples, len(columns))

    measures = measures_from_entropy(entropy, len(groups))
    return np.array([measures["tc"], measures["dtc"], *measures["gradient"]])


def _errors_of_shares(shares, held_out):
    """Sampling error of TC, DTC and Omega, and what they owe to samples known by heart: two arrays (3,)."""
    looks = shares.means().double().cpu().numpy()
    seen = np.isfinite(looks).all(axis=(0, 2))
    every = _with_omega(looks[:, seen, :2])
    first, second = every - every.mean(axis=1, keepdims=True)
    # what chance adds to a sample differs between the looks, so their covariance is the spread over samples alone
    sampling = np.sqrt(np.maximum((first * second).mean(axis=0), 0) / len(seen))
    learned = np.ones(len(seen), dtype=bool)
    learned[held_out.cpu().numpy()] = False
    beyond = _with_omega(looks[..., 2:].mean(axis=0))
    known, new = beyond[seen & learned], beyond[seen & ~learned]
    gap, chance = known.mean(axis=0) - new.mean(axis=0), known.var(axis=0) / len(known) + new.var(axis=0) / len(new)
    return sampling, np.sign(gap) * np.sqrt(np.maximum(gap**2 - chance, 0))


def _late_gain(history, step):
    """Half of what the second half of the steps added to TC, DTC and Omega: about what is still to learn."""
    now, then = (min(history, key=lambda row: abs(row["step"] - at)) for at in (step, step / 2))
    return np.array([STILL_TO_COME * (now[name] - then[name]) for name in ("tc", "dtc", "omega")])


def _with_omega(tc_dtc):
    return np.concatenate([tc_dtc, tc_dtc[..., :1] - tc_dtc[..., 1:]], axis=-1)


def _copula_errors(scores, groups, rng):
    """Standard error and bias of TC, DTC and Omega where the Gaussian copula's answer is kept."""
    spread, bias = jackknife(GaussianCopula(scores, groups, rng), rng=rng)
    spread, bias = (np.array([found[name] for name in ("tc", "dtc", "omega")]) for found in (spread, bias))
    return np.hypot(spread, bias), bias


def _row(step, train_loss, held_out_loss, measures):
    tc, dtc = map(float, measures[:2])
    values = {"train_loss": train_loss, "held_out_loss": held_out_loss, "tc": tc, "dtc": dtc, "omega": tc - dtc}
    return {"step": step, **values}


def _check_options(steps, max_seconds, predictions, device):
    for name, value, least in (("steps", steps, 0), ("predictions", predictions, 1)):
        whole(value, name, least)
    if max_seconds is not None and not max_seconds > 0:
        raise ValueError(f"max_seconds: got {max_seconds!r}, expected a number > 0 or None")
    if device not in ("auto", "cpu") and not re.fullmatch(r"cuda(:\d+)?", str(device)):
        raise ValueError(f"device: got {device!r}, expected 'auto', 'cpu' or 'cuda'")
    available = torch.cuda.is_available()
    if device == "auto":
        return torch.device("cuda" if available else "cpu")
    if device != "cpu" and not available:
        raise ValueError(f"device: got {device!r}, but torch {torch.__version__} finds no GPU; use 'cpu' or 'auto'")
    return torch.device(device)


def _check_table(samples):
    table = np.asarray(samples)
    if table.ndim != 2 or table.shape[1] < 2 or table.dtype.kind not in "fiub":
        raise ValueError(
            f"samples: expected real numbers of shape (T, N) with N >= 2, got shape {table.shape}, {table.dtype}"
        )
    if len(table) < MIN_SAMPLES:
        raise ValueError(
            f"samples: {len(table)} rows are too few to learn scores from, at least {MIN_SAMPLES} are needed "
            "(rows are samples: is the table transposed?)"
        )
    table = table.astype(float)
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"samples: {table[row, column]} in row {row}, column {column}; drop or fill such rows")
    return table


def _check_columns(table, used):
    """The used columns of ``table``, none constant."""
    constant = [column for column in used if np.ptp(table[:, column]) == 0]
    if constant:
        raise ValueError(f"samples: column {constant[0]} is constant and carries no information; drop it")
    return table[:, used]


def _check_dependence(correlation, used):
    equal = np.argwhere(np.triu(np.abs(correlation) > 1 - 1e-9, k=1))
    if len(equal):
        first, second = (used[k] for k in equal[0])
        raise ValueError(
            f"samples: columns {first} and {second} order the samples alike, so one determines the other and "
            "information is infinite; drop one of them"
        )
    if np.linalg.eigvalsh(correlation)[0] < 1e-9:
        raise ValueError("samples: normal scores of the columns are linearly dependent; drop a column or add samples")
    return correlation
