"""What the hidden units of a network share with each other and with its output: redundant or synergistic."""

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits

from mixbook.studies.domains.machine_learning.networks import Dense, adam, start
from mixlib.information import o_information

UNITS, GROUPS, STEPS, BATCH, RATE, NOISE = 12, 3, 400, 64, 0.02, 0.3
TRAINED, UNTRAINED, SHUFFLED = "trained", "untrained", "trained, units shuffled"
STATES = (TRAINED, UNTRAINED, SHUFFLED)
NETWORK = Dense(64, UNITS, 1, activation=torch.tanh)


def run(seeds):
    """O-information of groups of hidden units and the output of networks that tell odd digits from even ones.

    Each group of four units is seen by its vote, what it adds to the output; the output is seen through noise of
    ``NOISE`` of its spread, because it is a function of the units. Shuffled units are those of other images, each group
    for itself, and the output is what the network makes of them.

    Returns
    -------
    pandas.DataFrame
        By state and seed: ``omega`` and ``error`` in nats, ``estimator``, ``right_percent`` on images not trained on,
        and ``correlation``, the mean one of two votes.
    """
    images, digits = load_digits(return_X_y=True)
    inputs, odd = torch.tensor(images / 16 - 0.5, dtype=torch.float32), torch.tensor(digits % 2, dtype=torch.float32)
    order = torch.tensor(np.array([np.random.default_rng(seed).permutation(len(odd)) for seed in seeds]))
    train, test = torch.tensor_split(order, [len(odd) // 3], dim=1)
    rng = torch.Generator().manual_seed(6)

    def loss(theta):
        which = torch.gather(train, 1, torch.randint(train.shape[1], (len(train), BATCH), generator=rng))
        found = NETWORK(theta, inputs[which])[..., 0]
        return torch.nn.functional.binary_cross_entropy_with_logits(found, odd[which], reduction="none").mean(dim=1)

    begin = start(len(seeds), NETWORK.shapes, rng)
    thetas = dict.fromkeys(STATES, adam(loss, begin, STEPS, torch.full((len(seeds),), RATE))) | {UNTRAINED: begin}
    rows = []
    for state, theta in thetas.items():
        with torch.no_grad():
            hidden, output = NETWORK.layers(theta, inputs[test])
        units, right = np.tanh(hidden.double().numpy()), ((output[..., 0] > 0) == (odd[test] > 0)).float().mean(dim=1)
        last = theta[:, -UNITS - 1 : -1].double().numpy()  # the weights of the units in the output
        for i, seed in enumerate(seeds):
            numbers = np.random.default_rng(seed)
            votes = (units[i] * last[i]).reshape(len(units[i]), GROUPS, -1).sum(axis=-1)
            votes = in_disorder(votes, numbers) if state == SHUFFLED else votes
            found = information(votes, numbers)
            across = np.corrcoef(votes.T)[np.triu_indices(GROUPS, 1)].mean()
            rows.append(
                (state, seed, found.omega, found.standard_error, found.estimator, 100 * right[i].item(), across)
            )
    columns = ["state", "seed", "omega", "error", "estimator", "right_percent", "correlation"]
    return pd.DataFrame(rows, columns=columns).set_index(["state", "seed"])


def in_disorder(votes, rng):
    """Every column shuffled by itself, so that the columns are independent."""
    return np.stack([rng.permutation(column) for column in votes.T], axis=1)


def information(votes, rng, noise=NOISE):
    """O-information (nats) of votes (n, GROUPS) and their sum, which is seen through noise."""
    output = votes.sum(axis=1)
    seen = output + rng.normal(0, noise * output.std(), len(output))
    return o_information(np.column_stack([votes, seen]), "auto", rng=0, resamples=10, gradient=False)
