"""Subsets whose every member counts, against subsets that carry a passenger."""

import numpy as np
import pandas as pd
import pytest

from mixlib import o_information
from mixlib.information.membership import every_member, false_alarms, holds_copy, with_shuffled_copies


def table(rng, rows=300):
    """A noisy sum of two columns, two columns that resemble each other, and a column of noise."""
    a, b, c, noise = rng.standard_normal((4, rows))
    columns = {"a": a, "b": b, "sum": a + b + 0.5 * rng.standard_normal(rows), "c": c}
    return pd.DataFrame(columns | {"like c": c + 0.3 * rng.standard_normal(rows), "noise": noise})


def test_omega_is_that_of_one_subset_at_a_time():
    samples = table(np.random.default_rng(0))
    found = every_member(samples, shuffles=1)
    assert len(found) == 20 + 15
    assert found["omega"].is_monotonic_increasing
    for variables, omega in zip(found["variables"], found["omega"], strict=True):
        alone = o_information(samples[list(variables)], "gaussian-copula", units="bits", error=None)
        assert omega == pytest.approx(alone.omega, abs=1e-10)


def test_a_sum_needs_its_three_members_and_no_passenger():
    found = every_member(table(np.random.default_rng(0)), orders=(3, 4), shuffles=1999)
    by_name = {row["variables"]: row for _, row in found.iterrows()}
    assert by_name["a", "b", "sum"]["q_value"] < 0.05
    passenger = by_name["a", "b", "sum", "noise"]
    assert passenger["omega"] < -0.3
    assert passenger["p_value"] > 0.05
    assert passenger["weakest"] == "noise"


@pytest.mark.parametrize("rows", [40, 150])
def test_p_values_are_uniform_for_a_passenger_of_two_that_depend_on_each_other(rows):
    draws = []
    for seed in range(60):
        samples = table(np.random.default_rng(seed), rows)[["c", "like c", "noise"]]
        draws.append(every_member(samples, 3, shuffles=99, rng=seed)["p_value"].item())
    assert np.mean(np.array(draws) <= 0.05) <= 0.13  # 5% are expected, 13% in one of 300 such tests
    assert np.mean(draws) > 0.35


@pytest.mark.rare
def test_a_correlated_pair_fools_the_null_that_shuffles_everything():
    alarms = false_alarms(0.8, 400, draws=60, rng=2)
    assert alarms["all shuffled"] > 0.4
    assert alarms["one at a time"] <= 0.13
    assert alarms["spread"] == pytest.approx(0.8 / 400 / np.log(2), rel=0.4)


@pytest.mark.rare
def test_without_correlation_neither_null_is_fooled():
    alarms = false_alarms(0.0, 400, draws=60, rng=3)
    assert max(alarms["all shuffled"], alarms["one at a time"]) <= 0.13
    assert alarms["spread"] == pytest.approx(400**-1.5 / np.log(2), rel=0.4)


def test_copies_keep_each_column_and_lose_what_binds_them():
    samples = table(np.random.default_rng(1))
    doubled = with_shuffled_copies(samples, 2)
    assert list(doubled.columns[6:]) == ["a*", "b*", "sum*", "c*", "like c*", "noise*"]
    pd.testing.assert_frame_equal(doubled[samples.columns], samples)
    np.testing.assert_array_equal(np.sort(doubled["sum*"]), np.sort(doubled["sum"]))
    assert abs(doubled["c*"].corr(doubled["like c*"])) < 0.2


def test_findings_with_a_copy_are_told_from_the_others():
    found = pd.DataFrame({"variables": [("a", "b", "sum"), ("a", "b*", "sum")]})
    assert holds_copy(found).tolist() == [False, True]


def test_no_two_seeds_collide():
    doubled = with_shuffled_copies(table(np.random.default_rng(1)), 0)
    assert every_member(doubled, 3, shuffles=3, rng=0)["omega"].notna().all()


def test_shuffles_must_be_some():
    with pytest.raises(ValueError, match="shuffles: got 0"):
        every_member(table(np.random.default_rng(0)), shuffles=0)
