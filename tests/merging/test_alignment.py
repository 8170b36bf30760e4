"""Permutation alignment: the function stays, known permutations are found, optima are optima."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from mixlib.merging import align, groups_of, merge
from mixlib.merging.alignment import _reordered


def random(model, seed):
    """The model with random numbers in every tensor."""
    rng = np.random.default_rng(seed)
    state = model.state_dict()
    for name, tensor in state.items():
        if tensor.is_floating_point():
            values = rng.normal(size=tensor.shape)
            tensor.copy_(torch.tensor(np.abs(values) + 0.5 if "var" in name else values))
    model.load_state_dict(state)
    return model.eval()


def dense():
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.LayerNorm(8), nn.Linear(8, 6), nn.PReLU(6), nn.Linear(6, 2))


def convolutional():
    first = nn.Sequential(nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5), nn.ReLU())
    second = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(5, 4, 2, bias=False), nn.ReLU(), nn.Flatten())
    return nn.Sequential(first, second, nn.Dropout(), nn.Linear(4 * 4, 7), nn.BatchNorm1d(7), nn.Linear(7, 3))


NETWORKS = [(dense, (4, 3)), (convolutional, (4, 2, 9, 9))]


def shuffled(state, groups, seed):
    """The same function with its units in a random order."""
    rng, state = np.random.default_rng(seed), dict(state)
    for group in groups:
        order = torch.tensor(rng.permutation(min(state[name].shape[axis] for name, axis in group)))
        for name, axis in group:
            state[name] = _reordered(state[name], axis, order)
    return state


def outputs(build, state, shape):
    model = build().eval()
    model.load_state_dict(state)
    inputs = torch.tensor(np.random.default_rng(9).normal(size=shape), dtype=torch.float32)
    with torch.no_grad():
        return model(inputs)


def distance(one, other):
    return float(sum(((one[n].double() - other[n].double()) ** 2).sum() for n in one if "num" not in n))


def same(one, other):
    assert list(one) == list(other)
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("build", "shape"), NETWORKS)
def test_an_aligned_network_computes_the_same_and_is_nearer(build, shape):
    one, other = random(build(), 0).state_dict(), random(build(), 1).state_dict()
    groups = groups_of(build())
    found = align(other, one, groups)
    torch.testing.assert_close(outputs(build, found, shape), outputs(build, other, shape), rtol=1e-4, atol=1e-4)
    weights = {n: t for n, t in other.items() if "running" not in n}
    assert distance({n: found[n] for n in weights}, one) < distance(weights, one) - 1
    assert any(not torch.equal(found[n], other[n]) for n in found)
    # renaming on some axes only is another function
    partial = align(other, one, [group[:-1] for group in groups])
    assert float((outputs(build, partial, shape) - outputs(build, other, shape)).abs().max()) > 1e-2


@pytest.mark.parametrize(("build", "shape"), NETWORKS)
def test_a_shuffled_copy_is_found_again(build, shape):
    one = random(build(), 0).state_dict()
    groups = groups_of(build())
    other = shuffled(one, groups, 1)
    torch.testing.assert_close(outputs(build, other, shape), outputs(build, one, shape), rtol=1e-4, atol=1e-4)
    assert distance(other, one) > 1
    found = align(other, one, groups)
    same(found, one)
    assert all(tensor.is_contiguous() for tensor in found.values())  # safetensors takes no other
    same(merge([one, other], "alignment", groups=groups), one)
    assert distance(merge([one, other]), one) > 1


def test_one_hidden_layer_is_matched_exactly():
    one, other = (random(nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)), s).state_dict() for s in (0, 1))
    (group,) = groups_of(nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)))
    orders = [torch.tensor(order) for order in itertools.permutations(range(5))]
    ends = [
        {n: _reordered(other[n], axis, order) for n, axis in group} | {"2.bias": other["2.bias"]} for order in orders
    ]
    assert distance(align(other, one, [group]), one) == pytest.approx(min(distance(end, one) for end in ends))


def test_more_starts_do_not_do_worse_and_some_do_better():
    groups, gains = groups_of(dense()), []
    for seed in range(6):
        one, other = random(dense(), seed).state_dict(), random(dense(), 100 + seed).state_dict()
        ends = [distance(align(other, one, groups, starts=starts, rng=0), one) for starts in (1, 20)]
        gains.append(ends[0] - ends[1])
    assert min(gains) >= -1e-9
    assert max(gains) > 0.1


def test_three_shuffled_copies_of_near_models_meet_at_their_mean():
    rng = np.random.default_rng(0)
    one = random(dense(), 0).state_dict()
    near = [{n: t + 0.1 * torch.tensor(rng.normal(size=t.shape)).float() for n, t in one.items()} for _ in range(3)]
    groups = groups_of(dense())
    mixed = [near[0], *(shuffled(state, groups, seed) for seed, state in enumerate(near[1:]))]
    for towards in ("first", "mean"):
        same(merge(mixed, "alignment", groups=groups, towards=towards, starts=10), merge(near))


def test_towards_the_mean_gets_nearer_to_the_mean_of_strangers():
    groups, states = groups_of(dense()), [random(dense(), seed).state_dict() for seed in range(4)]
    lengths = {
        towards: sum(float((t**2).sum()) for t in merge(states, "alignment", groups=groups, towards=towards).values())
        for towards in ("first", "mean")
    }
    assert lengths["mean"] > lengths["first"]  # the longer the mean, the nearer it is to its parts


def test_a_model_without_weight_does_not_count():
    groups, (a, b, c, d) = groups_of(dense()), [random(dense(), seed).state_dict() for seed in range(4)]
    found = [
        merge([a, b, other], "alignment", weights=[0.7, 0.3, 0], groups=groups, towards="mean") for other in (c, d)
    ]
    same(*found)
    heavy = merge([a, b, c], "alignment", weights=[0.02, 0.49, 0.49], groups=groups, towards="mean")
    light = merge([a, b, c], "alignment", weights=[0.02, 0.97, 0.01], groups=groups, towards="mean")
    assert distance(heavy, light) > 1


def test_statistics_of_a_batch_norm_move_along_and_do_not_decide():
    one, other = random(convolutional(), 0).state_dict(), random(convolutional(), 1).state_dict()
    loud = {n: 1e6 * t if "running" in n else t for n, t in other.items()}
    groups = groups_of(convolutional())
    quiet = align(other, one, groups)
    for name, tensor in align(loud, one, groups).items():
        torch.testing.assert_close(tensor, 1e6 * quiet[name] if "running" in name else quiet[name])


def test_a_method_of_task_vectors_gets_models_matched_to_the_base():
    base = random(dense(), 0).state_dict()
    groups = groups_of(dense())
    near = {n: t + 0.05 * torch.tensor(np.random.default_rng(1).normal(size=t.shape)).float() for n, t in base.items()}
    mixed = [shuffled(near, groups, 1), shuffled(near, groups, 2)]
    same(merge(mixed, "alignment", base=base, groups=groups, then="orthogonal"), near)
    with pytest.raises(ValueError, match="base: Orthogonal needs"):
        merge(mixed, "alignment", groups=groups, then="orthogonal")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Linear(2, 2), "got Linear, expected a Sequential"),
        (nn.Sequential(nn.Linear(2, 4), nn.Softmax(-1), nn.Linear(4, 2)), "layer '1', Softmax"),
        (nn.Sequential(nn.Conv2d(2, 4, 1), nn.Conv2d(4, 4, 1, groups=2)), "layer '1', Conv2d"),
        (nn.Sequential(nn.Conv2d(2, 4, 1), nn.Linear(4, 2)), "layer '1', Linear"),
        (nn.Sequential(nn.Conv1d(2, 4, 1), nn.LayerNorm(4), nn.Flatten(), nn.Linear(4, 2)), "layer '1', LayerNorm"),
        (nn.Sequential(nn.Conv2d(2, 4, 1), nn.Flatten(2), nn.Conv1d(4, 2, 1)), "layer '1', Flatten"),
    ],
)
def test_layers_of_unknown_symmetry_are_named(model, message):
    with pytest.raises(ValueError, match=message):
        groups_of(model)


def test_what_comes_after_the_last_layer_does_not_matter():
    assert groups_of(nn.Sequential(nn.Linear(2, 2), nn.Softmax(-1))) == ()


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([[("hidden", 0)]], "group 0 names 'hidden'"),
        ([[("0.weight", 2)]], "group 0 names '0.weight'"),
        ([[("0.weight", 0), ("0.weight", 1)]], "a tensor twice"),
        ([[("0.weight", 0), ("3.weight", 0)]], r"lengths \[8, 6\]"),
        ([[]], r"lengths \[\]"),
    ],
)
def test_groups_that_do_not_fit_are_named(groups, message):
    state = random(dense(), 0).state_dict()
    with pytest.raises(ValueError, match=f"groups: .*{message}"):
        align(state, state, groups)


def test_what_is_missing_is_named():
    state = random(dense(), 0).state_dict()
    with pytest.raises(ValueError, match="groups: none are given, and the models have 3 matrices"):
        merge([state, state], "alignment")
    with pytest.raises(ValueError, match="towards: got 'last'"):
        merge([state, state], "alignment", towards="last")
    with pytest.raises(ValueError, match=r"reference: '3.weight' is missing there"):
        align(state, {n: t for n, t in state.items() if n != "3.weight"}, groups_of(dense()))
    with pytest.raises(ValueError, match="starts: got 0"):
        align(state, state, groups_of(dense()), starts=0)


def test_what_comes_before_the_first_layer_has_no_hidden_units():
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 1))
    assert groups_of(model) == ((("1.weight", 0), ("3.weight", 1)),)
