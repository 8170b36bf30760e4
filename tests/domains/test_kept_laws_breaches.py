"""How far laws are broken: sizes that are known, the same in any unit, and what is no number is a breach."""

import dataclasses

import numpy as np
import pytest

from mixlib.domains import DOMAINS
from mixlib.domains.kept_laws import kept_laws
from mixlib.kernels import Linear, LogLinear

PARTS = np.array([[1.0, 0.5], [2.0, 0.8], [0.6, 1.5]])


def laws(kernel, parts=PARTS, **options):
    domain = dataclasses.replace(DOMAINS["light"], weights=np.full(3, 1 / 3), parts=parts, kernel=kernel)
    return kept_laws(domain, **options)


def test_a_unit_changes_no_breach():
    here, there = (laws(LogLinear(), scale * PARTS).off for scale in (1, 1000))
    assert here["inside the hull"] > 0.001
    for law, off in here.items():
        assert there[law] == pytest.approx(off, rel=1e-6, abs=1e-12), law


def test_a_constant_on_top_is_off_by_itself():
    off = laws(lambda weights, parts: Linear()(weights, parts) + 0.5).off
    once = off["equal parts return themselves"]
    assert 0.1 < once < 0.5
    assert off["all the weight returns the part"] == pytest.approx(once)
    assert off["scale goes through"] == pytest.approx(0.1 * once)  # a tenth less of the parts, and not of it
    assert off["order of stages does not matter"] == pytest.approx(0, abs=1e-12)
    assert off["linear in the parts"] == pytest.approx(0, abs=1e-12)


def test_what_is_no_number_is_a_breach():
    kept = laws(lambda weights, parts: Linear()(weights, parts) + 0 * np.log(weights)[..., :1]).kept
    assert kept["all the weight returns the part"] is False  # 0 times a logarithm of 0
    assert kept["equal parts return themselves"] is True


def test_no_tolerance_leaves_what_is_exact():
    assert laws(Linear(), tolerance=0.0).kept["between the least and the most"] is True
