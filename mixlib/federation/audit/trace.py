"""Traces: the account of every token in a file, JSON lines or Parquet, written and read in bounded memory.

A record holds all that is needed to check it, so that any line can be checked alone:

==================== ==========================================================================================
``document``         number of the text, from 0; a trace of one text may leave it out
``position``         number of the token in its text, from 0
``target``           the token that came
``units, dtype``     ``"nats"``, and what the log-probabilities were computed in, which says how far they are rounded
``joint``            log-probability of the target under the mixture
``weights``          one weight a specialist, by name; they sum to 1
``specialists``      log-probability of the target under each specialist; ``null`` is probability 0
``responsibilities`` the shares ``r_i = w_i p_i / sum_j w_j p_j``
``entropy``          ``H(r)`` in nats
``residual``         ``joint - sum_i r_i (log p_i + log w_i) - H(r)``
``chain``            SHA-256 of the chain so far and this record: see :func:`chained`
==================== ==========================================================================================

Further fields, such as a seed or a domain, are kept as they are.
"""

import hashlib
import json
from pathlib import Path

from mixlib.extras import needed_by

__all__ = ["TraceWriter", "read_trace", "write_trace"]

FIELDS = ("document", "position", "target", "units", "dtype", "joint", "weights", "specialists", "responsibilities")
FIELDS += ("entropy", "residual", "chain")
BATCH = 4096  # records of a Parquet row group
LONGEST = 2**20  # bytes of a line
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode
_strict = json.JSONEncoder(allow_nan=False).encode


class TraceWriter:
    """Trace file: a context that writes attributions as they come, each record chained to the last.

    Parameters
    ----------
    path : path
        Ending in ``.parquet`` for Parquet (package pyarrow, extra ``parquet``); JSON lines otherwise.

    Attributes
    ----------
    lines : int
        Records written so far.
    seal : str
        The last record's ``chain``. Kept elsewhere, it fixes the whole trace: see :func:`chained`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import TraceWriter, attribute, read_trace
    >>> with TraceWriter("trace.jsonl") as trace:
    ...     trace.add(attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0], names=["sea", "land"]))
    >>> trace.lines, len(trace.seal)
    (1, 64)
    >>> with TraceWriter("copy.jsonl") as copy:
    ...     for record in read_trace("trace.jsonl"):
    ...         copy.write(record)
    """

    def __init__(self, path):
        self.path, self.lines, self.seal, self._documents = Path(path), 0, "", 0
        self._sink = (_ParquetSink if _is_parquet(path) else _JsonSink)(self.path)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self._sink.close()

    def add(self, attribution, **place):
        """Write one :class:`mixlib.federation.Attribution`, as the next document, with the fields of ``place``.

        Raises
        ------
        ValueError
            If ``place`` names a field of the record other than ``document``.
        """
        if taken := sorted(set(place) & set(FIELDS) - {"document"}):
            raise ValueError(f"place: {taken[0]!r} is a field of every record; choose another name")
        place = {"document": self._documents} | place
        self._documents += 1
        for record in attribution.records():
            self.write(place | record)

    def write(self, record):
        """Write one record, as a dictionary."""
        self.seal = chained(self.seal, record)
        self._sink.write(record | {"chain": self.seal})
        self.lines += 1


def write_trace(path, records):
    """A whole trace, written to a file and sealed.

    Parameters
    ----------
    path : path
        Its ending says how, as in :class:`TraceWriter`.
    records : iterable of dict
        In the order in which they came.

    Returns
    -------
    str
        The seal, the last record's link of the chain.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute, check_trace, write_trace
    >>> account = attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0])
    >>> seal = write_trace("trace.jsonl", account.records())
    >>> check_trace("trace.jsonl", seal=seal).sealed
    True
    """
    with TraceWriter(path) as trace:
        for record in records:
            trace.write(record)
    return trace.seal


def read_trace(source):
    """Records of a trace, one after the other, whatever they say; :func:`mixlib.federation.check_trace` judges.

    Parameters
    ----------
    source : path or binary file
        A path that ends in ``.parquet`` is Parquet, anything else JSON lines.

    Yields
    ------
    dict
        One record.

    Raises
    ------
    ValueError
        If a line is not a JSON object, or the file not Parquet.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute, read_trace, write_trace
    >>> account = attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0])
    >>> seal = write_trace("trace.jsonl", account.records())
    >>> [record["target"] for record in read_trace("trace.jsonl")]
    [0]
    """
    for number, _, record in numbered(source):
        if isinstance(record, ValueError):
            raise ValueError(f"{source}: line {number} {record}")
        yield record


def numbered(source):
    """Each line as ``(number, size, record)``; the record of a line that holds none is a ValueError.

    The size is in bytes for JSON lines and 1 for a row of Parquet; :func:`extent` is their sum.
    """
    if hasattr(source, "readline"):
        yield from _json_lines(source)
    elif _is_parquet(source):
        yield from _parquet_rows(source)
    else:
        with open(source, "rb") as file:
            yield from _json_lines(file)


def extent(source):
    """How much there is to read, and in what: bytes of JSON lines, rows of Parquet; None where a stream has no end."""
    if hasattr(source, "readline"):
        return None, "bytes"
    if _is_parquet(source):
        return _parquet_file(source).metadata.num_rows, "rows"
    return Path(source).stat().st_size, "bytes"


def chained(seal, record):
    """The chain's next link: SHA-256, in hexadecimal, of the last one and the record without its ``chain``.

    The record is written as JSON with sorted keys, no spaces and ASCII only. Whoever alters, drops, inserts or moves a
    record breaks the chain, unless every later link is computed anew; that anyone can do, for there is no key. Only
    the last link, kept where the trace's owner cannot reach it, is evidence.

    Notes
    -----
    Source: Haber & Stornetta 1991.
    """
    plain = {name: value for name, value in record.items() if name != "chain"}
    return hashlib.sha256((seal + _canonical(plain)).encode("ascii")).hexdigest()


class _JsonSink:
    def __init__(self, path):
        self._file = path.open("w", encoding="utf-8")

    def write(self, record):
        self._file.write(_strict(record) + "\n")

    def close(self):
        self._file.close()


class _ParquetSink:
    """Rows in groups of ``BATCH``; the first record fixes the columns, a nested one for each table of specialists."""

    def __init__(self, path):
        self._arrow = _pyarrow(path)
        self._file, self._schema, self._writer, self._rows = path.open("wb"), None, None, []

    def write(self, record):
        if self._schema is None:
            self._schema = self._arrow.schema([(name, self._type(value)) for name, value in record.items()])
            self._writer = self._arrow.parquet.ParquetWriter(self._file, self._schema)
            self._layout = _layout(record)
        if _layout(record) != self._layout:
            raise ValueError("record: Parquet needs the same fields and specialists in every record; use JSON lines")
        self._rows.append(record)
        if len(self._rows) == BATCH:
            self._flush()

    def close(self):
        if self._writer is not None:
            self._flush()
            self._writer.close()
        self._file.close()

    def _flush(self):
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def _type(self, value):
        if isinstance(value, dict):
            return self._arrow.struct([(name, self._arrow.float64()) for name in value])
        return self._arrow.scalar(value).type


def _layout(record):
    return {name: list(value) if isinstance(value, dict) else None for name, value in record.items()}


def _json_lines(file):
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if len(line) == LONGEST and not line.endswith(b"\n"):
            while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield number, LONGEST, ValueError(f"is longer than {LONGEST:,} bytes")
        else:
            yield number, len(line), _parsed(line)


def _parsed(line):
    try:
        record = json.loads(line.decode(), object_pairs_hook=_distinct)
    except RecursionError:
        return ValueError("is nested too deeply")
    except ValueError as error:
        return ValueError(f"is not JSON ({error})")
    return record if isinstance(record, dict) else ValueError(f"is {type(record).__name__}, expected a JSON object")


def _distinct(pairs):
    """An object whose names differ: of two values for one name, each reader would believe another."""
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("names a field twice")
    return record


def _parquet_rows(path):
    number, file = 0, _parquet_file(path)
    try:
        for batch in file.iter_batches(BATCH):
            for record in batch.to_pylist():
                number += 1
                yield number, 1, record
    except (*_unreadable(path), OverflowError) as error:  # a date can be one that Python does not have
        raise ValueError(f"{path}: row {number + 1} cannot be read ({' '.join(str(error).split())})") from None


def _parquet_file(path):
    arrow = _pyarrow(path)
    try:
        return arrow.parquet.ParquetFile(path)
    except _unreadable(path) as error:
        if not Path(path).is_file():
            raise
        raise ValueError(f"{path}: is not a Parquet file ({' '.join(str(error).split())})") from None


def _unreadable(path):
    """What pyarrow raises over damaged bytes: its own errors, OSError, and ValueError for text that is not UTF-8."""
    return _pyarrow(path).ArrowException, OSError, ValueError


def _pyarrow(path):
    with needed_by(f"{path}: a Parquet file"):
        import pyarrow.parquet
    return pyarrow


def _is_parquet(path):
    return Path(path).suffix.lower() == ".parquet"
