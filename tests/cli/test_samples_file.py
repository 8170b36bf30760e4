"""Files of samples: every format gives the same table, and whatever cannot be measured is named with its way out."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixlib.cli import main
from mixlib.cli._shared.samples_file import read_file, read_samples


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def frame():
    return pd.DataFrame(np.random.default_rng(0).normal(size=(50, 3)), columns=["a", "b", "c"])


def read(frame, **options):
    frame.to_csv("t.csv", index=False)
    return read_samples(Path("t.csv"), **options)


def trouble(frame, **options):
    with pytest.raises(ValueError, match="cannot be measured as it is") as caught:
        read(frame, **options)
    return str(caught.value).splitlines()[1:]


def test_every_format_gives_the_same_numbers(frame):
    pytest.importorskip("pyarrow")
    frame.to_csv("named.csv", index=False)
    frame.to_csv("bare.csv", index=False, header=False)
    frame.to_csv("semicolons.csv", index=False, sep=";")
    frame.to_parquet("x.parquet")
    np.save("x.npy", frame.to_numpy())
    for name in ("named.csv", "bare.csv", "semicolons.csv", "x.parquet", "x.npy"):
        read, left_out, _ = read_samples(Path(name))
        np.testing.assert_allclose(read.to_numpy(dtype=float), frame.to_numpy())
        assert left_out == []


def test_columns_are_chosen_by_name_or_number(frame):
    assert list(read(frame, columns=["c", "a"])[0].columns) == ["c", "a"]
    np.save("x.npy", frame.to_numpy())
    np.testing.assert_array_equal(read_samples(Path("x.npy"), columns=["2", "0"])[0], frame[["c", "a"]])
    with pytest.raises(ValueError, match=r"--columns: z not among a, b, c"):
        read(frame, columns=["a", "z"])
    with pytest.raises(ValueError, match=r"--columns: got 1, at least 2 are needed"):
        read(frame, columns=["a"])
    with pytest.raises(ValueError, match=r"--columns: a is named twice"):
        read(frame, columns=["a", "a"])


def test_all_trouble_is_named_at_once(frame):
    frame = frame.assign(name="Anna", version=2, empty=np.nan, a_cm=100 * frame["a"])
    frame.loc[[3, 7], "b"] = np.nan
    frame.loc[9, "c"] = np.inf
    lines = trouble(frame)
    assert [line.split(":")[0].strip() for line in lines] == ["text", "constant", "missing", "duplicates"]
    assert "name ('Anna' in row 1)" in lines[0]
    assert "version (always 2), empty (empty)" in lines[1]
    assert "3 of 50 rows have missing or infinite values (2 in b, 1 in c)" in lines[2]
    assert "a_cm repeats a" in lines[3]
    for line in lines:
        assert f"--drop {line.split(':')[0].strip()}" in line


def test_what_is_dropped_is_said(frame):
    bad = frame.assign(name="Anna", version=2, a_cm=100 * frame["a"])
    bad.loc[[3, 7], "b"] = np.nan
    clean, left_out, _ = read(bad, drop=["text", "constant", "missing", "duplicates"])
    pd.testing.assert_frame_equal(clean.reset_index(drop=True), frame.drop([3, 7]).reset_index(drop=True))
    assert len(left_out) == 4
    assert "name ('Anna' in row 1)" in left_out[0]


def test_a_stray_sign_among_numbers_is_found(frame):
    frame["age"] = np.arange(50).astype(str)
    frame.loc[16, "age"] = "?"
    assert "age ('?' in row 17)" in trouble(frame)[0]


def test_dates_and_complex_numbers_are_no_numbers(frame):
    pytest.importorskip("pyarrow")
    frame.assign(day=pd.date_range("2020-01-01", periods=50)).to_parquet("t.parquet")
    with pytest.raises(ValueError, match=r"day \(datetime64"):
        read_samples(Path("t.parquet"))
    np.save("z.npy", frame.to_numpy() + 1j)
    with pytest.raises(ValueError, match=r"0 \(complex128"):
        read_samples(Path("z.npy"))


def test_row_numbers_written_by_pandas_are_no_variable(frame):
    frame.to_csv("t.csv")
    with pytest.raises(ValueError, match="the nameless first column counts the rows; --drop row-numbers"):
        read_samples(Path("t.csv"))
    read_frame, *_ = read_samples(Path("t.csv"), drop=["row-numbers"])
    assert list(read_frame.columns) == ["a", "b", "c"]
    shuffled = frame.set_axis(np.random.default_rng(1).permutation(50), axis=0)
    shuffled.to_csv("t.csv")
    assert read_samples(Path("t.csv"))[0].shape == (50, 4)


def test_which_columns_are_duplicates_depends_on_the_estimator(frame):
    curved = frame.assign(curved=np.exp(frame["b"]))
    assert read(curved)[0].shape == (50, 4)
    for estimator in ("gaussian-copula", "ksg", "score"):
        assert "curved repeats b" in trouble(curved, estimator=estimator)[0]
    discrete = (frame > 0).astype(int).assign(again=lambda f: f["a"])
    assert "again repeats a" in trouble(discrete)[0]
    for estimator in ("plugin", "auto", "ksg", "score"):
        assert read(discrete, estimator=estimator)[0].shape == (50, 4)


def test_missing_everywhere(frame):
    frame.loc[:24, "a"] = np.nan
    frame.loc[25:, "b"] = np.nan
    assert "50 of 50 rows" in trouble(frame)[0]
    with pytest.raises(ValueError, match="nothing is left after --drop missing"):
        read(frame, drop=["missing"])


def test_categories(frame):
    frame["town"] = np.random.default_rng(2).choice(["Rome", "Oslo"], 50)
    read_frame, *_ = read(frame, categories=["town"])
    assert read_frame["town"].dtype == "category"
    with pytest.raises(ValueError, match=r"--categories: x not among"):
        read(frame, categories=["x"])


def test_parquet_needs_a_package_that_is_named(monkeypatch, capsys):
    Path("t.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["o-information", "t.parquet"]) == 2
    assert (
        "a Parquet file needs the package pyarrow, which is not installed: pip install 'pyarrow"
        in capsys.readouterr().err
    )


def test_a_damaged_parquet_file_is_named(frame):
    pytest.importorskip("pyarrow")
    path, rng, messages = Path("t.parquet"), np.random.default_rng(0), []
    frame.to_parquet(path)
    whole = path.read_bytes()
    for turn in range(120):
        content = bytearray(whole)
        if turn % 4:
            content[rng.integers(len(content))] ^= 0x55
        else:
            content = content[: rng.integers(len(content))]
        path.write_bytes(content)
        try:
            read_file(path)
        except ValueError as error:  # anything else ends the test
            messages.append(str(error))
    assert len(messages) > 60
    assert {message.split(": ")[0] for message in messages} == {"t.parquet"}


def test_a_header_without_rows_is_named(capsys):
    Path("t.csv").write_text("a,b\n")
    assert main(["o-information", "t.csv"]) == 2
    assert "t.csv: has a header (a, b) but no rows of data" in capsys.readouterr().err


def test_other_files_are_named(frame, capsys):
    pytest.importorskip("pyarrow")
    Path("t.txt").write_text("1,2")
    Path("empty.csv").write_text("")
    Path("ragged.csv").write_text("a,b\n1,2\n1,2,3\n")
    Path("one.csv").write_text("a\n1\n2\n")
    Path("spaces.csv").write_text("a b\n1 2\n2 3\n")
    Path("no.parquet").write_text("hello")
    np.save("vector.npy", np.zeros(3))
    np.save("objects.npy", np.array([[1, None], [2, "x"]], dtype=object), allow_pickle=True)
    frame.head(3).to_csv("few.csv", index=False)
    for name, message in {
        "none.csv": "no such file",
        "t.txt": "expected .csv, .tsv, .csv.gz, .parquet or .npy, got .txt",
        "empty.csv": "is empty",
        "ragged.csv": "is not a table of values",
        "one.csv": "has 1 column, at least 2 are needed; rows are samples, columns variables",
        "spaces.csv": "has 1 column, at least 2 are needed; put commas where the spaces are",
        "no.parquet": "is not a Parquet file",
        "vector.npy": "got shape (3,)",
        "objects.npy": "is not a NumPy array of numbers",
        "few.csv": "3 samples of 3 columns are too few, at least 5 are needed",
    }.items():
        assert main(["o-information", name]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"mixlib o-information: {name}: ")
        assert message in err
        assert "Traceback" not in err
