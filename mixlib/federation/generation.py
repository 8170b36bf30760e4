"""Text that a mixture of specialists goes on with: each token drawn from the mixture, with the shares behind it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mixlib.arrays import generator, integers, whole
from mixlib.federation.audit.attribution import Attribution, attribute_targets
from mixlib.federation.combiners.base import WeightedCombiner, entropy
from mixlib.federation.combiners.em_weights import EMWeights
from mixlib.federation.models.truncated import TopK, mixture_bounds
from mixlib.progress import Progress
from mixlib.simplex import check_weights

__all__ = ["Generation", "generate"]

MOST = 100  # tokens
LENGTH, END, TEXT = "length", "end token", "stop"  # why a text ended


class Step(NamedTuple):
    """One token: what each specialist gave it ``(N,)``, and with which probability it was drawn."""

    token: int
    weights: np.ndarray
    log_probs: np.ndarray
    least: np.ndarray
    most: np.ndarray
    log_prob: float
    drawn: float


@dataclass(frozen=True)
class Generation:
    """Continuation of a text by a mixture of specialists, with the account of every token.

    Attributes
    ----------
    prompt : integer array (P,)
        What was gone on from.
    tokens : integer array (T,)
        The continuation.
    attribution : Attribution
        Of the continuation: log-probabilities, weights and shares ``r_i = w_i p_i / sum_j w_j p_j``, ``(N, T)``.
    drawn : array (T,)
        Log-probability with which each token was drawn: that of the mixture, after temperature, top-k and top-p.
    least, most : array (N, T)
        Bounds of the shares; the shares themselves but for specialists that send only their top k.
    ended : {"length", "end token", "stop"}
        Why it ends.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import CacheModel, generate
    >>> seen = {"sea": [0, 0, 1], "land": [2, 2, 1]}
    >>> models = {name: CacheModel(3).fit(np.array(tokens)) for name, tokens in seen.items()}
    >>> text = generate(models, [0, 0], most=5)
    >>> len(text.tokens), text.ended, text.shares.shape, bool(np.allclose(text.shares.sum(axis=0), 1))
    (5, 'length', (2, 5), True)
    >>> text.exact, sorted(text.to_dict())
    (True, ['ended', 'mean_shares', 'prompt', 'tokens'])
    """

    prompt: np.ndarray
    tokens: np.ndarray
    attribution: Attribution
    drawn: np.ndarray
    least: np.ndarray
    most: np.ndarray
    ended: str

    @property
    def names(self):
        """The specialists."""
        return self.attribution.names

    @property
    def shares(self):
        """Posterior share of each specialist in each token, ``(N, T)``."""
        return self.attribution.responsibilities

    @property
    def exact(self):
        """Whether the shares are known to a millionth, not only within bounds."""
        return bool((self.most - self.least).max(initial=0.0) <= 1e-6)

    def to_dict(self, pieces=None):
        """All of it, ready for JSON; ``pieces`` adds the text of each token."""
        tokens = []
        for i, record in enumerate(self.attribution.records()):
            one = {"position": i, "token": record["target"]} | ({} if pieces is None else {"text": pieces[i]})
            one |= {"log_prob": record["joint"], "drawn_log_prob": float(self.drawn[i])}
            one |= {"weights": record["weights"], "log_probs": record["specialists"]}
            one |= {"shares": record["responsibilities"]}
            if not self.exact:
                ends = zip(self.least[:, i].tolist(), self.most[:, i].tolist(), strict=True)
                one["share_bounds"] = dict(zip(self.names, map(list, ends), strict=True))
            tokens.append(one)
        means = self.shares.mean(axis=1).tolist() if len(self.tokens) else [None] * len(self.names)
        return {
            "prompt": self.prompt.tolist(),
            "tokens": tokens,
            "mean_shares": dict(zip(self.names, means, strict=True)),
            "ended": self.ended,
        }


def generate(
    specialists,
    prompt=(),
    *,
    most=MOST,
    combiner=None,
    weights=None,
    temperature=1.0,
    top_k=None,
    top_p=1.0,
    end_tokens=(),
    until=None,
    rng=0,
    progress=None,
):
    r"""Continuation drawn from a mixture of specialists, token by token, with each one's exact share in every token.

    A token :math:`x` is drawn from the mixture :math:`m = \sum_i w_i p_i`. Its shares are the posterior of who said it,
    :math:`r_i = w_i p_i(x) / m(x)`. Temperature, top-k and top-p change what is drawn and not the shares: they are
    applied to the mixture, in this order, :math:`q \propto m^{1/T}` on the tokens that remain.

    The weights hear the prompt before they are used, and then every token that was drawn. Specialists that send only
    their top k (:class:`mixlib.federation.ServedModel`) are drawn from at their estimate, and the shares have bounds.

    Parameters
    ----------
    specialists : dict of str to model
        At least two over one vocabulary, each with ``vocabulary`` and ``log_probs``; or ``following()``, for a text
        that grows.
    prompt : integer array (P,), default=()
        What to go on from; nothing begins a document.
    most : int, default=100
        Tokens to draw; fewer come where the text ends earlier.
    combiner : None or WeightedCombiner, default=None
        The rule of the weights, fitted if it has something to fit; ``None`` means constant ones.
    weights : None or array (N,), default=None
        Constant weights on the simplex, in place of a combiner; ``None`` means ``1 / N`` each.
    temperature : float, default=1.0
        Below 1 the probable becomes more so, above 1 less; 0 takes the most probable token.
    top_k : None or int, default=None
        Draw from so many of the most probable tokens; ``None`` from all.
    top_p : float, default=1.0
        Draw from the most probable tokens that hold so much of the probability together, in ``(0, 1]``.
    end_tokens : sequence of int, default=()
        Tokens that end the text, themselves included.
    until : None or callable, default=None
        ``until(steps)`` is true where the text should end; it is asked after every token, with a list of all so far,
        each with ``token``, ``weights`` and ``log_probs``.
    rng : None, int or numpy.random.Generator, default=0
        Draws the tokens, one number each.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    Generation
        Tokens and their account.

    Raises
    ------
    ValueError
        If there are fewer than two specialists, their vocabularies differ, a setting is out of range, the combiner is
        no mixture or for another number, or no specialist thinks any token possible.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import CacheModel, generate
    >>> seen = {"sea": [0, 0, 1], "land": [2, 2, 1]}
    >>> models = {name: CacheModel(3).fit(np.array(tokens)) for name, tokens in seen.items()}
    >>> text = generate(models, most=3, temperature=0)
    >>> text.tokens, text.shares.round(2)
    (array([0, 0, 0]), array([[0.83, 0.83, 0.83],
           [0.17, 0.17, 0.17]]))
    """
    options = {"combiner": combiner, "weights": weights, "temperature": temperature, "top_k": top_k, "top_p": top_p}
    drawing = Drawing(specialists, prompt, **options, rng=rng)
    return drawing.result(drawing.run(most, end_tokens, until, progress))


class Drawing:
    """A text in the making: :meth:`run` draws tokens, and what it drew before an error is in :attr:`steps`."""

    def __init__(self, specialists, prompt, *, combiner, weights, temperature, top_k, top_p, rng):
        self.names, models = tuple(specialists), list(specialists.values())
        if len(models) < 2:
            raise ValueError(f"specialists: expected at least 2 to combine, got {len(models)}")
        sizes = {name: model.vocabulary for name, model in specialists.items()}
        if len(set(sizes.values())) > 1:
            raise ValueError(f"specialists: vocabularies of different size {sizes}; they must share one tokenizer")
        self.vocabulary = models[0].vocabulary
        check_settings(temperature, top_k, top_p)
        self.settings, self.rng = (temperature, top_k, top_p), generator(rng)
        self.combiner = _combiner(combiner, weights, len(models))
        self.combiner.reset()
        self.following = [model.following() if hasattr(model, "following") else Following(model) for model in models]
        self.prompt, self.steps = _tokens(prompt, self.vocabulary), []
        for place, token in enumerate(self.prompt.tolist()):
            # a server has no prediction before the first token, so none is compared there
            mute = place == 0 and any(getattr(one, "mute", False) for one in self.following)
            self._hear(token, None if mute or not self._listens else self._predictions())

    @property
    def _listens(self):
        """Whether the weights depend on what came: constant ones need not ask what the specialists gave a prompt."""
        return not isinstance(self.combiner, EMWeights)

    def run(self, most, end_tokens=(), until=None, progress=None):
        """Draw until the text ends, as :func:`generate` says; return why it does.

        Parameters
        ----------
        most : int
            Tokens to draw at most.
        end_tokens : sequence of int, default=()
            Tokens that end the text.
        until : None or callable, default=None
            Takes the steps so far after each token; where it gives true the text ends.
        progress : None, bool or callable, default=None
            Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
            line of text now and then instead.
        """
        end_tokens = set(end_tokens)
        with Progress(progress, "drawing", whole(most, "most", 0), "tokens") as work:
            while len(self.steps) < most:
                self.steps.append(self._step())
                work.add()
                if self.steps[-1].token in end_tokens:
                    return END
                if until is not None and until(self.steps):
                    return TEXT
        return LENGTH

    def _step(self):
        """Draw a token; every specialist and the combiner hear it."""
        chosen, sides = self._predictions()
        weights = np.zeros(len(self.following))
        weights[chosen] = self.combiner.state[chosen]
        mixed = weights[chosen] @ sides[2]
        if not mixed.sum() > 0:
            raise ValueError("specialists: none of positive weight thinks any token possible here")
        q = drawn_from(mixed / mixed.sum(), *self.settings)
        token = int(
            min(np.searchsorted(np.cumsum(q), self.rng.random() * q.sum(), side="right"), np.flatnonzero(q)[-1])
        )
        given = np.zeros((3, len(self.following)))
        given[:, chosen] = sides[:, :, token]
        joint = weights * given
        with np.errstate(divide="ignore"):
            self._hear(token, (chosen, sides))
            return Step(
                token,
                weights,
                np.log(given[2]),
                *_share_bounds(*joint[:2]),
                float(np.log(joint[2].sum())),
                float(np.log(q[token] / q.sum())),
            )

    def result(self, ended):
        """The :class:`Generation` of the tokens drawn so far, and why there are no more."""
        n, steps = len(self.names), self.steps
        rows = [np.stack([s[i] for s in steps], axis=1) if steps else np.zeros((n, 0)) for i in range(1, 5)]
        weights, log_probs, least, most = rows
        tokens = np.array([step.token for step in steps], dtype=np.int64)
        joint = np.array([step.log_prob for step in steps])
        if steps:
            account = attribute_targets(log_probs, tokens, weights, joint, self.names)
        else:
            account = Attribution(tokens, joint, log_probs, weights, weights, joint, self.names, dtype="float64")
        drawn = np.array([step.drawn for step in steps])
        return Generation(self.prompt, tokens, account, drawn, least, most, ended)

    def _predictions(self):
        """Numbers of those asked, and the least, most and likely probabilities ``(3, k, V)`` that they give."""
        chosen = self.combiner.chosen if self.combiner.n > 1 else np.arange(1)
        sides = np.stack([_sides(self.following[i].next(), self.vocabulary) for i in chosen], axis=1)
        if self.combiner.uses == "entropies":
            with np.errstate(divide="ignore"):
                self.combiner.see(entropy(np.log(sides[2])))
        return chosen, sides

    def _hear(self, token, said):
        if said is not None:
            with np.errstate(divide="ignore"):
                self.combiner.update(np.log(said[1][2, :, token]))
        for one in self.following:
            one.hear(token)


class Following:
    """What a model says next in a text that grows token by token, for models that score whole texts."""

    def __init__(self, model):
        self.model, self.tokens = model, []
        self.reach = getattr(model, "order", None)  # an n-gram model knows no token further back

    def next(self):
        """Log-probabilities ``(V,)`` of the next token."""
        known = self.tokens if self.reach is None else self.tokens[max(len(self.tokens) - self.reach + 1, 0) :]
        return self.model.log_probs(np.array([*known, 0]))[-1]

    def hear(self, token):
        """The text goes on with ``token``."""
        self.tokens.append(token)


def drawn_from(probs, temperature, top_k, top_p):
    """Probabilities ``(V,)``, not normalised, after temperature, top-k and top-p; of equals the lower number stays."""
    if temperature == 0:
        top_k, temperature = 1, 1.0
    with np.errstate(divide="ignore", over="ignore"):  # at the lowest temperatures the others have no chance at all
        q = np.exp((np.log(probs) - np.log(probs.max())) / temperature)
    if top_k is not None or top_p < 1:
        order = np.argsort(-q, kind="stable")
        held = np.cumsum(q[order])
        keep = len(q) if top_k is None else min(top_k, len(q))
        if top_p < 1:  # of what top-k left
            keep = min(keep, int(np.searchsorted(held[:keep], top_p * held[keep - 1])) + 1)
        q[order[keep:]] = 0
    return q


def check_settings(temperature, top_k, top_p):
    """Raise a ValueError unless temperature, top-k and top-p are in their ranges."""
    if not 0 <= temperature < np.inf:
        raise ValueError(f"temperature: expected a number of at least 0, got {temperature}; 1 draws from the mixture")
    if top_k is not None:
        whole(top_k, "top_k", 1)
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p: expected a probability in (0, 1], got {top_p}; 1 leaves out nothing")


def _combiner(combiner, weights, n):
    if combiner is None:
        combiner = EMWeights()
        combiner.state = np.asarray(check_weights(weights, n, like=np.zeros(n)), dtype=float)
    elif weights is not None:
        raise ValueError("weights: are constant ones; give them, or a combiner, not both")
    if not isinstance(combiner, WeightedCombiner):
        raise ValueError(
            f"combiner: {type(combiner).__name__} is no mixture, so its tokens have no shares; take one with weights, "
            f"such as FixedShare"
        )
    if combiner.n != n:
        raise ValueError(f"combiner: is for {combiner.n or 'no'} specialists, there are {n}; make it for as many")
    return combiner


def _tokens(prompt, vocabulary):
    if np.size(prompt) == 0:
        return np.zeros(0, dtype=np.int64)
    tokens = integers(prompt, "prompt", vocabulary)
    if tokens.ndim != 1:
        raise ValueError(f"prompt: expected tokens (P,), got shape {tokens.shape}")
    return tokens.astype(np.int64)


def _sides(said, vocabulary):
    """Least, most and likely probability ``(3, V)`` of each token: all the same for a whole row."""
    if isinstance(said, TopK):
        bounds = mixture_bounds([said])
        return np.exp([bounds.lower, bounds.upper, bounds.estimate])
    row = np.exp(np.asarray(said, dtype=np.float64))
    return np.broadcast_to(row, (3, vocabulary))


def _share_bounds(low, high):
    """Least and most share of each specialist whose term ``w_i p_i`` lies between ``low`` and ``high``, ``(N,)``."""

    def share(own, others):
        total = own + others
        return np.divide(own, total, out=np.zeros_like(own), where=total > 0)

    return share(low, high.sum() - high), share(high, low.sum() - low)
