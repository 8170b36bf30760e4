"""Society: which processes polarise, which leave the hull of the first opinions, and what the graph does to them."""

import numpy as np
import pandas as pd

from mixlib.arrays import generator
from mixlib.carriers import Graph, degroot
from mixlib.domains import society
from mixlib.instruments import hull_escape

PEOPLE, ROUNDS = 24, 200
LOW, HIGH = 0.2, 0.8  # nobody's first opinion is beyond
APART = 0.1  # of opinions in different camps


def graphs(people, rng=None):
    """A network of each kind that joins all people: everybody with everybody, a ring, a star, and a random one."""
    rng = generator(rng)
    ring = [(i, (i + 1) % people) for i in range(people)]
    others = [(i, j) for i in range(people) for j in range(i + 1, people)]
    chords = [(i, j) for i, j in others if j > i + 1]
    chosen = [chords[i] for i in np.flatnonzero(rng.random(len(chords)) < 3 / people)]
    kinds = {
        "everybody": others,
        "ring": ring,
        "star": [(0, i) for i in range(1, people)],
        "random": ring[:-1] + chosen,  # a path through all, so that it is in one piece
    }
    return {name: Graph(edges=tuple(edges)) for name, edges in kinds.items()}


def start(seed, people=PEOPLE, ends=False):
    """First opinions (people,), and who is whose friend: those on one side of the middlemost opinion are.

    Parameters
    ----------
    seed : int
    people : int
    ends : bool
        Whether two people hold the ends of the scale from the start.
    """
    rng = np.random.default_rng(seed)
    first = rng.uniform(LOW, HIGH, people)
    if ends:
        first[rng.choice(people, 2, replace=False)] = 0.0, 1.0
    side = np.where(first > np.median(first), 1, -1)
    return first, np.outer(side, side)


def processes(first, signs):
    """Each process with its settings, and the opinions in whose hull a theorem keeps it (``None``: in no hull).

    Returns
    -------
    dict of str to (callable, dict, array or None)
    """
    averaging, signed = society.averaging, society.signed
    confidence, biased, repelled = society.bounded_confidence, society.biased_assimilation, society.repulsion
    return {
        "DeGroot": (averaging, {}, first),
        "stubborn": (averaging, {"first": first, "stubborn": 0.4}, first),
        "bounded confidence": (confidence, {"within": 0.12}, first),
        "friends and foes, neutral 1/2": (signed, {"signs": signs, "neutral": 0.5}, np.append(first, 1 - first)),
        "friends and foes, neutral 0": (signed, {"signs": signs}, np.append(first, -first)),
        "biased assimilation": (biased, {"bias": 2.0}, np.append(first, [0.0, 1.0])),
        "repulsion": (repelled, {"within": 0.2, "ends": (0.0, 1.0)}, None),
    }


def outside(opinions, parts):
    """The largest distance (...) of opinions (..., n) to the hull of the parts, over its length."""
    opinions, low, high = np.asarray(opinions), np.min(parts), np.max(parts)
    return np.maximum(low - opinions, opinions - high).clip(0).max(axis=-1) / (high - low)


def outcomes(seeds, ends=False, kind="random"):
    """All processes from the same first opinions on the same graph, as they are at the end.

    Returns
    -------
    pandas.DataFrame
        A row a process and seed: ``spread`` (over the first one), ``camps``, ``escape`` (furthest outside the first
        opinions in any round, in their diameters), ``late`` (the same at the end), ``bound`` (furthest outside the
        hull that a theorem gives; NaN where there is none), ``to_ends`` (who is furthest from both ends of the scale
        at the end, and how far).
    """
    rows = []
    for seed in seeds:
        first, signs = start(seed, ends=ends)
        trust = society.listening(graphs(len(first), seed)[kind])
        for name, (process, settings, hull) in processes(first, signs).items():
            told = society.trajectory(process, first, ROUNDS, trust=trust, **settings)
            bound = np.nan if hull is None else outside(told, hull).max()
            rows.append({
                "process": name, "seed": seed, "spread": told[-1].std() / first.std(),
                "camps": int(society.camps(told[-1], APART)), "escape": outside(told, first).max(),
                "late": outside(told[-1], first), "bound": bound,
                "to_ends": np.minimum(told[-1], 1 - told[-1]).max(),
            })  # fmt: skip
    return pd.DataFrame(rows)


def slightly_biased(seeds, bias=0.5):
    """Crowds with a slight bias: spread at the end over the first one, and how far outside they end (both (seeds,))."""
    found = []
    for seed in seeds:
        first, _ = start(seed)
        trust = society.listening(graphs(len(first), seed)["random"])
        last = society.trajectory(society.biased_assimilation, first, ROUNDS, trust=trust, bias=bias)[-1]
        found.append((last.std() / first.std(), outside(last, first)))
    return np.transpose(found)


def matrices(kind, people, rng):
    """A random matrix (people, people) of who listens to whom, of one of ``KINDS``."""
    heard = np.ones((people, people), dtype=bool)
    if kind == "few heard":
        heard = rng.random((people, people)) < 2 / people
        np.fill_diagonal(heard, True)
    elif kind != "all heard":
        heard = society.listening(graphs(people, rng)[kind]) > 0
    weights = rng.exponential(size=heard.shape) * heard
    return weights / weights.sum(axis=1, keepdims=True)


KINDS = ("all heard", "few heard", "ring", "star", "random")


def consensus(kind, count, people=8, rng=None):
    """DeGroot societies with opinions of three coordinates: how far outside, and the consensus by two routes.

    Returns
    -------
    dict
        ``escape``: the furthest from the hull of the first opinions, after 1 and 3 rounds and in the limit;
        ``agreed``: how many societies end in one opinion; ``gap``: how far 4096 rounds end from the stationary
        vector, over the diameter.
    """
    rng = generator(rng)
    escape, agreed, gap = 0.0, 0, 0.0
    for _ in range(count):
        trust, first = matrices(kind, people, rng), rng.normal(size=(people, 3))
        limit = degroot(trust, first)
        later = [degroot(trust, first, steps=steps).opinions for steps in (1, 3)]
        told = np.concatenate([*later, limit.opinions[:1]])
        escape = max(escape, float(hull_escape(told, first).distance.max()))
        if limit.consensus:
            agreed += 1
            rounds = np.linalg.matrix_power(trust, 4096) @ first
            gap = max(gap, float(np.abs(rounds - limit.weights[0] @ first).max() / np.ptp(first)))
    return {"escape": escape, "agreed": agreed, "gap": gap}


def by_neighbours(people, rng):
    """The consensus of people who hear all neighbours alike: by the stationary vector, and by counting neighbours."""
    rows = []
    first = rng.uniform(LOW, HIGH, people)
    for name, graph in graphs(people, rng).items():
        trust = society.listening(graph)
        heard = (trust > 0).sum(axis=1)
        rows.append((name, degroot(trust, first[:, None]).opinions[0, 0], heard @ first / heard.sum()))
    return pd.DataFrame(rows, columns=["graph", "stationary", "counted"]).set_index("graph")


def hub(people):
    """The share of the middle of a star in the consensus of people who hear all neighbours alike."""
    return float(degroot(society.listening(graphs(people)["star"]), np.eye(people)).weights[0, 0])


RULES = ("DeGroot", "bounded confidence", "biased assimilation")


def on_other_graphs(seeds, rounds):
    """How far opinions end from those on the graph of everybody, with the same people and rule on another graph.

    Returns
    -------
    pandas.DataFrame
        A row a rule, graph and seed: ``move`` (the mean over people, over the diameter of the first opinions), and
        ``control``, the same where people change places together with all that they hear.
    """
    rows = []
    for seed in seeds:
        first, signs = start(seed)
        order = np.random.default_rng(seed).permutation(len(first))
        trusts = {name: society.listening(graph) for name, graph in graphs(len(first), seed).items()}
        for rule in RULES:
            process, settings, _ = processes(first, signs)[rule]
            ends = {n: society.trajectory(process, first, rounds, trust=t, **settings)[-1] for n, t in trusts.items()}
            for name in list(trusts)[1:]:
                moved = trusts[name][np.ix_(order, order)]
                renamed = society.trajectory(process, first[order], rounds, trust=moved, **settings)[-1]
                move, control = ends[name] - ends["everybody"], renamed - ends[name][order]
                rows.append((rule, name, seed, *(np.abs(d).mean() / np.ptp(first) for d in (move, control))))
    return pd.DataFrame(rows, columns=["rule", "graph", "seed", "move", "control"])


HEARD = 0.05  # noise of an opinion as it is told, on the scale from 0 to 1


def replicas(rule, rounds, count=1000, people=12, rng=0):
    """Many societies on one ring: what three neighbours and the group on average think, as it is told.

    Returns
    -------
    dict of int to array (count, 4)
        By the number of rounds.
    """
    rng = np.random.default_rng(rng)
    first = rng.uniform(LOW, HIGH, (count, people))
    process, settings, _ = processes(first, None)[rule]
    trust = society.listening(graphs(people)["ring"])
    told = society.trajectory(process, first, max(rounds), trust=trust, **settings)
    noise = rng.normal(0, HEARD, (count, 4))
    return {r: np.column_stack([told[r][:, :3], told[r].mean(axis=1)]) + noise for r in rounds}


def shuffled(columns, rng=0):
    """The same columns with people taken from different societies, so that nobody heard anybody."""
    rng = np.random.default_rng(rng)
    return np.column_stack([rng.permutation(column) for column in np.transpose(columns)])


STRENGTHS = {  # from plain averaging on
    "stubborn": (0.0, 0.2, 0.4, 0.6, 0.8, 0.95),  # hold on the first opinion
    "bounded confidence": (1.0, 0.5, 0.3, 0.2, 0.12, 0.06),  # how far an opinion is heard
    "friends and foes": (0, 2, 4, 7, 10, 12),  # people in the camp of foes
    "biased assimilation": (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),  # the exponent
    "repulsion": (np.inf, 1.0, 0.6, 0.4, 0.3, 0.2),  # from which distance on opinions repel
}
SAID = {
    "stubborn": "Each holds on to the first opinion with weight {:.2g}",
    "bounded confidence": "Opinions are heard up to a distance of {:.2g}",
    "friends and foes": "{} of the people are foes of the rest",
    "biased assimilation": "Bias {:.2g}",
    "repulsion": "Opinions repel from a distance of {:.2g} on",
}


def shown(name, level, rounds=20, seed=0):
    """A trajectory (rounds + 1, people) of a process for the moving figure, and a sentence about its setting."""
    first, _ = start(seed)
    strength = STRENGTHS[name][level]
    trust = society.listening(graphs(len(first), seed)["random"])
    side = np.where(np.argsort(np.argsort(first)) < strength, -1, 1)
    process, settings = {
        "stubborn": (society.averaging, {"first": first, "stubborn": strength}),
        "bounded confidence": (society.bounded_confidence, {"within": strength}),
        "friends and foes": (society.signed, {"signs": np.outer(side, side)}),
        "biased assimilation": (society.biased_assimilation, {"bias": strength}),
        "repulsion": (society.repulsion, {"within": strength, "ends": (0.0, 1.0)}),
    }[name]
    told = society.trajectory(process, first, rounds, trust=trust, **settings)
    return told, SAID[name].format(strength) if level else "Nothing but averaging"
