"""Does a trace add up? Every line is recomputed from its own numbers, whoever wrote it."""

import json
import math
import re
from dataclasses import asdict, dataclass, field

import pandas as pd

from mixlib.arrays import EPS
from mixlib.federation.audit.trace import chained, extent, numbered
from mixlib.federation.audit.trace_rules import DTYPE, form, numbers, residual, safe, short, show
from mixlib.progress import Progress

__all__ = ["TraceCheck", "check_trace"]

SEAL = re.compile("[0-9a-f]{64}")  # a SHA-256
UNKNOWN = "without the writer's seal nobody can know whether lines are missing at the end, or all was written anew"
NAMED = 20  # problems kept; the others are counted
EVERY = 1000  # lines between two reports of progress


@dataclass(frozen=True)
class TraceProblem:
    """What is wrong: ``line`` (from 1), ``field``, what was ``found`` there, and what was ``expected``."""

    line: int
    field: str
    found: str
    expected: str

    def __str__(self):
        return f"line {self.line}: {self.field} is {self.found}, expected {self.expected}"


@dataclass
class TraceCheck:
    """Result of :func:`check_trace`: what is wrong with a trace, and what its lines add up to.

    Attributes
    ----------
    lines, documents, readable_lines : int
        Readable are those whose numbers are all there.
    faulty_lines, faults : int
        Lines that something is wrong with, and how many fields of them.
    problems : list of TraceProblem
        The first 20.
    dtype : str
        What the tolerance follows: ``16 eps(dtype) max(1, |joint|)`` nats.
    largest_residual : float
        Of the residuals as recomputed from the recorded joint, shares and entropy.
    largest_residual_line : int or None
        Where it is.
    log_loss : float
        Sum of ``-joint``, in nats.
    specialists : dict
        By name: ``lines`` it takes part in, summed ``share``, and lines of which it ``carried`` the largest share.
    seal : str or None
        The last link of the chain, None where the trace has no chain.
    sealed : bool
        Whether the writer's seal was given and is that of this trace.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute, check_trace, write_trace
    >>> account = attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0], names=["sea", "land"])
    >>> found = check_trace("trace.jsonl", seal=write_trace("trace.jsonl", account.records()))
    >>> found.sound, found.to_dict()["lines"], found.to_frame().iloc[:, 0].to_dict()
    (True, 1, {'sea': 1, 'land': 1})
    """

    lines: int = 0
    documents: int = 0
    readable_lines: int = 0
    faulty_lines: int = 0
    faults: int = 0
    problems: list = field(default_factory=list)
    dtype: str = DTYPE
    largest_residual: float = 0.0
    largest_residual_line: int | None = None
    log_loss: float = 0.0
    specialists: dict = field(default_factory=dict)
    seal: str | None = None
    sealed: bool = False

    @property
    def sound(self):
        """Whether nothing is wrong with any line. It does not mean that the numbers are true."""
        return self.faults == 0

    @property
    def unknown(self):
        """What nobody can know without the writer's seal; None with it."""
        return None if self.sealed else UNKNOWN

    @property
    def perplexity(self):
        """Of the recorded joint; None if there is no line to read it from."""
        return math.exp(min(self.log_loss / self.readable_lines, 700)) if self.readable_lines else None

    def to_dict(self):
        """All of it, ready for JSON."""
        return asdict(self) | {"sound": self.sound, "unknown": self.unknown, "perplexity": self.perplexity}

    def to_frame(self):
        """One row a specialist: lines, mean share, and part of its lines that it carried more of than any other.

        Names are shown so that a terminal can take them, long ones cut.
        """
        rows = [(r["lines"], r["share"] / r["lines"], r["carried"] / r["lines"]) for r in self.specialists.values()]
        return pd.DataFrame(rows, [safe(name) for name in self.specialists], ["tokens", "mean share", "carried"])


def check_trace(source, *, dtype=None, seal=None, progress=None):
    r"""Check of a trace, line by line: its form, its order, and every number against those it follows from.

    Of each line, the joint must be :math:`\log \sum_i w_i p_i`, each share :math:`w_i p_i / \sum_j w_j p_j`, the
    entropy and the residual those of the shares, within ``16 eps(dtype) max(1, |joint|)`` nats; probabilities at most
    1, weights on the simplex. Positions count from 0 in each document, documents from 0 (again with each new run).

    Parameters
    ----------
    source : path or binary file
        As for :func:`mixlib.federation.read_trace`.
    dtype : None or str, default=None
        Insist on this; ``None`` takes the first line's, or float32 where it does not say.
    seal : None or str, default=None
        The chain's last link, 64 hexadecimal digits, as its writer published it. Without it the end of the trace
        cannot be checked.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    TraceCheck
        ``sound`` says whether nothing is wrong, ``problems`` what is.

    Raises
    ------
    ValueError
        If ``dtype`` is unknown, ``seal`` is none, or a Parquet file cannot be read; never for what the lines say.

    Notes
    -----
    A line that was rewritten so that all its numbers agree is found by the chain only, and so is an altered target,
    a document dropped from the end, or numbers altered by less than the tolerance.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import attribute, check_trace, write_trace
    >>> records = list(attribute(np.log([[[0.9, 0.1]], [[0.3, 0.7]]]), [0]).records())
    >>> records[0]["joint"] = -0.1  # a forger's number
    >>> _ = write_trace("trace.jsonl", records)
    >>> print(check_trace("trace.jsonl").problems[0])
    line 1: joint is -0.1, expected -0.5108256237659907
    """
    if dtype is not None and dtype not in EPS:
        raise ValueError(f"dtype: got {dtype!r}, expected one of {', '.join(EPS)}")
    if seal is not None and not SEAL.fullmatch(seal := str(seal).strip().lower()):
        raise ValueError(
            f"seal: expected 64 hexadecimal digits, as the trace's writer published them, got {show(seal)}"
        )
    checker = _Checker(dtype)
    pending, (total, unit) = 0, extent(source)
    with Progress(progress, "checking", total, unit) as work:
        for number, size, record in numbered(source):
            checker.add(number, record)
            pending += size
            if number % EVERY == 0:
                work.add(pending)
                pending = 0
        if pending:
            work.add(pending)
    return checker.finish(seal)


class _Checker:
    """What must be remembered from line to line: the place, the names, the dtype and the chain."""

    def __init__(self, dtype):
        self.result = TraceCheck(dtype=dtype or DTYPE)
        self.dtype, self.chains, self.seal = dtype, None, ""
        self.position, self.document = None, None

    def add(self, number, record):
        result = self.result
        result.lines += 1
        if isinstance(record, ValueError):
            problems = malformed = [("record", str(record).removeprefix("is "), "one JSON object")]
        else:
            try:
                malformed = list(form(record))
                problems = self._links(record) + malformed
            except RecursionError:  # can be read, but not written again
                problems = malformed = [("record", "nested too deeply", "one JSON object")]
        if not malformed:
            problems += [*self._heading(record), *self._place(record), *numbers(record, self.dtype)]
            self._count(number, record)
        elif self.position is not None:
            self.position += 1  # taken for the next of its document, so that the line after it is not blamed
        result.faulty_lines += bool(problems)
        result.faults += len(problems)
        room = NAMED - len(result.problems)
        result.problems += [
            TraceProblem(number, safe(place), str(found), str(expected)) for place, found, expected in problems[:room]
        ]

    def finish(self, seal):
        result = self.result
        result.seal = self.seal if self.chains else None
        end = []
        if not result.lines:
            end.append(("trace", "empty", "at least one line"))
        if seal is not None and seal != result.seal:
            end.append(("seal", short(result.seal), short(seal)))
        result.sealed = seal is not None and seal == result.seal
        result.faults += len(end)
        result.problems += [TraceProblem(result.lines, *problem) for problem in end]
        return result

    def _links(self, record):
        """The chain is on all lines or on none; after a break it goes on from what stands there."""
        if self.chains is None:
            self.chains = "chain" in record
        if not self.chains:
            return [("chain", show(record["chain"]), "none, as on line 1")] if "chain" in record else []
        expected = chained(self.seal, record)
        found = record.get("chain")
        self.seal = found if isinstance(found, str) and found.isascii() else expected
        return [] if found == expected else [("chain", short(found), short(expected))]

    def _heading(self, record):
        result = self.result
        stated = record.get("dtype", self.dtype or DTYPE)
        if self.dtype is None:
            self.dtype = result.dtype = stated
        if stated != self.dtype:
            yield "dtype", show(stated), json.dumps(self.dtype)
        names = record["specialists"]
        if not result.specialists:
            result.specialists = {name: {"lines": 0, "share": 0.0, "carried": 0} for name in names}
        if new := [name for name in names if name not in result.specialists]:
            yield "specialists", show(new[0]), f"among {show(list(result.specialists))}"

    def _place(self, record):
        position, document = record["position"], record.get("document")
        was, self.position = self.position, position
        before, self.document = self.document, document
        begins = position == 0 and document in (0, 1 + (-1 if before is None else before))
        continues = was is not None and position == was + 1 and document == before
        self.result.documents += position == 0 or self.result.documents == 0
        if was is None:
            if position != 0:
                yield "position", position, "0 on the first line"
            if document not in (None, 0):
                yield "document", document, "0 on the first line"
        elif document is None or before is None:
            if not continues:
                yield "position", position, was + 1
        elif not (begins or continues):
            field = "position" if document == before else "document"
            yield field, record[field], f"document {before} position {was + 1}, or position 0 of {before + 1} or 0"

    def _count(self, number, record):
        result, shares = self.result, record["responsibilities"]
        left = abs(residual(record))
        if left > result.largest_residual or result.largest_residual_line is None:
            result.largest_residual, result.largest_residual_line = left, number
        result.readable_lines += 1
        result.log_loss -= record["joint"]
        most = max(shares, key=shares.get)
        for name in shares.keys() & result.specialists.keys():
            row = result.specialists[name]
            row["lines"] += 1
            row["share"] += shares[name]
            row["carried"] += name == most
