"""Heredity: what is drawn, what is blended, and how linkage is estimated."""

import numpy as np
import pytest

from mixlib.domains import heredity

SIZE, GENES = 5000, 6


@pytest.fixture(scope="module")
def parents():
    return heredity.founders(SIZE, GENES, 1)


def test_founders_have_a_standard_trait(parents):
    trait = heredity.height(parents)
    np.testing.assert_allclose([trait.mean(), trait.var()], [0, 1], atol=0.06)


def test_children_get_one_allele_of_each_parent():
    mother_and_father = np.zeros((2, 2, 3))
    mother_and_father[1] = 1  # so an allele tells whom it comes from
    children = np.concatenate([heredity.breed(mother_and_father, seed) for seed in range(200)])
    assert set(np.unique(children)) == {0.0, 1.0}
    assert (children == children[..., :1]).all()  # whole gametes of one parent, since both of its copies are equal
    mixed = (children[:, 0, 0] != children[:, 1, 0]).mean()
    assert abs(mixed - 0.5) < 0.1


def test_genes_are_drawn_independently():
    hybrids = np.zeros((SIZE, 2, 2))
    hybrids[:, 1] = 1
    gametes = heredity.breed(hybrids, 3)[:, 0]
    np.testing.assert_allclose(gametes.mean(axis=0), 0.5, atol=0.03)
    assert abs(np.corrcoef(gametes.T)[0, 1]) < 0.06


def test_drawing_keeps_the_variance_and_blending_halves_it():
    drawn, blended = heredity.histories(SIZE, GENES, 4, 5)
    np.testing.assert_allclose(drawn.var(axis=1), 1, atol=0.1)
    np.testing.assert_allclose(blended.var(axis=1), 0.5 ** np.arange(5), rtol=0.1)
    np.testing.assert_allclose([drawn.mean(axis=1), blended.mean(axis=1)], 0, atol=0.06)


def test_histories_repeat_with_their_seed():
    first, second = (heredity.histories(50, 2, 2, 9) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_mendel_s_counts_have_fisher_s_chi_squared():
    counts = np.array(list(heredity.MENDEL.values()))
    total = counts.sum(axis=1)
    assert total.sum() == 19_959
    squares = (counts[:, 0] - 0.75 * total) ** 2 / (0.75 * 0.25 * total)
    np.testing.assert_allclose(squares.sum(), 2.1389, atol=1e-3)  # as in Fisher 1936


def test_independent_genes_show_nine_to_three_to_three_to_one():
    np.testing.assert_allclose(heredity.linked_classes(0.25), np.array([9, 3, 3, 1]) / 16)
    np.testing.assert_allclose(heredity.linked_classes([0.0, 1.0]).sum(axis=-1), 1)


def test_linkage_is_estimated_as_published():
    published = [0.5, 0.608247423, 0.624321051, 0.626488879, 0.626777323]  # Dempster et al. 1977, table 1
    np.testing.assert_allclose(heredity.estimate_linkage(heredity.LINKED, steps=4), published, atol=2e-9)


def test_the_estimate_makes_the_counts_most_likely():
    best = heredity.estimate_linkage(heredity.LINKED, steps=60)[-1]
    likelihood = heredity.LINKED @ np.log(heredity.linked_classes(best + np.array([-1e-3, 0, 1e-3]))).T
    assert likelihood.argmax() == 1


def test_darwin_s_differences_have_their_known_mean():
    np.testing.assert_allclose(heredity.DARWIN.mean(), 20.93, atol=0.005)
    assert heredity.DARWIN.size == 15
