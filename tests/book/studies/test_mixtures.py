"""Kernels fitted to recipes of taste and smell, and the dish with fat."""

import numpy as np
import pytest

from mixbook.studies import mixtures as study
from mixlib.domains import taste
from mixlib.kernels import Synergistic, TimeResolved

WEIGHTS = np.stack([1 - study.SHARES, study.SHARES], axis=-1)


@pytest.mark.parametrize("kernel", study.FAMILIES)
def test_every_kernel_fits_a_curve_of_its_own(kernel):
    parts = np.array([[0.4], [1.3]])
    made = {
        "multiplicative-synergistic": Synergistic(3.0),
        "masking-saturating": TimeResolved(rates=[0.0, 2.0], time=1.0),  # an average with tilted weights, both
        "time-resolved": TimeResolved(rates=[0.0, 2.0], time=1.0),
    }.get(kernel)
    curve = (made or study.FAMILIES[kernel]("series", parts))(WEIGHTS, parts)[:, 0]
    assert np.abs(study.best_fit(kernel, curve) - curve).max() < 1e-6


def test_a_kernel_does_not_fit_what_it_cannot():
    parts = np.array([[0.4], [1.3]])
    above = Synergistic(20.0)(WEIGHTS, parts)[:, 0]
    assert above.max() > 2
    for kernel in ("linear", "log-linear", "masking-saturating", "time-resolved", "spatial"):
        assert study.best_fit(kernel, above).max() <= 1.3 + 1e-9


def test_curves_begin_and_end_at_the_parts():
    umami = study.umami_curves()
    assert umami.shape == (36, len(study.SHARES))
    assert umami[1, 0] == pytest.approx(study.TRACES[1] + study.TOTALS[0])
    receptors = study.receptor_curves(0)
    low, high = np.sort(receptors[:, [0, -1]], axis=1).T
    assert np.all(receptors >= low[:, None] - 1e-12)
    assert np.all(receptors <= high[:, None] + 1e-12)


def test_fat_lifts_the_broth_and_silences_what_likes_it():
    plain, fat = study.dish(0.5, 0.0), study.dish(0.5, 0.5)
    assert plain[0] == pytest.approx(float(taste.umami(0.0123, 0.0123)))
    assert fat[0] > 3 * plain[0]
    to_butter = [np.corrcoef(pattern, parts[1])[0, 1] for _, pattern, parts in (plain, fat)]
    assert to_butter[1] > to_butter[0]
