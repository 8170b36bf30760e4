"""The fair experiment: networks of their own starts or of one base, merged by every method, beside the controls."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from mixbook.studies.carriers.merging.networks import (
    CLASSES,
    SETS,
    UNITS,
    accuracy,
    architecture,
    beginnings,
    forward,
    pick,
    rank,
    split,
    stack,
    train,
)
from mixlib.merging import groups_of, merge, repair, variance_ratio

OWN, BASE = "own starts", "one base"
COUNTS = 2, 4
STEPS, FINE_STEPS, BASE_SAMPLES = 400, 200, 100
SCALES = 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0
DENSITIES = 0.2, 0.5, 0.8
MEANS = "linear", "linear-norms", "slerp", "multi-slerp", "karcher"  # those that differ by their geometry alone
WITH_BASE = {  # what takes a base, as a method and the options that it is tried with
    "task-arithmetic": ("task-arithmetic", [{}]),
    "ties": ("ties", [{"density": d} for d in DENSITIES]),
    "dare": ("dare", [{"density": d} for d in DENSITIES]),
    "dare, signs elected": ("dare", [{"density": d, "consensus": "ties"} for d in DENSITIES]),
    "orthogonal": ("orthogonal", [{}]),
}


class Cell(NamedTuple):
    """Networks to merge: data set, how they began, seed; the states, their base or None, the data, and their units."""

    data: str
    kind: str
    seed: int
    states: list
    base: dict
    split: tuple
    units: str


def cells(seeds, width=128, steps=STEPS, fine_steps=FINE_STEPS, units="ReLU"):
    """All sets of networks. Of their own starts: two or four trained on all data. Of one base: trained on a part of
    the data, and from there, each with the classes of its own, a half or about a quarter of the ten.
    """
    jobs = [(data, seed) for data in SETS for seed in seeds]
    splits = {job: split(*job) for job in jobs}
    four = [job for job in jobs for _ in range(4)]
    inputs, labels = (torch.stack([splits[job].train[i] for job in four]) for i in (0, 1))
    own = train(beginnings(len(four), width, [1, *seeds], units), inputs, labels, steps, [2, *seeds], units=units)
    first = [slice(4 * j, 4 * j + 1) for j in range(len(jobs))]
    part = [torch.cat([each[one, :BASE_SAMPLES] for one in first]) for each in (inputs, labels)]
    bases = train(beginnings(len(jobs), width, [3, *seeds], units), *part, steps // 2, [4, *seeds], units=units)
    found = [
        Cell(data, OWN, seed, [pick(own, 4 * j + i) for i in range(k)], None, splits[data, seed], units)
        for j, (data, seed) in enumerate(jobs)
        for k in COUNTS
    ]
    tasks = [(j, k, i) for j in range(len(jobs)) for k in COUNTS for i in range(k)]
    start = {name: tensor[[j for j, _, _ in tasks]] for name, tensor in bases.items()}
    sets = [_classes(*splits[jobs[j]].train, np.array_split(np.arange(CLASSES), k)[i]) for j, k, i in tasks]
    samples = (torch.stack(of) for of in zip(*sets, strict=True))
    tuned = train(start, *samples, fine_steps, [5, *seeds], rate=1e-3, units=units)
    for j, job in enumerate(jobs):
        for k in COUNTS:
            mine = [t for t, task in enumerate(tasks) if task[:2] == (j, k)]
            states = [pick(tuned, t) for t in mine]
            found.append(Cell(job[0], BASE, job[1], states, pick(bases, j), splits[job], units))
    return found


def merged_states(cell, model):
    """Each way to merge these networks, by its name: the states that validation has to choose from."""
    states, base, groups = cell.states, cell.base, groups_of(model)
    inputs = cell.split.train[0][:500]
    ways = {name: merge(states, name) for name in MEANS if name != "slerp" or len(states) == 2}
    aligned = {then: merge(states, "alignment", groups=groups, then=then) for then in ("linear", "karcher")}
    renamed = states[:1] + [
        merge([states[0], other], "alignment", weights=[0, 1], groups=groups) for other in states[1:]
    ]
    ways |= {"aligned, linear": aligned["linear"], "aligned, karcher": aligned["karcher"]}
    ways["linear, repaired"] = repair(model, ways["linear"], states, inputs)
    ways["karcher, repaired"] = repair(model, ways["karcher"], states, inputs)
    ways["aligned, repaired"] = repair(model, aligned["linear"], renamed, inputs)
    candidates = {name: [state] for name, state in ways.items()}
    if base is not None:
        candidates["karcher, scaled"] = [_beyond(base, ways["karcher"], scale) for scale in SCALES]
        for name, (method, grid) in WITH_BASE.items():
            moved = [merge(states, method, base=base, **options) for options in grid]
            candidates[name] = [_beyond(base, state, scale) for state in moved for scale in SCALES]
    return candidates


def measure(cell, model):
    """A row a way to merge: accuracy on the test, chosen on validation, and variance ratio and rank of activations."""
    inputs, labels = cell.split.test
    parts, logits = forward(stack(cell.states), inputs, cell.units)
    ranks = rank(parts, cell.units).mean()
    singles = [accuracy(each, labels) for each in logits]
    pool = torch.log_softmax(logits, -1).exp().mean(0)
    rows = [("best single model", max(singles)), ("mean single model", np.mean(singles))]
    rows += [
        ("ensemble of outputs", accuracy(pool, labels)),
        ("ensemble of logits", accuracy(logits.mean(0), labels)),
    ]
    if cell.base is not None:
        rows.append(("untouched base", accuracy(forward(stack([cell.base]), inputs, cell.units)[1][0], labels)))
    found = [{"way": way, "accuracy": share} for way, share in rows]
    for way, states in merged_states(cell, model).items():
        stacked = stack(states)
        chosen = 0
        if len(states) > 1:
            held = forward(stacked, cell.split.validation[0], cell.units)[1]
            chosen = int(np.argmax([accuracy(each, cell.split.validation[1]) for each in held]))
        hidden, outputs = forward(pick(stacked, slice(chosen, chosen + 1)), inputs, cell.units)
        found.append(
            {
                "way": way,
                "accuracy": accuracy(outputs[0], labels),
                "variance": float(variance_ratio(parts, hidden[0])),
                "rank": float(rank(hidden, cell.units)[0] / ranks),
            }
        )
    about = {"units": cell.units, "data": cell.data, "kind": cell.kind, "k": len(cell.states), "seed": cell.seed}
    return [about | row for row in found]


def along(cell, model, weights):
    """Two networks merged with each weight of the second: rows of accuracy, and the spread of all units, by the way."""
    inputs, labels = cell.split.test
    first, second = cell.states[:2]
    groups = groups_of(model)
    renamed = merge([first, second], "alignment", weights=[0, 1], groups=groups)
    found = {}
    for t in weights:
        shares = [1 - t, t]
        linear, karcher = (merge([first, second], way, weights=shares) for way in ("linear", "karcher"))
        mended = merge([first, renamed], weights=shares)
        mended = repair(model, mended, [first, renamed], cell.split.train[0][:500], shares)
        ways = {"linear": linear, "karcher": karcher, "aligned, repaired": mended}
        hidden, logits = forward(stack(list(ways.values())), inputs, cell.units)
        found[t] = {
            way: (accuracy(logits[i], labels), np.sort(hidden[i].std(dim=0).numpy())) for i, way in enumerate(ways)
        }
    return found


def run(seeds, width=128, **options):
    """All cells of all kinds of units measured, as one table; and the cells."""
    found = [cell for units in UNITS for cell in cells(seeds, width, units=units, **options)]
    return pd.DataFrame([row for cell in found for row in measure(cell, architecture(width, cell.units))]), found


def _beyond(base, state, scale):
    """The point so many times as far from the base."""
    return {name: start + scale * (state[name] - start) for name, start in base.items()}


def _classes(inputs, labels, classes):
    """As many samples as there are, of these classes alone, taken in turns."""
    mine = np.flatnonzero(np.isin(labels.numpy(), classes))
    drawn = torch.tensor(np.resize(mine, len(labels)))
    return inputs[drawn], labels[drawn]
