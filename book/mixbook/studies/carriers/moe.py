"""Regression on inputs that form clusters, each with a function of its own: dense networks and mixtures of experts.

Inputs are normal around four centres. Which cluster an input is from shows in other directions than those its function
looks along. All networks of one kind (systems, seeds and learning rates) are trained at once, on a leading axis.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

CLUSTERS, INPUTS, BATCH, TEST = 4, 12, 64, 1000
DISTANCE = 4.0  # of the centres from the origin, in standard deviations of a cluster
COMMON, OWN = 0.6, 0.8  # amplitudes of what the clusters share and of what they do not; their squares sum to 1
STEPS, LONG = 2000, 6000  # of Adam; the same for all, and for a dense network that gets three times as many
REPORT = (3, 10, 20, 40, 70, 120, 200, 350, 600, 1000, 1400, STEPS, 3000, 4000, LONG)
RATES = (0.005, 0.015, 0.045)  # every network is trained with each; the validation inputs choose
BALANCE = 0.01  # weight of the load-balancing term of top-1 routing
SYSTEMS = ("opposite signs", "own functions", "one function", "hidden clusters")
CLUSTERED, CONTROLS = SYSTEMS[:2], SYSTEMS[2:]
MORE = {50: (32, CLUSTERED[1:]), 100: (38, CLUSTERED)}  # inputs: width of two layers of the same size, systems
SIGNS = torch.tensor([1.0, -1.0, 1.0, -1.0])
ALONG = np.linspace(-2.5, 2.5, 26)  # where pictures cut through the functions


def _steep(z):
    return torch.tanh(2 * z) / 0.7965  # of variance 1 for a standard normal z


# of mean 0 and variance 1 as well
SHAPES = (
    _steep,
    lambda z: (z**2 - 1) / math.sqrt(2),
    lambda z: torch.sin(2 * z) / 0.707,
    lambda z: torch.cos(z) / 0.446 - 1.36,
)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Inputs (g, n, INPUTS) of g problems, their clusters (g, n), their targets and the average of the functions."""

    inputs: torch.Tensor
    cluster: torch.Tensor
    target: torch.Tensor
    average: torch.Tensor


class Problems:
    """Every system with every seed, the seeds of a system side by side: ``draw(n)`` gives fresh inputs and targets."""

    def __init__(self, systems, seeds, inputs=INPUTS):
        self.inputs = inputs
        self.systems = [name for name in systems for _ in seeds]
        self.seeds = [seed for _ in systems for seed in seeds]
        turns = [np.linalg.qr(np.random.default_rng(seed).standard_normal((inputs, inputs)))[0] for seed in self.seeds]
        self.axes = torch.tensor(np.array(turns), dtype=torch.float32)  # (g, inputs, inputs), rows orthonormal
        away = [0.0 if name == "hidden clusters" else DISTANCE for name in self.systems]
        self.centres = torch.tensor(away)[:, None, None] * self.axes[:, :CLUSTERS]
        self._own, self._one = (
            torch.tensor([name == which for name in self.systems])[:, None, None]
            for which in ("own functions", "one function")
        )

    def draw(self, n, rng):
        """``n`` inputs a problem, the clusters equally likely."""
        g = len(self.systems)
        cluster = torch.randint(CLUSTERS, (g, n), generator=rng)
        noise = torch.randn(g, n, self.inputs, generator=rng)
        inputs = noise + torch.gather(self.centres, 1, cluster[..., None].expand(-1, -1, self.inputs))
        values = self.functions(inputs)
        target = torch.gather(values, 2, cluster[..., None])[..., 0]
        return Draw(inputs=inputs, cluster=cluster, target=target, average=values.mean(dim=-1))

    def functions(self, inputs):
        """What each cluster's function gives at the inputs: (g, n, CLUSTERS)."""
        along = inputs @ self.axes[:, CLUSTERS : 2 * CLUSTERS].mT  # the functions' directions
        first, second = _steep(along[..., 1:2]), _steep(along[..., 2:3])
        pairs = torch.cat([first, first, second, second], dim=-1) * SIGNS
        shared = COMMON * _steep(along[..., :1]) + OWN * torch.where(self._one, first, pairs)
        own = torch.stack([shape(along[..., c]) for c, shape in enumerate(SHAPES)], dim=-1)
        return torch.where(self._own, own, shared)

    def cuts(self):
        """Inputs (g, CLUSTERS * len(ALONG), INPUTS) through each cluster's centre, the way its function looks."""
        own = self.axes[:, CLUSTERS : 2 * CLUSTERS]
        directions = torch.where(self._own, own, torch.where(self._one, own[:, [1] * 4], own[:, [1, 1, 2, 2]]))
        ways = torch.tensor(ALONG, dtype=torch.float32)[:, None] * directions[:, :, None]
        return (self.centres[:, :, None] + ways).flatten(1, 2)


class Dense:
    """Networks of one hidden layer, or of several: inputs (m, n, INPUTS) to outputs (m, n)."""

    def __init__(self, *widths):
        self.widths = widths

    def start(self, m, rng, inputs=INPUTS):
        """Parameters of ``m`` networks."""
        sizes = (inputs, *self.widths, 1)
        parameters = []
        for a, b in itertools.pairwise(sizes):
            parameters += [torch.randn(m, a, b, generator=rng) * (2 / a) ** 0.5, torch.zeros(m, 1, b)]
        return parameters

    def __call__(self, parameters, inputs):
        """Outputs (m, n), a penalty (none) and the gate's weights (none)."""
        *hidden, into, offset = parameters
        for weight, shift in zip(hidden[::2], hidden[1::2], strict=True):
            inputs = torch.relu(torch.baddbmm(shift, inputs, weight))
        return torch.baddbmm(offset, inputs, into)[..., 0], 0.0, None


class Mixture:
    """Mixtures of experts of one hidden layer each under a linear softmax gate, soft or top-1 with balancing."""

    def __init__(self, width, top1=False):
        self.width, self.top1 = width, top1

    def start(self, m, rng, inputs=INPUTS):
        """Parameters of ``m`` mixtures."""
        h = CLUSTERS * self.width
        return [
            torch.randn(m, inputs, h, generator=rng) * (2 / inputs) ** 0.5,
            torch.zeros(m, 1, h),
            torch.randn(m, 1, h, generator=rng) * (2 / self.width) ** 0.5,
            torch.zeros(m, 1, CLUSTERS),
            torch.randn(m, inputs, CLUSTERS, generator=rng) * 0.1 * inputs**-0.5,
            torch.zeros(m, 1, CLUSTERS),
        ]

    def __call__(self, parameters, inputs):
        """Outputs (m, n), the load-balancing penalty (m,) and the gate's weights (m, n, CLUSTERS)."""
        into, shift, out, offset, gate, bias = parameters
        hidden = torch.relu(torch.baddbmm(shift, inputs, into)) * out
        answers = hidden.unflatten(-1, (CLUSTERS, self.width)).sum(dim=-1) + offset
        shares = torch.softmax(torch.baddbmm(bias, inputs, gate), dim=-1)
        if not self.top1:
            return (shares * answers).sum(dim=-1), 0.0, shares
        chosen = torch.nn.functional.one_hot(shares.argmax(dim=-1), CLUSTERS)
        penalty = BALANCE * CLUSTERS * (chosen.float().mean(dim=1) * shares.mean(dim=1)).sum(dim=-1)
        return (chosen * shares * answers).sum(dim=-1), penalty, shares


NETWORKS = {
    "dense": Dense(52),
    "dense, two layers": Dense(20, 20),
    "soft mixture": Mixture(12),
    "top-1 mixture": Mixture(12, top1=True),
    "dense, 4 times as wide": Dense(208),
}


def run(seeds):
    """Every network on every system: a table of what was measured, and the cuts of the first seed.

    The table has a row for a network, a system, a step and a seed. ``cuts[network, system]`` has shape (reports,
    CLUSTERS, len(ALONG)); the key ``("truth", system)`` has the functions themselves and ``("average", system)`` their
    average.
    """
    rows, cuts = [], {}
    own = CLUSTERED[1:]  # where the dense network is behind, it gets more
    plans = {"dense": [(CLUSTERED[:1] + CONTROLS, STEPS), (own, LONG)], "dense, 4 times as wide": [(own, STEPS)]}
    for name, network in NETWORKS.items():
        for systems, steps in plans.get(name, [(SYSTEMS, STEPS)]):
            found = train(network, systems, seeds, steps)
            cut = found.pop("cut")
            cuts |= {(name, system): cut[:, i, 0] for i, system in enumerate(systems)}
            index = pd.MultiIndex.from_product(
                [[name], [step for step in REPORT if step <= steps], systems, seeds],
                names=["network", "step", "system", "seed"],
            )
            rows.append(pd.DataFrame({key: values.ravel() for key, values in found.items()}, index=index))
    problems = Problems(SYSTEMS, seeds[:1])
    values = problems.functions(problems.cuts()).unflatten(1, (CLUSTERS, -1)).numpy()
    cuts |= {("average", system): values[i].mean(axis=-1) for i, system in enumerate(SYSTEMS)}
    cuts |= {
        ("truth", system): np.array([values[i, c, :, c] for c in range(CLUSTERS)]) for i, system in enumerate(SYSTEMS)
    }
    return pd.concat(rows).sort_index(), cuts


def size(network, inputs=INPUTS):
    """How many parameters a network has."""
    return sum(p.numel() for p in network.start(1, torch.Generator(), inputs))


def sweep(seeds):
    """Networks of one size where inputs have more coordinates: a table as that of `run`, of the end of training.

    Its index has a level more, ``inputs``.
    """
    rows = {}
    for inputs, (width, systems) in MORE.items():
        for name in ("dense", "dense, two layers", "soft mixture"):
            network = Dense(width, width) if name == "dense, two layers" else NETWORKS[name]
            found = train(network, systems, seeds, inputs=inputs, rates=RATES[:2])
            index = pd.MultiIndex.from_product([systems, seeds], names=["system", "seed"])
            columns = {key: found[key][-1].ravel() for key in ("error", "to_average", "left")}
            rows[name, inputs] = pd.DataFrame(columns, index=index)
    return pd.concat(rows, names=["network", "inputs"]).sort_index()


def train(network, systems, seeds, steps=STEPS, inputs=INPUTS, rates=RATES):
    """Train a network with every learning rate on every system and seed, on fresh inputs each step, by Adam.

    Returns, for the steps of ``REPORT``, what `_measure` finds on test inputs for the learning rate that is best on
    validation inputs at that step: arrays (reports, systems, seeds, ...).
    """
    problems = Problems(systems, seeds, inputs)
    g, k = len(problems.systems), len(rates)
    rng = torch.Generator().manual_seed(seeds[0])
    validation, test, cuts = problems.draw(TEST, rng), problems.draw(TEST, rng), problems.cuts()
    parameters = network.start(g * k, rng, inputs)
    rate = torch.tensor(rates).repeat(g)[:, None, None]
    first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    rows = []
    for step in range(1, steps + 1):
        batch = problems.draw(BATCH, rng)
        shown, target = (t.repeat_interleave(k, dim=0) for t in (batch.inputs, batch.target))
        leaves = [p.requires_grad_() for p in parameters]
        outputs, penalty, _ = network(leaves, shown)
        loss = ((outputs - target) ** 2).mean(dim=1) + penalty
        slopes = torch.autograd.grad(loss.sum(), leaves)
        with torch.no_grad():
            scale = rate * math.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            for p, m, v, slope in zip(parameters, first, second, slopes, strict=True):
                m.lerp_(slope, 0.1)
                v.mul_(0.999).addcmul_(slope, slope, value=0.001)
                p.sub_(scale * m / (v.sqrt() + 1e-8))
        if step in REPORT:
            rows.append(_measure(network, parameters, validation, test, cuts, (len(systems), len(seeds), k)))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@torch.no_grad()
def _measure(network, parameters, validation, test, cuts, shape):
    """Errors against the truth and the average, over the variance; how far the way from the average to the truth is."""
    rates = shape[-1]

    def run(inputs):
        outputs, _, shares = network(parameters, inputs.repeat_interleave(rates, dim=0))
        return [None if found is None else found.unflatten(0, (-1, rates)) for found in (outputs, shares)]

    chosen = ((run(validation.inputs)[0] - validation.target[:, None]) ** 2).mean(dim=-1).argmin(dim=1)
    best = torch.arange(len(chosen)), chosen
    outputs, shares = run(test.inputs)
    output = outputs[best]
    variance = test.target.var(dim=1)
    own = test.target - test.average  # what the average of the functions misses
    left = (own * (output - test.average)).sum(dim=1) / (own**2).sum(dim=1).clamp_min(1e-12)
    found = {
        "error": ((output - test.target) ** 2).mean(dim=1) / variance,
        "to_average": ((output - test.average) ** 2).mean(dim=1) / variance,
        "left": left,
        "cut": run(cuts)[0][best].unflatten(-1, (CLUSTERS, -1)),
    }
    if shares is not None:
        found["purity"] = purity(shares[best].argmax(dim=-1), test.cluster)
    return {name: value.unflatten(0, shape[:2]).numpy() for name, value in found.items()}


def purity(chosen, cluster):
    """The share of inputs (g, n) that are from the commonest cluster of the expert that they go to; chance is 1/4."""
    pairs = torch.nn.functional.one_hot(chosen * CLUSTERS + cluster, CLUSTERS**2).sum(dim=1)
    return pairs.unflatten(-1, (CLUSTERS, CLUSTERS)).amax(dim=-1).sum(dim=-1) / chosen.shape[1]
