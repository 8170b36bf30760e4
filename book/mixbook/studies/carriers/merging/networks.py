"""Two data sets of ten classes, and small networks of ReLU or tanh, many trained at once in one batched program."""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits

from mixlib.merging import effective_rank

INPUTS, CLASSES = 64, 10
TRAIN, VALIDATION = 1000, 297  # the rest of 1797 is for the test
SETS = "digits", "clusters"
BATCH, RATE = 50, 2e-3
# What a unit does, as a layer, as a function, and the variance of weights that keeps a signal's size. ReLU passes a
# stretch of its input on, and the answer stays but for the biases; tanh does not.
UNITS = {"ReLU": (torch.nn.ReLU, torch.relu, 2), "tanh": (torch.nn.Tanh, torch.tanh, 1)}


class Split(NamedTuple):
    """Inputs and labels of one data set, cut in three."""

    train: tuple
    validation: tuple
    test: tuple


@cache
def split(name, seed):
    """A data set, cut by a seed: handwritten digits, or clusters of which each class has four, in 64 dimensions."""
    rng = np.random.default_rng([seed, SETS.index(name)])
    if name == "digits":
        inputs, labels = load_digits(return_X_y=True)
        inputs = inputs / 8 - 1
    else:
        labels = np.repeat(np.arange(CLASSES), 180)[:1797]
        centres = rng.normal(size=(CLASSES, 4, INPUTS))
        inputs = 0.6 * centres[labels, rng.integers(4, size=len(labels))] + rng.normal(scale=0.8, size=(1797, INPUTS))
    order = rng.permutation(len(labels))
    inputs, labels = torch.tensor(inputs[order], dtype=torch.float32), torch.tensor(labels[order])
    ends = TRAIN, TRAIN + VALIDATION
    return Split(*zip(inputs.tensor_split(ends), labels.tensor_split(ends), strict=True))


def architecture(width, units="ReLU"):
    """The network: two hidden layers of these units."""
    layer, unit = torch.nn.Linear, UNITS[units][0]
    return torch.nn.Sequential(layer(INPUTS, width), unit(), layer(width, width), unit(), layer(width, CLASSES))


def beginnings(count, width, seed, units="ReLU"):
    """Random weights of so many networks, as tensors with a leading axis."""
    rng = np.random.default_rng(seed)
    sizes, weights = (INPUTS, width, width, CLASSES), {}
    for layer, (before, after) in enumerate(pairwise(sizes)):
        drawn = rng.normal(scale=(UNITS[units][2] / before) ** 0.5, size=(count, after, before))
        weights[f"{2 * layer}.weight"] = torch.tensor(drawn, dtype=torch.float32)
        weights[f"{2 * layer}.bias"] = torch.zeros(count, after)
    return weights


def forward(weights, inputs, units="ReLU"):
    """Inputs of the second nonlinearity (M, n, width) and logits (M, n, 10), for inputs (M, n, 64) or (n, 64)."""
    hidden = inputs.expand(len(weights["0.weight"]), *inputs.shape[-2:])
    for layer in (0, 2, 4):
        bias, weight = weights[f"{layer}.bias"], weights[f"{layer}.weight"]
        before = torch.baddbmm(bias[:, None], hidden, weight.mT)
        if layer == 2:
            kept = before
        hidden = UNITS[units][1](before)
    return kept, before


def train(weights, inputs, labels, steps, seed, rate=RATE, units="ReLU"):
    """Networks trained by Adam, each on samples (M, n, 64) and labels (M, n) of its own."""
    rng = np.random.default_rng(seed)
    weights = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
    optimiser = torch.optim.Adam(weights.values(), lr=rate, foreach=True)
    models, samples = labels.shape
    each = torch.arange(models)[:, None]
    for step in range(steps):
        drawn = torch.tensor(rng.integers(samples, size=(models, BATCH)))
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, 2 * (steps - step) / steps)  # down to zero in the second half
        _, logits = forward(weights, inputs[each, drawn], units)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[each, drawn].flatten(), reduction="sum")
        optimiser.zero_grad()
        (loss / BATCH).backward()
        optimiser.step()
    return {name: tensor.detach() for name, tensor in weights.items()}


def pick(weights, m):
    """The state of one network, or of several."""
    return {name: tensor[m] for name, tensor in weights.items()}


def stack(states):
    """States as tensors with a leading axis."""
    return {name: torch.stack([state[name] for state in states]) for name in states[0]}


def accuracy(scores, labels):
    """The share of samples whose largest score is at their label, over all networks of a leading axis."""
    return float((scores.argmax(-1) == labels).double().mean())


def rank(hidden, units):
    """Effective rank of the activations of the last hidden layer, without their means."""
    active = UNITS[units][1](hidden)
    return effective_rank(active - active.mean(-2, keepdim=True))
