"""Inputs in four clusters, each with a rule of its own: who learns them, and which of these functions is in a hull.

A mixture, or any other network, is taken as a function: what it says of all test inputs is one point, and so is what
each rule, each expert or each specialist says of them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits

from mixbook.studies.carriers import moe
from mixbook.studies.domains.machine_learning.networks import Dense, adam, start, unpack
from mixlib.instruments import hull_escape

CLUSTERS, BATCH, TEST, RATES = 4, 64, 800, (0.01, 0.03)
EARLY = 20  # steps, a moment early in training
REPORT = (1, 3, 10, EARLY, 40, 70, 120, 200, 300, 450, 600)
BALANCE = 0.01  # weight of the penalty for using some experts more often
SINGLE = 40  # test inputs a seed that are looked at one by one
SOLE = 0.9  # the share from which on one expert is said to answer alone
DIGITS, SHAPES = "digits", "own functions"
SYSTEMS = (DIGITS, SHAPES)
STEPS = {DIGITS: 300, SHAPES: 600}
HIDDEN = {DIGITS: "digits, hidden", SHAPES: "hidden clusters"}


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Inputs (g, n, i) of g problems, clusters (g, n), targets (g, n, k), what all rules say (g, n, CLUSTERS, k)."""

    inputs: torch.Tensor
    cluster: torch.Tensor
    target: torch.Tensor
    rules: torch.Tensor


class Digits:
    """Images of digits as they are, turned by a right angle, in negative, and both; each look has labels of its own.

    ``hidden`` leaves the images as they are, so that none shows its cluster. Half of the images are for training, a
    fifth for validation, the others for the test; each seed divides them anew and draws its labels.
    """

    inputs, outputs = 64, 10

    def __init__(self, seeds, hidden=False):
        data = load_digits()
        images = torch.tensor(data.images / 16, dtype=torch.float32)
        turned = torch.rot90(images, dims=(1, 2))
        looks = (images, images, images, images) if hidden else (images, turned, 1 - images, 1 - turned)
        self.looks = torch.stack(looks).flatten(2) - 0.5
        self.digit = torch.tensor(data.target)
        rngs = [np.random.default_rng(seed) for seed in seeds]
        order = torch.tensor(np.array([rng.permutation(len(images)) for rng in rngs]))
        cut = (len(images) // 2, 7 * len(images) // 10)
        self.pools = dict(zip(("train", "validation", "test"), torch.tensor_split(order, cut, dim=1), strict=True))
        self.labels = torch.tensor(np.array([[rng.permutation(10) for _ in range(CLUSTERS)] for rng in rngs]))

    def draw(self, n, rng, pool="train", cluster=None):
        """``n`` images a problem, the clusters equally likely unless one is given (g,)."""
        chosen = self.pools[pool]
        g = len(chosen)
        which = torch.gather(chosen, 1, torch.randint(chosen.shape[1], (g, n), generator=rng))
        drawn = torch.randint(CLUSTERS, (g, n), generator=rng)
        cluster = drawn if cluster is None else cluster[:, None].expand(g, n)
        labels = torch.gather(self.labels, 2, self.digit[which][:, None].expand(-1, CLUSTERS, -1)).mT
        rules = torch.nn.functional.one_hot(labels, 10).float()
        target = torch.gather(rules, 2, cluster[..., None, None].expand(-1, -1, 1, 10))[:, :, 0]
        return Draw(inputs=self.looks[cluster, which], cluster=cluster, target=target, rules=rules)

    @staticmethod
    def answers(outputs):
        """Probabilities."""
        return torch.softmax(outputs, dim=-1)

    @staticmethod
    def loss(answers, target):
        """Log loss of each input."""
        return -torch.log((answers * target).sum(dim=-1).clamp_min(1e-12))

    @staticmethod
    def error(answers, target):
        """The share of wrong labels (m,)."""
        return (answers.argmax(dim=-1) != target.argmax(dim=-1)).float().mean(dim=-1)


class Functions:
    """The regression of the page on mixtures of experts: each cluster looks in its own direction, at another shape."""

    inputs, outputs = moe.INPUTS, 1

    def __init__(self, seeds, hidden=False):
        self.problems = moe.Problems([HIDDEN[SHAPES] if hidden else SHAPES], seeds)

    def draw(self, n, rng, pool="train", cluster=None):
        """``n`` fresh inputs a problem, the clusters equally likely unless one is given (g,)."""
        found = self.problems.draw(n, rng)
        inputs, clusters = found.inputs, found.cluster
        if cluster is not None:
            own = torch.gather(self.problems.centres, 1, clusters[..., None].expand_as(inputs))
            clusters = cluster[:, None].expand_as(clusters)
            new = torch.gather(self.problems.centres, 1, clusters[..., None].expand_as(inputs))
            inputs = inputs - own + new
        rules = self.problems.functions(inputs)
        target = torch.gather(rules, 2, clusters[..., None])
        return Draw(inputs=inputs, cluster=clusters, target=target, rules=rules[..., None])

    @staticmethod
    def answers(outputs):
        """The outputs themselves."""
        return outputs

    @staticmethod
    def loss(answers, target):
        """Squared error of each input."""
        return ((answers - target) ** 2)[..., 0]

    @staticmethod
    def error(answers, target):
        """The share of the variance that is missed (m,)."""
        return ((answers - target) ** 2).mean(dim=(1, 2)) / target.var(dim=(1, 2))


PROBLEMS = {DIGITS: Digits, SHAPES: Functions}


class Mixture:
    """Experts of one hidden layer under a linear softmax gate; ``keep`` of them are asked and share all the weight."""

    def __init__(self, inputs, width, outputs, keep=CLUSTERS):
        self.width, self.outputs, self.keep = width, outputs, keep
        h = CLUSTERS * width
        self.shapes = [(inputs, h), (1, h), (h, outputs), (1, CLUSTERS * outputs), (inputs, CLUSTERS), (1, CLUSTERS)]

    def start(self, m, rng):
        """Parameters of ``m`` mixtures; the experts' outputs and the gate start small."""
        theta = start(m, self.shapes, rng)
        parts = [part.clone() for part in unpack(theta, self.shapes)]
        parts[2] *= CLUSTERS**0.5
        parts[4] *= 0.1
        return torch.cat([part.flatten(1) for part in parts], dim=1)

    def __call__(self, theta, inputs, answers):
        """What the experts say (m, n, CLUSTERS, k), the gate's weights, and those that are kept (m, n, CLUSTERS)."""
        into, shift, out, offset, gate, bias = unpack(theta, self.shapes)
        hidden = torch.relu(torch.baddbmm(shift, inputs, into)).unflatten(-1, (CLUSTERS, self.width))
        said = torch.einsum("mneh,mehk->mnek", hidden, out.unflatten(1, (CLUSTERS, self.width)))
        said = answers(said + offset.unflatten(-1, (CLUSTERS, self.outputs)))
        full = torch.softmax(torch.baddbmm(bias, inputs, gate), dim=-1)
        return said, full, sparse(full, self.keep)


def sparse(gates, keep):
    """The ``keep`` largest weights of each row, which share all the weight.

    A single one is 1 whatever it was; its slope is that of its logarithm, else no loss could tell a gate whom to ask.
    """
    if keep == CLUSTERS:
        return gates
    smallest = gates.topk(keep, dim=-1).values[..., -1:]
    kept = torch.where(gates >= smallest, gates, torch.zeros_like(gates))
    total = kept.sum(dim=-1, keepdim=True)
    return kept / (total.detach() if keep == 1 else total)


class Single:
    """A dense network as a mixture of one, so that all are trained alike."""

    def __init__(self, *sizes):
        self.network = Dense(*sizes)
        self.shapes = self.network.shapes

    def start(self, m, rng):
        """Parameters of ``m`` networks."""
        return start(m, self.shapes, rng)

    def __call__(self, theta, inputs, answers):
        """What it says (m, n, 1, k), and all the weight on that."""
        said = answers(self.network(theta, inputs))[:, :, None]
        return said, None, torch.ones_like(said[..., 0])


SOFT, SPARSE, DENSE, TWO = "soft gate", "sparse gate", "dense, 1 layer", "dense, 2 layers"
ONE = "gate that asks one"
NETWORKS = {
    DIGITS: {
        DENSE: Single(64, 68, 10),
        TWO: Single(64, 43, 43, 10),
        SOFT: Mixture(64, 16, 10),
        SPARSE: Mixture(64, 16, 10, keep=2),
        ONE: Mixture(64, 16, 10, keep=1),
    },
    SHAPES: {
        DENSE: Single(12, 52, 1),
        TWO: Single(12, 20, 20, 1),
        SOFT: Mixture(12, 12, 1),
        SPARSE: Mixture(12, 12, 1, keep=2),
        ONE: Mixture(12, 12, 1, keep=1),
    },
}
SPECIALISTS = {DIGITS: Single(64, 16, 10), SHAPES: Single(12, 12, 1)}  # as large as an expert


def train(problem, network, count, steps, cluster=None, report=()):
    """Networks of ``count`` problems at each learning rate, and of these the one that is best on validation inputs.

    Returns the parameters (count, p) at the end and, by step, at those of ``report``.
    """
    rng = torch.Generator().manual_seed(1)
    rates = torch.tensor(RATES).repeat(count)
    kept = {}

    def loss(theta):
        batch = problem.draw(BATCH, rng, cluster=cluster)
        inputs, target = (t.repeat_interleave(len(RATES), dim=0) for t in (batch.inputs, batch.target))
        said, full, gates = network(theta, inputs, problem.answers)
        found = problem.loss((gates[..., None] * said).sum(dim=2), target).mean(dim=1)
        if full is not None and network.keep < CLUSTERS:
            used = (gates > 0).float().mean(dim=1) / network.keep
            found = found + BALANCE * CLUSTERS * (used * full.mean(dim=1)).sum(dim=1)
        return found

    def look(step, theta):
        if step in report:
            kept[step] = theta.detach().clone()

    theta = adam(loss, network.start(count * len(RATES), rng), steps, rates, look)
    with torch.no_grad():
        seen = problem.draw(TEST, rng, "validation", cluster=cluster)
        inputs, target = (t.repeat_interleave(len(RATES), dim=0) for t in (seen.inputs, seen.target))
        said, _, gates = network(theta, inputs, problem.answers)
        losses = problem.loss((gates[..., None] * said).sum(dim=2), target).mean(dim=1).unflatten(0, (count, -1))
    best = torch.arange(count), losses.argmin(dim=1)
    return tuple(
        {step: every.unflatten(0, (count, -1))[best] for step, every in (kept | {steps: theta}).items()}.items()
    )


def run(seeds):
    """Every network on both systems.

    Returns
    -------
    measured : pandas.DataFrame
        By system, network and seed, what `_of_network` and `_of_gate` find, NaN where there is no gate.
    paths : pandas.DataFrame
        By system, network, seed and step: how far the network is from the averages of the rules (``to_average``) and
        from the truth (``to_truth``), and how far the best average is from the truth (``average_to_truth``), over the
        largest distance of two rules.
    """
    rows, paths = [], []
    for system, make in PROBLEMS.items():
        problem, hidden, steps = make(seeds), make(seeds, hidden=True), STEPS[system]
        test = problem.draw(TEST, torch.Generator().manual_seed(2), "test")
        specialists = _specialists(problem, system, seeds, test)
        for name, network in NETWORKS[system].items():
            course = train(problem, network, len(seeds), steps, report=REPORT)
            found = _of_network(problem, network, course[-1][1], test, specialists)
            rows.append(_frame(found, seeds, system=system, network=name))
            if name in (DENSE, SOFT):
                paths += [_path(problem, network, course, test, seeds, system=system, network=name)]
        unseen = hidden.draw(TEST, torch.Generator().manual_seed(2), "test")
        course = train(hidden, NETWORKS[system][DENSE], len(seeds), steps, report=REPORT)
        paths += [_path(hidden, NETWORKS[system][DENSE], course, unseen, seeds, system=HIDDEN[system], network=DENSE)]
    keys = ["system", "network", "seed"]
    return pd.concat(rows).set_index(keys).sort_index(), pd.concat(paths).set_index([*keys, "step"]).sort_index()


def _frame(found, seeds, **names):
    return pd.DataFrame({"seed": list(seeds)} | found).assign(**names)


def as_points(answers):
    """What is said of all inputs (g, n, k) or by several (g, n, e, k), as points (g, n * k) or (g, e, n * k)."""
    answers = answers.detach().double()
    return (answers.flatten(1) if answers.ndim == 3 else answers.transpose(1, 2).flatten(2)).numpy()


@torch.no_grad()
def _specialists(problem, system, seeds, test):
    """What networks that learned one cluster each say of all test inputs (g, n, CLUSTERS, k)."""
    count, network = len(seeds), SPECIALISTS[system]
    every = PROBLEMS[system]([seed for _ in range(CLUSTERS) for seed in seeds])
    with torch.enable_grad():
        theta = train(
            every, network, CLUSTERS * count, STEPS[system], cluster=torch.arange(CLUSTERS).repeat_interleave(count)
        )[-1][1]
    said = [network(own, test.inputs, problem.answers)[0] for own in theta.split(count)]
    return torch.cat(said, dim=2)


def best_average(said, target):
    """The average of several functions (g, n, e, k) that is nearest to the target (g, n, k), chosen with hindsight."""
    weights = torch.tensor(hull_escape(as_points(target), as_points(said)).weights, dtype=said.dtype)
    return (weights[:, None, :, None] * said).sum(dim=2)


@torch.no_grad()
def _of_network(problem, network, theta, test, specialists):
    """Error; how far outside of the specialists it is; their best average's error; and what `_of_gate` finds."""
    said, full, gates = network(theta, test.inputs, problem.answers)
    answer = (gates[..., None] * said).sum(dim=2)
    found = {
        "error": problem.error(answer, test.target).numpy(),
        "outside_specialists": hull_escape(as_points(answer), as_points(specialists)).distance,
        "specialists_average": problem.error(best_average(specialists, test.target), test.target).numpy(),
        "specialists_routed": problem.error(
            torch.gather(specialists, 2, test.cluster[..., None, None].expand_as(specialists[:, :, :1]))[:, :, 0],
            test.target,
        ).numpy(),
    }
    return found if full is None else found | _of_gate(problem, said, full, gates, test)


def _of_gate(problem, said, full, gates, test):
    """Escape of a mixture from its experts: as a function, for single inputs, and with the gate's rows in disorder."""
    answer, points = (gates[..., None] * said).sum(dim=2), as_points(said)
    shuffled = gates[:, torch.randperm(gates.shape[1], generator=torch.Generator().manual_seed(3))]
    at_random = (shuffled[..., None] * said).sum(dim=2)
    some = slice(None, SINGLE)
    one = hull_escape(answer[:, some].double().numpy(), said[:, some].double().numpy()).distance
    one_expert = sparse(full, 1)
    return {
        "escape": hull_escape(as_points(answer), points).distance,
        "single_escape": one.max(axis=1),
        "random_escape": hull_escape(as_points(at_random), points).distance,
        "random_error": problem.error(at_random, test.target).numpy(),
        "average_error": problem.error(best_average(said, test.target), test.target).numpy(),
        "purity": moe.purity(full.argmax(dim=-1), test.cluster).numpy(),
        "sole": (gates.amax(dim=-1) >= SOLE).float().mean(dim=1).numpy(),
        "one_expert_error": problem.error((one_expert[..., None] * said).sum(dim=2), test.target).numpy(),
    }


@torch.no_grad()
def _path(problem, model, steps, test, seeds, **names):
    rules, truth = as_points(test.rules), as_points(test.target)
    gaps = np.linalg.norm(rules[:, :, None] - rules[:, None], axis=-1).max(axis=(1, 2))
    frames = []
    for step, theta in steps:
        said, _, gates = model(theta, test.inputs, problem.answers)
        at = as_points((gates[..., None] * said).sum(dim=2))
        found = {
            "to_average": hull_escape(at, rules).distance,
            "to_truth": np.linalg.norm(at - truth, axis=1) / gaps,
            "average_to_truth": hull_escape(truth, rules).distance,
        }
        frames.append(_frame(found, seeds, step=step, **names))
    return pd.concat(frames)


def rivals(measured):
    """The dense network and the mixture of least mean error on each system, and the best average of the specialists.

    Returns
    -------
    pandas.DataFrame
        By system and seed: errors ``dense``, ``mixture``, ``average``, ``routed`` (each specialist asked for its own
        cluster), and how far the first two are outside of the specialists' hull.
    """
    found = []
    for system in SYSTEMS:
        here = measured.loc[system]
        mean = here["error"].groupby("network").mean()
        dense, mixture = (here.loc[mean[names].idxmin()] for names in ([DENSE, TWO], [SOFT, SPARSE]))
        found.append(
            pd.DataFrame(
                {
                    "dense": dense["error"],
                    "mixture": mixture["error"],
                    "average": dense["specialists_average"],
                    "routed": dense["specialists_routed"],
                    "dense_outside": dense["outside_specialists"],
                    "mixture_outside": mixture["outside_specialists"],
                }
            )
            .assign(system=system)
            .set_index("system", append=True)
            .swaplevel()
        )
    return pd.concat(found)
