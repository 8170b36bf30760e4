"""The problems are what the page says, networks of one size are of one size, and measures come out as known by hand."""

import numpy as np
import pytest
import torch

from mixbook.studies.carriers import moe


@pytest.fixture(scope="module")
def problems():
    return moe.Problems(moe.SYSTEMS, (0, 1))


def test_targets_have_variance_one_and_only_clusters_differ(problems):
    draw = problems.draw(20_000, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(draw.target.var(dim=1), 1, atol=0.05)
    own = (draw.target - draw.average).var(dim=1).numpy().reshape(4, 2)
    # opposite signs: all that is not shared; own functions: three quarters; one function: nothing
    np.testing.assert_allclose(own.mean(axis=1), [moe.OWN**2, 0.75, 0, moe.OWN**2], atol=0.03)
    for c in range(moe.CLUSTERS):
        chosen = draw.inputs[0][draw.cluster[0] == c].mean(dim=0)
        np.testing.assert_allclose(chosen, problems.centres[0, c], atol=0.08)
    assert problems.centres[-1].abs().max() == 0  # hidden clusters lie on top of each other


def test_the_cluster_shows_in_other_directions_than_the_functions_look(problems):
    """Moving an input from centre to centre changes no function."""
    inputs = torch.randn(8, 5, moe.INPUTS, generator=torch.Generator().manual_seed(1))
    moved = inputs + problems.axes[:, :1] - 2 * problems.axes[:, 3:4]
    np.testing.assert_allclose(problems.functions(moved), problems.functions(inputs), atol=1e-5)


def test_a_cut_shows_the_whole_of_the_function_that_differs(problems):
    values = problems.functions(problems.cuts()).unflatten(1, (moe.CLUSTERS, -1))
    for group in (0, 2):  # opposite signs: the second of a pair of clusters is the mirror of the first
        first, second = (values[0, c, :, c] for c in (group, group + 1))
        np.testing.assert_allclose(first, -second, atol=1e-5)
        assert first.std() > 0.5


def test_sizes_are_matched_by_count():
    assert moe.size(moe.Dense(3)) == 12 * 3 + 3 + 3 + 1
    assert moe.size(moe.Mixture(3)) == 4 * (12 * 3 + 3 + 3 + 1) + 4 * 12 + 4
    small = [moe.size(network) for name, network in moe.NETWORKS.items() if "wide" not in name]
    assert max(small) / min(small) < 1.05
    for inputs, (width, _) in moe.MORE.items():
        networks = moe.NETWORKS["dense"], moe.NETWORKS["soft mixture"], moe.Dense(width, width)
        small = [moe.size(network, inputs) for network in networks]
        assert max(small) / min(small) < 1.05


@pytest.mark.parametrize("top1", [False, True])
def test_a_mixture_is_the_weighted_sum_of_its_experts(top1):
    rng = torch.Generator().manual_seed(2)
    mixture = moe.Mixture(3, top1)
    into, _shift, out, offset, gate, bias = parameters = mixture.start(2, rng)
    offset += torch.tensor([0.1, 0.2, 0.3, 0.4])
    inputs = torch.randn(2, 7, moe.INPUTS, generator=rng)
    found, penalty, _shares = mixture(parameters, inputs)
    for m, n in ((0, 0), (1, 6)):
        experts = [
            torch.relu(inputs[m, n] @ into[m][:, 3 * e : 3 * e + 3]) @ out[m, 0, 3 * e : 3 * e + 3] + offset[m, 0, e]
            for e in range(4)
        ]
        weights = torch.softmax(inputs[m, n] @ gate[m], dim=0)
        if top1:
            weights = weights * (weights == weights.max())
        assert found[m, n] == pytest.approx(sum(w * e for w, e in zip(weights, experts, strict=True)).item(), abs=1e-5)
    if top1:  # all inputs to one expert cost the most, an even use the least
        gate.zero_()
        bias[...] = torch.tensor([50.0, 0, 0, 0])
        _, crowded, _ = mixture(parameters, inputs)
        np.testing.assert_allclose(crowded, moe.BALANCE * moe.CLUSTERS, rtol=1e-3)
        assert (penalty < crowded).all()


def test_purity_by_hand():
    cluster = torch.tensor([[0, 0, 1, 1, 2, 2, 3, 3]])
    assert moe.purity(cluster, cluster).item() == 1
    assert moe.purity(torch.zeros_like(cluster), cluster).item() == 0.25
    assert moe.purity(torch.tensor([[3, 3, 3, 3, 1, 1, 1, 0]]), cluster).item() == pytest.approx(5 / 8)


@pytest.mark.parametrize("way", [0.0, 0.3, 1.0])
def test_an_output_on_the_way_to_the_truth_is_told_how_far_it_is(problems, way):
    rng = torch.Generator().manual_seed(4)
    draws = [problems.draw(400, rng) for _ in range(2)]

    def knowing(_, inputs):
        known = next((d for d in draws if d.inputs.shape == inputs.shape and (d.inputs == inputs).all()), None)
        return (inputs[..., 0] if known is None else known.average + way * (known.target - known.average)), 0.0, None

    found = moe._measure(knowing, None, *draws, problems.cuts(), (4, 2, 1))
    clusters_differ = np.array([True, True, False, True])
    np.testing.assert_allclose(found["left"][clusters_differ], way, atol=1e-4)
    np.testing.assert_allclose(np.sqrt(found["to_average"][1]) + np.sqrt(found["error"][1]), 0.75**0.5, atol=0.06)


def test_a_rate_is_chosen_on_validation_and_not_on_the_test(problems):
    rng = torch.Generator().manual_seed(4)
    draws = [problems.draw(n, rng) for n in (40, 41)]

    def network(_, inputs):  # of two rates the first is right on validation, the second on the test
        known = next((i for i, draw in enumerate(draws) if draw.inputs.shape[1] == inputs.shape[1]), None)
        outputs = inputs[..., 0].clone() if known is None else draws[known].target.repeat_interleave(2, dim=0)
        if known is not None:
            outputs[1 - known :: 2] += 1
        return outputs, 0.0, None

    found = moe._measure(network, None, *draws, problems.cuts(), (4, 2, 2))
    np.testing.assert_allclose(found["error"].ravel(), 1 / draws[1].target.var(dim=1), rtol=1e-5)


def test_training_learns_and_reports_the_way_from_average_to_truth(monkeypatch):
    monkeypatch.setattr(moe, "TEST", 300)
    found = moe.train(moe.Mixture(8), ("own functions", "hidden clusters"), (0,), steps=350)
    assert found["error"].shape == (8, 2, 1)
    assert found["error"][-1, 0] < 0.5 < found["error"][0, 0]
    assert found["left"][-1, 0] > 0.5 > abs(found["left"][-1, 1]) * 5
    again = moe.train(moe.Mixture(8), ("own functions", "hidden clusters"), (0,), steps=20)
    np.testing.assert_array_equal(again["error"], found["error"][:3])


def test_a_sweep_trains_on_more_inputs_and_keeps_the_end(monkeypatch):
    monkeypatch.setattr(moe, "TEST", 100)
    monkeypatch.setattr(moe, "MORE", {20: (5, moe.CLUSTERED)})
    seen = []

    def train(network, systems, seeds, inputs, rates):
        seen.append((moe.size(network, inputs), inputs, rates))
        found = np.arange(4.0).reshape(2, 2, 1)
        return {"error": found, "to_average": found, "left": found, "cut": None}

    monkeypatch.setattr(moe, "train", train)
    table = moe.sweep((7,))
    assert list(table.loc[("dense", 20), "error"]) == [2, 3]
    assert {inputs for _, inputs, _ in seen} == {20}
    assert (moe.size(moe.Dense(5, 5), 20), 20, moe.RATES[:2]) in seen


def test_longer_inputs_have_targets_of_variance_one_too():
    problems = moe.Problems(("own functions",), (0,), 30)
    draw = problems.draw(4000, torch.Generator().manual_seed(0))
    assert draw.inputs.shape == (1, 4000, 30)
    assert draw.target.var().item() == pytest.approx(1, abs=0.08)
