"""What merging costs the old task: orthogonal merges against linear ones, of rotated and of freely trained experts.

A small network learns an old task. Copies of it learn a new task each, by rotations of its matrices alone or by full
fine-tuning, and are merged. All networks of a kind are trained at once, along a leading axis over seeds and tasks.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

from mixlib.merging import merge

HIDDEN, CLASSES, TASKS = 64, 10, 4
PARTS = 599, 300, 599  # images or points for training, for choosing a scale, for the test
BASE_STEPS, STEPS, BATCH, BASE_RATE = 300, 200, 64, 3e-3
RATE_GRID = 3e-4, 1e-3, 3e-3, 1e-2, 3e-2
RATES = {"rotated": 1e-3, "fully tuned": 3e-3}  # on other seeds the smallest within two points of the best on new tasks
JOINT_RATE = 1e-2  # best of the same for training on all tasks
POINTS = 10  # of accuracy: to lose more is catastrophic, to gain less is nothing learned
SETTING = ["system", "experts", "tasks"]
KINDS, COUNTS = ("rotated", "fully tuned"), (2, 4)
SCALES = 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0  # of the orthogonal merge; rivals go as far
PUBLISHED = 1.0
NAMES = {"ties": "TIES", "linear average": "plain average"}
CENTRE = 0.8  # deviation of the clusters' places, of the points in a cluster it is 1; in each of 64 directions


def turned_digits(seed):
    """Images of digits, upright (old) and turned or mirrored in four ways (new): inputs (5, n, 64), labels (5, n)."""
    digits = load_digits()
    images = digits.images[order := np.random.default_rng(seed).permutation(len(digits.images))] / 8 - 1
    ways = [images, np.rot90(images, 1, (1, 2)), images[:, :, ::-1], np.rot90(images, 3, (1, 2)), images[:, ::-1]]
    return np.stack([way.reshape(len(images), -1) for way in ways]), np.tile(digits.target[order], (1 + TASKS, 1))


def new_clusters(seed):
    """Normal clusters, one a class and task, whose places have nothing to do with each other from task to task."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=(1 + TASKS, sum(PARTS)))
    centres = CENTRE * rng.normal(size=(1 + TASKS, CLASSES, 64))
    points = centres[np.arange(1 + TASKS)[:, None], labels] + rng.normal(size=(1 + TASKS, sum(PARTS), 64))
    return points / (1 + CENTRE**2) ** 0.5, labels


SYSTEMS = {"turned digits": turned_digits, "new clusters": new_clusters}


@dataclass(frozen=True)
class Trials:
    """What the page tells of.

    Attributes
    ----------
    merges : DataFrame
        A row a seed, system, kind of experts, count of new tasks, method and scale: accuracy on the old task and on the
        new ones, for choosing (``old_choice``, ``new_choice``) and for the test (``old``, ``new``), and the distance
        from the base over the mean distance of an expert.
    controls : DataFrame
        The same accuracies of what is no merge, without a scale.
    """

    seeds: tuple
    merges: pd.DataFrame
    controls: pd.DataFrame


def forgetting_trials(seeds, systems=SYSTEMS, steps=(BASE_STEPS, STEPS)):
    """Train bases and experts, merge them in all ways, and score everything.

    Parameters
    ----------
    seeds : sequence of int
    systems : dict, optional
        Functions of a seed that give inputs and labels by task, the old one first.
    steps : tuple of two int, optional
        Of the base, and of an expert.

    Returns
    -------
    Trials
    """
    merges, controls = [], []
    for system, sampled in systems.items():
        inputs, labels = (torch.as_tensor(np.stack(part)) for part in zip(*map(sampled, seeds), strict=True))
        data = Data(inputs.float(), labels)
        base = trained(*beginnings(seeds), *data.of([0]), steps=steps[0], rate=BASE_RATE, seed=0)
        joint = {
            count: trained(*base, *data.of(range(1 + count)), steps=steps[1], rate=JOINT_RATE, seed=2, batch=BATCH * 5)
            for count in COUNTS
        }
        for kind in KINDS:
            copies = [[p.repeat_interleave(TASKS, 0) for p in part] for part in base]
            one_each, how = data.each(range(1, 1 + TASKS)), {"rate": RATES[kind], "rotate": kind == "rotated"}
            experts = trained(*copies, *one_each, steps=steps[1], seed=1, **how)
            for count in COUNTS:
                found = setting(data, base, joint[count], experts, count, seeds)
                for rows, into in zip(found, (merges, controls), strict=True):
                    into += [{"system": system, "experts": kind, "tasks": count, **row} for row in rows]
    return Trials(tuple(seeds), pd.DataFrame(merges), pd.DataFrame(controls))


class Data:
    """Inputs (seeds, tasks, n, d) and labels of a system, and its three parts."""

    def __init__(self, inputs, labels):
        self.inputs, self.labels = inputs, labels
        ends = np.cumsum([0, *PARTS])
        self.parts = [slice(*ends[i : i + 2]) for i in range(3)]

    def of(self, tasks):
        """Training data of these tasks together: inputs (seeds, n, d), labels (seeds, n)."""
        return self.inputs[:, tasks, self.parts[0]].flatten(1, 2), self.labels[:, tasks, self.parts[0]].flatten(1, 2)

    def each(self, tasks):
        """Training data of each of these tasks apart: inputs (seeds tasks, n, d), labels (seeds tasks, n)."""
        tasks = list(tasks)
        return self.inputs[:, tasks, self.parts[0]].flatten(0, 1), self.labels[:, tasks, self.parts[0]].flatten(0, 1)

    def accuracies(self, predict, seed, count):
        """Of one seed's models: on the old task and on the mean of the new ones, for choosing and for the test.

        ``predict`` takes inputs (tasks, n, d) to scores (models, tasks, n, classes).
        """
        found = {}
        for name, part in (("_choice", self.parts[1]), ("", self.parts[2])):
            scores = predict(self.inputs[seed, : 1 + count, part])
            right = (scores.argmax(-1) == self.labels[seed, : 1 + count, part]).double().mean(-1).numpy()
            found |= {f"old{name}": right[:, 0], f"new{name}": right[:, 1:].mean(1)}
        return found


def setting(data, base, joint, experts, count, seeds):
    """Rows of all merges and of all controls, for one system, kind of experts and count of new tasks."""
    merges, controls = [], []
    for number, seed in enumerate(seeds):
        start, both = as_state(base, number), as_state(joint, number)
        states = [as_state(experts, number * TASKS + task) for task in range(count)]
        way = np.mean([distance(state, start) for state in states])
        by_scale = {scale: merge(states, "orthogonal", base=start, scale=scale) for scale in SCALES}
        entrants = [("orthogonal", scale, state) for scale, state in by_scale.items()]
        for name in ("linear", "ties"):
            end = merge(states, name, base=start)
            for scale, state in by_scale.items():
                far = distance(state, start) / distance(end, start)
                entrants.append((name, scale, {n: p + far * (end[n] - p) for n, p in start.items()}))
        entrants.append(("linear average", PUBLISHED, merge(states, "linear")))
        found = data.accuracies(predictor([state for *_, state in entrants]), number, count)
        gone = [distance(state, start) / way for *_, state in entrants]
        merges += [
            {"seed": seed, "method": name, "scale": scale, "distance": gone[i]}
            | {key: of[i] for key, of in found.items()}
            for i, (name, scale, _) in enumerate(entrants)
        ]
        astray = random_rotation(start, by_scale[PUBLISHED], seed)
        single = {"untouched base": start, "random rotation": astray, "joint training": both}
        scored = data.accuracies(predictor([*single.values(), *states]), number, count)
        mixed = data.accuracies(mixture([start, *states]), number, count)
        rows = {name: {key: of[i] for key, of in scored.items()} for i, name in enumerate(single)}
        rows["an expert"] = {key: of[len(single) :].mean() for key, of in scored.items()}
        rows["outputs mixed"] = {key: of[0] for key, of in mixed.items()}
        controls += [{"seed": seed, "method": name, **row} for name, row in rows.items()]
    return merges, controls


def chosen(merges, controls):
    """Of each method, seed and setting the row of one scale, chosen for the aim on data for choosing.

    The best accuracy on new tasks among scales that lose at most 10 points on the old task; if all lose more, the least
    loss. What has no scale is left out.
    """
    base = controls[controls["method"] == "untouched base"].set_index([*SETTING, "seed"])["old_choice"].rename("base")
    rows = merges[merges["method"] != "linear average"].join(base, on=[*SETTING, "seed"])
    over = (100 * (rows["base"] - rows["old_choice"]) - POINTS).round(9).clip(lower=0)
    order = rows.assign(over=over).sort_values(["over", "new_choice"], ascending=[True, False], kind="stable")
    return order.groupby([*SETTING, "seed", "method"]).head(1).sort_index()[merges.columns]


def forward(weights, biases, inputs):
    """Logits (m, n, classes) of m networks, on inputs (m, n, d)."""
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        inputs = torch.baddbmm(bias[:, None], inputs if layer == 0 else inputs.relu(), weight.mT)
    return inputs


def cayley(raw):
    """Rotations from any square matrices, by their skew parts."""
    skew, eye = raw - raw.mT, torch.eye(raw.shape[-1])
    return torch.linalg.solve(eye - skew, eye + skew)


def trained(weights, biases, inputs, labels, *, steps, rate, seed, rotate=False, batch=BATCH):
    """The networks after Adam on their own data, all of them at once; with ``rotate`` only rotations are learned."""
    weights, biases = [w.clone() for w in weights], [b.clone() for b in biases]
    raw = [torch.zeros(len(w), w.shape[-1], w.shape[-1], requires_grad=True) for w in weights] if rotate else []
    learned = raw or [p.requires_grad_() for p in (*weights, *biases)]
    optimizer = torch.optim.Adam(learned, lr=rate, fused=True)
    generator, models = torch.Generator().manual_seed(seed), len(inputs)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
        rows = torch.randint(inputs.shape[1], (batch,), generator=generator)
        moved = [w @ cayley(r) for w, r in zip(weights, raw, strict=True)] if rotate else weights
        logits = forward(moved, biases, inputs[:, rows])
        loss = models * cross_entropy(logits.flatten(0, 1), labels[:, rows].flatten())  # a mean for each network
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        weights = [w @ cayley(r) for w, r in zip(weights, raw, strict=True)] if rotate else weights
        return [w.detach() for w in weights], [b.detach() for b in biases]


def averaged(rows):
    """Accuracies in percent by system, experts, tasks and method, mean over seeds."""
    return 100 * rows.groupby([*SETTING, "method"])[["old", "new"]].mean()


def lead(rows, rival, of=("old", "new")):
    """Points by which the orthogonal merge is ahead, in the mean of these: a row a setting, a column a seed."""
    scores = (100 * rows.set_index([*SETTING, "method", "seed"])[list(of)].mean(axis=1)).unstack("seed")
    return scores.xs("orthogonal", level="method") - scores.xs(rival, level="method")


def prevents(rows, method, controls):
    """By setting, whether a merge loses at most 10 points on the old task and gains at least 10 on the new ones."""
    found, base = (averaged(of).xs(name, level="method") for of, name in ((rows, method), (controls, "untouched base")))
    return (base["old"] - found["old"] <= POINTS) & (found["new"] - base["new"] >= POINTS)


def ways(controls, *parts):
    """A table of all ways: mean accuracies by kind of experts, and the count of settings in which each prevents it.

    A part is rows, an ending for the names, and the names of the ways to take of them.
    """
    found = {}
    for rows, ending, names in parts:
        means = averaged(rows).groupby(["experts", "method"]).mean()
        for name in names:
            cells = {f"{of}, {kind}": means.loc[(kind, name), of] for kind in KINDS for of in ("old", "new")}
            count = int(prevents(rows, name, controls).sum())
            found[NAMES.get(name, name) + ending] = cells | {"prevents, of 8": count}
    return pd.DataFrame(found).T.astype({"prevents, of 8": int}).rename_axis("way")


def beginnings(seeds):
    """Random weights and no biases, of one network a seed."""
    sizes, noise = (64, HIDDEN, HIDDEN, CLASSES), [np.random.default_rng([seed, 1]) for seed in seeds]
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    drawn = [[rng.normal(size=shape) * (2 / shape[1]) ** 0.5 for shape in shapes] for rng in noise]
    weights = [torch.as_tensor(np.stack(layer)).float() for layer in zip(*drawn, strict=True)]
    return weights, [torch.zeros(len(seeds), size) for size in sizes[1:]]


def as_state(networks, number):
    """One network of several, as a state dict."""
    weights, biases = networks
    state = {f"{i}.weight": w[number] for i, w in enumerate(weights)}
    return state | {f"{i}.bias": b[number] for i, b in enumerate(biases)}


def predictor(states):
    """A function of inputs (tasks, n, d) to logits (models, tasks, n, classes)."""
    layers = len(states[0]) // 2
    weights = [torch.stack([state[f"{i}.weight"] for state in states]) for i in range(layers)]
    biases = [torch.stack([state[f"{i}.bias"] for state in states]) for i in range(layers)]

    def predict(inputs):
        flat = inputs.flatten(0, 1).expand(len(states), -1, -1)
        return forward(weights, biases, flat).unflatten(1, inputs.shape[:2])

    return predict


def mixture(states):
    """The mean of the networks' probabilities, as one predictor."""
    predict = predictor(states)
    return lambda inputs: predict(inputs).softmax(-1).mean(0, keepdim=True)


def distance(state, start):
    return float(sum(((state[name] - start[name]).double() ** 2).sum() for name in start)) ** 0.5


def random_rotation(start, goal, seed):
    """The base with each matrix turned at random, as far away from the base as the goal's matrix is."""
    generator, turned = torch.Generator().manual_seed(seed), dict(start)
    for name in (name for name in start if start[name].ndim == 2):
        base, far = start[name], float(torch.linalg.norm(goal[name] - start[name]))
        raw = torch.randn(base.shape[1], base.shape[1], generator=generator) / base.shape[1]
        low, high = 0.0, 64.0
        for _ in range(30):
            middle = (low + high) / 2
            turned[name] = base @ cayley(middle * raw)
            low, high = (middle, high) if float(torch.linalg.norm(turned[name] - base)) < far else (low, middle)
    return turned
