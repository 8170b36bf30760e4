"""estimator="auto" takes what fits the data, and says why."""

import numpy as np
import pandas as pd
import pytest

from mixlib import o_information
from mixlib.information import systems

RED = systems.sample_gaussian(systems.equicorrelated(3, 0.6), 600, rng=0)
LIFTED = systems.sign_lift(systems.sample(systems.parity(3), 600, rng=1), rng=2)
BITS = systems.sample(systems.and_gate(), 300, rng=3)
LETTERS = pd.Categorical(np.random.default_rng(4).choice(list("abc"), 600))


@pytest.mark.parametrize(
    ("samples", "estimator", "why"),
    [
        (RED, "gaussian", "every column looks normal"),
        (np.exp(RED), "gaussian-copula", "not all columns look normal"),
        (np.column_stack([RED[:, :2], RED[:, 2] > 0]), "gaussian-copula", "not all columns look normal"),
        (LIFTED, "ksg", "more total correlation than a Gaussian copula"),
        (np.exp(3 * LIFTED), "ksg", "more total correlation than a Gaussian copula"),
        (BITS, "plugin", "every column is discrete, with 4 joint states in 300 samples"),
        (pd.DataFrame(BITS > 0), "plugin", "every column is discrete"),
        (pd.DataFrame(RED).assign(letter=LETTERS), "ksg", "categories without an order beside column '0'"),
        (np.random.default_rng(5).integers(0, 5, (300, 6)), "gaussian-copula", "ties share the mean"),
        (np.random.default_rng(6).normal(size=(40, 3)), "gaussian", "every column looks normal"),
        (np.random.default_rng(7).normal(size=(400, 25)), "gaussian", "every column looks normal"),
    ],
)
def test_choice_and_reason(samples, estimator, why):
    result = o_information(samples, "auto")
    assert result.estimator == estimator
    assert why in result.note
    direct = o_information(samples, estimator)
    assert result.omega == pytest.approx(direct.omega, abs=0.02)
    assert why not in direct.note or "ties" in why


@pytest.mark.parametrize("seed", range(5))
def test_normal_columns_are_rarely_taken_for_anything_else(seed):
    assert o_information(systems.sample_gaussian(systems.synergistic(4, 0.6), 300, rng=seed), "auto").estimator in (
        "gaussian",
        "gaussian-copula",
    )
