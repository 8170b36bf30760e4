"""Sides of the hull and additivity of the kernels, where they are known."""

import numpy as np
import pytest

from mixbook.studies.seam import l2
from mixlib.kernels import ZOO


@pytest.fixture(scope="module")
def seen():
    return l2.outside([1])


def test_a_kernel_that_averages_on_a_scale_stays_inside_on_it(seen):
    share = seen.groupby(["kernel", "scale"])["share"].max()
    assert share["linear", "as measured"] == share["log-linear", "in logarithms"] == 0
    assert share["linear", "in logarithms"] == share["log-linear", "as measured"] == 1


def test_what_is_not_defined_is_left_out(seen):
    assert set(seen[seen["kernel"] == "emergent"]["scale"]) == {"as measured"}
    assert set(seen[seen["kernel"] == "reactive"]["dimension"]) == {3, 6}
    assert len(seen[seen["kernel"] == "linear"]) == len(l2.CHARTS) * len(l2.LAWS) * len(l2.DIMENSIONS)


def test_laws_have_positive_parts_of_mean_one():
    for law in l2.LAWS.values():
        drawn = law(np.random.default_rng(1), (200_000,))
        assert drawn.min() > 0
        assert drawn.mean() == pytest.approx(1, abs=0.02)


def test_mixed_differences_of_sums_and_products():
    found = l2.non_additivity([1])
    assert list(found.index) == list(ZOO)
    assert found["linear"] < 1e-12
    assert found["multiplicative-synergistic"] > 0.01
    assert found["gated-routed"] > 0.1
