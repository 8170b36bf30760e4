"""The selector keeps scikit-learn's conventions, finds what a sweep finds, and needs no scikit-learn."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mixlib import o_information_sweep
from mixlib.information import OInformation

TWO_COLUMNS = dict.fromkeys(  # checks that fit two columns, whose O-information is always 0
    (
        "check_estimators_overwrite_params",
        "check_estimators_fit_returns_self",
        "check_readonly_memmap_input",
        "check_fit_idempotent",
        "check_fit_check_is_fitted",
        "check_n_features_in",
    ),
    "two columns have no O-information",
)


def table(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 7))
    values[:, 5] += values[:, 1] + values[:, 2]  # synergy
    values[:, [0, 3, 6]] += 2 * rng.normal(size=(rows, 1))  # redundancy
    return pd.DataFrame(values, columns=list("abcdefg"))


def test_it_keeps_the_columns_of_the_best_subsets():
    sweep = o_information_sweep(table(), orders=3)
    for side, found, columns in (
        ("synergistic", sweep.synergistic(1), list("bcf")),
        ("redundant", sweep.redundant(1), list("adg")),
    ):
        selector = OInformation(side=side).fit(table())
        assert selector.get_feature_names_out().tolist() == columns
        assert list(found["variables"][0]) == columns
        assert selector.omega_ == pytest.approx(found["omega"].to_numpy())
        assert selector.transform(table()).tolist() == table()[columns].to_numpy().tolist()
    several = OInformation("3-4", side="redundant", top=5).fit(table().to_numpy())
    assert len(several.subsets_) == 5
    assert (np.diff(several.omega_) <= 0).all()
    assert several.get_support(indices=True).tolist() == sorted({i for subset in several.subsets_ for i in subset})


def test_names_are_those_of_the_fit():
    selector = OInformation().fit(table())
    assert selector.feature_names_in_.tolist() == list("abcdefg")
    with pytest.raises(ValueError, match="feature names should match"):
        selector.transform(table().rename(columns={"a": "z"}))
    with pytest.raises(ValueError, match="same order"):
        selector.transform(table()[list("gfedcba")])
    with pytest.raises(ValueError, match="6 features, but OInformation is expecting 7"):
        selector.transform(table().to_numpy()[:, 1:])
    with pytest.raises(ValueError, match="not equal to feature_names_in_"):
        selector.get_feature_names_out(list("gfedcba"))
    selector.fit(table().to_numpy())
    assert not hasattr(selector, "feature_names_in_")
    assert selector.get_feature_names_out().tolist() == ["x1", "x2", "x5"]
    assert selector.get_feature_names_out(list("tuvwxyz")).tolist() == ["u", "v", "y"]
    with pytest.raises(ValueError, match="should have length equal"):
        selector.get_feature_names_out(["a"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"side": "both"}, "side: got 'both'"), ({"top": 0}, "top: "), ({"orders": 9}, "orders: ")],
)
def test_arguments_are_checked_when_it_is_fitted(arguments, message):
    with pytest.raises(ValueError, match=message):
        OInformation(**arguments).fit(table())


def test_without_a_fit_it_says_so():
    with pytest.raises(ValueError, match="not fitted yet"):
        OInformation().transform(table())


def test_options_reach_the_estimator():
    near = OInformation(estimator="ksg", options={"k": 5}).fit(table())
    wanted = o_information_sweep(table(), orders=3, estimator="ksg", k=5)
    assert near.omega_[0] == wanted.omega.min()


def test_parameters_can_be_read_and_set():
    selector = OInformation("3-4", top=2)
    assert selector.get_params()["orders"] == "3-4"
    assert selector.set_params(top=3).top == 3
    assert repr(selector) == "OInformation(orders='3-4', top=3)"
    with pytest.raises(ValueError, match="Invalid parameter 'size'"):
        selector.set_params(size=3)
    with pytest.raises(ValueError, match="transform: got 'polars'"):
        selector.set_output(transform="polars")


@pytest.mark.filterwarnings("ignore:Estimator OInformation does not inherit")  # so it needs no scikit-learn
def test_scikit_learn_finds_nothing_amiss():
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    results = checks.check_estimator(OInformation(), expected_failed_checks=TWO_COLUMNS, on_skip=None, on_fail="raise")
    assert sum(result["status"] == "passed" for result in results) > 35


def test_in_a_pipeline():
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X = table()
    y = X["b"] + X["c"] - X["f"]
    pipeline = make_pipeline(StandardScaler(), OInformation(), LinearRegression()).set_output(transform="pandas")
    assert list(pipeline[:-1].fit_transform(X, y)) == ["b", "c", "f"]
    assert pipeline.fit(X, y).score(X, y) > 0.999
    search = GridSearchCV(pipeline, {"oinformation__side": ["redundant", "synergistic"]}, cv=2).fit(X, y)
    assert search.best_params_ == {"oinformation__side": "synergistic"}
    copy = clone(OInformation(top=4).fit(X))
    assert copy.top == 4
    assert not hasattr(copy, "support_")


def test_it_needs_no_scikit_learn():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import numpy as np\nfrom mixlib.information import OInformation\n"
        "X = np.random.default_rng(0).normal(size=(50, 4))\n"
        "kept = OInformation().set_output(transform='pandas').fit_transform(X)\n"
        "assert kept.shape == (50, 3), kept.shape\n"
        "try: OInformation().transform(X)\n"
        "except ValueError: print('fine')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr
