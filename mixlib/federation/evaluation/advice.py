"""Which combination to use, in one sentence, from a paired bootstrap over documents."""

from dataclasses import asdict, dataclass

import numpy as np

from mixlib.arrays import floats
from mixlib.federation.evaluation.significance import NORMAL, compare

FEWEST = 5  # documents below which a bootstrap over them says nothing


@dataclass(frozen=True)
class Advice:
    """Advice on which way of combining to use, and how sure that is.

    Attributes
    ----------
    use : str or None
        The row to take; None where the text is too short to tell.
    best_single : str
        The specialist that is best alone.
    lower_by_percent, standard_error : float or None
        How much lower the perplexity of the best combination is than that of the best single specialist.
    alike : tuple of str
        Combinations that cannot be told apart from the best one.
    documents : int
        How many there were to draw.
    sentence : str
        All of it in words.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import advise
    >>> starts, loss = np.arange(0, 80, 4), np.tile([-2.0, -3.0], 40)
    >>> found = advise({"sea alone": [loss], "land alone": [loss - 0.2], "mixture": [loss + 0.1]}, [starts])
    >>> found.use, found.documents, round(found.to_dict()["lower_by_percent"], 1)
    ('mixture', 20, 9.5)
    """

    use: str | None
    best_single: str
    lower_by_percent: float | None
    standard_error: float | None
    alike: tuple
    documents: int
    sentence: str

    def __str__(self):
        return self.sentence

    def to_dict(self):
        """All of it, ready for JSON."""
        return asdict(self) | {"alike": list(self.alike)}


def advise(log_probs, document_starts, *, resamples=10_000):
    """Advice on which way of combining to use: the best one, what is as good, and its gain on the best single.

    Two rows differ if the 95% interval of their difference in log-loss leaves out 0, over whole documents drawn with
    replacement (:func:`mixlib.federation.compare`), both scored on the same draws. The best ones are those of the same
    text, so on other text the gain is a little smaller.

    Parameters
    ----------
    log_probs : dict of str to list of array (T_s,)
        Log-probabilities of the tokens that came, one array a seed; rows that end in " alone" are single specialists,
        all others combinations.
    document_starts : list of array
        Where documents begin, one array a seed.
    resamples : int, default=10000
        How often documents are drawn. More make the intervals steadier and take longer.

    Returns
    -------
    Advice
        Prints as one sentence.

    Raises
    ------
    ValueError
        If there is no single specialist or no combination.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import advise
    >>> starts, loss = np.arange(0, 80, 4), np.tile([-2.0, -3.0], 40)
    >>> rows = {"sea alone": [loss], "land alone": [loss - 0.2], "mixture": [loss + 0.1]}
    >>> print(advise(rows, [starts]))
    use mixture: 9.5% ± 0.0 lower perplexity than the best single (sea alone), over 20 documents
    """
    loss = {
        name: -np.concatenate([floats(part, "log_probs") for part in values]).mean()
        for name, values in log_probs.items()
    }
    single = min((name for name in loss if name.endswith(" alone")), key=loss.get, default=None)
    best = min((name for name in loss if not name.endswith(" alone")), key=loss.get, default=None)
    if single is None or best is None:
        raise ValueError(f"log_probs: expected single specialists and combinations, got {', '.join(log_probs)}")
    documents = sum(map(len, document_starts))

    def result(use, gain, error, alike, sentence):
        return Advice(use, single, gain, error, tuple(alike), documents, sentence)

    if min(map(len, document_starts)) < 2 or documents < FEWEST:
        few = "1 document is" if documents == 1 else f"{documents} documents are"
        said = f"{best} has the lowest perplexity here" if loss[best] < loss[single] else f"no rule beats {single} here"
        return result(None, None, None, [], f"{said}, but {few} too few to be sure; give {FEWEST} or more, a file each")
    if np.isinf(loss[single]):
        return result(best, None, None, [], f"use {best}: every specialist alone excludes a token that came")

    if np.isinf(loss[best]):
        return result(single, None, None, [], f"use {single}: every combination excludes a token that came")

    finite = {name: values for name, values in log_probs.items() if np.isfinite(loss[name])}
    from_single = compare({name: finite[name] for name in (single, best)}, document_starts, single, resamples=resamples)
    difference, low, high = from_single.loc[best, ["difference", "low", "high"]]
    gain = -100 * np.expm1(difference)
    error = 100 * np.exp(difference) * (high - low) / (2 * NORMAL)
    from_best = compare(finite, document_starts, best, resamples=resamples)
    alike = [name for name in from_best.index[from_best["low"] <= 0] if name != single and not name.endswith(" alone")]
    over = f"the best single ({single})"
    if high < 0:
        said = f"use {best}: {gain:.1f}% ± {error:.1f} lower perplexity than {over}"
    elif low > 0:
        said = f"use {single}: even the best combination, {best}, has {-gain:.1f}% ± {error:.1f} higher perplexity"
    else:
        said = f"use {single}: the best combination, {best}, cannot be told apart from it ({-gain:+.1f}% ± {error:.1f})"
    if high < 0 and alike:
        said += f"; {_listed(alike)} cannot be told apart from {best}"
    use = best if high < 0 else single
    return result(use, float(gain), float(error), alike, f"{said}, over {documents} documents")


def _listed(names):
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
