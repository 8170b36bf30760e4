"""A table in text (.csv, .tsv): its encoding, its separator, and whether its first line holds names or data.

What is assumed and could be otherwise is said; what cannot be a table of numbers is named, with the remedy.
"""

import csv
import io
import re
from itertools import islice

import numpy as np
import pandas as pd

from mixlib.cli._shared.command import enumerated

SEPARATORS = "\t;,"  # of several that fit, the first one
LOOKED_AT = 50  # lines, for the separator
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?inf(inity)?\s*", re.IGNORECASE)
INTEGER = re.compile(r"\s*[-+]?\d+\s*")
MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-", ".")


def read_text(content, name, *, header=None, decimal=".", missing=()):
    """Read a table from bytes.

    Parameters
    ----------
    content : bytes
        UTF-8, or UTF-16 with a byte order mark.
    name : str
        What messages call it.
    header : bool, optional
        Whether the first line holds the names of the columns; by default told from what it holds, and what follows.
    decimal : {".", ","}
    missing : list of str
        What stands for a missing value, besides what pandas knows.

    Returns
    -------
    frame : pandas DataFrame
        Without a header, columns are called 0, 1, ...
    remarks : list of str
        What was assumed.

    Raises
    ------
    ValueError
        If it is empty, in another encoding, or its lines do not have as many values as there are names.
    """
    text = _decode(content, name).lstrip("\r\n")
    if not text.strip():
        raise ValueError(f"{name}: is empty")
    try:
        separator = _separator(text, decimal)
        head = list(islice(_rows(text, separator), 2))
        _check_widths(head, name, separator)
        options = {"sep": separator, "decimal": decimal, "na_values": list(missing), "skipinitialspace": True}
        options |= {"low_memory": False}
        frame = pd.read_csv(io.StringIO(text), header=0, index_col=False, **options)
        first = [cell.strip() for cell in head[0]]
        named, sure = (header, True) if header is not None else _holds_names(first, frame, decimal, missing)
        if not named:
            frame = pd.read_csv(io.StringIO(text), header=None, **options)
    except (pd.errors.ParserError, csv.Error) as error:
        trouble = " ".join(str(error).split()).removeprefix("Error tokenizing data. C error: ")
        raise ValueError(f"{name}: is not a table of values ({trouble})") from None
    remarks = []
    if not sure:
        shown = enumerated(first)
        remarks.append(
            f"the first line ({shown}) is taken for the names of the columns; --no-header if it is data"
            if named
            else f"the first line ({shown}) is taken for data, columns are called 0, 1, ...; --header if it holds names"
        )
    if named:
        twice = sorted({cell for cell in first if cell and first.count(cell) > 1})
        if twice:
            remarks.append(f"several columns are called {enumerated(twice)}; later ones are now {twice[0]}.1 and so on")
    last = frame.columns[-1]
    if frame[last].isna().all() and len(frame) and (not named or not first[-1]) and frame.shape[1] > 1:
        frame = frame.drop(columns=[last])
        remarks.append("every line ends with a separator; the empty column behind it is left out")
    return frame, remarks


def commas_within(values):
    """What to do about numbers with commas in them, if that is what these texts are; else nothing."""
    texts = [str(value).strip() for value in values]
    if not texts or not all(re.fullmatch(r"[-+]?[\d.]*,[\d.,]*\d([eE][-+]?\d+)?", text) for text in texts):
        return ""
    if all(re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text) for text in texts):
        return "the commas may group thousands (take them out of the file) or be decimal commas (--decimal ,)"
    if all(re.fullmatch(r"[-+]?\d*,\d+([eE][-+]?\d+)?", text) for text in texts):
        return "these are decimal commas; read them with --decimal ,"
    return "take the separators of thousands out of the file"


def _decode(content, name):
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\0" in content[:1000]:
        raise ValueError(f"{name}: holds binary data, or UTF-16 without a byte order mark; save it as text in UTF-8")
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name}: is not text in {encoding[:6].upper().rstrip('-')} (line {line}: byte "
            f"{content[error.start]:#04x}); save it as UTF-8"
        ) from None


def _rows(text, separator):
    """The lines that are not blank, as lists of cells."""
    return (
        row for row in csv.reader(io.StringIO(text, newline=None), delimiter=separator, skipinitialspace=True) if row
    )


def _separator(text, decimal):
    """The one that cuts the first lines into equally many cells, of several the rarer one; else the one with most."""
    quoted = re.search(r'",|,"', text)  # then commas between cells are told from those in numbers
    possible = [mark for mark in SEPARATORS if mark != decimal or quoted]
    widths = {mark: [len(row) for row in islice(_rows(text, mark), LOOKED_AT)] for mark in possible}
    even = [mark for mark in possible if min(widths[mark]) == max(widths[mark]) > 1]
    return even[0] if even else max(reversed(possible), key=lambda mark: min(widths[mark]))


def _check_widths(head, name, separator):
    if len(head) < 2 or len(head[0]) == len(head[1]):
        return
    names, values = map(len, head)
    if values == names + 1 and not head[1][-1].strip():
        raise ValueError(f"{name}: lines of data end with a separator and the first line does not; take it off")
    if separator == "," and values == 2 * names > 2:
        remedy = "are these decimal commas? Then separate values by semicolons, and use --decimal ,"
    elif values == names + 1 > 2:
        remedy = "does a column of row names lack its own? Put one before the others"
    else:
        remedy = "take out lines before the names of the columns, and give every column one"
    raise ValueError(f"{name}: the first line has {names} cell{'s' * (names > 1)} and the second {values}; {remedy}")


def _holds_names(first, body, decimal, missing):
    """Whether the first line holds names, and whether that is sure."""
    absent = {*MISSING, *(sign.lower() for sign in missing)}
    cells = [cell.replace(decimal, ".") if decimal == "," else cell for cell in first]
    kinds = ["missing" if cell.lower() in absent else "number" if NUMBER.fullmatch(cell) else "text" for cell in cells]
    numeric = [pd.api.types.is_numeric_dtype(column) and column.notna().any() for _, column in body.items()]
    if "number" not in kinds or any(kind == "text" and over for kind, over in zip(kinds, numeric, strict=True)):
        return True, True
    columns = [place for place, kind in enumerate(kinds) if kind == "number" and numeric[place]]
    if "missing" in kinds or not columns or not all(INTEGER.fullmatch(cells[place]) for place in columns):
        return False, False
    values = np.array([float(cells[place]) for place in columns])
    rest = body.iloc[:, columns].to_numpy(dtype=float)
    if len(set(values)) < len(values) or (rest == values).all(axis=1).any():
        return False, False
    with np.errstate(invalid="ignore"):
        outside = (values < np.nanmin(rest, axis=0)) | (values > np.nanmax(rest, axis=0))
        fractions = (rest != np.floor(rest)).any(axis=0)
    counting = len(values) > 2 and len(set(np.diff(values))) == 1
    return bool((outside | fractions).all() or counting), False
