"""Evidence to verdict: every claim in the registry gets the verdict that its evidence says."""

import dataclasses
import difflib
import html
import os
import sys
from collections.abc import Mapping

from mixlib.claims.evidence import fill, format_number, number_of, readable, settings_of, truths_of
from mixlib.claims.registry import load_registry

MIME = "application/vnd.mixlib.verdict+json"
PENDING = "pending"  # not a verdict: what will compute one is planned
UNVERIFIED = "unverified"  # not a verdict either: what should compute one is there, and came to none
SHOW_FLIPS = "MIXLIB_SHOW_FLIPS"  # environment variable; "1" where somebody collects the flips that the cards show

_verified = {}  # claim id -> (call site, registry entry); each process has its own
_shown_in = {}  # claim id -> the cell that displayed it


class VerdictError(AssertionError):
    """Unexpected verdict: the one computed from the evidence differs from the one in the registry.

    Examples
    --------
    >>> from mixlib.claims import VerdictError, verify
    >>> claim = {"statement": "Pools are convex.", "source": {"document": "A"}, "page": "seam", "expected": "fails"}
    >>> try:
    ...     verify("pools.convex", stated=True, registry={"pools.convex": claim})
    ... except VerdictError as error:
    ...     print(str(error).partition("\\n")[0])
    claim pools.convex: the evidence says 'holds', the registry expects 'fails'
    """


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A verdict: what the evidence says about one claim.

    Attributes
    ----------
    id, statement, page, expected : str
        As in the registry.
    source : dict
        ``document`` and ``section`` that make the claim.
    verdict : str
        One of ``holds``, ``corrected``, ``fails``, ``not-reproduced``, ``open``.
    stated, corrected : list of bool or None
        The evidence, one truth value for each seed or instance.
    numbers : dict
        Scalars as they are; a sequence, one value for each seed, as ``{"mean", "sd", "values"}``.
    seeds : list or None
        The seeds behind the evidence.
    settings : dict
        What was tried, and at which size.
    quote, criterion : str or None
        As in the registry: the words that make the claim, and what would have given another verdict.
    finding : str or None
        What is true, in a sentence with its numbers; None where the verdict is not the expected one, for which the
        sentence was written.

    Examples
    --------
    >>> from mixlib.claims import verify
    >>> claim = {"statement": "The pool is convex.", "source": {"document": "A"}, "page": "seam", "expected": "holds"}
    >>> verdict = verify("pool.convex", stated=[True, True], registry={"pool.convex": claim})
    >>> verdict.flipped, verdict.to_dict()["verdict"]
    (False, 'holds')
    """

    id: str
    statement: str
    source: dict
    page: str
    expected: str
    verdict: str
    stated: list | None
    corrected: list | None
    numbers: dict
    seeds: list | None
    settings: dict = dataclasses.field(default_factory=dict)
    quote: str | None = None
    criterion: str | None = None
    finding: str | None = None

    @property
    def flipped(self):
        """Whether the verdict is another than the expected one."""
        return self.verdict != self.expected

    def to_dict(self):
        """The verdict as plain JSON types."""
        return dataclasses.asdict(self)

    def __str__(self):
        lines = [f"{self.id}: {self.verdict} (expected {self.expected})", f"  {self.statement}"]
        lines += [f"  Finding: {self.finding}"] if self.finding else []
        lines += [f"  {name} = {format_number(value)}" for name, value in self.numbers.items()]
        return "\n".join(lines)

    def _repr_html_(self):
        esc = html.escape
        numbers = "".join(
            f"<li>{esc(label)}: {esc(f'{format_number(value)} {unit}'.strip())}</li>"
            for (label, unit), value in ((readable(name), value) for name, value in self.numbers.items())
        )
        quote = f"“{esc(self.quote)}”<br>" if self.quote else ""
        finding = f"<p>{esc(self.finding)}</p>" if self.finding else ""
        source = f"{self.source['document']}, “{self.source['section']}”"
        return (
            f"<p><code>{esc(self.id)}</code>: <strong>{self.verdict}</strong> (expected {esc(self.expected)})<br>"
            f"{quote}{esc(self.statement)} Source: {esc(source)}</p>{finding}"
            + (f"<ul>{numbers}</ul>" if numbers else "")
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        evidence = self.to_dict() | {"numbers": list(self.numbers.items())}  # notebook files sort the keys of mappings
        return {"text/html": self._repr_html_(), "text/plain": str(self), MIME: evidence}

    def _ipython_display_(self):
        # verify() has displayed it; as the value of the same cell it would come twice
        if _shown_in.get(self.id) != _cell():
            _shown(self)


def verify(id, *, stated, corrected=None, seeds=None, settings=None, finding=None, registry=None, **numbers):
    """The verdict on a claim, computed from its evidence and held against the expected one.

    ==========================================  =====================================================
    evidence                                    verdict
    ==========================================  =====================================================
    ``stated`` is None                          ``open``
    all of ``stated`` true                      ``holds``
    else, all of ``corrected`` true             ``corrected``
    else, the registry gives ``reported_at``    ``not-reproduced`` (a larger scale reported the effect)
    else                                        ``fails``
    ==========================================  =====================================================

    In a notebook the verdict is displayed, and its evidence is an output of the cell for programs to collect. With the
    environment variable ``MIXLIB_SHOW_FLIPS=1`` a verdict that differs from the expected one does not raise: both words
    are displayed, and the notebook goes on.

    Parameters
    ----------
    id : str
        The claim's id in the registry.
    stated : bool, sequence of bool, or None
        Whether the claim is true as stated, once or for each seed or instance.
    corrected : bool, sequence of bool, or None, default=None
        The same for the corrected claim.
    seeds : None or sequence of int, default=None
        The seeds behind the evidence.
    settings : None or mapping, default=None
        What was tried, and at which size: short names to texts, numbers or lists of texts. ``systems`` lists the
        systems tried; ``theorem`` says in a line what proves the claim.
    finding : None or str, default=None
        What is true, a sentence with placeholders for the numbers and settings, as :func:`fill` takes them; ``None`` is
        the ``finding`` of the registry.
    registry : None, path or mapping, default=None
        A ``claims.yml`` or what :func:`load_registry` returned; ``None`` as there.
    **numbers
        What was measured: scalars, strings, or one-dimensional sequences with a value for each seed.

    Returns
    -------
    Verdict
        The word, the evidence and the numbers; a notebook displays it.

    Raises
    ------
    ValueError
        If the id is unknown or was verified elsewhere, the evidence is no truth value, a number is NaN, or the finding
        has a placeholder without a number.
    VerdictError
        If the verdict differs from the expected one, outside of a build; the message names the claim, the numbers and
        both.

    Examples
    --------
    >>> from mixlib.claims import verify
    >>> claim = {"statement": "Escape is 0.", "source": {"document": "A"}, "page": "seam", "expected": "corrected"}
    >>> claim["finding"] = "Half of each escapes by {escape:.2f}."
    >>> verdict = verify("escape.zero", stated=False, corrected=True, escape=0.25, registry={"escape.zero": claim})
    >>> verdict.verdict, verdict.finding
    ('corrected', 'Half of each escapes by 0.25.')
    """
    entries = registry if isinstance(registry, Mapping) else load_registry(registry)
    if id not in entries:
        near = difflib.get_close_matches(str(id), entries, n=3, cutoff=0)
        raise ValueError(f"id: no claim {id!r}; the closest are {', '.join(near)}; add new claims to claims.yml")
    entry = entries[id]
    _once(id, entry)
    stated, corrected = truths_of("stated", stated), truths_of("corrected", corrected)
    word = decide(stated, corrected, reported_at=entry.get("reported_at"))
    numbers = {name: number_of(name, value) for name, value in numbers.items()}
    settings = settings_of(settings)
    sentence = finding if finding is not None else entry.get("finding")
    told = fill(sentence, settings | numbers) if sentence else None
    result = Verdict(
        id=id,
        statement=entry["statement"],
        source=dict(entry["source"]),
        page=entry["page"],
        expected=entry["expected"],
        verdict=word,
        stated=stated,
        corrected=corrected,
        numbers=numbers,
        seeds=None if seeds is None else [int(seed) for seed in seeds],
        settings=settings,
        quote=entry.get("quote"),
        criterion=entry.get("criterion"),
        finding=told if word == entry["expected"] else None,
    )
    if result.flipped and os.environ.get(SHOW_FLIPS) != "1":
        raise VerdictError(
            f"claim {id}: the evidence says {result.verdict!r}, the registry expects {result.expected!r}\n{result}\n"
            "If the evidence is right, change `expected` in claims.yml; if it is not, mend what computed it."
        )
    return _shown(result)


def decide(stated, corrected=None, *, reported_at=None):
    """The verdict word for evidence, by the table of :func:`verify`.

    Parameters
    ----------
    stated : sequence of bool, or None
        Whether the claim is true as stated, for each seed or instance.
    corrected : sequence of bool, or None, default=None
        The same for the corrected claim.
    reported_at : None or str, default=None
        The scale at which somebody reported the effect.

    Returns
    -------
    str
        One of ``holds``, ``corrected``, ``fails``, ``not-reproduced``, ``open``.

    Examples
    --------
    >>> from mixlib.claims import decide
    >>> decide(stated=[True, False], corrected=[True, True])
    'corrected'
    """
    if stated is None:
        return "open"
    if all(stated):
        return "holds"
    if corrected is not None and all(corrected):
        return "corrected"
    return "not-reproduced" if reported_at else "fails"


def verified():
    """The registry entries that this process has verified.

    Returns
    -------
    dict
        Claim id to its entry.

    Examples
    --------
    >>> from mixlib.claims import verified, verify
    >>> claim = {"statement": "It rains.", "source": {"document": "A"}, "page": "seam", "expected": "open"}
    >>> _ = verify("it.rains", stated=None, registry={"it.rains": claim})
    >>> verified()["it.rains"]["page"]
    'seam'
    """
    return {id: entry for id, (_, entry) in _verified.items()}


def _once(id, entry):
    # the caller of verify(): a cell that is run again may repeat its own claim, another place may not
    frame = sys._getframe(2)
    site = (frame.f_code.co_filename, frame.f_lineno)
    if id in _verified and _verified[id][0] != site:
        raise ValueError(
            f"id: claim {id!r} was already verified at {_verified[id][0][0]}:{_verified[id][0][1]}; "
            "a claim has one verdict, from one place"
        )
    _verified[id] = (site, entry)


def _shown(result):
    cell = _cell()
    if cell is not None:
        from IPython.display import publish_display_data

        publish_display_data(result._repr_mimebundle_())
        _shown_in[result.id] = cell
    return result


def _cell():
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return None if shell is None else shell.execution_count
