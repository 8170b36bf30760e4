"""Samples of every kind are read alike, and what cannot be measured is named with its fix."""

import numpy as np
import pandas as pd
import pytest
import torch

from mixlib import o_information
from mixlib.information.table import read_table

NOISE = np.random.default_rng(7).normal(size=(50, 3))
LETTERS = ["x", "y", "z", "x", "z"] * 10
FRAME = pd.DataFrame(NOISE, columns=["age", "height", "weight"])


@pytest.mark.parametrize(
    "samples",
    [
        NOISE,
        np.asfortranarray(NOISE),
        torch.tensor(NOISE, requires_grad=True),
        NOISE.tolist(),
        list(NOISE),
        tuple(map(tuple, NOISE)),
        pd.DataFrame(NOISE),
        pd.DataFrame(NOISE).astype("Float64"),
        pd.DataFrame(NOISE).astype(object),
    ],
)
def test_every_kind_reads_the_same(samples):
    table = read_table(samples)
    np.testing.assert_array_equal(table.values, NOISE)
    assert table.values.dtype == float
    assert table.groups == [[0], [1], [2]]


def test_columns_of_a_frame_become_numbers():
    frame = pd.DataFrame(
        {
            "flag": pd.array([True, False, True, True, False] * 10, dtype="boolean"),
            "count": pd.array(range(50), dtype="Int64"),
            "letter": pd.Categorical(LETTERS),
            "size": pd.Categorical(LETTERS, categories=["z", "y", "x"], ordered=True),
            "side": pd.Categorical(["left", "right"] * 25),
        }
    )
    table = read_table(frame)
    np.testing.assert_array_equal(table.values[:3], [[1, 0, 0, 2, 0], [0, 1, 1, 1, 1], [1, 2, 2, 0, 0]])
    assert table.nominal == (False, False, True, False, False)
    assert table.distinct == [2, 50, 3, 3, 2]
    assert [table.looks_continuous(column) for column in range(5)] == [False, True, False, False, False]


def test_groups_by_name_leave_other_columns_unread():
    frame = FRAME.assign(name="text", empty=np.nan)
    table = read_table(frame, {"body": ["weight", "height"], "years": ["age"]})
    np.testing.assert_array_equal(table.values, NOISE[:, [2, 1, 0]])
    assert table.groups == [[0, 1], [2]]
    assert table.variables == ("body", "years")
    assert read_table(frame, [["weight", "height"], [0]]).variables == ("weight+height", "age")
    assert read_table(NOISE, [[2, 1], [0]]).variables is None
    assert read_table(NOISE, {"body": [2, 1], "years": [0]}).variables == ("body", "years")


def test_names_reach_the_result():
    result = o_information(FRAME)
    assert result.variables == ("age", "height", "weight")
    assert list(result.to_frame().index[-3:]) == ["gradient age", "gradient height", "gradient weight"]
    assert list(result.to_frame().columns) == ["nats", "standard error"]


def test_frames_of_other_packages_keep_their_names():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.Table.from_pandas(FRAME)
    assert o_information(table).variables == ("age", "height", "weight")
    assert o_information(table).omega == o_information(NOISE.tolist()).omega


def spoiled(value):
    values = NOISE.copy()
    values[[4, 9], 1] = value
    return values


@pytest.mark.parametrize(
    ("samples", "options", "message"),
    [
        (spoiled(np.nan), {}, r"samples: nan in row 4, column 1; 2 of 50 rows .* drop them with x\[numpy.isfinite"),
        (spoiled(np.inf), {}, "samples: inf in row 4, column 1; 2 of 50 rows"),
        (FRAME.mask(FRAME.iloc[4, 1] == FRAME), {}, r"nan in row 4, column 'height'; 1 of 50 rows .* frame.dropna\(\)"),
        (FRAME.assign(age=pd.array([None, *range(49)], dtype="Int64")), {}, "nan in row 0, column 'age'"),
        (FRAME.assign(age=pd.Categorical([None, *LETTERS[1:]])), {}, "nan in row 0, column 'age'"),
        (NOISE * [1, 0, 1], {}, "samples: column 1 is constant and carries no information; drop it"),
        (FRAME * [1, 0, 1], {}, "samples: column 'height' is constant"),
        (NOISE[:3].T, {}, "samples: 3 samples of 3 columns are too few, at least 5 .* transposed"),
        (NOISE[:, :1], {}, r"samples: expected shape \(T, N\).*got \(50, 1\)"),
        (FRAME[["age"]], {}, r"samples: expected shape \(T, N\).*got \(50, 1\)"),
        (NOISE[0], {}, r"got \(3,\)"),
        ({"a": [1, 2]}, {}, "samples: expected an array .* got dict"),
        ([*NOISE.tolist(), [1.0]], {}, "samples: the rows of the list differ in length"),
        ([*NOISE.tolist(), [1.0, None, 2.0]], {}, "samples: nan in row 50, column 1"),
        ([*NOISE.tolist(), [1.0, "x", 2.0]], {}, "samples: expected real numbers, found str"),
        (NOISE[0].tolist(), {}, r"got \(3,\)"),
        (FRAME.assign(name=LETTERS), {}, r"samples: column 'name' holds text, .*astype\('category'\)"),
        (FRAME.assign(day=pd.Timestamp("2000-01-01")), {}, "samples: column 'day' holds Timestamp, not numbers"),
        (FRAME.assign(wave=1j), {}, "samples: column 'wave' holds complex, not numbers"),
        (np.array([["1", "2"], ["2", "3"]] * 9), {}, "samples: expected real numbers, found str"),
        (NOISE + 1j, {}, "samples: expected real numbers, found complex"),
        (NOISE, {"groups": [[0], [7]]}, "groups: column 7 does not exist, columns are 0 to 2"),
        (FRAME, {"groups": [["age"], ["size"]]}, "groups: column 'size' does not exist, columns are age, height"),
        (FRAME, {"groups": [["age"], ["height", "age"]]}, "groups: column 'age' is in two places"),
        (FRAME, {"groups": ["age", "height"]}, "groups: expected lists of column numbers or names"),
        (FRAME, {"groups": {"one": ["age"], "two": []}}, "groups: expected at least 2 groups and none empty"),
        (FRAME.set_axis(["a", "a", "b"], axis=1), {"groups": [["a"], ["b"]]}, "groups: 2 columns are named 'a'"),
    ],
)
def test_bad_samples_are_named(samples, options, message):
    with pytest.raises(ValueError, match=message):
        o_information(samples, **options)
