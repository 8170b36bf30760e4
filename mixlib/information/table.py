"""Samples of any kind, read into one table of numbers, and the columns that together form one variable.

What cannot be measured is named and refused.
"""

import operator
from dataclasses import dataclass
from functools import cached_property
from numbers import Real

import numpy as np
from array_api_compat import is_array_api_obj, is_torch_array

from mixlib.arrays import native, numbers


@dataclass(frozen=True)
class Table:
    """Samples in numbers.

    Attributes
    ----------
    values : array (T, N)
        Float64, finite, no column constant; categories are numbered in their order.
    groups : list of lists of int
        The columns of each variable. Every column is in one.
    labels : tuple of str
        What to call the columns in messages: ``"column 3"``, ``"column 'age'"``.
    nominal : tuple of bool
        True for columns of more than two categories without an order, whose numbers mean nothing.
    variables : tuple of str or None
        Names of the variables, if the samples had any.
    """

    values: np.ndarray
    groups: list
    labels: tuple
    nominal: tuple
    variables: tuple | None = None

    @cached_property
    def distinct(self):
        """How many different values each column has."""
        return [len(np.unique(column)) for column in self.values.T]

    def looks_continuous(self, column):
        """Whether the column has too many different values for a set of states."""
        return self.distinct[column] > max(8, len(self.values) // 5)


def read_table(samples, groups=None, together=None):
    """Read ``samples`` into a :class:`Table`; columns in none of the ``groups`` are not even looked at.

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        NumPy array, torch tensor or a list of T lists; a pandas frame may have nullable and categorical columns, others
        are turned into one by their own ``to_pandas``.
    groups : list of lists, or dict of lists, optional
        Columns that together form one variable, see :func:`mixlib.information.table.check_groups`.
    together : int, optional
        How many columns are measured together, by default all; samples must be two more.

    Raises
    ------
    ValueError
        If the shape is wrong, a value is missing, infinite or text, a column is constant, or samples are too few.
    """
    if hasattr(samples, "to_pandas"):
        samples = samples.to_pandas()
    if hasattr(samples, "iloc") and hasattr(samples, "columns"):
        names = tuple(str(name) for name in samples.columns)
    else:
        samples, names = _array(samples), None
    if len(samples.shape) != 2 or samples.shape[1] < 2:
        raise ValueError(
            f"samples: expected shape (T, N), one row a sample and N >= 2 columns, got {tuple(samples.shape)}"
        )
    numbers = check_groups(groups, samples.shape[1], names)
    used = columns_of(numbers, range(len(numbers)))
    labels = tuple(f"column {names[column]!r}" if names else f"column {column}" for column in used)
    if names:
        read = [_frame_column(samples.iloc[:, column], label) for column, label in zip(used, labels, strict=True)]
        values, nominal = np.column_stack([column for column, _ in read]), tuple(flag for _, flag in read)
    else:
        values, nominal = samples[:, used], (False,) * len(used)
    how_to_drop = "frame.dropna()" if names else "x[numpy.isfinite(x).all(axis=1)]"
    _check_values(values, labels, together or len(labels), how_to_drop)
    ends = np.cumsum([len(group) for group in numbers])
    places = [list(range(end - len(group), end)) for end, group in zip(ends.tolist(), numbers, strict=True)]
    return Table(np.ascontiguousarray(values), places, labels, nominal, variable_names(groups, numbers, names))


def check_groups(groups, n_columns, names=None):
    """Return ``groups`` as lists of column numbers, one a variable; by default every column is its own.

    Parameters
    ----------
    groups : list of lists, or dict of lists, optional
        Columns by name where there are ``names``, or by number. The keys of a dict name the variables.
    n_columns : int
    names : sequence of str, optional
        The columns' names.

    Raises
    ------
    ValueError
        If there are fewer than two groups, one is empty, or a column does not exist or is in two groups.
    """
    if groups is None:
        return [[column] for column in range(n_columns)]
    lists = groups.values() if isinstance(groups, dict) else groups
    if isinstance(lists, str) or not _all_lists(lists):
        raise ValueError(f"groups: expected lists of column numbers or names, got {groups!r}")
    numbers = [[_number(column, n_columns, names) for column in group] for group in lists]
    if len(numbers) < 2 or not all(numbers):
        raise ValueError(f"groups: expected at least 2 groups and none empty, got {groups!r}")
    columns = [column for group in numbers for column in group]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        label = repr(names[twice[0]]) if names else twice[0]
        raise ValueError(f"groups: column {label} is in two places; a column belongs to one group")
    return numbers


def variable_names(groups, numbers, names=None):
    """What to call the variables: a dict's keys, else the names of their columns; None if there are no names."""
    if isinstance(groups, dict):
        return tuple(map(str, groups))
    return names and tuple("+".join(names[column] for column in group) for group in numbers)


def columns_of(groups, variables):
    """The columns of the groups that ``variables`` names."""
    return [column for variable in variables for column in groups[variable]]


def _array(samples):
    if isinstance(samples, (list, tuple)):
        try:
            samples = np.array(samples)
        except ValueError:
            raise ValueError(
                "samples: the rows of the list differ in length; every row needs a value a column"
            ) from None
    samples = native(samples, "samples", "biufcOSUMm")
    if is_torch_array(samples):
        samples = numbers(samples, "samples")
    if not is_array_api_obj(samples):
        raise ValueError(
            f"samples: expected an array (T, N), a list of rows or a DataFrame, got {type(samples).__name__}"
        )
    samples = np.asarray(samples)
    if samples.dtype.kind not in "fiub":
        kinds = sorted({type(value).__name__ for value in samples.flat})
        if not set(kinds) <= {"int", "float", "bool", "NoneType"}:
            raise ValueError(
                f"samples: expected real numbers, found {', '.join(kinds)}; turn categories into integers "
                "(pandas.factorize) first"
            )
    return samples.astype(float)


def _frame_column(series, label):
    """The numbers of a frame's column, and whether they are names without an order."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy(dtype=float)
        nominal = not series.cat.ordered and len(series.cat.categories) > 2
        return np.where(codes < 0, np.nan, codes), nominal
    numeric = pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_complex_dtype(series.dtype)
    if not numeric and not all(isinstance(value, Real) for value in series.dropna()):
        kind = next(type(value).__name__ for value in series.dropna() if not isinstance(value, Real))
        raise ValueError(
            f"samples: {label} holds {'text' if kind == 'str' else kind}, not numbers; leave it out, or make it "
            "a category with frame[name].astype('category')"
        )
    return series.to_numpy(dtype=float, na_value=np.nan), False


def _check_values(values, labels, together, how_to_drop):
    missing = ~np.isfinite(values)
    if missing.any():
        column = int(np.argmax(missing.any(axis=0)))
        row = int(np.argmax(missing[:, column]))
        raise ValueError(
            f"samples: {values[row, column]} in row {row}, {labels[column]}; {missing.any(axis=1).sum()} of "
            f"{len(values)} rows have missing or infinite values, drop them with {how_to_drop} or fill them"
        )
    if len(values) < together + 2:
        raise ValueError(
            f"samples: {len(values)} samples of {len(labels)} columns are too few, at least {together + 2} are "
            "needed (rows are samples: is the table transposed?)"
        )
    constant = np.flatnonzero(np.ptp(values, axis=0) == 0)
    if len(constant):
        raise ValueError(f"samples: {labels[constant[0]]} is constant and carries no information; drop it")


def _all_lists(lists):
    try:
        return all(iter(group) and not isinstance(group, str) for group in lists)
    except TypeError:
        return False


def _number(column, n_columns, names):
    found = names.count(str(column)) if names else 0
    if found == 1:
        return names.index(str(column))
    if found:
        raise ValueError(f"groups: {found} columns are named {column!r}; rename them or give their numbers")
    try:
        number = operator.index(column)
    except TypeError:
        number = -1
    if not 0 <= number < n_columns:
        known = f"{', '.join(names)}" if names else f"0 to {n_columns - 1}"
        raise ValueError(f"groups: column {column!r} does not exist, columns are {known}")
    return number
