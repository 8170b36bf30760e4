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


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: taste.blend([0.5, 0.5], 0.1, ("glutamate", "salt")), "names"),
        (lambda: taste.blend([0.5, 0.6], 0.1), "weights"),
        (lambda: taste.gain(0.5, 0.0), "total"),
        (lambda: taste.best_share([0.1, -0.1]), "total"),
        (lambda: taste.total_of_gain(0.9), "factor"),
        (lambda: taste.in_broth(0.1, 0.0), "background"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
