"""Problems have the clusters that the page tells of, sizes are matched, and hulls of functions come out as by hand."""

import numpy as np
import pytest
import torch

from mixbook.studies.domains.machine_learning import clusters


@pytest.fixture(scope="module")
def digits():
    return clusters.Digits((0, 1))


def test_each_look_has_labels_of_its_own(digits):
    draw = digits.draw(300, torch.Generator().manual_seed(0))
    own = torch.gather(draw.rules, 2, draw.cluster[..., None, None].expand(-1, -1, 1, 10))[:, :, 0]
    torch.testing.assert_close(own, draw.target)
    assert (draw.rules.sum(dim=-1) == 1).all()
    assert 0 < (draw.rules[:, :, 0] == draw.rules[:, :, 1]).all(dim=-1).float().mean() < 0.5  # now and then alike
    bright = draw.inputs.mean(dim=-1)
    assert bright[draw.cluster < 2].max() < 0 < bright[draw.cluster >= 2].min()  # negatives are bright
    assert not set(digits.pools["train"][0].tolist()) & set(digits.pools["test"][0].tolist())
    hidden = clusters.Digits((0,), hidden=True).draw(50, torch.Generator().manual_seed(0))
    assert hidden.inputs.mean(dim=-1).max() < 0


def test_inputs_of_one_cluster_are_that_clusters_own():
    problem = clusters.Functions((0,))
    draw = problem.draw(4000, torch.Generator().manual_seed(1), cluster=torch.tensor([2]))
    np.testing.assert_allclose(draw.inputs[0].mean(dim=0), problem.problems.centres[0, 2], atol=0.08)
    torch.testing.assert_close(draw.target, draw.rules[:, :, 2])


def test_sizes_are_matched():
    for networks in clusters.NETWORKS.values():
        sizes = [network.start(1, torch.Generator().manual_seed(0)).shape[1] for network in networks.values()]
        assert max(sizes) / min(sizes) < 1.05


def test_a_sparse_gate_shares_all_the_weight_among_those_it_keeps():
    gates = torch.tensor([[0.4, 0.3, 0.2, 0.1]])
    torch.testing.assert_close(clusters.sparse(gates, 2), torch.tensor([[4 / 7, 3 / 7, 0, 0]]))
    assert clusters.sparse(gates, 4) is gates
    mixture = clusters.Mixture(5, 3, 2, keep=2)
    theta = mixture.start(2, torch.Generator().manual_seed(0))
    said, full, kept = mixture(theta, torch.randn(2, 7, 5), clusters.Digits.answers)
    assert said.shape == (2, 7, 4, 2)
    assert ((kept > 0).sum(dim=-1) == 2).all()
    torch.testing.assert_close(full.sum(dim=-1), torch.ones(2, 7))


def test_a_gate_that_asks_one_learns_whom():
    full = torch.softmax(torch.tensor([[1.0, 0.5, 0.0, 0.0]]).requires_grad_(), dim=-1)
    gates = clusters.sparse(full, 1)
    torch.testing.assert_close(gates, torch.tensor([[1.0, 0, 0, 0]]))
    (slope,) = torch.autograd.grad(gates[0, 0], full)
    assert slope[0, 0] > 0
    assert (slope[0, 1:] == 0).all()


def test_the_best_average_is_the_nearest_point_of_the_hull():
    said = torch.tensor([[[[0.0], [4.0]], [[0.0], [2.0]]]])  # two functions of two inputs
    target = torch.tensor([[[1.0], [0.5]]])
    torch.testing.assert_close(clusters.best_average(said, target), target)
    np.testing.assert_array_equal(clusters.as_points(said), [[[0, 0], [4, 2]]])
    beyond = torch.tensor([[[8.0], [4.0]]])
    torch.testing.assert_close(clusters.best_average(said, beyond), said[:, :, 1])


def test_a_constant_gate_is_inside_and_one_that_decides_is_not():
    said = torch.zeros(1, 4, 4, 1)
    said[0, :, 0, 0], said[0, :, 1, 0] = 1.0, -1.0
    said[0, :, 0, 0] *= torch.tensor([1.0, -1, 1, -1])
    said[0, :, 1, 0] *= torch.tensor([1.0, -1, 1, -1])
    full = torch.tensor([0.97, 0.01, 0.01, 0.01]).expand(1, 4, 4)
    test = clusters.Draw(inputs=torch.zeros(1, 4, 1), cluster=torch.tensor([[0, 1, 2, 3]]),
                         target=torch.tensor([[[1.0], [2.0], [3.0], [4.0]]]), rules=said)  # fmt: skip
    problem = clusters.Functions
    found = clusters._of_gate(problem, said, full, clusters.sparse(full, 1), test)
    assert found["escape"] == pytest.approx(0, abs=1e-9)
    assert found["sole"] == 1
    assert found["purity"] == 0.25
    turns = torch.eye(4)[[0, 1, 0, 1]][None]
    found = clusters._of_gate(problem, said, turns, turns, test)
    assert found["escape"] == pytest.approx(0.5)  # (1, 1, 1, 1) beside (1, -1, 1, -1) and its opposite
    assert found["single_escape"] == pytest.approx(0, abs=1e-9)


def test_training_finds_the_rules_of_the_clusters(monkeypatch):
    monkeypatch.setattr(clusters, "TEST", 200)
    problem = clusters.Functions((0,))
    network = clusters.Mixture(12, 8, 1)
    steps = clusters.train(problem, network, 1, steps=200, report=(1, 200))
    assert [step for step, _ in steps] == [1, 200]
    test = problem.draw(200, torch.Generator().manual_seed(5))
    path = clusters._path(problem, network, steps, test, (0,), network="soft gate")
    assert path["to_truth"].iloc[1] < 0.7 * path["to_truth"].iloc[0]
    again = clusters.train(problem, network, 1, steps=200)
    torch.testing.assert_close(again[-1][1], steps[-1][1], rtol=0, atol=0)
