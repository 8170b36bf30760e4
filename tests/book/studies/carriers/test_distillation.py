"""Condensed data sets: what the methods must agree on, and classifiers that are known to be right."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.carriers import distillation


def groups(rng, per_group=12):
    """Two far groups of points in the plane."""
    return np.concatenate([rng.normal(size=(per_group, 2)), rng.normal(size=(per_group, 2)) + 30])


@pytest.mark.parametrize("method", ["medoids", "k-means", "W2 barycenter"])
def test_two_far_groups_have_one_example_each(method):
    own = groups(np.random.default_rng(0))
    found = distillation.METHODS[method](own, 2, np.random.default_rng(1))
    centres = np.array([own[:12].mean(axis=0), own[12:].mean(axis=0)])
    gap = np.abs(found[found[:, 0].argsort()] - centres).max()
    assert gap < (1.5 if method == "medoids" else 1e-9)


def test_one_example_is_the_mean_or_the_most_central_one():
    own = np.random.default_rng(2).normal(size=(30, 3))
    rng = np.random.default_rng(3)
    for method in ("k-means", "W2 barycenter"):
        np.testing.assert_allclose(distillation.METHODS[method](own, 1, rng), own.mean(axis=0)[None], atol=1e-9)
    cost = ((own[:, None] - own) ** 2).sum(axis=(1, 2))
    np.testing.assert_array_equal(distillation.medoids(own, 1, rng)[0], own[cost.argmin()])


def test_ink_is_moved_and_kept():
    pictures = np.zeros((2, 8, 8))
    pictures[0, 3:5, 1:3], pictures[1, 3:5, 5:7] = 1, 0.5
    moved = distillation.ink(pictures.reshape(2, 64), 1, np.random.default_rng(0)).reshape(8, 8)
    assert moved.sum() == pytest.approx(3)
    assert moved[3:5, 3:5].sum() > 2.5  # halfway, where neither picture has ink


def test_splits_share_nothing_and_repeat():
    sets = distillation.split("wines", 4)
    again = distillation.split("wines", 4)
    assert all((sets[role][0] == again[role][0]).all() for role in sets)
    rows = [tuple(row) for role in sets for row in sets[role][0]]
    assert len(rows) == len(distillation.data("wines")[1]) == len(set(rows))


def test_classifiers_learn_what_can_be_learnt():
    condensed = distillation.prototypes("wines", (2,), (0,), ["random examples", "k-means"])
    table = distillation.accuracies("wines", condensed)
    assert len(table) == 4
    assert table.query("method == 'k-means'")["accuracy"].min() > 80
    wrong = {key: examples[[1, 2, 0]] for key, examples in condensed.items()}  # answers of other classes
    assert distillation.accuracies("wines", wrong)["accuracy"].max() < 30
    assert distillation.whole_set("wines", (0,))["accuracy"].min() > 85


def test_gains_say_what_is_clear():
    rows = [("a", 1, seed, "c", 80 + seed % 2) for seed in range(6)] + [("b", 1, seed, "c", 70) for seed in range(6)]
    table = pd.DataFrame(rows, columns=["method", "m", "seed", "classifier", "accuracy"])
    clear = distillation.gains(table, "a", "b").iloc[0]
    assert (clear["gain"], clear["better"], clear["worse"]) == (pytest.approx(10.5), True, False)
    assert distillation.gains(table, "b", "a").iloc[0]["worse"]
    assert not distillation.gains(table, "a", "a").iloc[0][["better", "worse"]].any()


def test_a_penalty_is_chosen_on_validation_and_not_on_the_test(monkeypatch):
    monkeypatch.setattr(distillation, "_hits", lambda weights, examples, labels: np.array(labels))
    sets = {"valid": (None, [0.1, 0.9, 0.2, 0.3]), "test": (None, [0.8, 0.5, 0.2, 0.1])}
    assert distillation._logistic([np.eye(2)[:, None]], [sets]) == [50]


def test_a_gain_of_less_than_two_standard_errors_is_not_clear():
    gaps = 1.5 + np.sqrt(3) * np.array([1, -1, 1, -1])  # standard error 1
    rows = [(way, 1, seed, "c", 70 + gaps[seed] * (way == "a")) for way in "ab" for seed in range(4)]
    table = pd.DataFrame(rows, columns=["method", "m", "seed", "classifier", "accuracy"])
    for of, over in ("ab", "ba"):
        found = distillation.gains(table, of, over).iloc[0]
        assert found["error"] == pytest.approx(1)
        assert not found[["better", "worse"]].any()


def test_gains_on_average_are_by_set_and_over_all_cases():
    rows = [
        (name, m, seed, "c", level + m + 0.1 * seed * (name == "a"))
        for name, level in (("a", 80), ("b", 70))
        for m in (1, 2)
        for seed in range(6)
    ]
    table = pd.DataFrame(rows, columns=["method", "m", "seed", "classifier", "accuracy"])
    table.loc[(table["method"] == "a") & (table["m"] == 1), "accuracy"] -= 10  # level with b
    found = distillation.on_average({"one": table, "other": table}, "a", "b")
    assert found["gap"].tolist() == pytest.approx([5.25, 5.25])
    assert found["better"].all()
    assert not found["worse"].any()
    assert distillation.on_average({"one": table}, "a", "b", least=2)["gap"].tolist() == pytest.approx([10.25])


def test_k_means_is_transport_with_free_masses():
    costs = distillation.quantisation_costs("wines", (1, 3), (0,))
    np.testing.assert_allclose(costs["by_means"], costs["by_transport"])
    equal = costs["equal_masses"] / costs["by_transport"]
    np.testing.assert_allclose(equal[costs["m"] == 1], 1)
    assert (equal[costs["m"] == 3] > 1 - 0.02).all()  # k-means is a local minimiser as well
