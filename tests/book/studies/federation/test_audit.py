"""Planted bugs: each is what it says, and residual, check and replay find what they can."""

import numpy as np
import pytest
from scipy.special import log_softmax

from mixbook.studies.federation.audit import (
    accounts,
    hunt,
    planted_bugs,
    reconciliation_errors,
    shaken_shares,
    softmax_weighted_errors,
)
from mixlib.federation import attribute, mixture_combine


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(0)
    log_probs = log_softmax(3 * rng.normal(size=(3, 200, 40)), axis=-1).astype(np.float32)
    tokens = rng.integers(0, 40, 200)
    bugs = planted_bugs(log_probs, tokens, ("a", "b", "c"), rng=1)
    return log_probs, tokens, bugs, hunt(bugs, log_probs, rng=2)


def test_the_sound_trace_is_the_mixture(case):
    log_probs, tokens, bugs, found = case
    (sound,) = (audit for (kind, _), audit in bugs.items() if kind == "sound")
    np.testing.assert_array_equal(sound.joint, mixture_combine(log_probs)[np.arange(200), tokens])
    assert (found.loc["sound", ["above rounding", "lines refused", "replay"]].to_numpy() == 0).all()


def test_every_bug_changes_the_record(case):
    _, _, bugs, found = case
    assert len(bugs) == 12
    assert (found.drop(index="sound", level="kind")["replay"] > 0.5).all()


def test_consistent_bugs_pass_and_contradictions_do_not(case):
    found = case[-1]
    assert (found.loc["consistent", ["above rounding", "lines refused"]].to_numpy() == 0).all()
    loud = found.loc["contradictory"].drop(index="shares off by a thousandth")
    assert (loud[["above rounding", "lines refused"]] > 0.9).all(axis=None)
    quiet = found.loc["contradictory"].loc["shares off by a thousandth"]
    assert quiet["above rounding"] == 0
    assert quiet["lines refused"] > 0.5


def test_same_seed_same_findings(case):
    log_probs, tokens, _, found = case
    again = hunt(planted_bugs(log_probs, tokens, ("a", "b", "c"), rng=1), log_probs, rng=2)
    assert found.equals(again)


def test_each_bug_is_as_large_as_its_name_says(case):
    log_probs, tokens, bugs, _ = case
    given = log_probs[:, np.arange(200), tokens]
    of = {bug: audit for (_, bug), audit in bugs.items()}
    too_much = of["probabilities that sum to 1.1"].specialists
    np.testing.assert_allclose(np.exp(too_much[0]), np.minimum(1.1 * np.exp(given[0]), 1), rtol=1e-5)
    np.testing.assert_array_equal(too_much[1:], given[1:])
    np.testing.assert_allclose(of["weights changed throughout"].weights[:, 0], np.array([3, 2, 1]) / 6)
    warm = np.exp(log_probs / 0.8) / np.exp(log_probs / 0.8).sum(axis=-1, keepdims=True)
    tempered = of["temperature 0.8 throughout"].specialists
    np.testing.assert_allclose(np.exp(tempered), warm[:, np.arange(200), tokens], rtol=1e-4)
    sound, shaken = (of[bug].responsibilities for bug in ("no bug", "shares off by a thousandth"))
    np.testing.assert_allclose(np.std(np.log(shaken / sound)), 1e-3, rtol=0.25)


def test_reconciliation_errors_by_hand():
    shares = np.array([[0.75, 0.25], [1.0, 0.0]]).T  # the second outcome is excluded by one of two specialists
    probs = np.array([[0.6, 0.2], [0.8, 0.0]]).T
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.stack([probs, 1 - probs], axis=-1))
    errors = reconciliation_errors({"both": attribute(log_probs, np.zeros(2, dtype=int))})
    first = np.log(0.4) - 0.75 * np.log(0.6) - 0.25 * np.log(0.2)
    second = np.log(0.4) - np.log(0.8)
    np.testing.assert_allclose(attribute(log_probs, np.zeros(2, dtype=int)).responsibilities, shares)
    assert errors.loc["both", "median, as stated"] == pytest.approx((abs(first) + abs(second)) / 2)
    assert errors.loc["both", "largest, as stated"] == pytest.approx(max(abs(first), abs(second)))
    assert errors.loc["both", "largest, with entropy"] < 1e-15


@pytest.fixture
def random_rows():
    rng = np.random.default_rng(5)
    return log_softmax(rng.normal(size=(3, 40, 7)), axis=-1), rng.integers(7, size=40)


def test_at_temperature_one_the_weights_are_the_shares(random_rows):
    audit = attribute(*random_rows)
    stated = reconciliation_errors({"one": audit}).loc["one", "median, as stated"]
    errors = softmax_weighted_errors(audit, [1.0, 1e9])
    assert errors[0] == pytest.approx(stated)
    plain_mean = np.median(np.abs(audit.joint - audit.specialists.mean(axis=0)))  # an infinite temperature
    assert errors[1] == pytest.approx(plain_mean)


def test_residual_of_shaken_shares_is_quadratic(random_rows):
    frame = shaken_shares(attribute(*random_rows), [1e-3, 1e-2], rng=0)
    ratio = frame.loc[1e-2] / frame.loc[1e-3]
    assert ratio["residual"] == pytest.approx(100, rel=0.1)
    assert ratio["compared one by one"] == pytest.approx(10, rel=0.1)


def test_accounts_by_hand(random_rows):
    log_probs, tokens = random_rows
    frame = accounts(log_probs, tokens, rng=3)
    for account in ("mixture", "logarithmic pool", "product", "product, odds without Z"):
        assert frame.loc[account, "largest"] < 1e-12, account
    assert frame.loc["product, joint and log Z changed", "largest"] < 1e-12
    lie = np.abs(np.random.default_rng(3).normal(size=40))
    for account in ("product, joint changed", "mixture, joint changed"):
        np.testing.assert_allclose(frame.loc[account], [np.median(lie), lie.max()])
    z = np.log(np.exp(log_probs).prod(axis=0).sum(axis=-1))
    missing = frame.loc["product, log Z not recorded"]
    np.testing.assert_allclose(missing, [np.median(np.abs(z)), np.abs(z).max()])
