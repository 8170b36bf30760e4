"""O-information in a pipeline: select the columns of the most synergistic or most redundant subsets.

The class keeps to scikit-learn's conventions and needs no scikit-learn.
"""

import inspect
import sys
import warnings

import numpy as np

from mixlib.arrays import whole
from mixlib.information.sweeps import o_information_sweep
from mixlib.information.uncertainty import SeriesWarning

__all__ = ["OInformation"]

SIDES = ("synergistic", "redundant")


class OInformation:
    """Feature selector: keeps the columns that belong to the most synergistic, or most redundant, subsets.

    It is for pipelines of scikit-learn, whose conventions it keeps: ``fit`` learns, what is learned ends with an
    underscore, and ``clone``, ``GridSearchCV`` and ``set_output`` work. The target, if there is one, is not looked at;
    measures about a target are in :func:`mixlib.information.target_sweep`.

    Source: Rosas et al. 2019.

    Parameters
    ----------
    orders : int, pair of int or str, default=3
        How many variables the subsets have, as for :func:`mixlib.o_information_sweep`.
    side : {"synergistic", "redundant"}, default="synergistic"
        Which end of the sweep: the subsets of lowest O-information or of highest, whatever its sign.
    top : int, default=1
        How many subsets; their columns together are kept. More keep more columns.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin", "auto"}, default="gaussian"
        As for :func:`mixlib.o_information_sweep`.
    search : {"exhaustive", "greedy", "annealing"}, default="exhaustive"
        Where all subsets are too many.
    options : None or dict, default=None
        Of the estimator, such as ``{"k": 5}`` for "ksg".
    rng : None, int or numpy.random.Generator, default=None
        Breaks ties for "ksg"; ``None`` is seed 0.

    Attributes
    ----------
    subsets_ : list of tuple of int
        Column numbers of the subsets, the most extreme first.
    omega_ : array (m,)
        Their O-information in nats.
    support_ : array of bool (n,)
        Which columns are kept.
    n_features_in_ : int
    feature_names_in_ : array of str
        Where columns had names, all of them text.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import OInformation
    >>> X = np.random.default_rng(0).normal(size=(500, 6))
    >>> X[:, 4] += X[:, 0] + X[:, 2]
    >>> selector = OInformation().fit(X)
    >>> selector.get_feature_names_out().tolist(), selector.transform(X).shape
    (['x0', 'x2', 'x4'], (500, 3))
    >>> selector.get_support(indices=True).tolist(), selector.get_params()["top"]
    ([0, 2, 4], 1)
    >>> OInformation().set_params(side="redundant").set_output(transform="pandas").fit_transform(X).shape
    (500, 3)
    """

    def __init__(
        self, orders=3, *, side="synergistic", top=1, estimator="gaussian", search="exhaustive", options=None, rng=None
    ):
        self.orders = orders
        self.side = side
        self.top = top
        self.estimator = estimator
        self.search = search
        self.options = options
        self.rng = rng

    def fit(self, X, y=None):
        """Sweep the columns of ``X``; ``y`` is not looked at.

        Parameters
        ----------
        X : array (T, N) or DataFrame
            As for :func:`mixlib.o_information_sweep`.
        y : None or array, default=None
            For the sake of pipelines.

        Returns
        -------
        OInformation
            Itself.

        Raises
        ------
        ValueError
            If an argument is unknown, or the samples cannot be swept.
        """
        if self.side not in SIDES:
            raise ValueError(f"side: got {self.side!r}, expected {' or '.join(map(repr, SIDES))}")
        whole(self.top, "top", 1)
        table = X if hasattr(X, "iloc") else _numbers(X)
        names, shape = _names_of(X), _shape_of(table)
        if shape[0] < 1 or shape[1] < 3:
            what, of, least = ("sample", 0, 1) if shape[0] < 1 else ("feature", 1, 3)
            raise ValueError(
                f"X: Found array with {shape[of]} {what}(s) (shape={shape}) while a minimum of {least} is required."
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SeriesWarning)  # of errors and p-values, of which there are none here
            sweep = o_information_sweep(
                table,
                orders=self.orders,
                top=self.top,
                estimator=self.estimator,
                search=self.search,
                progress=False,
                rng=self.rng,
                **(self.options or {}),
            )
        order = np.argsort(sweep.omega if self.side == "synergistic" else -sweep.omega, kind="stable")[: self.top]
        self.subsets_ = [tuple(row[row >= 0].tolist()) for row in sweep.subsets[order]]
        self.omega_ = sweep.omega[order]
        self.support_ = np.isin(np.arange(shape[1]), [column for subset in self.subsets_ for column in subset])
        self.n_features_in_ = shape[1]
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_  # of an earlier fit
        return self

    def transform(self, X):
        """The columns of ``X`` that are kept, as an array, or as :meth:`set_output` says.

        Raises
        ------
        ValueError
            If it was not fitted, or the columns are not those that it was fitted to.
        """
        self._check(X)
        kept = np.flatnonzero(self.support_)
        chosen = X.iloc[:, kept] if hasattr(X, "iloc") else _numbers(X)[:, kept]
        if self._output() == "default":
            return chosen.to_numpy() if hasattr(chosen, "to_numpy") else chosen
        import pandas as pd

        return chosen if hasattr(X, "iloc") else pd.DataFrame(chosen, columns=self.get_feature_names_out())

    def fit_transform(self, X, y=None):
        """What :meth:`transform` makes of ``X`` after :meth:`fit`."""
        return self.fit(X, y).transform(X)

    def get_support(self, indices=False):
        """Which columns are kept: a mask, or with ``indices=True`` their numbers."""
        self._check()
        return np.flatnonzero(self.support_) if indices else self.support_

    def get_feature_names_out(self, input_features=None):
        """Names of the columns that are kept; without names ``x0``, ``x1`` and so on.

        Parameters
        ----------
        input_features : None or sequence of str, default=None
            Names of all columns; where they are known it must be the same.

        Raises
        ------
        ValueError
            If it was not fitted, or the names are others or not as many.
        """
        self._check()
        known = getattr(self, "feature_names_in_", None)
        if input_features is None:
            names = [f"x{column}" for column in range(self.n_features_in_)] if known is None else known
        else:
            names = list(input_features)
            if known is not None and names != list(known):
                raise ValueError("input_features is not equal to feature_names_in_")
            if len(names) != self.n_features_in_:
                raise ValueError(
                    f"input_features should have length equal to number of features ({self.n_features_in_}), got "
                    f"{len(names)}"
                )
        return np.array(names, dtype=object)[self.support_]

    def get_params(self, deep=True):
        """The arguments that it was made with, a dict."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **params):
        """Change arguments; takes effect with the next :meth:`fit`.

        Raises
        ------
        ValueError
            If there is no such argument.
        """
        for name, value in params.items():
            if name not in self._parameters():
                known = ", ".join(self._parameters())
                raise ValueError(f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: {known}")
            setattr(self, name, value)
        return self

    def set_output(self, *, transform=None):
        """Let :meth:`transform` give "pandas" or "default" (an array); ``None`` leaves it as it is.

        Raises
        ------
        ValueError
            If it is something else.
        """
        if transform not in (None, "default", "pandas"):
            raise ValueError(f"transform: got {transform!r}, expected 'default' or 'pandas'")
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def __sklearn_is_fitted__(self):
        return hasattr(self, "support_")

    def __sklearn_tags__(self):
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="transformer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            input_tags=InputTags(),
        )

    def __repr__(self):
        defaults = {name: of.default for name, of in inspect.signature(type(self)).parameters.items()}
        given = [f"{name}={value!r}" for name, value in self.get_params().items() if value is not defaults[name]]
        return f"OInformation({', '.join(given)})"

    @classmethod
    def _parameters(cls):
        return list(inspect.signature(cls).parameters)

    def _output(self):
        """How results are wanted: as set here, else as set for all of scikit-learn."""
        general = sys.modules["sklearn"].get_config()["transform_output"] if sys.modules.get("sklearn") else "default"
        return getattr(self, "_sklearn_output_config", {}).get("transform", general)

    def _check(self, X=None):
        if not hasattr(self, "support_"):
            raise _not_fitted()
        if X is None:
            return
        names, (_, columns) = _names_of(X), _shape_of(X)
        known = getattr(self, "feature_names_in_", None)
        if names is not None and known is not None and list(names) != list(known):
            raise ValueError(
                "The feature names should match those that were passed during fit.\n"
                + _differing(list(names), list(known))
            )
        if columns != self.n_features_in_:
            raise ValueError(
                f"X has {columns} features, but OInformation is expecting {self.n_features_in_} features as input"
            )


def _names_of(X):
    """Names of the columns, if all are text."""
    names = list(X.columns) if hasattr(X, "iloc") else []
    return np.array(names, dtype=object) if names and all(isinstance(name, str) for name in names) else None


def _shape_of(X):
    shape = X.shape if hasattr(X, "shape") else np.asarray(X).shape
    if len(shape) != 2:
        raise ValueError(
            f"Expected 2D array, got {len(shape)}D array instead: shape {tuple(shape)}. Reshape your data: one row a "
            "sample and one column a feature"
        )
    return tuple(shape)


def _numbers(X):
    if hasattr(X, "tocsr"):
        raise TypeError("X: sparse input is not supported; use X.toarray()")
    values = np.asarray(X)
    if values.dtype.kind == "c":
        raise ValueError("X: Complex data not supported; give real and imaginary parts as columns")
    values = values.astype(float) if values.dtype.kind == "O" else values
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("X: Input contains NaN or infinity; drop or fill such rows")
    return values


def _differing(names, known):
    """In the words of scikit-learn, whose users know them."""
    unseen, missing = sorted(set(names) - set(known)), sorted(set(known) - set(names))
    lines = []
    if unseen:
        lines += ["Feature names unseen at fit time:", *(f"- {name}" for name in unseen[:5])]
    if missing:
        lines += ["Feature names seen at fit time, yet now missing:", *(f"- {name}" for name in missing[:5])]
    return "\n".join(lines or ["Feature names must be in the same order as they were in fit."]) + "\n"


def _not_fitted():
    """Scikit-learn's own error, where it is; that is a ValueError too."""
    text = "This OInformation instance is not fitted yet. Call 'fit' with appropriate arguments before using it."
    if sys.modules.get("sklearn"):
        from sklearn.exceptions import NotFittedError

        return NotFittedError(text)
    return ValueError(text)
