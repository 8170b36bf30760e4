"""A file of samples, read into a table that can be measured; everything in the way of it is named at once.

Columns that hold text, count the rows, are constant or repeat another one, and rows with missing values: each is either
left out, where the user said so, or reported with what to do about it.
"""

import gzip
import io
import sys
import warnings
import zlib
from functools import partial
from numbers import Real

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from mixlib.cli._shared.command import MOST_NAMED, check_file, enumerated
from mixlib.cli._shared.text_table import commas_within, read_text
from mixlib.extras import needed_by

KINDS = ("text", "row-numbers", "constant", "missing", "duplicates")
SAME = 1 - 1e-12  # correlation of columns that are one
STARTS = {b"\x1f\x8b": ".csv.gz", b"PAR1": ".parquet", b"\x93NUMPY": ".npy"}  # of files, by which a pipe is told


def read_samples(
    path, *, columns=None, categories=(), drop=(), estimator="gaussian", header=None, decimal=".", missing=()
):
    """Read the columns of a file.

    Parameters
    ----------
    path : Path
        See :func:`read_file`.
    columns : list of str, optional
        The names of those to use, by default all; in .npy files their numbers.
    categories : list of str
        Columns whose values are names of states.
    drop : collection of str
        Which of the ``KINDS`` of trouble to leave out: of "missing" the rows, otherwise the columns.
    estimator : str
        Equal columns share infinite information for some and not for others.
    header, decimal, missing
        Of text, see :func:`mixlib.cli._shared.text_table.read_text`.

    Returns
    -------
    frame : pandas DataFrame
    left_out : list of str
        What was left out, a line a kind.
    remarks : list of str
        What was assumed.

    Raises
    ------
    ValueError
        If the file or a column does not exist, or there is trouble that is not among those to leave out: one line for
        each kind.
    """
    frame, remarks = read_file(path, header=header, decimal=decimal, missing=missing)
    name = name_of(path)
    if columns is not None and len(columns) < 2:
        raise ValueError(f"--columns: got {len(columns)}, at least 2 are needed, with commas between them")
    frame = _choose(frame, columns, "--columns")
    for column in _choose(frame, categories, "--categories").columns if categories else ():
        frame[column] = frame[column].astype("category")
    steps = {"text": _text, "row-numbers": _row_numbers, "constant": _constant, "missing": _missing}
    if estimator not in ("plugin", "auto") or "duplicates" in drop:
        steps["duplicates"] = partial(_duplicates, estimator=estimator)
    left_out, troubles = [], []
    for kind, step in steps.items():
        if frame.empty:
            break
        frame, trouble, way_out = step(frame)
        if trouble and kind in drop:
            left_out.append(trouble)
        elif trouble:
            troubles.append(f"  {kind}: {trouble}; {way_out}")
    if troubles:
        raise ValueError("\n".join([f"{name}: cannot be measured as it is", *troubles]))
    if frame.empty:
        raise ValueError(f"{name}: nothing is left after --drop {','.join(drop)} ({'; '.join(left_out)})")
    return frame, left_out, remarks


def read_file(path, **of_text):
    """The table in a file and remarks on how it was read.

    The file is .csv, .tsv, .parquet or .npy, text perhaps compressed (.csv.gz). For ``-`` and for pipes, what it holds
    is told from its first bytes.
    """
    name = name_of(path)
    if str(path) != "-":
        check_file(path)
    if str(path) == "-" or not path.is_file():
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        kind = next((kind for start, kind in STARTS.items() if content.startswith(start)), ".csv")
    else:
        suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
        kind = suffixes[-1] if suffixes else "no suffix"
        if kind == ".gz" and suffixes[0] in (".csv", ".tsv", ".txt"):
            kind = ".csv.gz"
        if kind not in (".csv", ".tsv", ".csv.gz", ".parquet", ".npy"):
            shown = "".join(suffixes) if kind == ".gz" else kind
            raise ValueError(f"{name}: expected .csv, .tsv, .csv.gz, .parquet or .npy, got {shown}")
        content = path.read_bytes()
    if kind == ".csv.gz":
        content = _unpacked(content, name)
    if not content:
        raise ValueError(f"{name}: is empty")
    if kind in (".parquet", ".npy"):
        frame, remarks = (_read_parquet if kind == ".parquet" else _read_npy)(io.BytesIO(content), name), []
    else:
        frame, remarks = read_text(content, name, **of_text)
    if frame.shape[1] < 2:
        spaces = kind not in (".parquet", ".npy") and " " in str(frame.iloc[0, 0] if len(frame) else frame.columns[0])
        raise ValueError(
            f"{name}: has {frame.shape[1]} column, at least 2 are needed; "
            + ("put commas where the spaces are" if spaces else "rows are samples, columns variables")
        )
    if frame.empty:
        raise ValueError(f"{name}: has a header ({enumerated(frame.columns)}) but no rows of data")
    return frame, remarks


def name_of(path):
    """What messages call the file."""
    return "standard input" if str(path) == "-" else str(path)


def _unpacked(content, name):
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name}: is not a gzip file, cut off or damaged ({error})") from None


def _read_parquet(content, name):
    with needed_by(f"{name}: a Parquet file"):
        import pyarrow  # noqa: F401, pandas reads with it
    try:
        frame = pd.read_parquet(content, engine="pyarrow")
    except Exception as error:  # a damaged file can make pandas stumble over anything: OSError, KeyError, TypeError
        raise ValueError(f"{name}: is not a Parquet file, or damaged ({' '.join(str(error).split())})") from None
    names = list(map(str, frame.columns))
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise ValueError(f"{name}: several columns are called {enumerated(twice)}; rename them")
    return frame


def _read_npy(content, name):
    try:
        with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
            array = np.load(content, allow_pickle=False)
    except Exception as error:  # a damaged header can be anything, up to source that is not Python
        raise ValueError(f"{name}: is not a NumPy array of numbers, or damaged ({error})") from None
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name}: holds several arrays; save the one to measure with numpy.save")
    if array.ndim != 2:
        raise ValueError(f"{name}: expected an array (samples, variables), got shape {array.shape}")
    if array.dtype.kind not in "fiubc":
        raise ValueError(f"{name}: expected an array of numbers, got dtype {array.dtype}")
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
    way_out = next(filter(None, (commas_within(_strange(frame[name])) for name in bad)), "") or (
        "leave them out with --drop text, say what stands for a missing value (--missing ?), correct the file, or, if "
        f"they are names of states, use --categories {names} --estimator plugin"
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
    values = values / np.abs(values).max(axis=0)  # squares of the largest numbers would overflow
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
    strange = _strange(column)
    chosen = strange if len(strange) else column.dropna()
    return f"{_show(chosen.iloc[0])} in row {_row(column, chosen)}"


def _strange(column):
    """What is there and is no number."""
    present = column.dropna()
    return present[pd.to_numeric(present.astype(str), errors="coerce").isna()]


def _row(column, chosen):
    """The number of the first of the ``chosen`` entries in its column, counted from 1 without the header."""
    return int(column.index.get_indexer([chosen.index[0]])[0]) + 1


def _show(value):
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 24 else text[:21] + "..."
