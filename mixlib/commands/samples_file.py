"""A file of samples, read into a table that can be measured; everything in the way of it is named at once.

Columns that hold text, count the rows, are constant or repeat another one, and rows with missing values: each is either
left out, where the user said so, or reported with what to do about it.
"""

from functools import partial
from numbers import Real

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from mixlib.commands.command import MOST_NAMED, check_file, enumerated

KINDS = ("text", "row-numbers", "constant", "missing", "duplicates")
SAME = 1 - 1e-12  # correlation of columns that are one


def read_samples(path, *, columns=None, categories=(), drop=(), estimator="gaussian"):
    """Read the columns of a .csv, .parquet or .npy file.

    Parameters
    ----------
    path : Path
    columns : list of str, optional
        The names of those to use, by default all; in .npy files their numbers.
    categories : list of str
        Columns whose values are names of states.
    drop : collection of str
        Which of the ``KINDS`` of trouble to leave out: of "missing" the rows, otherwise the columns.
    estimator : str
        Equal columns share infinite information for some and not for others.

    Returns
    -------
    frame : pandas DataFrame
    left_out : list of str
        What was left out, a line a kind.

    Raises
    ------
    ValueError
        If the file or a column does not exist, or there is trouble that is not among those to leave out: one line for
        each kind.
    """
    frame = _choose(read_file(path), columns, "--columns")
    for name in _choose(frame, categories, "--categories").columns if categories else ():
        frame[name] = frame[name].astype("category")
    steps = {"text": _text, "row-numbers": _row_numbers, "constant": _constant, "missing": _missing}
    if estimator not in ("plugin", "auto") or "duplicates" in drop:
        steps["duplicates"] = partial(_duplicates, estimator=estimator)
    left_out, troubles = [], []
    for kind, step in steps.items():
        frame, trouble, way_out = step(frame)
        if trouble and kind in drop:
            left_out.append(trouble)
        elif trouble:
            troubles.append(f"  {kind}: {trouble}; {way_out}")
        if frame.empty:
            break
    if troubles:
        raise ValueError("\n".join([f"{path}: cannot be measured as it is", *troubles]))
    if frame.empty and left_out:
        raise ValueError(f"{path}: nothing is left after --drop {','.join(drop)} ({'; '.join(left_out)})")
    if frame.empty:
        raise ValueError(f"{path}: has a header ({enumerated(frame.columns)}) but no rows of data")
    return frame, left_out


def read_file(path):
    """The table in a .csv, .parquet or .npy file."""
    check_file(path)
    readers = {".csv": _read_csv, ".parquet": _read_parquet, ".npy": _read_npy}
    suffix = path.suffix.lower()
    if suffix not in readers:
        raise ValueError(f"{path}: expected .csv, .parquet or .npy, got {suffix or 'no suffix'}")
    frame = readers[suffix](path)
    if frame.shape[1] < 2:
        raise ValueError(f"{path}: has {frame.shape[1]} column, at least 2 are needed; rows are samples")
    return frame


def _read_csv(path):
    try:
        separator = ","
        head = pd.read_csv(path, header=None, nrows=1)
        if head.shape[1] == 1:
            separator = next((mark for mark in ";\t" if mark in str(head.iloc[0, 0])), ",")
            head = pd.read_csv(path, header=None, nrows=1, sep=separator)
        named = any(isinstance(value, str) for value in head.iloc[0])
        return pd.read_csv(path, header=0 if named else None, sep=separator, low_memory=False)
    except pd.errors.EmptyDataError:
        raise ValueError(f"{path}: is empty") from None
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: is not a table of comma-separated values in UTF-8 ({reason})") from None


def _read_parquet(path):
    try:
        import pyarrow  # noqa: F401, pandas reads with it
    except ImportError:
        raise ImportError(f"{path}: to read Parquet files, install the package pyarrow (pip install pyarrow)") from None
    try:
        return pd.read_parquet(path, engine="pyarrow")
    except Exception as error:  # a damaged file can make pandas stumble over anything: OSError, KeyError, TypeError
        raise ValueError(f"{path}: is not a Parquet file, or damaged ({' '.join(str(error).split())})") from None


def _read_npy(path):
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: is not a NumPy array of numbers ({error})") from None
    if array.ndim != 2:
        raise ValueError(f"{path}: expected an array (samples, variables), got shape {array.shape}")
    return pd.DataFrame(array)


def _choose(frame, wanted, option):
    if wanted is None:
        return frame
    known = {str(name): name for name in frame.columns}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"{option}: {', '.join(unknown)} not among {enumerated(known)}")
    twice = [name for name in wanted if wanted.count(name) > 1]
    if twice:
        raise ValueError(f"{option}: {twice[0]} is named twice")
    return frame[[known[name] for name in wanted]].copy()


def _text(frame):
    """Columns that are neither numbers nor categories; an example tells a stray sign from a column of names."""
    bad = {name: _example(column) for name, column in frame.items() if not _is_measurable(column)}
    shown = enumerated([f"{name} ({example})" for name, example in bad.items()])
    names = ",".join(map(str, bad)) if len(bad) <= MOST_NAMED else "A,B"
    way_out = (
        "leave them out with --drop text, correct the file, or, if they are names of states, use "
        f"--categories {names} --estimator plugin"
    )
    return frame.drop(columns=list(bad)), shown, way_out


def _row_numbers(frame):
    """A nameless first column that counts, as pandas writes it."""
    first = frame.columns[0]
    values = frame[first]
    counts = str(first) == "Unnamed: 0" and len(values) > 1 and np.all(np.diff(values.to_numpy()) == 1)
    if not counts:
        return frame, "", ""
    return frame.drop(columns=[first]), "the nameless first column counts the rows", "--drop row-numbers leaves it out"


def _constant(frame):
    bad = [name for name, column in frame.items() if column.nunique() < 2]
    values = [frame[name].dropna() for name in bad]
    shown = [
        f"{name} (always {_show(value.iloc[0])})" if len(value) else f"{name} (empty)"
        for name, value in zip(bad, values, strict=True)
    ]
    return frame.drop(columns=bad), enumerated(shown), "what never changes tells nothing; --drop constant leaves it out"


def _missing(frame):
    numbers = frame.select_dtypes(exclude="category").astype(float)
    absent = frame.isna()
    absent[numbers.columns] = absent[numbers.columns] | np.isinf(numbers)
    counts, rows = absent.sum(), absent.any(axis=1)
    if not rows.any():
        return frame, "", ""
    places = enumerated([f"{count:,} in {name}" for name, count in counts[counts > 0].items()])
    trouble = f"{rows.sum():,} of {len(frame):,} rows have missing or infinite values ({places})"
    way_out = "leave these rows out with --drop missing, choose other columns with --columns, or fill them in the file"
    return frame[~rows], trouble, way_out


def _duplicates(frame, estimator):
    """Columns equal to an earlier one up to scale, or up to any monotone change where only ranks are used."""
    plain = frame.select_dtypes(exclude="category").astype(float)
    values = plain.to_numpy()
    if estimator != "gaussian":
        values = rankdata(values, axis=0)
    if estimator in ("ksg", "score"):  # which break ties at random: equal columns with ties differ afterwards
        whole = [len(np.unique(column)) == len(column) for column in values.T]
        plain, values = plain.loc[:, whole], values[:, whole]
    if values.shape[1] < 2 or len(values) < 3:
        return frame, "", ""
    same = np.triu(np.abs(np.corrcoef(values, rowvar=False)) > SAME, k=1)
    pairs = {later: int(np.argmax(same[:, later])) for later in np.flatnonzero(same.any(axis=0)).tolist()}
    shown = enumerated([f"{plain.columns[later]} repeats {plain.columns[first]}" for later, first in pairs.items()])
    way_out = "what equal columns share is infinite; --drop duplicates keeps the first of each"
    return frame.drop(columns=plain.columns[list(pairs)]), shown, way_out


def _is_measurable(column):
    if isinstance(column.dtype, pd.CategoricalDtype):
        return True
    if pd.api.types.is_numeric_dtype(column.dtype):
        return not pd.api.types.is_complex_dtype(column.dtype)
    return all(isinstance(value, Real) for value in column.dropna())


def _example(column):
    if pd.api.types.is_complex_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return str(column.dtype)
    present = column.dropna()
    strange = present[pd.to_numeric(present.astype(str), errors="coerce").isna()]
    chosen = strange if len(strange) else present
    return f"{_show(chosen.iloc[0])} in row {_row(column, chosen)}"


def _row(column, chosen):
    """The number of the first of the ``chosen`` entries in its column, counted from 1 without the header."""
    return int(column.index.get_indexer([chosen.index[0]])[0]) + 1


def _show(value):
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 24 else text[:21] + "..."
