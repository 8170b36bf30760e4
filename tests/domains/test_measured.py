"""Three instruments on a domain: they tell an average from a synergy, and keep out of what has no hull."""

import dataclasses

import numpy as np
import pytest

from mixlib.domains import DOMAINS
from mixlib.domains.measured import measure
from mixlib.domains.sound import chord


def test_an_average_stays_inside_and_a_broth_does_not():
    crowd, broth = (measure(DOMAINS[name], samples=400) for name in ("society", "taste"))
    assert crowd.largest_escape < 1e-12
    assert abs(crowd.interaction.share) < 1e-9
    assert broth.largest_escape >= broth.escape > 0.1
    assert broth.omega.omega < 0


def test_a_mixture_that_is_no_point_among_the_parts_has_no_hull():
    rough = dataclasses.replace(DOMAINS["sound"], kernel=chord, unit="roughness", part_unit="Hz")
    found = measure(rough, samples=200, estimator="gaussian")
    assert found.escape is None
    assert found.largest_escape is None
    assert np.isfinite(found.omega.omega)


def test_it_is_repeatable_and_refuses_what_makes_no_sense():
    first, again = (measure(DOMAINS["alloys"], samples=100, estimator="gaussian", rng=3) for _ in range(2))
    assert first.omega.omega == again.omega.omega
    with pytest.raises(ValueError, match="noise: got 0"):
        measure(DOMAINS["alloys"], noise=0)
    with pytest.raises(ValueError, match="spread: got 1"):
        DOMAINS["alloys"].nearby(3, spread=1)


def test_parts_nearby_stay_on_a_simplex_and_vary():
    near = DOMAINS["machine-learning"].nearby(50)
    np.testing.assert_allclose(near.sum(axis=-1), 1)
    assert np.all(near.std(axis=0) > 0.01)
