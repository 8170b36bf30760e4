"""Tables in text: every usual form gives the same numbers, what is assumed is said, what cannot be right is named."""

import io

import numpy as np
import pandas as pd
import pytest

from mixlib.cli._shared.text_table import read_text

VALUES = np.random.default_rng(0).normal(size=(8, 4)).round(3)
COUNTS = np.random.default_rng(1).integers(0, 90, size=(40, 4))


def text(values, first=None, separator=",", end="\n", quote='"', quoted=False):
    lines = [] if first is None else [separator.join(first)]
    lines += [separator.join(f'"{cell}"' if quoted else str(cell) for cell in row) for row in values.tolist()]
    return end.join(lines) + end


def read(content, **options):
    return read_text(content if isinstance(content, bytes) else content.encode(), "t.csv", **options)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_form_gives_the_same(separator, end, quoted, encoding):
    names = ["größe", "b", "c", "d"]
    content = text(VALUES, names, separator, end, quoted=quoted).encode(encoding)
    frame, remarks = read(content)
    assert list(frame.columns) == names
    np.testing.assert_allclose(frame, VALUES, rtol=1e-15)
    assert remarks == []


@pytest.mark.parametrize(
    ("first", "values"),
    [
        (["2019", "2020", "2021", "2022"], VALUES),
        (["2019", "2020", "2021", "2022"], COUNTS),
        (["2010", "2014", "2015", "2022"], COUNTS),
        (["2019", "2020", "2021", "2022"], 1990 + COUNTS),  # within the range of the data, but counting
        (["0", "1", "2", "3"], VALUES),  # as pandas writes columns without names
        (["0", "1", "2", "3"], COUNTS),
        (["50", "100", "200", "400"], VALUES),  # doses
    ],
)
def test_a_line_of_numbers_that_are_names_is_no_data(first, values):
    frame, (remark,) = read(text(values, first))
    assert list(frame.columns) == first
    assert frame.shape == values.shape
    assert remark.endswith("is taken for the names of the columns; --no-header if it is data")
    frame, remarks = read(text(values, first), header=False)
    assert (len(frame), list(frame.columns), remarks) == (len(values) + 1, [0, 1, 2, 3], [])


@pytest.mark.parametrize(
    "values",
    [
        VALUES,
        COUNTS,
        COUNTS % 2,
        COUNTS.astype(float),
        1000 * VALUES,
        np.vstack([COUNTS[:1] + 500, COUNTS + 0.0]),  # an outlier that is written as a float
        np.vstack([VALUES, VALUES[:1]]),
    ],
)
def test_a_first_line_of_data_is_kept_and_said_to_be_data(values):
    frame, (remark,) = read(text(values))
    np.testing.assert_allclose(frame, values)
    assert remark.endswith("is taken for data, columns are called 0, 1, ...; --header if it holds names")
    frame, remarks = read(text(values), header=True)
    assert len(frame) == len(values) - 1
    assert not any("taken" in remark for remark in remarks)


def test_a_first_line_that_misses_a_value_is_data():
    frame, remarks = read(text(VALUES, ["2019", "NA", "2021", "2022"]))
    assert len(frame) == len(VALUES) + 1
    assert frame.iloc[0].isna().tolist() == [False, True, False, False]
    assert any("is taken for data" in remark for remark in remarks)


def test_random_data_without_names_keep_their_first_line():
    rng = np.random.default_rng(2)
    kept = 0
    for _ in range(100):
        columns, rows = int(rng.integers(2, 6)), int(rng.integers(20, 60))
        values = rng.integers(0, rng.choice([2, 5, 100, 10_000]), size=(rows, columns))
        kept += len(read(text(values))[0]) == rows
    assert kept >= 98  # two columns of few rows can begin with both of their extremes


def test_names_over_columns_of_text_and_of_numbers():
    frame, remarks = read("name,2019,2020\nAnna,1.5,2\nBo,2.5,3\n")
    assert list(frame.columns) == ["name", "2019", "2020"]
    assert len(remarks) == 1
    frame, _ = read("1.5,Anna,2.5\n2.5,Bo,3.5\n")
    assert len(frame) == 2
    frame, remarks = read("a,,c\n1,2,3\n4,5,6\n")
    assert (len(frame), remarks) == (2, [])
    assert len(read("1,NA,3\n4,5,6\n7,8,1\n")[0]) == 3
    assert len(read("1,?,3\n4,5,6\n7,8,1\n")[0]) == 3


def test_decimal_commas():
    values = np.abs(VALUES)
    content = text(values, ["a", "b", "c", "d"], ";").replace(".", ",")
    np.testing.assert_allclose(read(content, decimal=",")[0], values)
    bare = text(values, None, ";").replace(".", ",")
    frame, (remark,) = read(bare, decimal=",")
    np.testing.assert_allclose(frame, values)
    assert "taken for data" in remark


def test_decimal_commas_in_quotes_between_commas():
    values = np.abs(VALUES)
    rows = [",".join(f'"{value}"'.replace(".", ",") for value in row) for row in values.tolist()]
    np.testing.assert_allclose(read("\n".join(["a,b,c,d", *rows]).encode(), decimal=",")[0], values)
    one_column = "\n".join(["a", *(row.split('",')[0] + '"' for row in rows)]).encode()
    assert read(one_column, decimal=",")[0].shape == (len(values), 1)
    assert read(one_column.replace(b'"', b""), decimal=",")[0].shape == (len(values), 1)


def test_missing_values():
    content = "a,b\n1,2\nNA,3\n,4\n-9,5\n?,6\n"
    frame, _ = read(content, missing=["-9", "?"])
    np.testing.assert_array_equal(frame["a"], [1, np.nan, np.nan, np.nan, np.nan])
    assert read("a,b\n1,inf\n2,-Infinity\n")[0]["b"].tolist() == [np.inf, -np.inf]


def test_what_pandas_would_repair_in_silence_is_said():
    frame, (remark,) = read("a,b,\n1,2,\n3,4,\n")
    assert list(frame.columns) == ["a", "b"]
    assert remark == "every line ends with a separator; the empty column behind it is left out"
    frame, remarks = read("1.5,2,\n3,4,\n")
    assert frame.shape == (2, 2)
    assert "ends with a separator" in remarks[-1]
    frame, (remark,) = read("a,a,b\n1,2,3\n4,5,6\n")
    assert list(frame.columns) == ["a", "a.1", "b"]
    assert remark == "several columns are called a; later ones are now a.1 and so on"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv: is empty"),
        (b"\xef\xbb\xbf\r\n", "t.csv: is empty"),
        ("a,b\n1,2\n".encode("utf-16-le"), "t.csv: holds binary data, or UTF-16 without a byte order mark"),
        ("a,größe\n1,2\n".encode("latin-1"), r"t.csv: is not text in UTF-8 \(line 1: byte 0xf6\); save it as UTF-8"),
        (b"\xff\xfea\x00\xd8\x00\xd8", "t.csv: is not text in UTF-16"),
        (b"a,b\n1,2,3\n", "the first line has 2 cells and the second 3; does a column of row names lack its own"),
        (b"# made today\na,b\n1,2\n", "the first line has 1 cell and the second 2; take out lines before"),
        (b"a,b\n1,2,3,4,5\n", "the first line has 2 cells and the second 5; take out lines before the names"),
        (b"a,b\n1,5,2,5\n", "the first line has 2 cells and the second 4; are these decimal commas"),
        (b"a,b\n1,2,\n", "lines of data end with a separator and the first line does not"),
        (b"a,b\n1,2\n1,2,3\n", "t.csv: is not a table of values"),
        (b'a,b\n1,"2\n', "t.csv: is not a table|t.csv: the first line"),
    ],
)
def test_what_is_no_table_is_named(content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_but_a_value_error_whatever_the_bytes(seed):
    rng = np.random.default_rng(seed)
    whole = text(VALUES, ["a", "b", "c", "d"]).encode()
    for _ in range(100):
        content = bytearray(whole)
        for place in rng.integers(len(content), size=rng.integers(1, 6)):
            content[place] = rng.choice(list(b"\0\n\r,;\t\"'x.-e\xff0#"))
        try:
            frame, _ = read(bytes(content))
        except ValueError as error:
            assert str(error).startswith("t.csv: ")  # noqa: PT017
        else:
            assert isinstance(frame, pd.DataFrame)


def test_the_numbers_are_those_that_were_written():
    values = np.random.default_rng(3).normal(size=(200, 3)) * 10.0 ** np.arange(-3, 6, 3)
    buffer = io.StringIO()
    pd.DataFrame(values, columns=list("abc")).to_csv(buffer, index=False)
    np.testing.assert_allclose(read(buffer.getvalue())[0], values, rtol=1e-15)
