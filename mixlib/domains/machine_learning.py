"""Machine learning: specialists on the next word under a gate that trusts each as much as its past allows; and mixup.

A gate that is trained has to find out whom to trust. Where the specialists are laws of words and one of them wrote the
text, Bayes' rule knows: a softmax gate whose scores are their log-probabilities of the past.
"""

import numpy as np

from mixlib.arrays import generator, whole
from mixlib.carriers.simplex import Simplex
from mixlib.domains.base import Constant, Domain
from mixlib.kernels.gated_routed import Gated, softmax_gate
from mixlib.simplex import check_weights

WORDS = ("cat", "dog", "fish")
SPECIALISTS = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]])  # how often each of two authors writes the three words
AUTHORS = np.array([0.4, 0.6])  # how much of the library each of them wrote
PAST = np.array([2, 1, 1])  # the words so far, counted
TEXTS = 200_000


def bayes_gate(past, temperature=1.0):
    r"""A gate that trusts each specialist as far as it expected the past, :math:`g_i \propto w_i \prod_k p_{ik}^{n_k}`.

    By Bayes' rule these are the chances that a specialist is the source, if the weights were so before and the outcomes
    are independent of each other. Its mixture is then the chance of the next outcome.

    Source: Jacobs et al. 1991.

    Parameters
    ----------
    past : array_like (d,)
        How often each outcome was seen.
    temperature : float, default=1.0
        1 is Bayes' rule, infinity the weights as they are; towards 0 the best specialist answers alone.

    Returns
    -------
    callable
        ``gate(weights, parts)`` for :class:`mixlib.kernels.Gated`; the parts are laws with positive chances of what
        was seen.

    Raises
    ------
    ValueError
        If a count is negative; when called, if no specialist can have seen such a past.

    Examples
    --------
    >>> from mixlib.domains.machine_learning import SPECIALISTS, bayes_gate
    >>> from mixlib.kernels import Gated
    >>> Gated(bayes_gate([0, 0, 3]))([0.5, 0.5], SPECIALISTS).round(3)  # three fish in a row
    array([0.203, 0.3  , 0.497])
    """
    past = np.asarray(past, dtype=float)
    if past.ndim != 1 or not np.all(past >= 0):
        raise ValueError(f"past: got {past.tolist()}; give how often each outcome was seen, (d,) numbers from 0 on")
    return softmax_gate(score=lambda parts: np.log(parts[..., past > 0]) @ past[past > 0], temperature=temperature)


def count_next(laws, weights, past, texts=TEXTS, rng=None):
    """How often each word comes next, counted among random texts of which the past is so.

    Every text has one author, drawn by the weights, who draws each word; texts with another past are thrown away.

    Parameters
    ----------
    laws : array_like (n, d)
        How often each author writes each word.
    weights : array_like (n,)
        How many texts each of them writes.
    past : array_like (d,) of int
        How often each word was seen, in any order.
    texts : int, default=200_000
    rng : None, int or numpy.random.Generator, default=None
        ``None`` is seed 0.

    Returns
    -------
    shares : array (d,)
    kept : int
        How many texts were counted.

    Raises
    ------
    ValueError
        If weights are off the simplex, or no text has such a past.

    Examples
    --------
    >>> from mixlib.domains.machine_learning import SPECIALISTS, count_next
    >>> shares, kept = count_next(SPECIALISTS, [0.5, 0.5], [0, 0, 3], texts=10_000)
    >>> kept, shares.round(2)
    (647, array([0.22, 0.29, 0.49]))
    """
    laws, past, rng = np.asarray(laws, dtype=float), np.asarray(past), generator(rng)
    weights = check_weights(weights, len(laws), like=laws)
    whole(texts, "texts", 1)
    author = np.searchsorted(np.cumsum(weights)[:-1], rng.random(texts), side="right")
    seen = np.zeros((texts, len(past)), dtype=int)
    steps = np.cumsum(laws, axis=1)[author][:, :-1]
    for _ in range(int(past.sum()) + 1):
        word = (rng.random(texts)[:, None] > steps).sum(axis=1)
        before = (seen == past).all(axis=1)  # true of the last step alone
        seen[np.arange(texts), word] += 1
    if not before.any():
        raise ValueError(f"past: none of {texts} texts has {past.tolist()}; ask for more texts or a shorter past")
    return np.bincount(word[before], minlength=len(past)) / before.sum(), int(before.sum())


def mixup(inputs, targets, alpha=1.0, rng=None):
    r"""Mixup: every example becomes a blend of itself and of another one, the target by the same shares.

    .. math:: \tilde x = (1 - t) \, x_i + t \, x_j, \qquad \tilde y = (1 - t) \, y_i + t \, y_j

    Source: Zhang et al. 2018.

    Parameters
    ----------
    inputs : array (..., n, d)
    targets : array (..., n, k)
        Values, or labels as laws.
    alpha : float, default=1.0
        The shares are drawn from the Beta law with both parameters alpha: 1 is uniform, small is nearly no blend.
    rng : None, int or numpy.random.Generator, default=None
        ``None`` is seed 0.

    Returns
    -------
    inputs, targets : arrays of the same shapes
    partner : array (..., n) of int
        With whom each was blended; itself, now and then.
    share : array (..., n)
        How much of the partner is in it.

    Raises
    ------
    ValueError
        If inputs and targets are of different numbers, or alpha is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.machine_learning import mixup
    >>> x, y, partner, share = mixup(np.array([[0.0], [8.0]]), np.eye(2), rng=1)
    >>> np.allclose(x[:, 0], 8 * y[:, 1])
    True
    """
    inputs, targets = np.asarray(inputs), np.asarray(targets)
    if inputs.ndim < 2 or targets.ndim < 2 or inputs.shape[:-1] != targets.shape[:-1]:
        raise ValueError(f"targets: shape {targets.shape} does not fit inputs of shape {inputs.shape}; one row each")
    if not alpha > 0:
        raise ValueError(f"alpha: got {alpha}; give a positive number, 1 for uniform shares")
    rng = generator(rng)
    partner = np.argsort(rng.random(inputs.shape[:-1]), axis=-1)
    share = rng.beta(alpha, alpha, inputs.shape[:-1])

    def blended(values):
        t = share[..., None].astype(values.dtype)
        return (1 - t) * values + t * np.take_along_axis(values, partner[..., None], axis=-2)

    return blended(inputs), blended(targets), partner, share


DOMAIN = Domain(
    about="the next word by two authors' habits, under a gate that knows the words so far",
    parts=SPECIALISTS,
    weights=AUTHORS,
    kernel=Gated(bayes_gate(PAST)),
    carrier=Simplex(metric="linear"),
    points="probabilities of cat, dog and fish",
    unit="probability",
    known=count_next(SPECIALISTS, AUTHORS, PAST)[0],
    tolerance=0.01,  # three standard errors of a share of one in three among 20,000 texts
    source="Jacobs et al. 1991",
    reference="jacobs1991",
    route="simulation",
    constants={
        f"{author} author, {word}": Constant(value=share, unit="of words", source="chosen here")
        for author, shares in zip(("first", "second"), SPECIALISTS, strict=True)
        for word, share in zip(WORDS, shares, strict=True)
    },
)
