"""Variance repair: statistics of hidden units are those of the parts, and nothing else moves."""

import numpy as np
import pytest
import torch
from torch import nn

from mixlib.merging import merge, repair


def dense():
    return nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Dropout(0.5), nn.Linear(9, 7), nn.Tanh(), nn.Linear(7, 2))


def convolutional():
    first = nn.Sequential(nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5), nn.ReLU())
    return nn.Sequential(first, nn.Conv2d(5, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3))


CASES = [
    (dense, (300, 6), {"0": "0", "3": "3"}),
    (convolutional, (40, 2, 5, 5), {"0.1": "0.1", "1": "1"}),
]


def random(build, seed):
    rng = np.random.default_rng(seed)
    state = {n: torch.tensor(rng.normal(size=t.shape)).double() for n, t in build().state_dict().items()}
    return {n: t.abs() + 0.5 if "var" in n else t for n, t in state.items() if "num" not in n}


def preactivations(build, state, inputs, name):
    model = build().double().eval()
    model.load_state_dict(state, strict=False)
    kept = []
    dict(model.named_modules())[name].register_forward_hook(lambda _m, _i, output: kept.append(output))
    with torch.no_grad():
        model(inputs)
    units = kept[0].transpose(0, 1).flatten(1)
    return units.mean(dim=1), units.std(dim=1, correction=0)


@pytest.mark.parametrize(("build", "shape", "names"), CASES)
@pytest.mark.parametrize("weights", [None, [0.2, 0.8]])
def test_units_have_the_mean_and_spread_of_their_parts(build, shape, names, weights):
    states = [random(build, seed) for seed in (0, 1)]
    merged = merge(states, weights=weights)
    inputs = torch.tensor(np.random.default_rng(2).normal(size=shape))
    model = build().double()
    before = {n: t.clone() for n, t in model.state_dict().items()}
    found = repair(model, merged, states, inputs, weights)
    share = torch.tensor(weights or [0.5, 0.5]).double()
    for name in names:
        wanted = [preactivations(build, state, inputs, name) for state in states]
        reached = preactivations(build, found, inputs, name)
        for i in (0, 1):
            torch.testing.assert_close(reached[i], share[0] * wanted[0][i] + share[1] * wanted[1][i])
        flatter = preactivations(build, merged, inputs, name)[1]
        assert float((flatter / reached[1]).mean()) < 0.95  # there was something to repair
    touched = {n for n in merged if not torch.equal(merged[n], found[n])}
    assert touched == {f"{name}.{one}" for name in names for one in ("weight", "bias")}
    assert all(torch.equal(t, before[n]) for n, t in model.state_dict().items())
    assert model.training


def test_a_model_merged_with_itself_stays():
    state, inputs = random(dense, 0), torch.tensor(np.random.default_rng(1).normal(size=(50, 6)))
    found = repair(dense().double(), merge([state, state]), [state, state], inputs)
    for name in state:
        torch.testing.assert_close(found[name], state[name])


def test_a_unit_that_is_constant_gets_its_mean_alone():
    states = [random(dense, seed) for seed in (0, 1)]
    states[1]["0.weight"][4] = -states[0]["0.weight"][4]
    inputs = torch.tensor(np.random.default_rng(1).normal(size=(50, 6)))
    found = repair(dense().double(), merge(states), states, inputs)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in found.values())
    assert not found["0.weight"][4].any()
    wanted = [preactivations(dense, state, inputs, "0")[0][4] for state in states]
    torch.testing.assert_close(found["0.bias"][4], (wanted[0] + wanted[1]) / 2)


def test_half_precision_stays():
    states = [{n: t.to(torch.bfloat16) for n, t in random(dense, seed).items()} for seed in (0, 1)]
    inputs = torch.tensor(np.random.default_rng(1).normal(size=(50, 6))).to(torch.bfloat16)
    found = repair(dense().to(torch.bfloat16), merge(states), states, inputs)
    assert {t.dtype for t in found.values()} == {torch.bfloat16}


def test_what_does_not_fit_is_named():
    model, states = dense().double(), [random(dense, seed) for seed in (0, 1)]
    inputs = torch.zeros(5, 6).double()
    with pytest.raises(ValueError, match="states: empty"):
        repair(model, states[0], [], inputs)
    with pytest.raises(ValueError, match=r"states: '0.weight' .* missing in model 2"):
        repair(model, states[0], [states[0], {n: t for n, t in states[1].items() if n != "0.weight"}], inputs)
    with pytest.raises(ValueError, match=r"inputs: got a tensor \(1, 6\), expected a tensor of two rows"):
        repair(model, merge(states), states, inputs[:1])
    with pytest.raises(ValueError, match="weights: sums to 2"):
        repair(model, merge(states), states, inputs, [1, 1])
    with pytest.raises(ValueError, match="model: got Linear, expected a Sequential"):
        repair(nn.Linear(6, 2), merge(states), states, inputs)
    bare = nn.Sequential(nn.Linear(6, 3, bias=False), nn.ReLU(), nn.Linear(3, 1))
    with pytest.raises(ValueError, match="model: hidden layer '0' has no bias"):
        repair(bare, bare.state_dict(), [bare.state_dict()], inputs)
    assert bare[0].training
