"""Another carrier moves the mixture, and one that should change nothing does not."""

import numpy as np
import pytest

from mixbook.studies.carriers import medium

EXAMPLES = {
    "fat": medium.fat_in_food,
    "prior": medium.prior_in_bayes,
    "geometry": medium.geometry_of_models,
    "one base": lambda pairs, rng: medium.geometry_of_models(pairs, rng, one_base=True),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_control_stays_and_the_mixture_moves(name):
    moved, control = EXAMPLES[name](6, 1)
    assert moved.shape == control.shape == (6,)
    assert control.max() < 1e-9
    assert np.median(moved) > 0.01
    again, _ = EXAMPLES[name](6, np.random.default_rng(1))
    np.testing.assert_array_equal(again, moved)


def test_a_dish_without_fat_is_the_same_dish(monkeypatch):
    monkeypatch.setattr(medium, "FAT", 0.0)
    moved, _ = medium.fat_in_food(5, 2)
    np.testing.assert_allclose(moved, 0, atol=1e-12)


def test_a_posterior_by_hand(monkeypatch):
    # weights one half, likelihoods N(-1, 1) and N(1, 1), prior N(3, 1): precisions 1/2, 1/2 and 1
    class Fixed:
        def uniform(self, low, high, size):
            return np.array([[-1.0, 1.0, 3.0]]) if low < 0 else np.ones(size)

    monkeypatch.setattr(medium, "generator", lambda rng: Fixed())
    monkeypatch.setattr(medium.simplex, "sample", lambda *args, **options: np.array([[0.5, 0.5]]))
    moved, _ = medium.prior_in_bayes(1, 0)
    assert moved[0] == pytest.approx(np.hypot(1.5, 1 - 0.5**0.5) / 2, abs=1e-6)


def test_networks_learn_their_waves_and_a_circle_keeps_its_ends():
    rng = np.random.default_rng(3)
    phases = rng.uniform(0, np.pi, (4, 2))
    start = rng.standard_normal((4, 2, 3, medium.HIDDEN)) * 0.7
    models = medium._train(start, phases)
    error = medium._size(medium._predict(models) - np.sin(2 * medium.INPUTS + phases[..., None]))
    assert error.max() < 0.2
    assert medium._size(medium._predict(start) - np.sin(2 * medium.INPUTS + phases[..., None])).min() > 0.3
    for k in (0, 1):
        weights = np.tile(np.eye(2)[k], (4, 1))
        np.testing.assert_allclose(medium._great_circle(weights, models), models[:, k], atol=1e-12)
    # halfway between orthogonal vectors of equal length, the length is kept
    pair = np.zeros((1, 2, 3, medium.HIDDEN))
    pair[0, 0, :, 0] = pair[0, 1, :, 1] = 2.0
    middle = medium._great_circle(np.array([[0.5, 0.5]]), pair)
    np.testing.assert_allclose(middle[0, :, :2], 2**0.5)
