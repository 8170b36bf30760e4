"""In which setting do product and mixture stand to the single specialists as founding document B reports?"""

from itertools import combinations

import numpy as np
import pandas as pd

from mixbook.studies.federation.regimes.regimes import with_foreign_text
from mixbook.studies.federation.regimes.tempered import tempered_pools

SHARES = (0.0, 0.2, 0.5, 2 / 3)  # of foreign text in training; at two thirds all have read the same mix
CONFIDENCES = tuple(round(0.5 + 0.05 * i, 2) for i in range(17))  # the exponent on each prediction
NUMBERS = 2, 3  # of specialists, all choices of them, each on the documents of its domains
RATIOS = "product over worst", "best over mixture"
KEYS = "specialists", "share", "confidence", "seed"
STEP = 0.005  # of confidence, between which the survey is read off


def survey(federations, shares=SHARES, confidences=CONFIDENCES, numbers=NUMBERS, most=250):
    """Logarithms of the ratios of perplexities, by number of specialists, share, confidence and seed.

    Columns are ``RATIOS`` and "worst over best"; of several choices of as many specialists it is the mean.

    Parameters
    ----------
    federations : dict of seed to Federation
    shares, confidences, numbers : sequence
        What is tried.
    most : int
        Tokens scored of each document.
    """
    found = []
    for seed, federation in federations.items():
        texts = [tokens[:most] for tokens in federation.test.documents()]
        for share in shares:
            specialists = with_foreign_text(federation, share)
            rows = [federation.log_probs(tokens, specialists=specialists) for tokens in texts]
            for n in numbers:
                groups = list(combinations(range(len(specialists)), n))
                frame = sum(_ratios(federation, rows, texts, group, confidences) for group in groups) / len(groups)
                frame.index = pd.MultiIndex.from_product([[n], [share], confidences, [seed]], names=KEYS)
                found.append(frame)
    return pd.concat(found)


def nearest(found, targets):
    """The setting whose two ratios are nearest to ``targets``, by number of specialists.

    Near is the larger of the two relative errors, of ratios averaged over seeds as logarithms. Between the confidences
    of the survey the logarithms are read off straight lines.

    Returns
    -------
    pandas.DataFrame
        One row a number of specialists: share, confidence, both ratios, "worst over best", and "off", the larger error.
    """
    means = found.groupby(level=["specialists", "share", "confidence"]).mean()
    rows = {}
    for (n, share), curve in means.groupby(level=["specialists", "share"]):
        known = curve.index.get_level_values("confidence")
        b = np.arange(known.min(), known.max() + STEP / 2, STEP)
        read = {name: np.exp(np.interp(b, known, curve[name])) for name in curve}
        off = np.max([np.abs(read[name] / targets[name] - 1) for name in RATIOS], axis=0)
        i = off.argmin()
        if n not in rows or off[i] < rows[n]["off"]:
            rows[n] = {"share": share, "confidence": b[i], **{name: read[name][i] for name in curve}, "off": off[i]}
    return pd.DataFrame.from_dict(rows, orient="index")


def _ratios(federation, rows, texts, group, confidences):
    """Logarithms of the ratios for the specialists ``group`` on the documents of their domains, a row a confidence."""
    names = [federation.domains[i] for i in group]
    scored = [
        tempered_pools(row[list(group)], tokens, confidences)
        for row, tokens, home in zip(rows, texts, federation.test_domains, strict=True)
        if home in names
    ]
    loss = {
        name: -np.concatenate([getattr(s, name) for s in scored], axis=-1).mean(axis=-1)
        for name in ("singles", "product", "mixture")
    }
    best, worst = loss["singles"].min(axis=0), loss["singles"].max(axis=0)
    ratios = loss["product"] - worst, best - loss["mixture"], worst - best
    return pd.DataFrame(dict(zip((*RATIOS, "worst over best"), ratios, strict=True)))
