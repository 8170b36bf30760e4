"""Epidemics: the final size solves its equation, and towns that mix at random are one town."""

import numpy as np
import pytest

from mixlib.domains import epidemics as ep


def test_final_size_solves_its_equation_and_is_the_largest_root():
    reproduction = np.array([0.0, 0.5, 1.0, 1.01, 1.5, 2.0, 15.0])
    size = ep.final_size(reproduction)
    assert np.allclose(size, 1 - np.exp(-reproduction * size), atol=1e-12)
    assert (size[reproduction <= 1] == 0).all()
    assert (size[reproduction > 1] > 0.01).all()
    assert ep.final_size(2.0) == pytest.approx(0.7968, abs=1e-4)  # a textbook value
    with pytest.raises(ValueError, match="reproduction: holds -1"):
        ep.final_size([-1.0, 2.0])


def test_coverage_needed_is_where_the_outbreak_begins():
    share = ep.coverage_needed(ep.MEASLES, ep.EFFECTIVENESS[2])
    around = np.array([share - 1e-3, share + 1e-3])
    size = ep.final_size(ep.MEASLES * (1 - ep.EFFECTIVENESS[2] * around))
    assert size[0] > 0
    assert size[1] == 0
    assert ep.coverage_needed(ep.MEASLES, ep.EFFECTIVENESS[1]) > 1


def test_towns_that_mix_are_one_town_and_towns_apart_are_two():
    what = {"reproduction": ep.MEASLES, "effectiveness": ep.EFFECTIVENESS[2]}
    mixed = ep.final_size_of_towns((0.99, 0.85), (0.7, 0.3), apart=0, **what)
    share = 0.7 * 0.99 + 0.3 * 0.85
    one = ep.final_size(ep.MEASLES * (1 - ep.EFFECTIVENESS[2] * share))
    assert one > 0.1
    assert np.allclose(mixed, one, atol=1e-9)
    apart = ep.final_size_of_towns((0.99, 0.85), (0.7, 0.3), apart=1, **what)
    alone = ep.final_size(ep.MEASLES * (1 - ep.EFFECTIVENESS[2] * np.array([0.99, 0.85])))
    assert apart == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"coverage": (1.2, 0)}, "coverage"), ({"sizes": (0.5, 0.6)}, "sizes: sum to 1.1"), ({"apart": -1}, "apart")],
)
def test_bad_towns_are_named(change, said):
    good = {"coverage": (0.9, 0.8), "sizes": (0.5, 0.5), "reproduction": 15, "effectiveness": 0.97, "apart": 0.5}
    with pytest.raises(ValueError, match=said):
        ep.final_size_of_towns(**(good | change))
