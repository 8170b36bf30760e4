"""The redundancy-synergy index and its relatives: on exact states, in closed form, and one subset at a time."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest

from mixlib import o_information
from mixlib.information import target_information, target_sweep, williams_beer
from mixlib.information.systems import sample_gaussian

MEASURES = ["information", "rsi", "redundancy", "synergy", "gradient"]
BITS = np.array(list(itertools.product([0, 1], repeat=3)))
PARITY = np.column_stack([BITS, BITS.sum(axis=1) % 2])
COPIES = np.repeat([[0, 0, 0, 0], [1, 1, 1, 1]], 4, axis=0)
EACH_ITS_OWN = np.column_stack([BITS, BITS @ [1, 2, 4]])  # the target is all three


def exactly(rows, repeats=20):
    """Rows whose relative frequencies are the probabilities."""
    return np.tile(rows, (repeats, 1))


@pytest.mark.filterwarnings("ignore:samples")  # rows in order look like a series
@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (PARITY, [1, 1, 0, 1, -2]),  # nothing in less than all three
        (COPIES, [1, -2, 1, 0, 1]),
        (EACH_ITS_OWN, [3, 0, 1, 1, 0]),
    ],
)
def test_exact_states(rows, wanted):
    found = target_information(exactly(rows), 3, "plugin", correction=None, units="bits", error=None)
    assert [getattr(found, name) for name in MEASURES] == pytest.approx(wanted, abs=1e-12)
    swept = target_sweep(exactly(rows), 3, orders=3, estimator="plugin", correction=None, units="bits")
    assert swept.loc[0, MEASURES].tolist() == pytest.approx(wanted, abs=1e-12)


def test_a_noisy_sum_in_closed_form():
    cov = np.array([[1, 0, 2], [0, 1, 1], [2, 1, 5.5]])  # x, y, and 2 x + y + noise of variance .5
    found = target_information(sample_gaussian(cov, 200_000, rng=0), 2, error=None)
    more, less = -np.log(1 - 4 / 5.5) / 2, -np.log(1 - 1 / 5.5) / 2
    together = np.log(5.5 / 0.5) / 2
    assert found.alone == pytest.approx([more, less], abs=0.01)
    assert found.without == pytest.approx([less, more], abs=0.01)
    assert found.rsi == pytest.approx(together - more - less, abs=0.01)
    assert found.redundancy == pytest.approx(less, abs=0.01)
    assert found.synergy == pytest.approx(together - more, abs=0.01)
    assert found.gradient == pytest.approx(-found.rsi)


def test_the_index_is_synergy_less_redundancy_of_any_decomposition():
    pmf = np.random.default_rng(0).dirichlet(np.ones(12)).reshape(2, 3, 2)
    pmf = np.round(pmf * 2000) / np.round(pmf * 2000).sum()
    counts = np.round(pmf * 2000 * np.round(pmf * 2000).sum() / 2000).astype(int)
    rows = np.repeat(list(np.ndindex(2, 3, 2)), counts.ravel(), axis=0)
    told = williams_beer(counts / counts.sum())
    found = target_information(np.random.default_rng(0).permutation(rows), 2, "plugin", correction=None, error=None)
    assert found.rsi == pytest.approx(told.synergy - told.redundancy, abs=1e-12)
    assert found.information == pytest.approx(told.total, abs=1e-12)


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "plugin"])
def test_the_gradient_is_a_difference_of_o_informations(estimator):
    table = np.random.default_rng(0).normal(size=(400, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
    if estimator == "plugin":
        table = np.digitize(table, [0])
    options = {"error": None, "gradient": False}
    whole = o_information(table, estimator, **options).omega
    rest = o_information(table[:, [0, 1, 3, 4]], estimator, **options).omega
    assert target_information(table, 2, estimator, error=None).gradient == pytest.approx(whole - rest, abs=1e-11)


@pytest.mark.parametrize("estimator", ["gaussian", "ksg", "plugin"])
def test_a_sweep_is_one_subset_after_the_other(estimator):
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(150, 5)) @ rng.normal(size=(5, 5)), columns=list("abcde"))
    if estimator == "plugin":
        table = (table > 0).astype(int)
    found = target_sweep(table, "c", "2-4", estimator)
    assert sorted(found["variables"]) == sorted(
        subset for order in (2, 3, 4) for subset in itertools.combinations("abde", order)
    )
    assert found["rsi"].is_monotonic_decreasing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # many states
        for _, row in found.iterrows():
            one = target_information(table[[*row["variables"], "c"]], "c", estimator, error=None)
            # ties are broken anew where there are fewer columns, but there are none
            assert [row[name] for name in MEASURES] == pytest.approx(
                [getattr(one, name) for name in MEASURES], abs=1e-10
            )
            assert row["order"] == len(row["variables"])


def test_the_best_are_those_of_all():
    table = np.random.default_rng(0).normal(size=(200, 8)) @ np.random.default_rng(1).normal(size=(8, 8))
    every = target_sweep(table, 0, "2-4", by="synergy")
    best = target_sweep(table, 0, "2-4", by="synergy", top=4)
    pd.testing.assert_frame_equal(best, pd.concat([every[:4], every[-4:]], ignore_index=True))
    pd.testing.assert_frame_equal(target_sweep(table, 0, "2-4", by="synergy", top=1000), every)


def test_groups_are_variables():
    table = np.random.default_rng(0).normal(size=(300, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
    groups = {"one": [0, 3], "two": [1], "what": [2, 4]}
    found = target_information(table, "what", groups=groups, error=None)
    wanted = o_information(table, groups=[[0, 1, 3], [2, 4]], error=None).tc
    assert found.information == pytest.approx(wanted, abs=1e-12)
    assert found.sources == ("one", "two")
    assert found.target == "what"


@pytest.mark.rare
@pytest.mark.parametrize(("estimator", "draws"), [("gaussian", 60), ("ksg", 25)])
def test_stated_errors_are_those_over_draws(estimator, draws):
    cov = np.array([[1, 0.3, 1], [0.3, 1, 1], [1, 1, 3]])
    found = [
        target_information(sample_gaussian(cov, 300, rng=seed), 2, estimator, resamples=20) for seed in range(draws)
    ]
    for name in ("rsi", "information"):
        spread = np.std([getattr(one, name) for one in found])
        stated = np.sqrt(np.mean([one.errors[name] ** 2 for one in found]))
        assert 0.6 < stated / spread < 1.6


def test_errors_come_with_every_measure():
    table = sample_gaussian(np.array([[1, 0, 1], [0, 1, 1], [1, 1, 3]]), 300, rng=0)
    jackknife, halves = target_information(table, 2), target_information(table, 2, "ksg", resamples=10)
    for found in (jackknife, halves):
        assert list(found.errors) == MEASURES
        assert all(0 < error < 0.2 for error in found.errors.values())
    bits = jackknife.to("bits")
    assert bits.errors["rsi"] * np.log(2) == pytest.approx(jackknife.errors["rsi"])
    assert bits.alone * np.log(2) == pytest.approx(jackknife.alone)
    assert target_information(table, 2, error=None).errors == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "z"}, "target: 'z' does not exist; variables are a, b, c, d"),
        ({"target": 4}, "target: 4 does not exist"),
        ({"target": True}, "target: True"),
        ({"target": "a", "orders": 1}, "orders: got 1 to 1; expected 2 <= lowest <= highest <= 3"),
        ({"target": "a", "orders": "2-9"}, "orders: got 2 to 9"),
        ({"target": "a", "orders": "few"}, "orders: got 'few'|orders: got"),
        ({"target": "a", "by": "omega"}, "by: got 'omega'"),
        ({"target": "a", "top": 0}, "top: "),
        ({"target": "a", "estimator": "score"}, "estimator: got 'score'"),
        ({"target": "a", "k": 3}, "k: is no option"),
    ],
)
def test_what_cannot_be_swept_is_said(arguments, message):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 4)), columns=list("abcd"))
    with pytest.raises(ValueError, match=message):
        target_sweep(table, **arguments)


def test_one_source_is_too_few():
    with pytest.raises(ValueError, match="fewer than two sources"):
        target_information(np.random.default_rng(0).normal(size=(50, 2)), 1)
