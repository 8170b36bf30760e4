"""Umami: the published equation, the kernel that computes it, and where eight times belongs."""

import numpy as np
import pytest

from mixlib import simplex
from mixlib.domains import taste


def test_the_published_equation_by_hand():
    # 0.02 + 1218 * 0.02 * 0.01 g/100 mL
    assert taste.umami(0.02, 0.01) == pytest.approx(0.2636)


def test_relative_strengths_as_published():
    assert taste.AMINO_ACIDS == {"glutamate": 1.0, "aspartate": 0.077}
    assert taste.NUCLEOTIDES == {"inosinate": 1.0, "guanylate": 2.3, "adenylate": 0.18}


def test_the_kernel_agrees_with_the_equation_for_all_substances():
    names = ("adenylate", "glutamate", "guanylate", "aspartate", "inosinate")
    weights, totals = simplex.sample(5, 100, rng=1), np.geomspace(1e-4, 1, 100)
    adenylate, glutamate, guanylate, aspartate, inosinate = weights.T * totals
    expected = taste.umami(glutamate + 0.077 * aspartate, inosinate + 2.3 * guanylate + 0.18 * adenylate)
    np.testing.assert_allclose(taste.blend(weights, totals, names), expected, rtol=1e-12)


def test_gain_is_one_for_glutamate_and_none_for_inosinate():
    np.testing.assert_allclose(taste.gain([0, 1], 0.05), [1, 0], atol=1e-15)


@pytest.mark.parametrize("factor", [1.0, 2.0, 8.0, 15.0])
def test_the_largest_gain_is_reached_at_one_total_only(factor):
    total = taste.total_of_gain(factor)
    shares = np.linspace(0, 1, 20001)
    assert taste.gain(shares, total).max() == pytest.approx(factor, rel=1e-7)
    assert taste.gain(taste.best_share(total), total) == pytest.approx(factor)
    assert taste.gain(shares, 1.1 * total).max() > factor + 0.01 or factor == 1


def test_in_weak_solutions_glutamate_alone_is_best():
    assert taste.best_share(0.5 / taste.SYNERGY) == 0
    assert taste.gain(np.linspace(0, 1, 101), 0.5 / taste.SYNERGY).max() == 1


def test_a_background_makes_the_kernel_exact():
    kernel, parts = taste.in_broth(0.03, background=0.002)
    weights = simplex.sample(2, 50, rng=2)
    expected = taste.umami(0.002 + 0.03 * weights[:, 0], 0.03 * weights[:, 1])
    np.testing.assert_allclose(kernel(weights, parts)[:, 0], expected, rtol=1e-12)


def test_equal_taste_is_the_same_equation_read_the_other_way():
    shares, strength, potency = np.linspace(0, 0.95, 20), 0.2, 2.4
    amounts = strength / taste.gain_at_strength(shares, strength, potency=potency)
    np.testing.assert_allclose(taste.umami(amounts * (1 - shares), potency * amounts * shares), strength)
    for share in (0.05, 0.5):
        gain = taste.gain_at_strength(share, strength, potency=potency)
        assert taste.strength_at_gain(share, gain, potency=potency) == pytest.approx(strength)


def test_the_entry_of_a_table_does_not_hang_on_the_strength_of_guanylate():
    for potency in (1.65, 2.4):
        strength = taste.strength_at_gain(0.04, 5.0, potency=potency)
        assert taste.gain_at_strength(0.08, strength, potency=potency) == pytest.approx(6.699, abs=1e-3)


def test_a_doubling_is_one_step_and_below_the_threshold_is_nothing():
    np.testing.assert_allclose(taste.perceived([0.001, 0.03, 0.06, 0.48]), [0, 0, 1, 4])
    assert taste.perceived(0.5, threshold=0.25) == 1


def test_fat_concentrates_what_it_does_not_dissolve():
    # in 80 mL of water and 20 mL of fat that takes 3 times as much: 1 / (0.8 + 0.6)
    np.testing.assert_allclose(taste.in_water(0.2, [0, 1, 3]), [1.25, 1, 1 / 1.4])
    water, fat, partition = 80.0, 20.0, 3.0
    dissolved = 100 / (water + fat * partition)
    assert dissolved * water + partition * dissolved * fat == pytest.approx(100)  # nothing is lost
    assert taste.in_water(0.2, partition) == pytest.approx(dissolved)


def test_a_stronger_nucleotide_in_a_broth():
    kernel, parts = taste.in_broth(0.03, background=0.002, potency=2.3)
    expected = taste.umami(0.002 + 0.015, 2.3 * 0.015)
    assert kernel([0.5, 0.5], parts)[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: taste.blend([0.5, 0.5], 0.1, ("glutamate", "salt")), "names"),
        (lambda: taste.blend([0.5, 0.6], 0.1), "weights"),
        (lambda: taste.gain(0.5, 0.0), "total"),
        (lambda: taste.best_share([0.1, -0.1]), "total"),
        (lambda: taste.total_of_gain(0.9), "factor"),
        (lambda: taste.in_broth(0.1, 0.0), "background"),
        (lambda: taste.in_broth(0.1, 0.1, potency=0.0), "potency"),
        (lambda: taste.gain_at_strength(1.0, 0.1), "share"),
        (lambda: taste.gain_at_strength(0.5, 0.0), "strength"),
        (lambda: taste.strength_at_gain(0.5, 0.5), "gain"),
        (lambda: taste.perceived(0.0), "amount"),
        (lambda: taste.in_water(1.0), "fat"),
        (lambda: taste.in_water(0.5, -1.0), "partition"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
