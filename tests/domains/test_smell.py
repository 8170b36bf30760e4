"""Odours at receptors, and the vector model of two odours."""

import numpy as np
import pytest

from mixlib import simplex
from mixlib.domains import smell


def test_a_receptor_by_hand():
    # q = 2 and 1, halved by the weights: (0.9 * 1 + 0.3 * 0.5) / (1 + 1 + 0.5)
    nose = smell.Nose([[2.0], [1.0]], [[0.9], [0.3]])
    np.testing.assert_allclose(nose.parts, [[0.6], [0.15]])
    np.testing.assert_allclose(nose([0.5, 0.5]), [0.42])


def test_the_kernel_agrees_with_the_formula_of_competitive_binding():
    nose, weights = smell.draw_nose(4, 30, rng=1), simplex.sample(4, 50, rng=2)
    filled = weights @ nose.binding
    np.testing.assert_allclose(nose(weights), weights @ (nose.efficacy * nose.binding) / (1 + filled), rtol=1e-12)


def test_air_dilutes_and_answers_nothing():
    nose = smell.draw_nose(2, 8, rng=3)
    diluted = nose.with_air()([0.1, 0.2, 0.7])
    amounts = np.array([[0.1], [0.2]]) * nose.binding
    np.testing.assert_allclose(diluted, (nose.efficacy * amounts).sum(0) / (1 + amounts.sum(0)), rtol=1e-9)


def test_an_odour_masks_where_its_efficacy_is_below_the_response():
    nose = smell.draw_nose(2, 200, rng=4).with_air()
    alone, together = nose([0.3, 0.0, 0.7]), nose([0.3, 0.4, 0.3])
    assert np.array_equal(together < alone, nose.efficacy[1] < alone)
    assert 0 < np.sum(together < alone) < 200


def test_the_drawn_constants_follow_their_law():
    nose = smell.draw_nose(100, 100, decades=0.5, rng=5)
    assert np.log10(nose.binding).std() == pytest.approx(0.5, rel=0.02)
    assert np.log10(nose.binding).mean() == pytest.approx(0, abs=0.02)
    assert nose.efficacy.mean() == pytest.approx(0.5, abs=0.01)


def test_the_vector_model_adds_compromises_and_cancels():
    np.testing.assert_allclose(smell.perceived_intensity(3, 4, [0, 90, 180]), [7, 5, 1])
    np.testing.assert_allclose(smell.perceived_intensity(1, 1, [120, 180]), [1, 0], atol=1e-12)


def test_120_degrees_divide_masking_from_adding_for_equal_odours():
    assert smell.masking_angle(5, 5) == pytest.approx(120)
    first, second = np.random.default_rng(6).lognormal(size=(2, 100))
    angle, stronger = smell.masking_angle(first, second), np.maximum(first, second)
    np.testing.assert_allclose(smell.perceived_intensity(first, second, angle), stronger)
    assert np.all(smell.perceived_intensity(first, second, angle - 1) > stronger)
    assert np.all(smell.perceived_intensity(first, second, angle + 1) < stronger)


def test_counted_molecules_answer_as_the_formula_says():
    nose, weights = smell.draw_nose(3, 20, rng=6), [0.2, 0.3, 0.5]
    counted = smell.counted(nose, weights, visits=50_000, rng=7)
    np.testing.assert_allclose(counted, nose(weights), atol=0.01)
    tight = smell.Nose([[1e6], [1e-6]], [[1.0], [0.0]])  # the first odour never leaves
    assert smell.counted(tight, [0.5, 0.5], visits=1000) == pytest.approx(1, abs=1e-3)


def test_fat_keeps_what_likes_it_and_the_recipe_is_kept():
    np.testing.assert_allclose(smell.over_dish([0.0, 0.3, 1.0], 1.0), 1)
    np.testing.assert_allclose(smell.over_dish(1.0, [0.1, 10.0]), [10, 0.1])
    water, fat, partition = 70.0, 30.0, 8.0  # mL; 1 mol between them
    in_water = 1 / (water + partition * fat)
    assert smell.over_dish(0.3, partition) == pytest.approx(in_water * 100)


def test_a_scale_of_strength():
    np.testing.assert_allclose(smell.stevens([1.0, 10.0], 0.2), [1, 10**0.2])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: smell.Nose([[1.0, 2.0]], [[0.5]]), "efficacy"),
        (lambda: smell.Nose([[1.0]], [[1.5]]), "efficacy"),
        (lambda: smell.Nose([[0.0]], [[0.5]]), "binding"),
        (lambda: smell.perceived_intensity(-1, 1, 90), "first"),
        (lambda: smell.perceived_intensity(1, -1, 90), "second"),
        (lambda: smell.perceived_intensity(1, 1, 200), "angle"),
        (lambda: smell.masking_angle(1, 0), "first, second"),
        (lambda: smell.over_dish(1.2, 1.0), "fat"),
        (lambda: smell.over_dish(0.5, 0.0), "partition"),
        (lambda: smell.stevens(-1.0, 0.5), "activity"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
