"""Two networks in one: averaged as weights, as logits, as probabilities; and what mixup does between two inputs."""

from functools import cache

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits, load_wine

from mixbook.studies.domains.machine_learning.networks import Dense, adam, start, surprise
from mixlib.domains.machine_learning import mixup
from mixlib.instruments import hull_escape

STEPS, BATCH, RATE, WIDTH = 300, 64, 0.01, 32
DATA = {"digits": load_digits, "wines": load_wine}
OWN, BASE, FLAT = "own starts", "one base", "no hidden layer"
CARRIERS = ("weights", "logits", "probabilities")
LOOKED_AT, PAIRS, BLENDS = 40, 40, 50  # test inputs, pairs of them, and examples that mixup makes, a seed
SHARES = (0.25, 0.5, 0.75)


class Data:
    """A data set of scikit-learn in units of its spread: each seed trains on another 60% and tests on the rest."""

    def __init__(self, name, seeds):
        inputs, labels = DATA[name](return_X_y=True)
        spread = inputs.std(axis=0)
        inputs = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1)
        self.classes = labels.max() + 1
        self.inputs = torch.tensor(inputs, dtype=torch.float32)
        self.laws = torch.nn.functional.one_hot(torch.tensor(labels), self.classes).float()
        order = torch.tensor(np.array([np.random.default_rng(seed).permutation(len(labels)) for seed in seeds]))
        self.train, self.test = torch.tensor_split(order, [3 * len(labels) // 5], dim=1)

    def network(self, *hidden):
        """A network from these inputs to logits of these classes."""
        return Dense(self.inputs.shape[1], *hidden, int(self.classes))

    def fit(self, network, theta, steps, rng, pools=None, blend=None):
        """Train rows of parameters; those of a seed stand side by side. ``blend`` changes a batch beforehand."""
        pools = self.train.repeat_interleave(len(theta) // len(self.train), dim=0) if pools is None else pools

        def loss(theta):
            which = torch.gather(pools, 1, torch.randint(pools.shape[1], (len(pools), BATCH), generator=rng))
            batch = self.inputs[which], self.laws[which]
            inputs, laws = batch if blend is None else blend(*batch)
            return surprise(network(theta, inputs), laws)

        return adam(loss, theta, steps, torch.full((len(theta),), RATE))


@cache  # several questions are asked of the same pairs
def pairs(name, kind, seeds):
    """Two networks a seed, parameters (seeds, 2, p): of own starts, of one base on halves of the data, or flat."""
    data, rng = Data(name, seeds), torch.Generator().manual_seed(4)
    network = data.network(*() if kind == FLAT else (WIDTH,))
    if kind == BASE:
        base = data.fit(network, start(len(seeds), network.shapes, rng), STEPS // 2, rng)
        halves = (
            torch.stack(torch.tensor_split(data.train, 2, dim=1)[:2], dim=1)
            if data.train.shape[1] % 2 == 0
            else (torch.stack(torch.tensor_split(data.train[:, 1:], 2, dim=1), dim=1))
        )
        theta = data.fit(network, base.repeat_interleave(2, dim=0), STEPS // 2, rng, pools=halves.flatten(0, 1))
    else:
        theta = data.fit(network, start(2 * len(seeds), network.shapes, rng), STEPS, rng)
    return data, network, theta.unflatten(0, (-1, 2))


@torch.no_grad()
def averaged(data, network, theta, share):
    """Laws (seeds, n, k) of test inputs by the average on each carrier, and those of the two networks (seeds, 2, n, k).

    ``share`` is the weight of the second network.
    """
    weights = torch.tensor([1 - share, share], dtype=theta.dtype)
    inputs = data.inputs[data.test]
    logits = torch.stack([network(theta[:, i], inputs) for i in (0, 1)], dim=1).double()
    laws, shares = torch.softmax(logits, dim=-1), weights.double()[:, None, None]
    found = {
        "weights": torch.softmax(network((weights[:, None] * theta).sum(dim=1), inputs).double(), dim=-1),
        "logits": torch.softmax((shares * logits).sum(dim=1), dim=-1),
        "probabilities": (shares * laws).sum(dim=1),
    }
    return {name: law.numpy() for name, law in found.items()}, laws.numpy()


def run(seeds):
    """The three averages of every pair at equal weights, and how far each is outside of both networks' laws.

    Returns
    -------
    pandas.DataFrame
        By data, kind, carrier and seed: ``outside_probabilities`` and ``outside_logits`` (median over some inputs), and
        ``from_weights``, ``from_logits``, ``from_probabilities`` (total variation), and the same as ``moved_from_``,
        over the distance between the two networks as functions of all inputs.
    """
    rows = []
    for name in DATA:
        for kind in (OWN, BASE, FLAT):
            found, laws = averaged(*pairs(name, kind, seeds), 0.5)
            apart = np.linalg.norm(laws[:, 0] - laws[:, 1], axis=(1, 2))
            some = np.swapaxes(laws, 1, 2)[:, :LOOKED_AT]
            for carrier, law in found.items():
                told = {
                    "outside_probabilities": outside(law[:, :LOOKED_AT], some),
                    "outside_logits": outside(_logits(law[:, :LOOKED_AT]), _logits(some)),
                }
                told |= {f"from_{to}": np.abs(law - found[to]).sum(axis=-1).mean(axis=1) / 2 for to in CARRIERS}
                told |= {f"moved_from_{to}": np.linalg.norm(law - found[to], axis=(1, 2)) / apart for to in CARRIERS}
                rows.append(pd.DataFrame({"seed": list(seeds)} | told).assign(data=name, kind=kind, carrier=carrier))
    return pd.concat(rows).set_index(["data", "kind", "carrier", "seed"]).sort_index()


def losses(name, kind, seeds, shares):
    """Mean log loss (shares,) of the average on each carrier, a column each, by the second network's weight."""
    source, network, theta = pairs(name, kind, seeds)
    truth = source.laws[source.test].numpy()
    rows = {}
    for share in shares:
        found, _ = averaged(source, network, theta, share)
        rows[share] = {carrier: -np.log((law * truth).sum(axis=-1)).mean() for carrier, law in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def outside(points, parts):
    """Median distance (seeds,) of points (seeds, n, k) to the hull of two parts each, over their diameter.

    Inputs on which the two say the same to six digits have no diameter to speak of and are left out.
    """
    apart = np.linalg.norm(parts[:, :, 0] - parts[:, :, 1], axis=-1) > 1e-6
    found = [np.median(hull_escape(p[use], q[use]).distance) for p, q, use in zip(points, parts, apart, strict=True)]
    return np.array(found)


def _logits(laws):
    """Logarithms of laws (..., k) less their mean: what is left of logits when a common shift does not count."""
    logs = np.log(laws)
    return logs - logs.mean(axis=-1, keepdims=True)


def differences_of_one(seeds):
    """The largest difference of the three averages of one network taken twice."""
    data, network, theta = pairs("digits", OWN, seeds)
    found, _ = averaged(data, network, theta[:, :1].expand(-1, 2, -1), 0.5)
    return float(np.ptp(np.stack(list(found.values())), axis=0).max())


def blend_escapes(seeds):
    """The largest distance of blends from the hull of their examples, by data and seed, of inputs and of labels."""
    found = []
    for name in DATA:
        data = Data(name, seeds)
        for i, seed in enumerate(seeds):
            inputs, laws = (values[data.train[i]].double().numpy() for values in (data.inputs, data.laws))
            *blends, partner, _ = mixup(inputs, laws, rng=seed)
            chosen = np.flatnonzero(laws.argmax(1) != laws[partner].argmax(1))[:BLENDS]
            for blend, of in zip(blends, (inputs, laws), strict=True):
                parts = np.stack([of[chosen], of[partner[chosen]]], axis=1)
                found.append(hull_escape(blend[chosen], parts).distance.max())
    return np.array(found)


def between(seeds):
    """Networks trained with mixup and without: what they say between two test inputs of different classes.

    Returns
    -------
    pandas.DataFrame
        By data, training and seed: ``outside``, the mean distance of the answer to the segment between the answers to
        both inputs, over its length; ``often_outside`` and ``twentieth_outside``, how often that is more than a
        hundredth and a twentieth; ``third_percent``, how often another class comes first than at both ends;
        ``error_percent`` on plain test inputs.
    """
    rows = []
    for name in DATA:
        data = Data(name, seeds)
        network = data.network(WIDTH)
        ends = data.inputs[_different(data)]  # (seeds, 2, PAIRS, d)
        for training in ("plain", "mixup"):
            rng, numbers = torch.Generator().manual_seed(5), np.random.default_rng(5)

            def blend(inputs, laws, numbers=numbers):
                inputs, laws = mixup(inputs.numpy(), laws.numpy(), rng=numbers)[:2]
                return torch.tensor(inputs), torch.tensor(laws)

            theta = data.fit(
                network,
                start(len(seeds), network.shapes, rng),
                STEPS,
                rng,
                blend=blend if training == "mixup" else None,
            )
            with torch.no_grad():
                laws = [
                    torch.softmax(network(theta, x).double(), dim=-1).numpy()
                    for x in (ends[:, 0], ends[:, 1], *((1 - t) * ends[:, 0] + t * ends[:, 1] for t in SHARES))
                ]
                wrong = network(theta, data.inputs[data.test]).argmax(-1) != data.laws[data.test].argmax(-1)
            parts = np.stack(laws[:2], axis=2)
            away = np.stack([hull_escape(law, parts).distance for law in laws[2:]], axis=-1)
            first = np.stack([law.argmax(-1) for law in laws[2:]], axis=-1)
            third = (first != laws[0].argmax(-1)[..., None]) & (first != laws[1].argmax(-1)[..., None])
            rows.append(
                pd.DataFrame(
                    {
                        "data": name,
                        "training": training,
                        "seed": list(seeds),
                        "outside": away.mean(axis=(1, 2)),
                        "often_outside": (away > 0.01).mean(axis=(1, 2)),
                        "twentieth_outside": (away > 0.05).mean(axis=(1, 2)),
                        "third_percent": 100 * third.mean(axis=(1, 2)),
                        "error_percent": 100 * wrong.float().mean(dim=1).numpy(),
                    }
                )
            )
    return pd.concat(rows).set_index(["data", "training", "seed"]).sort_index()


def _different(data):
    """Test inputs (seeds, 2, PAIRS), the two of a pair of different classes."""
    labels = data.laws.argmax(-1)
    chosen = []
    for row in data.test:
        first = row[:PAIRS]
        second = torch.stack([row[labels[row] != labels[i]][(7 * j) % 20] for j, i in enumerate(first)])
        chosen.append(torch.stack([first, second]))
    return torch.stack(chosen)
