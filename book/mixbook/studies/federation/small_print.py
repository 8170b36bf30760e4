"""The combiner's small print: who contributes where, what a combiner has to be told, and votes of witnesses."""

from dataclasses import dataclass

import numpy as np

from mixlib.federation.pools import mixture_combine, product_combine
from mixlib.federation.text import corpora
from mixlib.federation.text.specialists import Federation

CHARACTERS, VOCABULARY, ORDER, PLACES = 300_000, 1024, 3, 4000
OUTCOMES, DRAWS = 10, 2000


@dataclass(frozen=True)
class Places:
    """Three specialists at the places of a mixed text; arrays are ``(N, T)`` or ``(T,)``.

    Attributes
    ----------
    targets : array (N, T)
        Log-probabilities of the tokens that came.
    confidence : array (N, T)
        Largest probability that each gives, before the token came.
    favourite : bool array (N, T)
        Whether the token that came was each one's most probable one.
    share : array (N, T)
        Each one's part of the mixture's probability of the token that came.
    mixture : array (T,)
        The mixture's probability of it.
    gap_from_targets : float
        Largest difference, in nats, of the mixture of whole vectors and that of the targets alone.
    product_moves : array (T,)
        How far, in nats, the product's log-probability moves when one specialist's other probabilities change places.
    mixed_favourite : bool array (T,)
        Whether the token that came was the mixture's most probable one.
    predictions_move : dict of str to array (T,)
        How far each pool's whole prediction moves then, in total variation.
    """

    targets: np.ndarray
    confidence: np.ndarray
    favourite: np.ndarray
    share: np.ndarray
    mixture: np.ndarray
    gap_from_targets: float
    product_moves: np.ndarray
    mixed_favourite: np.ndarray
    predictions_move: dict

    @property
    def best(self):
        """Largest probability that any specialist gave the token that came."""
        return np.exp(self.targets.max(axis=0))

    @property
    def largest_share(self):
        """Share of the specialist that has the largest."""
        return self.share.max(axis=0)

    def one_is_sure(self, above, below):
        """Where one specialist gave the token more than ``above`` and each other one less than ``below``."""
        ordered = np.exp(np.sort(self.targets, axis=0))
        return (ordered[-1] > above) & (ordered[-2] < below)


def places(seed, documents=None):
    """Train three specialists and look at the places of their mixed text.

    Parameters
    ----------
    seed : int
    documents : dict of str to list of Document, optional
        Prose, Python and C++ from what is installed by default.

    Returns
    -------
    Places
    """
    documents = corpora.installed(CHARACTERS) if documents is None else documents
    text = Federation.train(documents, order=ORDER, vocabulary=VOCABULARY, rng=seed)
    tokens, starts = text.test.tokens, text.test.document_starts
    rows = np.stack([m.log_probs(tokens, starts)[:PLACES] for m in text.specialists]).astype(np.float64)
    came = tokens[:PLACES]
    at = np.arange(len(came)), came
    targets = rows[:, *at]
    joint = np.logaddexp.reduce(targets, axis=0)
    shuffled = rows.copy()
    shuffled[0] = others_shuffled(rows[0], came, np.random.default_rng(seed))
    before = {"mixture": mixture_combine(rows), "product": product_combine(rows)}
    after = {"mixture": mixture_combine(shuffled), "product": product_combine(shuffled)}
    return Places(
        targets=targets,
        confidence=np.exp(rows.max(axis=-1)),
        favourite=rows.argmax(axis=-1) == came,
        share=np.exp(targets - joint),
        mixture=np.exp(joint) / len(rows),
        gap_from_targets=float(np.abs(before["mixture"][at] - joint + np.log(len(rows))).max()),
        product_moves=np.abs(after["product"][at] - before["product"][at]),
        mixed_favourite=before["mixture"].argmax(axis=-1) == came,
        predictions_move={name: np.abs(np.exp(after[name]) - np.exp(before[name])).sum(axis=-1) / 2 for name in before},
    )


def others_shuffled(rows, kept, rng):
    """Rows ``(T, V)`` with all entries but column ``kept (T,)`` of each in a random order."""
    at = np.arange(len(rows))
    order = rng.permuted(np.tile(np.arange(rows.shape[1]), (len(rows), 1)), axis=1)
    moved = np.take_along_axis(rows, order, axis=1)
    taken = (order == kept[:, None]).argmax(axis=1)  # where the kept entry went: it and what lies in its place change
    moved[at, taken], moved[at, kept] = moved[at, kept], rows[at, kept]
    return moved


@dataclass(frozen=True)
class Consensus:
    """What pools of witnesses say, one value for each number of witnesses.

    Attributes
    ----------
    independent, dependent : array
        Mean probability of the truth under the product, of witnesses with signals of their own or with one signal.
    sureness : array
        Mean probability of its favourite under the product of those with one signal.
    mixture : array
        Mean probability of the truth under the mixture, signals of their own.
    plurality : array
        Share of the draws in which the product's favourite is among the outcomes with the most votes.
    """

    independent: np.ndarray
    dependent: np.ndarray
    sureness: np.ndarray
    mixture: np.ndarray
    plurality: np.ndarray


def consensus(accuracy, numbers, seed):
    """Witnesses of one of ten equally likely outcomes, right with probability ``accuracy``, who report their belief."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(OUTCOMES, size=DRAWS)
    wrong = (truth[:, None] + rng.integers(1, OUTCOMES, size=(DRAWS, max(numbers)))) % OUTCOMES
    signals = np.where(rng.random(wrong.shape) < accuracy, truth[:, None], wrong)
    belief = np.full((OUTCOMES, OUTCOMES), (1 - accuracy) / (OUTCOMES - 1))
    np.fill_diagonal(belief, accuracy)
    at, found = np.arange(DRAWS), []
    for n in numbers:
        reports = np.log(belief)[signals[:, :n]].swapaxes(0, 1)  # (n, draws, outcomes)
        alike = np.repeat(reports[:1], n, axis=0)
        joint, same = np.exp(product_combine(reports)), np.exp(product_combine(alike))
        counts = (signals[:, :n, None] == np.arange(OUTCOMES)).sum(axis=1)
        agreed = counts[at, joint.argmax(axis=1)] == counts.max(axis=1)
        pooled = np.exp(mixture_combine(reports))
        right = [given[at, truth].mean() for given in (joint, same)]
        found.append([*right, same.max(axis=1).mean(), pooled[at, truth].mean(), agreed.mean()])
    return Consensus(*np.array(found).T)
