"""Rows of parameters are networks of their own: what they answer, and that training one leaves the others alone."""

import numpy as np
import torch

from mixbook.studies.domains.machine_learning.networks import Dense, adam, start, surprise, unpack


def test_a_row_is_a_network():
    rng = torch.Generator().manual_seed(0)
    network = Dense(3, 4, 2)
    theta, inputs = start(2, network.shapes, rng), torch.randn(2, 5, 3, generator=rng)
    theta += 0.1
    into, shift, out, offset = unpack(theta, network.shapes)
    by_hand = torch.relu(inputs[1, 3] @ into[1] + shift[1, 0]) @ out[1] + offset[1, 0]
    torch.testing.assert_close(network(theta, inputs)[1, 3], by_hand)
    assert theta.shape == (2, 3 * 4 + 4 + 4 * 2 + 2)


def test_rows_are_trained_apart_from_each_other():
    target = torch.tensor([[1.0, 2.0], [3.0, 4.0]])

    def loss(theta):
        return ((theta - target) ** 2).sum(dim=1)

    both = adam(loss, torch.zeros(2, 2), 300, [0.1, 0.1])
    np.testing.assert_allclose(both, target, atol=0.05)
    still = adam(loss, torch.zeros(2, 2), 300, [0.1, 0.0])
    np.testing.assert_array_equal(still[0], both[0])
    assert (still[1] == 0).all()


def test_log_loss_of_mixed_labels_by_hand():
    logits, law = torch.log(torch.tensor([[[0.2, 0.8]]])), torch.tensor([[[0.5, 0.5]]])
    assert np.isclose(surprise(logits, law).item(), -0.5 * np.log(0.2) - 0.5 * np.log(0.8))
