"""Mutual information of many sets of columns, held against grouped total correlations, regressions and exact counts."""

import numpy as np
import pandas as pd
import pytest

from mixlib import o_information
from mixlib.information import mutual_information
from mixlib.information.shared import Shared


def samples(rows=300, n=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, n)) @ rng.normal(size=(n, n))


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg", "plugin"])
def test_it_is_the_total_correlation_of_two_groups(estimator):
    table = np.digitize(samples(), [-1, 1]) if estimator == "plugin" else samples()
    shared = Shared(table, estimator)
    first, second = [[0, 1], [3, 4]], [[2, 4], [0, 2]]
    pairs = zip(first, second, strict=True)
    wanted = [o_information(table, estimator, groups=pair, error=None, gradient=False).tc for pair in pairs]
    assert shared.between(first, second) == pytest.approx(wanted, abs=1e-12)


def test_given_others_it_is_what_regression_leaves():
    table = samples(4000)
    found = Shared(table).between([[0]], [[1]], [[2, 3]])[0]

    def rest(column):
        beside = np.column_stack([np.ones(4000), table[:, [2, 3]]])
        return column - beside @ np.linalg.lstsq(beside, column, rcond=None)[0]

    partial = np.corrcoef(rest(table[:, 0]), rest(table[:, 1]))[0, 1]
    assert found == pytest.approx(-np.log(1 - partial**2) / 2, abs=2 / 4000)


def test_neighbours_see_what_a_third_explains():
    rng = np.random.default_rng(1)
    z = rng.normal(size=2000)
    x, y = z + rng.normal(size=(2, 2000))
    shared = Shared(np.column_stack([x, y, z]), "ksg")
    assert shared.between([[0]], [[1]])[0] > 0.1
    assert abs(shared.between([[0]], [[1]], [[2]])[0]) < 0.04
    assert shared.between([[0]], [[1]])[0] == pytest.approx(-np.log(1 - 0.5**2) / 2, abs=0.05)


def test_the_matrix_of_pairs():
    table = pd.DataFrame(samples(), columns=list("abcde"))
    found = mutual_information(table, units="bits")
    assert found.loc["b", "d"] == found.loc["d", "b"]
    pair = o_information(table[["b", "d"]], units="bits", error=None)
    assert found.loc["b", "d"] == pytest.approx(pair.tc, abs=1e-12)
    assert np.isnan(np.diag(found)).all()


def test_with_a_lag_the_past_is_in_the_rows():
    rng = np.random.default_rng(0)
    driver = rng.normal(size=3000)
    follower = np.concatenate([rng.normal(size=2), driver[:-2]]) + rng.normal(size=3000)
    found = mutual_information(np.column_stack([driver, follower]), lag=2)
    assert found.loc[0, 1] == pytest.approx(np.log(2) / 2, abs=0.05)
    assert found.abs().max().max() == found.loc[0, 1]
    assert abs(found.loc[1, 0]) < 0.005
    assert abs(found.loc[0, 0]) < 0.005


def test_fewer_rows_than_columns_are_enough():
    table = samples(20, 5)
    wide = np.hstack([table, np.random.default_rng(1).normal(size=(20, 30))])
    assert Shared(wide).between([[0]], [[1]]) == pytest.approx(Shared(table).between([[0]], [[1]]))


def test_columns_that_depend_on_each_other_are_named():
    table = pd.DataFrame(samples(), columns=list("abcde"))
    table["sum"] = table["a"] + table["c"]
    shared = Shared(table)
    shared.entropy([[0, 1, 2], [0, 1, 5]])
    with pytest.raises(ValueError, match=r"column 'sum' is a linear function of column 'a', column 'c'"):
        shared.entropy([[0, 1, 2, 3], [0, 1, 2, 5]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": "score"}, "estimator: got 'score'"),
        ({"correction": None}, "correction: is no option of estimator 'gaussian'"),
        ({"lag": -1}, "lag: "),
        ({"lag": 299}, "lag: 299 leaves 1 of 300 rows"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        mutual_information(samples(), **arguments)


def test_neighbours_have_no_entropies():
    with pytest.raises(ValueError, match="'ksg' has no entropies"):
        Shared(samples(), "ksg").entropy([[0]])
