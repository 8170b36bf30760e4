"""Natural uranium: constants against quantities that were measured apart from them, and ages there and back."""

import numpy as np
import pytest

from mixlib.domains import decay


def test_isotopes_average_to_the_standard_atomic_weight():
    names = list(decay.ABUNDANCES)
    shares, masses = decay.abundances(names), np.array([[decay.MASSES[name]] for name in names])
    weight = decay.forward(0.0, names)(shares, masses).item()
    assert weight == pytest.approx(238.02891, abs=3e-5)  # IUPAC, with its uncertainty


def test_rates_are_those_of_the_dating_conventions():
    # Steiger & Jäger 1977, per year
    np.testing.assert_allclose(decay.decay_rates(), [9.8485e-10, 1.55125e-10], rtol=1e-5)


def test_two_billion_years_ago_uranium_was_rich():
    then = decay.backward(2.0e9)(decay.abundances(), np.eye(2))
    assert then[0] == pytest.approx(0.0368, abs=2e-4)
    assert then.sum() == pytest.approx(1)


def test_there_and_back_again():
    today = decay.abundances()
    then = decay.backward(4.5e9)(today, np.eye(2))
    np.testing.assert_allclose(decay.forward(4.5e9)(then, np.eye(2)), today, rtol=1e-12)


def test_the_chain_ends_in_the_measured_ratio():
    # U-234 per U-238 of old, closed minerals: 54.887(93)e-6 in Cheng et al. 2000
    light, heavy = decay.chain(1e7)(None, np.array([[0.0, 1.0]]))
    assert light / heavy == pytest.approx(54.887e-6, abs=0.093e-6)


def test_the_chain_solves_bateman():
    years = 3e5
    fast, slow = decay.decay_rates(("U-234", "U-238"))
    light, heavy = decay.chain(years)(None, np.array([[0.0, 1.0]]))
    assert heavy == pytest.approx(np.exp(-slow * years), rel=1e-9)
    assert light == pytest.approx(slow / (fast - slow) * (np.exp(-slow * years) - np.exp(-fast * years)), rel=1e-6)


def test_unknown_isotopes_are_named():
    with pytest.raises(ValueError, match=r"isotopes: no half-life of 'U-236'; the module knows U-234, U-235, U-238"):
        decay.decay_rates(("U-236",))
