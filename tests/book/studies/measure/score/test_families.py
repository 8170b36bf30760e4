"""Truths of the families, against closed forms, and against what large samples of them show."""

import math

import numpy as np
import pytest
from scipy.special import i0, i1

from mixbook.studies.measure.score import families
from mixlib import o_information
from mixlib.information import from_covariance

ALL = [families.opinions, families.phases, families.gated_unit]


def test_phases_share_what_the_jitter_leaves():
    exact, k = families.phases().exact, families.JITTER
    known = k * i1(k) / i0(k) - math.log(i0(k))  # log 2 pi less the entropy of the jitter
    assert (exact.tc, exact.dtc, exact.omega) == pytest.approx((known, 2 * known, -known))


def test_normal_means_and_noise_are_gaussian():
    hidden = np.linspace(-6, 6, 97)
    masses, mixing = np.exp(-(hidden**2) / 2), np.array([1.0, 0.5, -2.0])
    found = families.noisy_means(masses / masses.sum(), hidden[:, None] * mixing, np.array([0.5, 1.0, 1.5]))
    known = from_covariance(np.outer(mixing, mixing) + np.diag([0.25, 1, 2.25]))
    assert (found.tc, found.dtc) == pytest.approx((known.tc, known.dtc), abs=1e-5)


def test_the_grid_is_fine_enough(monkeypatch):
    coarse = families.gated_unit().exact
    monkeypatch.setattr(families, "NODES", 75)
    fine = families.gated_unit().exact
    assert (coarse.tc, coarse.dtc) == pytest.approx((fine.tc, fine.dtc), abs=1e-6)


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.__name__)
def test_samples_have_the_information_that_is_said(family):
    system = family()
    drawn = system.draw(4000, np.random.default_rng(0))
    found = o_information(drawn, "ksg", error=None, gradient=False)
    for name in ("tc", "dtc", "omega"):
        assert getattr(found, name) == pytest.approx(getattr(system.exact, name), rel=0.08, abs=0.05)


def test_the_families_are_redundant_synergistic_and_nearly_balanced():
    omega = [families.opinions().exact.omega, families.phases().exact.omega]
    assert omega[0] > 0.1
    assert omega[1] < -0.1
    both = families.activations()
    assert abs(both.exact.omega) < 0.05 * both.exact.s_information
    assert both.draw(10, np.random.default_rng(0)).shape == (10, 6)


def test_what_systems_share_adds_up_side_by_side():
    first, second = families.opinions(), families.phases()
    both = families.side_by_side("both", first, second).exact
    assert both.tc == first.exact.tc + second.exact.tc
    assert both.omega == pytest.approx(both.tc - both.dtc)
    assert both.gradient.tolist() == [*first.exact.gradient, *second.exact.gradient]
    assert both.s_information == both.tc + both.dtc


def test_the_control_is_gaussian():
    system = families.control()
    drawn = system.draw(20_000, np.random.default_rng(0))
    assert np.corrcoef(drawn, rowvar=False)[0, 1:] == pytest.approx([0.6, 0.6], abs=0.02)
    assert system.exact.omega == pytest.approx(0.147369, abs=2e-6)  # Bounoua et al. 2024
