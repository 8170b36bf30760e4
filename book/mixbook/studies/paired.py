"""Two ways compared on the same seeds, in several cases at once: who is ahead, beyond what chance would give."""

import numpy as np
import pandas as pd
from scipy.stats import t


def paired(gaps, level=0.05):
    """Paired t tests over seeds, one a case, with Holm's correction over the cases.

    Parameters
    ----------
    gaps : DataFrame
        Differences of two ways, a row a case and a column a seed.
    level : float, default=0.05
        The chance that any case is called clear where none is.

    Returns
    -------
    DataFrame
        By case the mean ``gap``, half its 95% interval (``error``, of each case alone), and whether it is clearly
        above zero (``better``) or below (``worse``).
    """
    gap, spread, free = gaps.mean(axis=1), gaps.std(axis=1) / gaps.shape[1] ** 0.5, gaps.shape[1] - 1
    chance = 2 * t.sf(gap.abs() / spread, free)
    ranked = pd.Series(chance, index=gaps.index).fillna(1).sort_values()  # no difference in any seed: no evidence
    steps = (
        ranked * np.arange(len(ranked), 0, -1)
    ).cummax()  # Holm: the smallest of k times k, the next times k - 1, ...
    clear = (steps < level).reindex(gaps.index)
    return pd.DataFrame(
        {"gap": gap, "error": t.ppf(0.975, free) * spread, "better": clear & (gap > 0), "worse": clear & (gap < 0)}
    )
