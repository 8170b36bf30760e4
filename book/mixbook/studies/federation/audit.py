"""Bugs planted in the trace of a mixture on purpose, to see what finds them."""

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import entr, log_softmax, softmax

from mixlib.arrays import EPS, generator
from mixlib.federation.audit.attribution import attribute, attribute_targets
from mixlib.federation.audit.trace_check import check_trace
from mixlib.federation.audit.trace_rules import UNITS_OF_ROUNDING
from mixlib.federation.pools import log_linear_combine, mixture_combine, product_combine

SOUND = "no bug"
TEMPERATURE = 0.8
REPLAYED = 20  # tokens that are computed again from the models


def planted_bugs(log_probs, tokens, names, rng=0):
    """What a system that should serve the uniform mixture writes into its trace, with one bug at a time.

    In the first kind the record contradicts itself; in the second it is of one piece, and of something else.

    Parameters
    ----------
    log_probs : NumPy array (N, T, V)
        Of at least two specialists, for at least two tokens.
    tokens : integer array (T,)
    names : sequence of N str
    rng : Generator or int

    Returns
    -------
    dict of (str, str) to Attribution
        By kind (``"sound"``, ``"contradictory"``, ``"consistent"``) and bug.
    """
    n, t = log_probs.shape[:2]
    dtype, here = str(log_probs.dtype), np.arange(t)
    uneven = np.arange(n, 0, -1) / np.arange(n, 0, -1).sum()
    tempered = log_softmax(log_probs / TEMPERATURE, axis=-1).astype(log_probs.dtype)
    given = log_probs[:, here, tokens]
    late, swapped = given.copy(), list(range(n))
    late[0, 1:] = given[0, :-1]
    swapped[:2] = 1, 0
    too_much = np.concatenate([np.minimum(given[:1] + np.log(1.1), 0), given[1:]]).astype(log_probs.dtype)

    def served(rows, weights=None, at=tokens):
        return mixture_combine(rows, weights)[here, at]

    def written(joint, record=given, weights=None):
        return attribute_targets(record, tokens, weights, joint, names, dtype=dtype)

    sound = written(served(log_probs))
    shaken = sound.responsibilities * np.exp(1e-3 * generator(rng).standard_normal((n, t)))
    shaken = shaken / shaken.sum(axis=0)
    one_twice, before = log_probs[[0, 0, *range(2, n)]], np.roll(tokens, 1)
    return {
        ("sound", SOUND): sound,
        ("contradictory", "weights changed, the old ones recorded"): written(served(log_probs, uneven)),
        ("contradictory", f"temperature {TEMPERATURE}, not recorded"): written(served(tempered)),
        ("contradictory", "one specialist recorded a token late"): written(served(log_probs), late),
        ("contradictory", "the product in place of the mixture"): written(product_combine(log_probs)[here, tokens]),
        ("contradictory", "shares off by a thousandth"): replace(
            sound, responsibilities=shaken, entropy=entr(shaken).sum(axis=0)
        ),
        ("consistent", "one model loaded in place of another"): written(served(one_twice), one_twice[:, here, tokens]),
        ("consistent", f"temperature {TEMPERATURE} throughout"): written(served(tempered), tempered[:, here, tokens]),
        ("consistent", "weights changed throughout"): written(served(log_probs, uneven), weights=uneven),
        ("consistent", "names of two specialists swapped"): written(served(log_probs), given[swapped]),
        ("consistent", "the token before scored"): written(served(log_probs, at=before), log_probs[:, here, before]),
        ("consistent", "probabilities that sum to 1.1"): written(None, too_much),
    }


def hunt(bugs, log_probs, rng=0):
    """What residual, line-by-line check and replay say of each bug, a frame with one row a bug.

    ``residual`` is the largest, in nats; ``above rounding`` the share of tokens whose residual exceeds
    ``16 eps max(1, |joint|)``; ``lines refused`` the share that :func:`mixlib.federation.check_trace` rejects;
    ``replay`` the share of 20 tokens, drawn at random, whose record differs from what the models say.
    """
    t = log_probs.shape[1]
    replayed = generator(rng).choice(t, min(REPLAYED, t), replace=False)
    rows = {}
    for (kind, bug), audit in bugs.items():
        tolerance = UNITS_OF_ROUNDING * EPS[audit.dtype] * np.maximum(1, np.abs(audit.joint))
        lines = "".join(json.dumps(record) + "\n" for record in audit.records())
        check = check_trace(io.BytesIO(lines.encode()))
        rows[kind, bug] = {
            "residual": np.abs(audit.residual).max(),
            "above rounding": (np.abs(audit.residual) > tolerance).mean(),
            "lines refused": check.faulty_lines / check.lines,
            "replay": _replay(audit, log_probs, replayed).mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["kind", "bug"])


def _replay(audit, log_probs, at):
    """Which of these records differ from the uniform mixture of the models, by more than rounding."""
    truth = attribute(log_probs[:, at], audit.targets[at], names=audit.names)
    tolerance = UNITS_OF_ROUNDING * EPS[audit.dtype] * np.maximum(1, np.abs(truth.joint))
    differs = np.zeros(len(at), dtype=bool)
    for name in ("joint", "specialists", "weights", "responsibilities"):
        off = np.abs(getattr(audit, name)[..., at] - getattr(truth, name)) > tolerance
        differs |= off.reshape(-1, len(at)).any(axis=0)
    return differs


def reconciliation_errors(audits):
    r"""How far audits are from adding up, in nats: median and largest absolute error, one row an audit.

    "With entropy" is the full record, :attr:`mixlib.federation.Attribution.residual`. "As stated" is
    :math:`\log p_{\text{mix}} - \sum_i r_i \log p_i`, which founding document B takes for 0.

    Parameters
    ----------
    audits : dict of str to Attribution

    Returns
    -------
    pandas.DataFrame
    """
    rows = {}
    for name, audit in audits.items():
        shares = audit.responsibilities
        stated = audit.joint - (shares * np.where(shares > 0, audit.specialists, 0.0)).sum(axis=0)
        errors = {"with entropy": np.abs(audit.residual), "as stated": np.abs(stated)}
        rows[name] = {
            f"{size}, {what}": of(error)
            for what, error in errors.items()
            for size, of in (("median", np.median), ("largest", np.max))
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def softmax_weighted_errors(audit, temperatures):
    r"""Error of :math:`\sum_i r_i \log p_i` for weights :math:`r = \mathrm{softmax}(\log p_i / T)`, one a temperature.

    The median over the tokens, in nats, of the distance to the log-probability of the mixture. At temperature 1 the
    weights are the shares.
    """
    given = audit.specialists.astype(float)
    errors = []
    for temperature in temperatures:
        weights = softmax(given / temperature, axis=0)
        errors.append(np.median(np.abs(audit.joint - (weights * given).sum(axis=0))))
    return np.array(errors)


def shaken_shares(audit, sizes, rng=0):
    r"""What shows errors of the recorded shares: largest residual, and largest difference of a share, one row a size.

    Every share is multiplied by :math:`e^{\delta z}` with a standard normal z, and they are normalised again.
    """
    z = generator(rng).standard_normal(audit.responsibilities.shape)
    rows = {}
    for size in sizes:
        wrong = audit.responsibilities * np.exp(size * z)
        wrong = wrong / wrong.sum(axis=0)
        split = (wrong * (audit.specialists + np.log(audit.weights))).sum(axis=0) + entr(wrong).sum(axis=0)
        rows[size] = {
            "residual": np.abs(audit.joint - split).max(),
            "compared one by one": np.abs(wrong - audit.responsibilities).max(),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def accounts(log_probs, tokens, rng=0):
    r"""Residuals of the accounts that pools can give of the tokens that came, in nats: median and largest.

    The mixture's account is that of :func:`mixlib.federation.attribute`. Those of the logarithmic pool and of the
    product are :math:`\log p = \sum_i w_i \log p_i - \log Z`, with :math:`w_i = 1/N` and 1. The product's odds are
    those between the token that came and its own favourite. What is changed is changed by normal noise of one nat.

    Parameters
    ----------
    log_probs : array (N, T, V)
    tokens : integer array (T,)
    rng : Generator or int
        Draws the changes.

    Returns
    -------
    pandas.DataFrame
        One row an account.
    """
    here, n = np.arange(len(tokens)), len(log_probs)
    given, lie = log_probs[:, here, tokens], generator(rng).normal(size=len(tokens))
    mixture = attribute(log_probs, tokens)
    false = attribute_targets(given, tokens, joint=mixture.joint + lie)
    residuals = {"mixture": mixture.residual}
    for name, pool, power in (("logarithmic pool", log_linear_combine, 1 / n), ("product", product_combine, 1)):
        pooled, raw = pool(log_probs), power * log_probs.sum(axis=0)
        joint, log_z = pooled[here, tokens], np.logaddexp.reduce(raw, axis=-1)
        residuals[name] = joint - (raw[here, tokens] - log_z)
    favourite = pooled.argmax(axis=-1)  # of the product, which came last
    odds = given - log_probs[:, here, favourite]
    residuals |= {
        "product, odds without Z": joint - pooled[here, favourite] - odds.sum(axis=0),
        "product, log Z not recorded": joint - given.sum(axis=0),
        "product, joint changed": joint + lie - (given.sum(axis=0) - log_z),
        "product, joint and log Z changed": joint + lie - (given.sum(axis=0) - (log_z - lie)),
        "mixture, joint changed": false.residual,
    }
    return pd.DataFrame(residuals).abs().agg(["median", "max"]).T.set_axis(["median", "largest"], axis=1)
