"""The zoo under one protocol: every kernel measured, and what is known of each found again."""

import math

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.kernels.index.zoo import (
    Specimen,
    inputs,
    interpolated,
    measure_zoo,
    nonlinearity,
    rank_correlations,
    specimens,
    weight_sensitivity,
)
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import ZOO, Emergent, Linear, LogLinear, Reactive, Synergistic

INSIDE = {"linear", "gated-routed", "stochastic", "time-resolved"}


@pytest.fixture(scope="module")
def measured():
    return measure_zoo()


def test_every_kernel_of_the_zoo_is_measured(measured):
    frame = measured.to_frame()
    assert list(frame.index) == list(specimens()) == list(ZOO) == list(measured.pairs)
    for name, specimen in specimens().items():
        assert type(specimen.make(3)) is ZOO[name]
        assert specimen.instances == (100 if name == "reactive" else 2000)
    numbers = frame.drop(columns=["formula", "field", "carrier", "setting"]).astype(float)
    assert np.isfinite(numbers.to_numpy()).all()
    assert (frame[["formula", "field", "carrier", "setting"]].map(len) > 0).all().all()


def test_declared_laws_are_found(measured):
    frame = measured.to_frame()
    for name, kind in ZOO.items():
        assert frame.idempotent[name] == kind.idempotent
    assert set(frame.index[~frame.commutes.astype(bool)]) == {"time-resolved"}
    assert set(frame.index[frame.in_steps.astype(bool)]) == {"linear", "log-linear", "stochastic"}


def test_escape_is_zero_exactly_for_the_averages(measured):
    frame = measured.to_frame()
    assert set(frame.index[frame.outside == 0]) == set(frame.index[frame.escape == 0]) == INSIDE
    assert (frame.escape_error[frame.escape > 0] > 0).all()
    assert frame.outside["emergent"] == 1


def test_interaction_share(measured):
    frame = measured.to_frame()
    assert (
        (frame.interaction.abs() <= frame.interaction_error)
        .groupby(frame.index.isin(["linear", "time-resolved"]))
        .all()[True]
    )
    # (p + q) / 2 + p q with p, q uniform, variance v and mean 1: v^2 of 2 (3/2)^2 v + v^2
    v = 0.9**2 / 3
    exact = v**2 / (4.5 * v + v**2)
    assert frame.interaction["multiplicative-synergistic"] == pytest.approx(exact, abs=4e-4)
    # a draw between two parts of equal law: the half of the variance that neither part explains alone
    assert frame.interaction["stochastic"] == pytest.approx(0.5, abs=3e-3)


def test_nonlinearity(measured):
    frame = measured.to_frame()
    linear = frame.index.isin(["linear", "time-resolved"])
    assert frame.nonlinearity[linear].max() < 1e-12
    assert (frame.nonlinearity[~linear] > 0.01).all()
    assert (frame.nonlinearity > frame.interaction - 3e-3).all()  # it counts curvature as well
    assert frame.nonlinearity["stochastic"] == pytest.approx(0.5, abs=1e-3)
    # additive and curved: (p - 1)^2 of a uniform p is uncorrelated with p
    bent = tabulate_pair(lambda weights, parts: np.sum((parts - 1) ** 2, axis=-2), sampler=inputs())
    assert nonlinearity(bent) == pytest.approx(1, abs=1e-6)


def test_omega_turns_from_synergy_to_redundancy(measured):
    frame = measured.to_frame()
    assert (frame.omega_low < 0).all()
    assert (frame.omega_high > 0).all()
    assert frame.omega_low.idxmin() == "linear"
    for name, pair in measured.pairs.items():
        assert pair.omega(frame.rho_star[name] - 0.01) < 0 < pair.omega(frame.rho_star[name] + 0.01)
    assert (frame.rho_star_error < 0.01).all()


def test_an_interpolated_pair_is_the_pair():
    react, _ = Reactive.pair_for_comparison()
    amounts = inputs()(np.random.default_rng(1).random((20, 2)))
    vessels = np.zeros((20, 2, 3))
    vessels[:, 0, 0], vessels[:, 1, 1] = amounts.T
    exact = Reactive.for_comparison(2)(None, vessels)[:, 2:]
    np.testing.assert_array_equal(react(None, amounts[..., None]), exact)
    fast = interpolated(react)
    np.testing.assert_allclose(fast(None, amounts[..., None]), exact, atol=1e-4)
    with pytest.raises(ValueError, match="weights: the table is made for equal weights"):
        fast([0.5, 0.5], amounts[..., None])
    with pytest.raises(ValueError, match="parts: from 1 to 3; the table reaches"):
        fast(None, np.array([[[1.0], [3.0]]]))


def test_a_kernel_of_ones_own():
    def maximum(weights, parts):
        return parts.max(axis=-2)

    frame = measure_zoo({"maximum": Specimen(lambda n: maximum)}, spread=0.5, rng=1).to_frame()
    row = frame.loc["maximum"]
    assert row.idempotent
    assert row.commutes
    assert row.in_steps
    assert row.outside > 0.5
    assert row.interaction == pytest.approx(0.2, abs=2e-3)  # Var max = 1/18, of which 1/45 twice
    pair = tabulate_pair(maximum, sampler=inputs(0.5))
    assert row.omega_low == pytest.approx(pair.omega(units="bits"))


def test_a_kernel_that_compares_has_no_sign_change():
    difference = Specimen(lambda n: lambda weights, parts: parts[..., 0, :] - parts[..., 1, :])
    row = measure_zoo({"difference": difference}).to_frame().loc["difference"]
    assert math.isnan(row.rho_star)
    assert row.omega_high < row.omega_low < 0
    assert not row.commutes


def test_weight_sensitivity():
    parts = np.random.default_rng(2).uniform(0.5, 1.5, (7, 2, 3))
    np.testing.assert_allclose(weight_sensitivity(Linear(), parts), 1)
    assert np.all(weight_sensitivity(LogLinear(), parts) >= 1)
    assert np.all(weight_sensitivity(Synergistic(8.0), parts) > 1.5)
    constant = Emergent(lambda blend: 0 * blend + 1)
    np.testing.assert_allclose(weight_sensitivity(constant, parts), 0)
    with pytest.raises(ValueError, match=r"parts: got shape \(7, 3, 3\); expected pairs"):
        weight_sensitivity(Linear(), np.ones((7, 3, 3)))
    with pytest.raises(ValueError, match="a pair coincides"):
        weight_sensitivity(Linear(), np.ones((7, 2, 3)))


def test_rank_correlations():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 8, 27, 64], "c": [4.0, 3, 2, 1]})
    table = rank_correlations([frame, frame], ["a", "b", "c"])
    assert table.shape == (2, 3)
    np.testing.assert_allclose(table[["a ~ b", "a ~ c", "b ~ c"]], [[1, -1, -1]] * 2)


@pytest.mark.parametrize("spread", [0.0, 1.0, -0.5, math.nan])
def test_bad_spread_is_named(spread):
    with pytest.raises(ValueError, match=f"spread: got {spread}; expected a number between 0 and 1"):
        inputs(spread)
