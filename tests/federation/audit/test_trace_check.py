"""The checker believes nothing: whatever is altered, dropped or moved in a trace is found and named."""

import copy
import io
import json

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import log_softmax

from mixlib.federation import TraceWriter, attribute, check_trace
from mixlib.federation.audit.trace import chained
from mixlib.federation.audit.trace_check import NAMED


def records(dtype="float32", documents=(5, 4, 6), weights=(0.5, 0.3, 0.2), seed=0):
    rng, out = np.random.default_rng(seed), []
    for number, t in enumerate(documents):
        log_probs = torch.tensor(log_softmax(2 * rng.normal(size=(3, t, 30)), axis=-1)).to(getattr(torch, dtype))
        one = attribute(log_probs, torch.tensor(rng.integers(0, 30, t)), weights, names=("a", "b", "c"))
        out += [{"document": number} | record for record in one.records()]
    return out


PLAIN = records()
TOLERANCE = 16 * 2**-23 * 20  # of float32, at the lowest joint


def linked(lines):
    seal, out = "", []
    for record in lines:
        seal = chained(seal, record)
        out.append(record | {"chain": seal})
    return out


def checked(lines, **options):
    return check_trace(io.BytesIO("".join(json.dumps(record) + "\n" for record in lines).encode()), **options)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("weights", [(1 / 3, 1 / 3, 1 / 3), (0.5, 0.5, 0.0), (1.0, 0.0, 0.0)])
@pytest.mark.parametrize("chain", [False, True])
def test_what_the_library_writes_is_sound(dtype, weights, chain):
    lines = records(dtype, weights=weights)
    check = checked(linked(lines) if chain else lines)
    assert check.problems == []
    assert (check.sound, check.lines, check.documents, check.dtype) == (True, 15, 3, dtype)
    largest = max(abs(record["residual"]) for record in lines)
    assert check.largest_residual == pytest.approx(largest, abs=1e-14)
    assert check.perplexity == pytest.approx(np.exp(-np.mean([record["joint"] for record in lines])))
    assert check.to_frame()["mean share"].sum() == pytest.approx(1)
    assert check.to_frame()["mean share"]["a"] == pytest.approx(np.mean([r["responsibilities"]["a"] for r in lines]))
    assert check.to_frame()["carried"].sum() == pytest.approx(1)
    assert (check.seal is None) is not chain


def numbers(record, path=()):
    for name, value in record.items():
        if isinstance(value, dict):
            yield from numbers(value, (*path, name))
        elif isinstance(value, int | float):
            yield (*path, name)


FIELDS = [path for path in numbers(PLAIN[0]) if path != ("target",)]


def at(record, path, value):
    record = copy.deepcopy(record)
    table = record
    for name in path[:-1]:
        table = table[name]
    table[path[-1]] = value(table[path[-1]])
    return record


@given(st.sampled_from(FIELDS), st.integers(0, len(PLAIN) - 1), st.floats(1e-3, 1e3), st.sampled_from([-1, 1]))
def test_every_altered_number_is_found(path, line, by, sign):
    """By a thousandth or more; a log-probability matters by its share, so one that has none of it is left alone."""
    if path[0] == "specialists" and PLAIN[line]["responsibilities"][path[1]] * min(by, 1) < 4 * TOLERANCE:
        return
    step = max(1, round(by)) if path[0] in ("document", "position") else by
    altered = at(PLAIN[line], path, lambda value: value + sign * step)
    check = checked([*PLAIN[:line], altered, *PLAIN[line + 1 :]])
    assert not check.sound
    named = {problem.line for problem in check.problems}
    assert line + 1 in named or (path[0] in ("document", "position") and line + 2 in named)


@given(
    st.sampled_from([*FIELDS, ("target",), ("dtype",), ("units",)]),
    st.integers(0, len(PLAIN) - 1),
    st.sampled_from(["x", None, True, [], {}, "NaN", float("nan"), float("inf"), 1e300, -1e300, 10**400]),
)
def test_every_field_of_another_kind_is_found(path, line, value):
    if value is None and path[0] == "specialists":
        return  # probability 0: a number, if a wrong one
    check = checked([*PLAIN[:line], at(PLAIN[line], path, lambda _: value), *PLAIN[line + 1 :]])
    assert not check.sound
    found = next(problem for problem in check.problems if problem.line == line + 1)
    assert len(str(found)) < 400


@given(st.sampled_from([name for name in PLAIN[0] if name not in ("units", "dtype", "document")]), st.integers(0, 14))
def test_every_missing_field_is_found(name, line):
    lines = copy.deepcopy(PLAIN)
    del lines[line][name]
    check = checked(lines)
    assert (check.problems[0].line, check.problems[0].field) == (line + 1, name)
    assert "missing" in str(check.problems[0])
    assert check.faulty_lines == 1 or PLAIN[line]["position"] == 0


ANY = st.sampled_from([*numbers(PLAIN[0]), ("dtype",), ("units",), ("seed",)])


@given(ANY, st.integers(0, len(PLAIN) - 1))
def test_with_a_chain_no_change_is_too_small(path, line):
    """Not even in the last digit, in the target, or in a field that the checker knows nothing about."""
    lines = linked([record | {"seed": 0} for record in PLAIN])

    def next_to(value):
        if isinstance(value, float):
            return float(np.nextafter(value, 9))
        return value + 1 if isinstance(value, int) else value + "x"

    check = checked([*lines[:line], at(lines[line], path, next_to), *lines[line + 1 :]])
    assert ("chain", line + 1) in [(problem.field, problem.line) for problem in check.problems]


@given(st.integers(0, 14), st.integers(0, 14))
def test_dropped_doubled_and_swapped_lines_break_the_chain(i, j):
    lines = linked(PLAIN)
    seal = lines[-1]["chain"]
    assert checked(lines, seal=seal).sound
    assert not checked(lines[:i] + lines[i + 1 :], seal=seal).sound
    assert not checked(lines[: i + 1] + lines[i:], seal=seal).sound
    swapped = list(lines)
    swapped[i], swapped[j] = swapped[j], swapped[i]
    assert checked(swapped, seal=seal).sound == (i == j)


def ends(line):
    """Whether a line is the last of its document."""
    return line + 1 == len(PLAIN) or PLAIN[line + 1]["document"] != PLAIN[line]["document"]


@pytest.mark.parametrize("line", range(len(PLAIN)))
def test_without_a_chain_only_the_order_speaks(line):
    assert checked(PLAIN[:line] + PLAIN[line + 1 :]).sound == ends(line)  # the end of a document can go unnoticed
    begins_a_run = PLAIN[line]["position"] == 0 == PLAIN[line]["document"]
    assert checked(PLAIN[: line + 1] + PLAIN[line:]).sound == begins_a_run
    if line:
        swapped = [*PLAIN[: line - 1], PLAIN[line], PLAIN[line - 1], *PLAIN[line + 1 :]]
        assert not checked(swapped).sound


def test_what_no_line_can_show():
    """A line rewritten as a whole, with the chain anew: only a seal kept elsewhere tells."""
    lines = linked(PLAIN)
    other = records(seed=1)
    forged = linked([*PLAIN[:7], other[7], *PLAIN[8:]])
    assert checked(forged).sound
    check = checked(forged, seal=lines[-1]["chain"])
    assert [problem.field for problem in check.problems] == ["seal"]
    assert not checked(PLAIN, seal=lines[-1]["chain"]).sound, "no chain at all is no way around it"


def test_the_tolerance_follows_the_dtype():
    lines = records("bfloat16")
    assert checked(lines).sound
    assert not checked(lines, dtype="float32").sound
    finer = [record | {"dtype": "float32"} for record in lines]
    assert not checked(finer).sound
    mixed = [*PLAIN[:3], PLAIN[3] | {"dtype": "bfloat16"}, *PLAIN[4:]]
    assert [(p.line, p.field, p.found) for p in checked(mixed).problems] == [(4, "dtype", '"bfloat16"')]
    unsaid = [{name: value for name, value in record.items() if name not in ("dtype", "units")} for record in PLAIN]
    assert (checked(unsaid).sound, checked(unsaid).dtype) == (True, "float32")
    with pytest.raises(ValueError, match="dtype: got 'int8'"):
        checked(PLAIN, dtype="int8")


def test_a_specialist_may_drop_out_but_none_may_join():
    left = records(weights=(0.5, 0.5, 0.0))
    for table in ("weights", "specialists", "responsibilities"):
        del left[7][table]["c"]
    assert checked(left).sound
    assert checked(left).specialists["c"]["lines"] == 14
    del left[8]["weights"]["c"]
    assert [problem.line for problem in checked(left).problems] == [9, 9]
    grown = copy.deepcopy(PLAIN)
    for table, value in (("weights", 0.0), ("specialists", -1.0), ("responsibilities", 0.0)):
        grown[2][table]["\x1b[31mz"] = value
    problem = checked(grown).problems[0]
    assert (problem.line, problem.field) == (3, "specialists")


def test_what_others_wrote_does_not_reach_the_terminal_as_it_is():
    odd = copy.deepcopy(PLAIN[:1])
    for table in ("weights", "specialists", "responsibilities"):
        odd[0][table]["\x1b[31m" + "z" * 500] = "\x1b[2J"
    check = checked(odd)
    assert len(check.problems) == 3
    assert all("\x1b" not in str(problem) and len(str(problem)) < 300 for problem in check.problems)


ODD = [b"null", b"{}", b"[", b"NaN", b"1e999", b"-", b'"', b"\n", b"\\ud800", b"true", b'{"a":', b"9" * 30]
WHOLE = linked(PLAIN[:4])
WHOLE_TEXT = "".join(json.dumps(record) + "\n" for record in WHOLE).encode()


PLACE = st.integers(0, len(WHOLE_TEXT))
EDIT = st.tuples(PLACE, st.integers(0, 9), st.binary(max_size=4) | st.sampled_from(ODD))
IN_A_CHAIN = WHOLE_TEXT.index(b'"chain": "') + len(b'"chain": "')


@given(st.lists(EDIT, min_size=1, max_size=4))
@example([(IN_A_CHAIN, 0, b"\\ud800")])  # a lone surrogate: the next link cannot be computed from it in ASCII
@example([(IN_A_CHAIN, 1, "é".encode())])
def test_nothing_that_a_file_holds_stops_the_check(edits):
    text = bytearray(WHOLE_TEXT)
    for at, length, piece in edits:
        text[at : at + length] = piece
    if check_trace(io.BytesIO(bytes(text))).sound:
        assert [json.loads(line) for line in text.splitlines()] == WHOLE


@pytest.mark.parametrize("odd", ["\ud800", "é", "\x00", "\x1b[2J", "\u202e", "9" * 5000])
@pytest.mark.parametrize("name", [*WHOLE[0], "unknown"])
def test_no_text_in_a_field_or_name_stops_the_check(name, odd):
    """Whatever stands there is named in text that every terminal and every JSON file takes."""
    value = {odd: odd} if isinstance(WHOLE[1].get(name), dict) else odd
    for record in (WHOLE[1] | {name: value}, {odd if key == name else key: v for key, v in WHOLE[1].items()}):
        check = checked([WHOLE[0], record, *WHOLE[2:]])
        assert check.sound == (record == WHOLE[1])
        assert all(str(problem).isprintable() for problem in check.problems)
        " ".join(map(str, check.problems)).encode()


def test_a_link_that_is_no_link_is_blamed_alone():
    for found in ("\ud800", "é", None, 7):
        check = checked([*WHOLE[:1], WHOLE[1] | {"chain": found}, *WHOLE[2:]])
        assert [(p.line, p.field) for p in check.problems] == [(2, "chain")]


def test_many_problems_are_counted_and_few_kept():
    broken = [record | {"joint": -50.0} for record in PLAIN * 20]
    check = checked(broken)
    assert check.faulty_lines == len(broken)
    assert len(check.problems) == NAMED < check.faults


def test_nothing_is_not_sound():
    assert not checked([]).sound
    assert checked([]).perplexity is None


def test_progress_adds_up_to_the_file(tmp_path):
    with TraceWriter(tmp_path / "t.jsonl") as trace:
        for record in PLAIN * 100:
            trace.write(record)
    lines, size = [], f"{trace.path.stat().st_size:,}"
    check_trace(trace.path, progress=lines.append)
    assert lines[-1] == f"checking, {size} of {size} bytes"
    assert len(lines) == 2
    with open(trace.path, "rb") as file:  # of which nobody knows how long it is
        check_trace(file, progress=lines.append)
    assert lines[-1] == f"checking, {size} bytes"
