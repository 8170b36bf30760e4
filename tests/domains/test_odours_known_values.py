"""Odours by other routes: costs and errors that can be counted by hand, and what a change of units leaves alone."""

import numpy as np
import pandas as pd
import pytest

from mixlib.domains.odours import METHODS, Odours, better_middle, compare_middles, middle, read_odours


def table(profiles, parts=None, shares=None):
    n, d = np.shape(profiles)
    parts = parts or (None,) * n
    shares = shares or tuple(None if p is None else np.full(len(p), 1 / len(p)) for p in parts)
    return Odours(tuple(f"o{i}" for i in range(n)), tuple(f"c{i}" for i in range(d)), profiles, tuple(parts), shares)


def test_few_channels_are_as_far_apart_as_their_correlations_say():
    rng = np.random.default_rng(0)
    profiles = rng.random((30, 6))  # each channel is a neighbour of all others, and no way round is shorter
    parts = (None,) * 25 + ((0, 1),) * 5
    shares = profiles[:25] / profiles[:25].sum(axis=1, keepdims=True)
    known = 2 - 2 * np.corrcoef(shares, rowvar=False)
    np.testing.assert_allclose(table(profiles, parts).costs(), known, atol=1e-9)


def test_a_channel_that_nobody_names_is_as_far_as_one_without_a_correlation():
    costs = table(np.column_stack([np.random.default_rng(1).random((20, 4)), np.zeros(20)])).costs()
    np.testing.assert_allclose(costs[:4, 4], 2)
    np.testing.assert_allclose(costs[4, :4], 2)


def test_groups_without_a_way_are_as_far_as_the_furthest_of_one():
    rng = np.random.default_rng(2)
    which = np.repeat([1.0, 0.0], 20)[:, None]
    profiles = np.hstack([which + 0.3 * rng.random((40, 7)), 1 - which + 0.3 * rng.random((40, 7))])
    costs = table(profiles).costs()
    within = max(costs[:7, :7].max(), costs[7:, 7:].max())
    np.testing.assert_allclose(costs[:7, 7:], within)


def test_ways_lead_along_five_neighbours_each():
    angles = np.linspace(0, np.pi / 2, 21)  # channels on an arc: correlations are cosines
    rng = np.random.default_rng(3)
    basis = np.linalg.qr(np.column_stack([np.ones(400), rng.normal(size=(400, 2))]))[0][:, 1:]
    waves = basis @ np.stack([np.cos(angles), np.sin(angles)])
    profiles = 1 + waves
    profiles = np.column_stack([profiles, 30 - profiles.sum(axis=1)])  # so that shapes are what was made
    ways = np.sqrt(table(profiles).costs()[:21, :21])
    step = angles[1]
    assert ways[0, 5] == pytest.approx(2 * np.sin(5 * step / 2))  # straight: the fifth neighbour of an end
    assert 2 * np.sin(20 * step / 2) < ways[0, 20] < 20 * step  # further on round the arc


def test_the_blur_is_that_of_equal_odours_and_costs_have_no_unit():
    odours = table(np.random.default_rng(4).random((6, 5)))
    costs = odours.costs()
    twice = [middle(odours, [0, 0], [0.3, 0.7], method, costs) for method in ("wasserstein", "blurred")]
    np.testing.assert_allclose(*twice, atol=2e-3)
    there, back = (middle(odours, rows, [0.5, 0.5], "blurred", costs) for rows in ([0, 1], [1, 0]))
    np.testing.assert_allclose(there, back, atol=1e-9)
    for method in METHODS[:3]:
        once, scaled = (middle(odours, [0, 1], [0.5, 0.5], method, unit * costs) for unit in (1, 100))
        np.testing.assert_allclose(once, scaled, atol=1e-6)


SINGLES = [[8, 0, 0], [0, 4, 0], [0, 0, 2], [1, 1, 2]]


def test_errors_of_mixtures_by_hand():
    mixtures = [[3, 1, 0], [0, 1, 1], [1, 1, 1]]
    odours = table(SINGLES + mixtures, (None,) * 4 + ((0, 1), (1, 2), (0, 1, 2)))
    found = compare_middles(odours).sort_values("arithmetic", ignore_index=True)
    # thirds; the half of two parts smelled alike; the half of two of which one is three quarters
    np.testing.assert_allclose(found["arithmetic"], [0, 0, 0.25], atol=1e-12)
    assert sorted(found["nearest part"].round(9)) == [0.25, 0.5, round(2 / 3, 9)]
    # the other mixture of two, and for that of three the mean of all single odours
    mean = np.array([1.25, 1.25, 1.5]) / 4
    expected = [0.75, 0.75, np.abs(mean - 1 / 3).sum() / 2]
    np.testing.assert_allclose(sorted(found["mixture size"]), sorted(expected))


def test_errors_without_mixtures_by_hand():
    found = compare_middles(table(SINGLES))
    assert len(found) == 6
    assert len(compare_middles(table(SINGLES), most=2)) == 2
    # to the nearest of the two others: half-way between the first three mostly the fourth, else one of the first three
    assert sorted(found["arithmetic"]) == [0.25, 0.25, 0.5, 0.75, 0.75, 0.875]


def errors(**columns):
    return pd.DataFrame(dict.fromkeys(METHODS, 0.5) | columns, index=range(40))


def test_the_interval_is_that_of_the_mean_difference():
    word, interval = better_middle(errors(blurred=0.4, wasserstein=0.3))
    assert (word, interval) == ("wasserstein", pytest.approx((0.1, 0.1)))  # against the blurred mean
    gain = np.random.default_rng(5).normal(0, 0.1, 40)
    low, high = better_middle(errors(wasserstein=0.5 - gain, blurred=0.9))[1]
    error = gain.std() / np.sqrt(40)
    assert (low, high) == pytest.approx((gain.mean() - 1.96 * error, gain.mean() + 1.96 * error), abs=0.15 * error)


def test_who_is_no_nearer_than_one_baseline_is_not_named():
    assert better_middle(errors(wasserstein=0.3, **{"mixture size": 0.3}))[0] == "neither"
    assert better_middle(errors(wasserstein=0.3, **{"nearest part": 0.2}))[0] == "neither"
    assert better_middle(errors(wasserstein=0.3))[0] == "wasserstein"


def test_the_first_column_names_where_none_says_so_and_shares_are_of_something(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("thing,x,y\nlemon,1,0\nrose,0,1\n")
    assert read_odours(path).names == ("lemon", "rose")
    path.write_text("name,parts,shares,x,y\na,,,1,0\nb,,,0,1\nab,a;b,0;0,1,1\n")
    with pytest.raises(ValueError, match="line 4: 2 shares for 2 parts"):
        read_odours(path)


def test_three_odours_are_too_few():
    with pytest.raises(ValueError, match="3 single odours"):
        compare_middles(table(SINGLES[:3]))
