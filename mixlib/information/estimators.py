"""Entropy estimators: each turns samples into a function from a subset of variables to its entropy.

An estimator takes the table (T, N), the groups of columns that form the variables, and the block (T,) of each
sample. It returns ``entropy(variables) -> (1 + B,)``: from all samples first, then with each block left out.
"""

import warnings
from functools import cache

import numpy as np

from mixlib.information.gaussian import entropy_bias, half_log_det
from mixlib.information.groups import columns_of


def gaussian_entropies(table, groups, blocks):
    """Gaussian entropies in nats (without their constant), the exact bias of the sample covariance removed."""
    used = columns_of(groups, range(len(groups)))
    _reject_dependent(table, used)
    standard = (table - table.mean(axis=0)) / np.where(np.ptp(table, axis=0) > 0, table.std(axis=0), 1)
    sizes, sums, squares = [], [], []
    for block in range(blocks.max() + 1):
        rows = standard[blocks == block]
        sizes.append(len(rows))
        sums.append(rows.sum(axis=0))
        squares.append(rows.T @ rows)
    n, total, square = (_all_and_each_left_out(np.array(part)) for part in (sizes, sums, squares))
    means = total / n[:, None]
    cov = (square - n[:, None, None] * means[:, :, None] * means[:, None, :]) / (n - 1)[:, None, None]

    @cache
    def entropy(variables):
        columns = columns_of(groups, variables)
        return half_log_det(cov, columns) - entropy_bias(n, len(columns))

    return entropy


def plugin_entropies(table, groups, blocks):
    r"""Entropies in nats of relative frequencies plus :math:`(m - 1) / 2T` for ``m`` seen values (Miller-Madow)."""
    used = columns_of(groups, range(len(groups)))
    _reject_continuous(table, used)
    codes = {column: np.unique(table[:, column], return_inverse=True)[1] for column in used}
    n_blocks = blocks.max() + 1

    @cache
    def states(variables):
        """An integer a sample that numbers the joint states that occur."""
        columns = columns_of(groups, variables)
        joint = codes[columns[0]]
        for column in columns[1:]:
            joint = np.unique(joint * (codes[column].max() + 1) + codes[column], return_inverse=True)[1]
        return joint

    @cache
    def entropy(variables):
        joint = states(variables)
        n_states = joint.max() + 1
        counts = np.bincount(blocks * n_states + joint, minlength=n_blocks * n_states).reshape(n_blocks, n_states)
        counts = _all_and_each_left_out(counts)
        n = counts.sum(axis=-1)
        logs = np.log(np.maximum(counts, 1))
        return np.log(n) - (counts * logs).sum(axis=-1) / n + ((counts > 0).sum(axis=-1) - 1) / (2 * n)

    n_states = states(tuple(range(len(groups)))).max() + 1
    if n_states > len(table) / 2:
        warnings.warn(
            f"plugin: {len(table)} samples show {n_states} joint states, too many to be counted well; entropies are "
            "biased. Use more samples or fewer states.",
            stacklevel=3,
        )
    return entropy


ESTIMATORS = {"gaussian": gaussian_entropies, "plugin": plugin_entropies}


def _all_and_each_left_out(per_block):
    total = per_block.sum(axis=0, keepdims=True)
    return np.concatenate([total, total - per_block])


def _reject_dependent(table, used):
    correlation = np.corrcoef(table[:, used], rowvar=False)
    equal = np.argwhere(np.triu(np.abs(correlation) > 1 - 1e-12, k=1))
    if len(equal):
        first, second = (used[k] for k in equal[0])
        raise ValueError(
            f"samples: columns {first} and {second} are duplicates up to scale, so Gaussian information is "
            "infinite; drop one of them"
        )
    if np.linalg.eigvalsh(correlation)[0] < 1e-12 * len(used):
        raise ValueError(
            "samples: a column is a linear function of others, so Gaussian information is infinite; drop it"
        )


def _reject_continuous(table, used):
    for column in used:
        n_values = len(np.unique(table[:, column]))
        if n_values > max(8, len(table) // 5):
            raise ValueError(
                f"samples: column {column} has {n_values} different values in {len(table)} samples and looks "
                "continuous; the plug-in estimator counts discrete states, use estimator='gaussian' or bin the column"
            )
