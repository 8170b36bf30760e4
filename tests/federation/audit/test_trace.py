"""Traces come back as they were written, from either kind of file, and in bounded memory."""

import hashlib
import io
import json
import sys
import tracemalloc

import numpy as np
import pytest
from scipy.special import log_softmax

from mixlib.federation import TraceWriter, attribute, check_trace, read_trace, write_trace
from mixlib.federation.audit import trace as trace_module
from mixlib.federation.audit.trace import LONGEST, chained, extent


def audit(t=7, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    log_probs = log_softmax(3 * rng.normal(size=(3, t, 20)), axis=-1)
    log_probs[1, 0] = -np.inf
    log_probs[1, 0, 19] = 0.0
    return attribute(log_probs.astype(dtype), rng.integers(0, 19, t), [0.5, 0.3, 0.2], names=("a", "b", "c"))


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_what_was_written_is_read(tmp_path, ending):
    path = tmp_path / f"t.{ending}"
    audits = [audit(5, 0), audit(1, 1), audit(9, 2)]
    with TraceWriter(path) as trace:
        for one, domain in zip(audits, "xyz", strict=True):
            trace.add(one, domain=domain)
    written = [{"document": i, "domain": d} | r for i, d in enumerate("xyz") for r in audits[i].records()]
    read = list(read_trace(path))
    chains = [record.pop("chain") for record in read]
    assert read == written
    assert read[0]["specialists"]["b"] is None
    assert [type(value) for value in read[3].values()] == [type(value) for value in written[3].values()]
    assert (trace.lines, trace.seal) == (15, chains[-1])
    assert extent(path) == ((15, "rows") if ending == "parquet" else (path.stat().st_size, "bytes"))
    assert check_trace(path, seal=trace.seal).sound


def test_both_kinds_of_file_have_one_seal(tmp_path):
    records = list(audit().records())
    assert write_trace(tmp_path / "t.jsonl", records) == write_trace(tmp_path / "t.parquet", records)
    again = write_trace(tmp_path / "u.jsonl", read_trace(tmp_path / "t.parquet"))
    assert (tmp_path / "u.jsonl").read_text() == (tmp_path / "t.jsonl").read_text()
    assert again == records_seal(records)


def records_seal(records):
    """The chain in the words of its docstring."""
    seal = ""
    for record in records:
        text = seal + json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        seal = hashlib.sha256(text.encode()).hexdigest()
    return seal


def test_the_chain_holds_every_field():
    record = next(audit().records())
    links = {chained("", record), chained("00", record), chained("", record | {"extra": 1})}
    links |= {chained("", {k: v for k, v in record.items() if k != name}) for name in record}
    assert len(links) == 3 + len(record)
    assert chained("", record | {"chain": "anything"}) == chained("", record)


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_memory_does_not_grow_with_the_trace(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(trace_module, "BATCH", 128)
    one = audit(128)

    def peak(documents):
        tracemalloc.start()
        with TraceWriter(tmp_path / f"t.{ending}") as trace:
            for _ in range(documents):
                trace.add(one)
        assert sum(1 for _ in read_trace(trace.path)) == documents * 128
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)  # what is imported and kept once
    assert peak(15) - peak(3) < 1e6, "holding the twelve documents more would take almost four megabytes"


def test_reading_says_what_is_no_record(tmp_path):
    for text, message in {
        b'{"a": 1}\nhello\n': "line 2 is not JSON",
        b"[1]\n": "line 1 is list, expected a JSON object",
        b'{"a": 1, "a": 2}\n': "line 1 is not JSON .names a field twice",
        b"\xff\n": "line 1 is not JSON",
        b"[" * 100_000 + b"\n": "line 1 is nested too deeply",
    }.items():
        with pytest.raises(ValueError, match=message):
            list(read_trace(io.BytesIO(text)))


def test_a_line_without_end_is_not_held_in_memory():
    file = io.BytesIO(b'{"a": "' + b"x" * (3 * LONGEST) + b'"}\n{"a": 1}\n')
    with pytest.raises(ValueError, match="line 1 is longer than"):
        list(read_trace(file))
    file.seek(0)
    check = check_trace(file)
    assert check.lines == 2


def test_what_cannot_be_written_is_named(tmp_path):
    with TraceWriter(tmp_path / "t.jsonl") as trace:
        with pytest.raises(ValueError, match="'joint' is a field of every record"):
            trace.add(audit(), joint=1)
        with pytest.raises(ValueError, match="not JSON compliant"):
            trace.write({"joint": float("nan")})
    with TraceWriter(tmp_path / "t.parquet") as trace:
        trace.add(audit(), seed=0)
        with pytest.raises(ValueError, match="the same fields and specialists in every record"):
            trace.add(audit())


def test_parquet_that_is_none(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    path.write_text("no")
    with pytest.raises(ValueError, match="is not a Parquet file"):
        list(read_trace(path))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match=r"t.parquet: a Parquet file needs .* pip install 'pyarrow>=\d+'$"):
        list(read_trace(path))


def test_damaged_parquet_is_a_value_error_with_its_path_or_reads(tmp_path, monkeypatch):
    """Flipped and cut at many places: the pages of a Parquet file fail as OSError, its text as UnicodeDecodeError."""
    monkeypatch.setattr(trace_module, "BATCH", 16)
    with TraceWriter(tmp_path / "whole.parquet") as trace:
        trace.add(audit(30))
    whole, path = trace.path.read_bytes(), tmp_path / "damaged.parquet"
    places = np.random.default_rng(0).choice(len(whole), 150, replace=False)
    flipped = [whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :] for i in places]
    noticed = 0
    for damaged in [*flipped, *(whole[:k] for k in range(0, len(whole), len(whole) // 20))]:
        path.write_bytes(damaged)
        said = ""
        try:
            sound = check_trace(path, seal=trace.seal).sound
        except ValueError as error:
            sound, said = False, f"{type(error).__name__} {error}"
        noticed += not sound
        assert said == "" or said.startswith(f"ValueError {path}: ")
    assert noticed > 100


def test_a_missing_parquet_file_is_not_called_damaged(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_trace(tmp_path / "nowhere.parquet"))
