"""How alike domains are: by the laws that their kernels keep, and by what three instruments say of them."""

import numpy as np
import pandas as pd

from mixlib.domains.kept_laws import LAWS, kept_laws
from mixlib.domains.measured import measure

SAMPLES = 400  # for the O-information, of domains and of random kernels alike
ESTIMATOR = "gaussian-copula"


def law_table(domains):
    """Which domain keeps which law: 1, 0, and NaN where it cannot be asked; a row a law.

    Parameters
    ----------
    domains : dict of Domain

    Returns
    -------
    pandas.DataFrame
    """
    found = {name: kept_laws(domain).kept for name, domain in domains.items()}
    return pd.DataFrame(
        {name: [np.nan if kept[law] is None else float(kept[law]) for law in LAWS] for name, kept in found.items()},
        index=pd.Index(list(LAWS), name="law"),
    )


def common(table):
    """The share of laws that two domains both keep, among those that both can be asked, as a square table."""
    kept = table.to_numpy().T
    both = ~np.isnan(kept[:, None] + kept[None])
    return pd.DataFrame(np.nansum(kept[:, None] * kept[None], -1) / both.sum(-1), table.columns, table.columns)


def agreement(table):
    """The share of laws that two domains both keep or both break: lawless kernels agree on all."""
    return common(table) + common(1 - table)


def profiles(domains):
    r"""What three instruments say: largest hull escape on a log scale, interaction share, O-information a part in nats.

    The first is :math:`\log(1 + E)`, and NaN where the mixture is no point among the parts. A kernel that always
    answers the same has no profile.
    """
    rows = {}
    for name, domain in domains.items():
        try:
            found = measure(domain, samples=SAMPLES, estimator=ESTIMATOR)
        except ValueError:
            continue
        rows[name] = {
            "escape": np.nan if found.largest_escape is None else np.log1p(found.largest_escape),
            "interaction": found.interaction.share,
            "omega": found.omega.omega / len(domain.parts),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def apart(table, scale):
    """Distances of profiles, a square table: the mean difference of the coordinates that both have, over ``scale``."""
    values = table.to_numpy() / np.asarray(scale)
    return pd.DataFrame(np.nanmean(np.abs(values[:, None] - values[None]), axis=-1), table.index, table.index)


def nearest(square):
    """Of a square table of distances, every name with the one nearest to it, as pairs in the order of the table."""
    names, values = list(square), square.to_numpy().copy()
    np.fill_diagonal(values, np.inf)
    found = {tuple(sorted((i, int(values[i].argmin())))) for i in range(len(names))}
    return [(names[i], names[j]) for i, j in sorted(found)]


def above(square):
    """The entries above the diagonal of a square table, as a series by both names."""
    i, j = np.triu_indices(len(square), k=1)
    names = pd.MultiIndex.from_arrays([square.index[i], square.index[j]])
    return pd.Series(square.to_numpy()[i, j], index=names)


def order(square):
    """The names in an order that keeps alike ones together: leaves of average-linkage clusters."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    return list(square.index[leaves_list(linkage(1 - above(square).to_numpy(), "average", optimal_ordering=True))])
