"""Domains turn as told, the alignment aligns, and no way of adaptation sees a label of the target."""

import numpy as np
import pytest

from mixbook.studies.carriers.augmentation import adaptation


def test_moons_keep_their_distances_and_half_of_the_classes_becomes_rare():
    source, target, _ = adaptation.domains(adaptation.MOONS, 0, degrees=0)
    np.testing.assert_allclose(source[0].mean(axis=0), target[0].mean(axis=0), atol=0.15)
    _, turned, _ = adaptation.domains(adaptation.MOONS, 0, degrees=90)
    middle = adaptation.make_moons(3000, noise=0.1, random_state=0)[0].mean(axis=0)
    moved, still = turned[0] - middle, target[0] - middle
    np.testing.assert_allclose(np.abs(moved), np.abs(still[:, ::-1]), atol=1e-9)
    _, (_, labels), _ = adaptation.domains(adaptation.MOONS, 0, shares_differ=True)
    assert np.mean(labels == 1) == pytest.approx(1 / 6, abs=0.06)


def test_aligned_inputs_have_the_mean_and_the_spread_of_the_target():
    rng = np.random.default_rng(1)
    inputs, target = rng.normal(size=(4000, 2)), rng.normal(size=(4000, 2)) @ [[3, 1], [0, 2]] + 5
    found = adaptation._aligned(inputs, target)
    np.testing.assert_allclose(found.mean(axis=0), target.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(np.cov(found.T), np.cov(target.T), rtol=0.05)


def test_a_shift_is_undone_by_the_plan_and_not_by_random_pairs():
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1], adaptation.TRAIN // 2)
    inputs = rng.normal(size=(adaptation.TRAIN, 2)) * 0.3 + labels[:, None] * [4.0, 0]
    moved = inputs + np.array([3.0, 0.0])
    ways = adaptation.adapt((inputs, labels), rng.permutation(moved))
    right = {name: np.mean(way.predict(moved) == labels) for name, way in ways.items()}
    assert min(right["geodesic, labels carried"], right["geodesic, self-training"]) > 0.99
    assert right["as it is"] < 0.7
    assert right["random pairs, labels carried"] < 0.9
