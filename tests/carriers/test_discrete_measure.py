"""Optimal transport of discrete measures, held against POT, sorting, and k-means."""

import numpy as np
import ot
import pytest
import torch

from mixlib.carriers import Atoms, DiscreteMeasure, Quantile, free_support_barycenter

W2 = DiscreteMeasure()


def cloud(n, d=2, seed=0, equal=False):
    rng = np.random.default_rng(seed)
    return Atoms(rng.normal(size=(n, d)), np.full(n, 1 / n) if equal else rng.dirichlet(np.ones(n)))


def test_distance_is_that_of_pot_and_of_sorted_samples():
    a, b = cloud(7), cloud(11, seed=1)
    assert W2.distance(a, b) == pytest.approx(
        ot.emd2(a.masses, b.masses, ot.dist(*(m.positions for m in (a, b)))) ** 0.5
    )
    a, b = cloud(9, 1, equal=True), cloud(9, 1, seed=1, equal=True)
    sorted_ = [np.sort(m.positions[:, 0]) for m in (a, b)]
    assert W2.distance(a, b) == pytest.approx(Quantile().distance(*sorted_))


def test_distance_does_not_depend_on_units_or_atoms_without_mass():
    a, b = cloud(6), cloud(6, seed=1)
    for unit in (1e-9, 1e9):
        far = [Atoms(m.positions * unit, m.masses) for m in (a, b)]
        assert W2.distance(*far) / unit == pytest.approx(W2.distance(a, b))
    empty = Atoms(np.vstack([a.positions, [[1e6, 0.0]]]), np.append(a.masses, 0.0))
    assert W2.distance(empty, b) == pytest.approx(W2.distance(a, b))
    kept = W2.mean(Atoms(np.stack([empty.positions] * 2), np.stack([empty.masses] * 2)))
    np.testing.assert_allclose(kept.positions, empty.positions)


def test_masses_of_float32_are_taken():
    a = Atoms(*(torch.asarray(array, dtype=torch.float32) for array in cloud(1000)))  # POT calls these infeasible
    assert W2.distance(a, a).item() == pytest.approx(0, abs=1e-3)


def test_a_geodesic_of_unequal_masses_runs_at_constant_speed():
    a, b = cloud(5), cloud(8, seed=1)
    length = W2.distance(a, b)
    for t in (0.0, 0.4, 1.0):
        on_way = W2.geodesic(a, b, t)
        assert on_way.masses.shape == (12,)
        assert on_way.masses.sum() == pytest.approx(1)
        assert W2.distance(a, on_way) == pytest.approx(t * length, abs=1e-7)
        assert W2.distance(on_way, b) == pytest.approx((1 - t) * length, abs=1e-7)


def test_the_mean_of_equal_masses_on_the_line_averages_sorted_samples():
    rng = np.random.default_rng(0)
    positions, weights = rng.normal(size=(3, 8, 1)) + 5 * rng.normal(size=(3, 1, 1)), [0.2, 0.3, 0.5]
    mean = W2.mean((positions, np.full((3, 8), 1 / 8)), weights)
    expected = np.tensordot(weights, np.sort(positions[..., 0]), 1)
    np.testing.assert_allclose(np.sort(mean.positions[:, 0]), expected)


def test_of_several_starts_the_best_is_kept():
    points = Atoms(np.random.default_rng(1).normal(size=(3, 9, 2)), np.full((3, 9), 1 / 9))

    def cost(measure):
        return np.mean([W2.distance(measure, Atoms(points.positions[i], points.masses[i])) ** 2 for i in range(3)])

    one, many = (free_support_barycenter(points, starts=n) for n in (1, 20))
    assert cost(many) < cost(one) - 1e-6
    theirs = [
        ot.lp.free_support_barycenter(list(points.positions), list(points.masses), start, numItermax=1000)
        for start in points.positions
    ]
    assert cost(W2.mean(points)) == pytest.approx(min(cost(Atoms(x, points.masses[0])) for x in theirs), rel=1e-6)


def test_measures_of_different_numbers_of_atoms():
    measures = [cloud(5), cloud(9, seed=1), cloud(7, seed=2)]
    points = [m.positions for m in measures], [m.masses for m in measures]
    found = free_support_barycenter(points, [0.2, 0.3, 0.5], atoms=4, masses=[0.1, 0.2, 0.3, 0.4])
    centres = sum(w * m.masses @ m.positions for w, m in zip([0.2, 0.3, 0.5], measures, strict=True))
    np.testing.assert_allclose(found.masses @ found.positions, centres)
    assert free_support_barycenter(points).positions.shape == (9, 2)
    tensors = [[torch.asarray(array) for array in part] for part in points]
    again = free_support_barycenter(tensors, [0.2, 0.3, 0.5], atoms=4, masses=[0.1, 0.2, 0.3, 0.4])
    np.testing.assert_allclose(again.positions.numpy(), found.positions)


def test_one_measure_is_quantised():
    """On two far groups of atoms, two atoms settle at their centres, as those of k-means do."""
    rng = np.random.default_rng(3)
    groups = np.concatenate([rng.normal(size=(10, 2)), rng.normal(size=(10, 2)) + 50])
    found = free_support_barycenter(([groups], [np.full(20, 0.05)]), atoms=2)
    np.testing.assert_allclose(sorted(found.positions.tolist()), [groups[:10].mean(axis=0), groups[10:].mean(axis=0)])


def test_failure_tells_the_linear_pool_from_the_barycenter():
    positions = np.array([[[0.0], [2.0]], [[10.0], [12.0]]])
    points = Atoms(positions, np.full((2, 2), 0.5))
    assert W2.failure(W2.mean(points), points) == pytest.approx(1)
    assert W2.failure(W2.wrong_mean(points), points) == pytest.approx(26)


def test_giving_up_is_said(monkeypatch):
    with pytest.raises(RuntimeError, match=r"atoms still move by .* after 1 rounds"):
        free_support_barycenter(([cloud(9).positions], [cloud(9).masses]), atoms=3, max_rounds=1)
    monkeypatch.setattr("mixlib.carriers.discrete_measure.PIVOTS", 1)
    with pytest.raises(RuntimeError, match="transport of 30 to 30 atoms: POT says"), pytest.warns(match="numItermax"):
        W2.distance(cloud(30), cloud(30, seed=1))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ((np.ones((2, 3)), np.ones((2, 3))), r"got shapes \(2, 3\) and \(2, 3\)"),
        ((np.ones((2, 3, 1)), np.ones((2, 3))), "masses: sums to 3"),
        ((np.ones((2, 2, 1)), np.array([[2.0, -1.0]] * 2)), "masses: holds a negative"),
        ((np.ones((2, 1, 1)), np.ones((2, 1), dtype="float32")), "one floating dtype, got float64 and float32"),
        ((np.ones((2, 1, 1)), torch.ones(2, 1)), "of NumPy and torch"),
        ((np.full((2, 1, 1), np.inf), np.ones((2, 1))), "NaN"),
    ],
)
def test_bad_points_are_named(points, message):
    with pytest.raises(ValueError, match=f"points: .*{message}"):
        W2.mean(points)


def test_measures_of_different_spaces_are_refused():
    with pytest.raises(ValueError, match="b: has 3 dimensions, but a 2"):
        W2.distance(cloud(4, 2), cloud(4, 3))
    with pytest.raises(ValueError, match=r"points: .*with one d"):
        free_support_barycenter(([np.ones((1, 2)), np.ones((1, 3))], [np.ones(1)] * 2))
    with pytest.raises(ValueError, match="points: got 2 arrays of positions and 1 of masses"):
        free_support_barycenter(([np.ones((1, 2))] * 2, [np.ones(1)]))
