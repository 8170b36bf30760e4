"""What must hold of a single record of a trace: its form, and every number given those that it follows from."""

import json
import math

from mixlib.arrays import EPS

__all__ = []

UNITS_OF_ROUNDING = 16  # a log-probability near -1 may be off by this many machine epsilons
DTYPE = "float32"  # where a trace does not say
TABLES = ("weights", "specialists", "responsibilities")


def form(record):
    """Fields that are missing or of the wrong kind; numbers are judged only where there is none."""
    for name in ("position", "target"):
        if not _is_count(value := record.get(name)):
            yield name, show(value), "a whole number from 0"
    for name in ("joint", "entropy", "residual"):
        if not _is_number(value := record.get(name)):
            yield name, show(value), "a number"
    if "document" in record and not _is_count(record["document"]):
        yield "document", show(record["document"]), "a whole number from 0"
    if (units := record.get("units", "nats")) != "nats":
        yield "units", show(units), '"nats"'
    if not (isinstance(stated := record.get("dtype", DTYPE), str) and stated in EPS):
        yield "dtype", show(stated), f"one of {', '.join(EPS)}"
    names = None
    for table in TABLES:
        entries = record.get(table)
        if not (isinstance(entries, dict) and entries):
            yield table, show(entries), "an object with a number for each specialist"
            return
        if names is not None and entries.keys() != names:
            yield table, f"about {show(list(entries))}", f"the same specialists as in weights, {show(list(names))}"
        names = record["weights"].keys()
        for name, value in entries.items():
            if not (_is_number(value) or (value is None and table == "specialists")):
                yield f"{table}.{name}", show(value), "a number"


def numbers(record, dtype):
    """Numbers of a well-formed record that are impossible, or differ from what the others imply."""
    weights, log_p, shares = (record[table] for table in TABLES)
    joint, entropy = record["joint"], record["entropy"]
    eps = UNITS_OF_ROUNDING * EPS[dtype]
    for name, weight in weights.items():
        if weight < 0:
            yield f"weights.{name}", show(weight), "at least 0"
    if _off(total := sum(weights.values()), 1.0, max(1e-6, eps)):
        yield "weights", f"a table of sum {show(total)}", "1"
    if _off(total := sum(shares.values()), 1.0, eps):
        yield "responsibilities", f"a table of sum {show(total)}", "1"
    for name, value in log_p.items():
        if value is not None and value > eps:
            yield f"specialists.{name}", show(value), "at most 0: no probability is above 1"

    terms = _terms(record)
    if not terms:
        yield "joint", show(joint), "none: no specialist of positive weight gives the target a probability"
        return
    top = max(terms.values())
    parts = {name: math.exp(term - top) for name, term in terms.items()}
    total = sum(parts.values())
    true_joint = top + math.log(total)
    tolerance = eps * max(1.0, abs(true_joint))
    if _off(joint, true_joint, tolerance):
        yield "joint", show(joint), show(true_joint)
    for name, share in shares.items():
        if _off(share, expected := parts.get(name, 0.0) / total, tolerance):
            yield f"responsibilities.{name}", show(share), show(expected)
    expected = math.log(total) - sum(part / total * (terms[name] - top) for name, part in parts.items())
    if _off(entropy, expected, tolerance):
        yield "entropy", show(entropy), show(expected)
    if _off(record["residual"], expected := residual(record), tolerance):
        yield "residual", show(record["residual"]), show(expected)


def residual(record):
    """The residual that follows from the recorded joint, shares and entropy."""
    shares = record["responsibilities"]
    return record["joint"] - sum(shares[name] * term for name, term in _terms(record).items()) - record["entropy"]


def _terms(record):
    """Each ``log w_i + log p_i`` that is finite."""
    log_p = record["specialists"]
    return {n: log_p[n] + math.log(w) for n, w in record["weights"].items() if w > 0 and log_p[n] is not None}


def _is_count(value):
    return type(value) is int and 0 <= value < 2**63


def _is_number(value):
    return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) < 2**53)


def _off(found, expected, tolerance):
    return not abs(found - expected) <= tolerance


def short(link):
    """The beginning of a link of the chain is enough to tell it from another."""
    return f"{link[:12]}..." if isinstance(link, str) and link.isalnum() else show(link)


def show(value):
    """A value of somebody else's file as :func:`safe` text."""
    return "missing" if value is None else safe(json.dumps(value, default=str))


def safe(text):
    """Text of somebody else's file that a terminal can show: on one line, without control characters, not long."""
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= 80 else text[:77] + "..."
