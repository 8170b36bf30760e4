"""What chance would share: the salient terms of texts, dealt again."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mixlib.arrays import generator
from mixlib.progress import Progress

BURN_IN = 5  # trades a text before the first deal counts


@dataclass(frozen=True, eq=False)
class NullModel:
    """How many salient terms pairs share when the terms are dealt again: the result of :func:`shuffle_terms`.

    Attributes
    ----------
    mean, sd : array (n, n)
        Of the number of shared terms over all deals.
    p_values : array (n, n)
        How often a deal gave a pair as many as it has, or more, the texts as they are included.
    rounds : int
        How many deals there were.

    Examples
    --------
    >>> from mixlib.seams import find_seams, shuffle_terms
    >>> null = shuffle_terms(find_seams({"a": "kelp broth", "b": "kelp broth", "c": "tin zinc", "d": "tin kelp"}))
    >>> bool(null.mean[0, 1] < 2), null.rounds
    (True, 100)
    """

    mean: Any
    sd: Any
    p_values: Any
    rounds: int


def shuffle_terms(seams, *, rounds=100, rng=None, progress=None):
    """Deal the salient terms of texts again and again: each text keeps how many it has, each term how many texts.

    Two texts at a time put the terms that only one of them has together, shuffle them and take as many back as each
    had. Long texts and common terms share much for no reason; this is how much.

    Source: Strona et al. 2014.

    Parameters
    ----------
    seams : Seams
        Of three texts or more: two that trade keep what they share.
    rounds : int, default=100
        How many deals; their number limits how small a p-value can be.
    rng : None, int or numpy Generator, default=None
        Of the dealing; ``None`` is seed 0.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    NullModel

    Raises
    ------
    ValueError
        If there are fewer than three texts, or ``rounds`` is below 1.

    Examples
    --------
    >>> from mixlib.seams import find_seams, shuffle_terms
    >>> texts = {"a": "kelp broth umami", "b": "kelp broth salt", "c": "brass tin copper"}
    >>> null = shuffle_terms(find_seams(texts), rounds=200)
    >>> bool(null.mean[0, 1] < 2), null.mean.shape
    (True, (3, 3))
    """
    count = len(seams.names)
    if count < 3:
        raise ValueError(f"seams: has {count} texts, and two that trade terms keep what they share; give three or more")
    if isinstance(rounds, bool) or not isinstance(rounds, int | np.integer) or rounds < 1:
        raise ValueError(f"rounds: got {rounds!r}, expected a whole number, 1 or more")
    rng = generator(rng)
    terms, dealt = np.unique(seams.salient.indices, return_inverse=True)
    hands = np.split(dealt, seams.salient.indptr[1:-1])
    found = seams.shared
    total, squares, as_many = np.zeros((count, count)), np.zeros((count, count)), np.ones((count, count))
    with Progress(progress, "dealing terms again", rounds, "deals") as work:
        for trades in [BURN_IN * count] + [count] * (rounds - 1):
            for _ in range(trades):
                _trade(hands, *rng.choice(count, 2, replace=False), rng)
            shared = _shared(hands, len(terms))
            total += shared
            squares += shared**2
            as_many += shared >= found
            work.add()
    mean = total / rounds
    sd = np.sqrt(np.maximum(squares / rounds - mean**2, 0))
    return NullModel(mean, sd, as_many / (rounds + 1), rounds)


def _trade(hands, one, other, rng):
    """Shuffle what only one of two hands holds; each gets back as many as it gave."""
    kept = np.intersect1d(hands[one], hands[other], assume_unique=True)
    pool = np.setxor1d(hands[one], hands[other], assume_unique=True)
    rng.shuffle(pool)
    given = len(hands[one]) - len(kept)
    hands[one], hands[other] = np.concatenate([kept, pool[:given]]), np.concatenate([kept, pool[given:]])


def _shared(hands, terms):
    held = np.zeros((len(hands), terms), dtype=np.float32)
    for row, hand in enumerate(hands):
        held[row, hand] = 1
    return (held @ held.T).astype(float)
