"""Two networks averaged on three carriers, and what lies between two inputs."""

import numpy as np
import pytest
import torch

from mixbook.studies.domains.machine_learning import averages
from mixlib.kernels import Linear, LogLinear


@pytest.fixture(scope="module")
def wines():
    return averages.pairs("wines", averages.OWN, (0,))


def test_outputs_are_the_two_pools_and_weights_are_neither(wines):
    found, laws = averages.averaged(*wines, 0.3)
    parts = np.swapaxes(laws, 1, 2)
    np.testing.assert_allclose(found["probabilities"], Linear()([0.7, 0.3], parts), atol=1e-12)
    np.testing.assert_allclose(found["logits"], LogLinear(normalise=True)([0.7, 0.3], parts), atol=1e-7)
    assert np.abs(found["weights"] - found["logits"]).max() > 0.01


def test_moves_are_over_the_distance_of_the_networks(monkeypatch):
    monkeypatch.setattr(averages, "DATA", {"wines": averages.DATA["wines"]})
    moves = averages.run((0,)).filter(like="moved_from_")
    flat = moves.loc["wines", averages.FLAT]
    assert flat.loc["weights", "moved_from_logits"].max() < 1e-5 < flat.loc["weights", "moved_from_probabilities"].min()
    own = moves.loc["wines", averages.OWN].droplevel("seed")
    assert own.loc["weights", "moved_from_weights"] == 0
    assert own.loc["weights", "moved_from_logits"] == own.loc["logits", "moved_from_weights"] > 0.05


def test_one_network_twice_is_itself_on_every_carrier(wines):
    data, network, theta = wines
    found, laws = averages.averaged(data, network, theta[:, :1].expand(-1, 2, -1), 0.5)
    for law in found.values():
        np.testing.assert_allclose(law, laws[:, 0], atol=1e-6)


def test_without_a_hidden_layer_weights_and_logits_are_one_carrier():
    found, _ = averages.averaged(*averages.pairs("wines", averages.FLAT, (0,)), 0.5)
    np.testing.assert_allclose(found["weights"], found["logits"], atol=1e-5)


def test_networks_of_one_base_learn_from_halves(wines):
    data, network, theta = averages.pairs("wines", averages.BASE, (0, 1))
    assert theta.shape == (2, 2, wines[2].shape[2])
    inputs, labels = data.inputs[data.test], data.laws[data.test].argmax(-1)
    right = (network(theta[:, 0], inputs).argmax(-1) == labels).float().mean()
    assert right > 0.85


def test_distance_to_the_segment_by_hand():
    parts = np.array([[[[0.0, 0.0], [2.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]]])  # the second pair says the same
    assert averages.outside(np.array([[[1.0, 1.0], [5.0, 5.0]]]), parts) == pytest.approx(0.5)


def test_pairs_are_of_different_classes():
    data = averages.Data("wines", (0, 1))
    labels = data.laws.argmax(-1)
    chosen = averages._different(data)
    assert chosen.shape == (2, 2, averages.PAIRS)
    assert (labels[chosen[:, 0]] != labels[chosen[:, 1]]).all()
    assert not set(data.train[0].tolist()) & set(chosen[0].flatten().tolist())


def test_a_network_that_is_linear_stays_between(monkeypatch):
    monkeypatch.setattr(averages, "STEPS", 3)
    torch.manual_seed(0)
    found = averages.between((0,))
    assert set(found.index.get_level_values("training")) == {"plain", "mixup"}
    assert found["often_outside"].between(0, 1).all()
