"""The one protocol of all combiners: predict before the outcome, hear it, forget at a new document."""

import copy
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from mixlib.arrays import numbers
from mixlib.federation.models.checkpoints import read_arrays, write_arrays

__all__ = ["Combiner", "WeightedCombiner"]


class Combiner(ABC):
    """Combiner: one next-token distribution out of those of ``N`` specialists, token by token.

    What is known before an outcome goes into :meth:`predict`; what each specialist gave to the outcome that came goes
    into :meth:`update`. Only the specialists in :attr:`chosen` need to be asked::

        combiner.reset()                                                 # a document begins
        for token in document:
            rows = np.stack([models[i](history) for i in combiner.chosen])
            log_probs = combiner.predict(rows)                           # (V,)
            combiner.update(rows[:, token])
            history.append(token)

    :meth:`fit` learns from validation text. :meth:`save` and :meth:`load` keep everything that was learned or heard,
    so a text can be continued elsewhere.

    Attributes
    ----------
    uses : {"history", "entropies", "rows"}
        What a prediction depends on besides earlier outcomes: nothing, each specialist's entropy, or whole rows.
    row : str
        What tables call it.
    reference : str
        BibTeX key of the source.
    place : int, optional
        Where it stands in tables; combiners without one come last, in the order of their names.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import FixedShare
    >>> combiner, rows = FixedShare(2), np.log([[0.9, 0.1], [0.5, 0.5]])  # two specialists, two tokens
    >>> combiner.reset()
    >>> np.exp(combiner.predict(rows)).round(3), np.exp(combiner.log_prob(rows[:, 0])).round(3)
    (array([0.7, 0.3]), np.float64(0.7))
    >>> combiner.update(rows[:, 0])  # token 0 came
    >>> np.exp(combiner.predict(rows)).round(3)
    array([0.751, 0.249])
    """

    uses = "history"
    row: ClassVar[str]
    reference: ClassVar[str]
    place: ClassVar[int]
    _arrays = ()  # names of the attributes that are the combiner's memory

    @property
    @abstractmethod
    def n(self):
        """How many specialists it combines; None if that is not known before a fit."""

    @property
    def chosen(self):
        """Numbers of the specialists to ask about the next token, increasing; all of them unless said otherwise."""
        return np.arange(self.n)

    @abstractmethod
    def predict(self, rows):
        """Log-probabilities ``(V,)`` of the next token, from ``rows (len(chosen), V)`` of the chosen specialists."""

    @abstractmethod
    def log_prob(self, log_probs):
        """Log-probability that the last prediction gives to an outcome with ``log_probs (len(chosen),)``."""

    @abstractmethod
    def update(self, log_probs):
        """Hear what each chosen specialist gave to the outcome that came, ``log_probs (len(chosen),)``."""

    @abstractmethod
    def reset(self):
        """Begin a new document."""

    @abstractmethod
    def fit(self, log_probs, document_starts=(0,)):
        """Learn from validation text, :class:`Predictions` or ``log_probs (N, T)`` of its outcomes; return ``self``.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.federation import EMWeights
        >>> EMWeights().fit(np.log([[0.9, 0.9, 0.1], [0.1, 0.1, 0.9]])).state.round(3)
        array([0.708, 0.292])
        """

    def along(self, text):
        """Run over a text, :class:`Predictions`: log-probabilities ``(T,)`` of the outcomes that came.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.federation import FixedShare, Predictions
        >>> text = Predictions(np.log([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]]))
        >>> np.exp(FixedShare(2).along(text)).round(3)
        array([0.5  , 0.788, 0.847])
        """
        out = np.empty(text.log_probs.shape[1])
        for document, (begin, end) in enumerate(text.documents()):
            self.reset()
            rows = text.rows(document)
            for t in range(begin, end):
                chosen = self.chosen
                self.predict(rows[chosen, t - begin])
                out[t] = self.log_prob(text.log_probs[chosen, t])
                self.update(text.log_probs[chosen, t])
        return out

    @classmethod
    def for_comparison(cls, n, validation=None, share=0.05):
        """The combiner of ``n`` specialists that a comparison runs; None if it has nothing to say without a fit.

        By default one that is fitted where there is validation text.

        Parameters
        ----------
        n : int
            Number of specialists.
        validation : None or Predictions, default=None
            What it may be fitted to, if it has something to fit.
        share : float, default=0.05
            Switching rate, for what follows the best specialist.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.federation import EMWeights, FixedShare, Predictions
        >>> FixedShare.for_comparison(2).share, EMWeights.for_comparison(2)
        (0.05, None)
        >>> EMWeights.for_comparison(2, Predictions(np.log([[0.9, 0.9], [0.1, 0.1]]))).state.round(3)
        array([1., 0.])
        """
        return cls(n) if validation is None else cls(n).fit(validation)

    @classmethod
    def compared(cls, validation, test, share, others):
        """The combiner of a comparison and the log-probabilities ``(T,)`` that it gives to a text.

        Parameters
        ----------
        validation, test : Predictions
            With entropies and rows.
        share : float
            As for :meth:`for_comparison`.
        others : callable
            Gives the same of another kind, so that one that stands on others need not run them again.

        Examples
        --------
        >>> import numpy as np
        >>> from mixlib.federation import FixedShare, Predictions
        >>> text = Predictions(np.log([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]]))
        >>> combiner, log_probs = FixedShare.compared(text, text, share=0.05, others=None)
        >>> np.exp(log_probs).round(2)
        array([0.5 , 0.79, 0.85])
        """
        combiner = cls.for_comparison(len(test.log_probs), validation, share)
        return combiner, combiner.along(test)

    @property
    def settings(self):
        """What validation text chose, or a run counted, by name, for the record of a comparison.

        Examples
        --------
        >>> from mixlib.federation import EntropyWeights
        >>> EntropyWeights(2).settings
        {'entropy_temperature': 1.0}
        """
        return {}

    def parts(self):
        """Combiners inside this one, by name.

        Examples
        --------
        >>> from mixlib.federation import LearnedGate
        >>> list(LearnedGate(2).parts())
        ['posterior']
        """
        return {}

    def state_dict(self):
        """Everything learned or heard, as a flat dictionary of arrays.

        Examples
        --------
        >>> from mixlib.federation import FixedShare
        >>> sorted(FixedShare(2).state_dict())
        ['log_state', 'prior', 'share']
        """
        missing = [name for name in self._arrays if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{type(self).__name__}: has no {', '.join(missing)} yet; call fit before saving")
        state = {name: np.array(getattr(self, name)) for name in self._arrays}
        for part, combiner in self.parts().items():
            state |= {f"{part}.{name}": array for name, array in combiner.state_dict().items()}
        return state

    def load_state_dict(self, state):
        """Take over what :meth:`state_dict` of a combiner of the same kind and size gave; return ``self``.

        Raises
        ------
        ValueError
            If ``state`` holds other names, or an array has another shape.

        Examples
        --------
        >>> from mixlib.federation import FixedShare
        >>> heard = FixedShare(2)
        >>> heard.update([-0.1, -2.0])
        >>> FixedShare(2).load_state_dict(heard.state_dict()).state.round(3)
        array([0.833, 0.167])
        """
        own = set(self._arrays)
        for part, combiner in self.parts().items():
            inner = {name.removeprefix(f"{part}."): a for name, a in state.items() if name.startswith(f"{part}.")}
            combiner.load_state_dict(inner)
            own |= {f"{part}.{name}" for name in inner}
        if own != set(state):
            raise ValueError(
                f"state: {type(self).__name__} needs {', '.join(sorted(own))}, got {', '.join(sorted(state))}; "
                f"load it into a combiner made with the same arguments"
            )
        for name in self._arrays:
            old, new = getattr(self, name), np.array(state[name])
            if old is not None and np.shape(old) != new.shape:
                raise ValueError(
                    f"state: {name} of {type(self).__name__} has shape {np.shape(old)}, got {new.shape}; "
                    f"load it into a combiner of as many specialists"
                )
            setattr(self, name, new if new.ndim else new.item())
        return self

    def save(self, path):
        """Write :meth:`state_dict` to ``path``, a NumPy ``.npz`` file that also says which kind of combiner it is.

        Examples
        --------
        >>> from mixlib.federation import FixedShare
        >>> FixedShare(2, prior=[0.9, 0.1]).save("weights.npz")
        >>> FixedShare(2).load("weights.npz").state
        array([0.9, 0.1])
        """
        write_arrays(path, self.state_dict(), {"kind": self._kind(), "specialists": self.n})

    def load(self, path):
        """Read what :meth:`save` wrote, into a combiner made with the same arguments; return ``self``.

        Raises
        ------
        ValueError
            If the file is missing, damaged, cut off, or holds another kind or size of combiner; the message names it.

        Examples
        --------
        >>> from mixlib.federation import FixedShare
        >>> FixedShare(2, prior=[0.9, 0.1]).save("weights.npz")
        >>> FixedShare(2).load("weights.npz").state
        array([0.9, 0.1])
        """
        state, about = read_arrays(path)
        if about.get("kind") != self._kind():
            raise ValueError(f"{path}: holds a {about.get('kind')}; load it into one, not into a {self._kind()}")
        if self.n is not None and about.get("specialists") != self.n:
            raise ValueError(f"{path}: is for {about.get('specialists')} specialists, and this combiner for {self.n}")
        try:
            copy.deepcopy(self).load_state_dict(state)  # so that a state that does not fit changes nothing
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        return self.load_state_dict(state)

    def _kind(self):
        inside = ", ".join(combiner._kind() for combiner in self.parts().values())
        return f"{type(self).__name__}({inside})" if inside else type(self).__name__


class WeightedCombiner(Combiner):
    r"""Linear pool with moving weights, :math:`p = \sum_i w_i p_i`, which are known before the outcome.

    Attributes
    ----------
    state : array (N,)
        The weights for the next outcome; 0 for a specialist that is not chosen.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import EntropyWeights, Predictions
    >>> combiner = EntropyWeights(2)
    >>> combiner.see(np.array([0.1, 2.0]))  # entropies: the first specialist is surer
    >>> combiner.state.round(3)
    array([0.87, 0.13])
    >>> text = Predictions(np.log([[0.9], [0.5]]), entropies=np.array([[0.1], [2.0]]))
    >>> combiner.weights_along(text).round(3)
    array([[0.87],
           [0.13]])
    """

    state = None

    def see(self, entropies):
        """Take in the entropies ``(len(chosen),)`` of the coming token's rows, in nats."""

    def predict(self, rows):
        """Log-probabilities ``(V,)`` of the mixture of ``rows (len(chosen), V)``."""
        rows = numbers(rows, "rows")
        if rows.ndim != 2 or len(rows) != len(self.chosen):
            raise ValueError(
                f"rows: expected shape ({len(self.chosen)}, V), a row for each of chosen, got {rows.shape}"
            )
        if self.uses == "entropies":
            self.see(entropy(rows))
        return _log_sum(rows + self._log_weights()[:, None].astype(rows.dtype))

    def log_prob(self, log_probs):
        """Log-probability of an outcome with ``log_probs (len(chosen),)`` under the current weights."""
        return float(_log_sum(log_probs + self._log_weights()))

    def along(self, text):
        """Run over a text, :class:`Predictions`: log-probabilities ``(T,)`` of the outcomes that came."""
        with np.errstate(divide="ignore"):  # a weight can be 0
            return _log_sum(text.log_probs + np.log(self.weights_along(text)))

    def weights_along(self, text):
        """Run over a text, :class:`Predictions`: the weights ``(N, T)`` proposed before each outcome."""
        weights = np.empty_like(text.log_probs)
        for begin, end in text.documents():
            self.reset()
            for t in range(begin, end):
                chosen = self.chosen
                if self.uses == "entropies":
                    self.see(text.entropies[chosen, t])
                weights[:, t] = self.state
                self.update(text.log_probs[chosen, t])
        return weights

    def _log_weights(self):
        with np.errstate(divide="ignore"):
            return np.log(self.state[self.chosen])


def _log_sum(terms):
    """``log sum_i exp(terms_i)`` over the first axis; also of nothing but ``-inf``."""
    top = terms.max(axis=0)
    top = np.where(np.isneginf(top), 0, top)
    with np.errstate(divide="ignore"):
        return top + np.log(np.exp(terms - top).sum(axis=0))


def entropy(rows):
    """Entropy of log-probabilities ``(..., V)``, in nats, ``(...)`` in float64."""
    rows = np.asarray(rows)
    terms = np.exp(rows)
    terms *= np.maximum(rows, np.finfo(rows.dtype).min)  # 0 log 0 is 0
    return -terms.sum(axis=-1, dtype=np.float64)
