"""Votes that agree are redundant with their sum, independent ones synergistic."""

import numpy as np

from mixbook.studies.domains.machine_learning import activations


def test_independent_votes_are_synergistic_and_equal_ones_redundant():
    rng = np.random.default_rng(0)
    votes = rng.normal(size=(1500, 3))
    apart = activations.information(votes, rng)
    assert apart.omega < -5 * apart.standard_error
    alike = activations.information(votes[:, :1] + 0.3 * votes, rng)
    assert alike.omega > 5 * alike.standard_error


def test_disorder_keeps_each_vote_and_breaks_what_they_share():
    rng = np.random.default_rng(1)
    votes = rng.normal(size=(2000, 1)) + 0.1 * rng.normal(size=(2000, 3))
    mixed = activations.in_disorder(votes, rng)
    np.testing.assert_array_equal(np.sort(mixed, axis=0), np.sort(votes, axis=0))
    assert np.abs(np.corrcoef(mixed.T) - np.eye(3)).max() < 0.1


def test_a_trained_network_tells_odd_from_even_and_an_untrained_one_does_not(monkeypatch):
    monkeypatch.setattr(activations, "STEPS", 150)
    found = activations.run((0,))["right_percent"]
    assert found[activations.TRAINED, 0] > 90
    assert 30 < found[activations.UNTRAINED, 0] < 70
