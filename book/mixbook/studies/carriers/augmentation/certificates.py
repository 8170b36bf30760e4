"""Training on points between the classes, and how far from each input the trained networks are certified.

Every network sees in each step a batch of inputs and a second one of the same size, which differs by the way: the
inputs again, mixtures of random pairs (Mixup), or points on the Wasserstein geodesic from one class to another. The
networks of all ways, seeds and weights of the second batch are trained at once, on a leading axis.
"""

import itertools
import math

import numpy as np
import ot
import pandas as pd
import torch
from scipy.stats import beta, norm
from sklearn.datasets import load_digits, make_moons
from sklearn.decomposition import PCA

WAYS = ("nothing", "noise", "Mixup", "random between classes", "geodesic")
# a second loss for pairs: the time of the largest loss, a penalty for changes along the path
TERMS = {"": (), "worst time": ("Mixup", "geodesic"), "smooth": ("Mixup", "geodesic"), "both": ("Mixup", "geodesic")}
SHARES = (0.25, 0.5, 0.75)  # of the second batch in the loss; validation inputs choose
BATCH, STEPS, HIDDEN, RATE = 48, 400, 48, 0.01
TIMES, AHEAD, SMOOTH = (0.1, 0.3, 0.5, 0.7, 0.9), 0.1, 0.1
ALPHA, FIRST, DRAWS = 0.001, 50, 1000  # Cohen et al.: error, draws that choose the class, draws that certify it
DIGITS, MOONS = "digits", "moons"
SIGMA = {DIGITS: 0.4, MOONS: 0.25}


def data(name, seed):
    """Train (classes, n, d), validation and test inputs with their labels; PCA is fitted on the train inputs."""
    rng = np.random.default_rng(seed)
    if name == MOONS:
        inputs, labels = make_moons(2000, noise=0.1, random_state=seed)
        sizes = 40, 60, 100
    else:
        inputs, labels = load_digits(return_X_y=True)
        inputs, sizes = inputs / 16, (30, 10, 15)
    parts = [[], [], []]
    for c in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == c))
        for part, a, b in zip(parts, np.cumsum([0, *sizes]), np.cumsum(sizes), strict=False):
            part.append(inputs[rows[a:b]])
    train, validation, test = (np.array(part) for part in parts)
    if name == DIGITS:
        pca = PCA(20, random_state=0).fit(train.reshape(-1, 64))
        train, validation, test = (
            pca.transform(x.reshape(-1, 64)).reshape(*x.shape[:2], 20) for x in (train, validation, test)
        )
    flat = [(x.reshape(-1, x.shape[-1]), np.repeat(np.arange(len(x)), x.shape[1])) for x in (validation, test)]
    return train, *flat


def partners(train):
    """The exact optimal plan from each class to each other, ``partner[a, b, i]``: equal sizes make it a permutation."""
    classes, n, _ = train.shape
    partner = np.tile(np.arange(n), (classes, classes, 1))
    for a, b in itertools.permutations(range(classes), 2):
        partner[a, b] = ot.emd(np.full(n, 1 / n), np.full(n, 1 / n), ot.dist(train[a], train[b])).argmax(axis=1)
    return partner


def train(name, seeds, ways, term=""):
    """Networks of all ways, seeds and shares: parameters with a leading axis ways x seeds x shares."""
    w, s, k = len(ways), len(seeds), len(SHARES)
    rng = torch.Generator().manual_seed(seeds[0] + 17)
    sets = [data(name, seed)[0] for seed in seeds]
    points = torch.tensor(np.array(sets), dtype=torch.float32)  # (seeds, classes, n, d)
    partner = torch.tensor(np.array([partners(one) for one in sets]))
    classes, n, d = points.shape[1:]
    clean_alone = torch.tensor([way in ("nothing", "noise") for way in ways])
    sigma = torch.tensor([0.0 if way == "nothing" else SIGMA[name] for way in ways])[:, None, None, None, None]
    start = [
        torch.randn(s, 1, *size, generator=rng) * (2 / size[0]) ** 0.5 for size in ((d, HIDDEN), (HIDDEN, classes))
    ]
    zeros = [torch.zeros(s, 1, 1, size) for size in (HIDDEN, classes)]
    parameters = [
        p.expand(w, s, k, *p.shape[2:]).flatten(0, 2).clone() for p in (start[0], zeros[0], start[1], zeros[1])
    ]
    share = torch.tensor(SHARES).repeat(w * s)
    share[clean_alone.repeat_interleave(s * k)] = 0.5
    moments = [[torch.zeros_like(p) for p in parameters] for _ in range(2)]
    row = torch.arange(s)[:, None]

    def spread(x):  # (ways, seeds, batch, ...) to the leading axis
        return x[:, :, None].expand(w, s, k, *x.shape[2:]).flatten(0, 2)

    def second_loss(now, t, first, second, labels, others, noise):
        logs = torch.log_softmax(forward(now, torch.lerp(first, second, t[..., None]) + noise), dim=-1)
        at_first, at_second = (logs.gather(2, y[..., None])[..., 0] for y in (labels, others))
        return -((1 - t) * at_first + t * at_second), logs

    for step in range(1, STEPS + 1):
        cls, index = (torch.randint(size, (s, 2 * BATCH), generator=rng) for size in (classes, n))
        other = (cls + torch.randint(1, classes, (s, 2 * BATCH), generator=rng)) % classes
        anyone, chance = (
            torch.randint(classes, (s, 2 * BATCH), generator=rng),
            torch.randint(n, index.shape, generator=rng),
        )
        to = {"Mixup": (anyone, chance), "random between classes": (other, chance)}
        to["geodesic"] = other, partner[row, cls, other, index]
        here = points[row, cls, index]
        ends = [to.get(way, (cls, index)) for way in ways]
        there = spread(torch.stack([points[row, *end] for end in ends])[:, :, BATCH:])
        target = spread(torch.stack([end[0] for end in ends])[:, :, BATCH:])
        noise = (torch.randn(s, k, 2 * BATCH, d, generator=rng) * sigma).flatten(0, 2)
        first, second = (spread(here.expand(w, s, -1, d)[:, :, part]) for part in (slice(BATCH), slice(BATCH, None)))
        label = spread(cls.expand(w, s, -1))
        time = spread(torch.rand(s, BATCH, generator=rng).expand(w, s, BATCH))

        pairs = second, there, label[:, BATCH:], target, noise[:, BATCH:]
        if term in ("worst time", "both"):
            with torch.no_grad():
                losses = torch.stack(
                    [second_loss(parameters, torch.full_like(time, t), *pairs)[0].mean(dim=1) for t in TIMES]
                )
            time = torch.tensor(TIMES)[losses.argmax(dim=0)][:, None].expand_as(time)
        parameters = [p.requires_grad_() for p in parameters]
        logs = torch.log_softmax(forward(parameters, first + noise[:, :BATCH]), dim=-1)
        clean = -logs.gather(2, label[:, :BATCH, None])[..., 0].mean(dim=1)
        mixed, logs = second_loss(parameters, time, *pairs)
        mixed = mixed.mean(dim=1)
        if term in ("smooth", "both"):
            ahead = second_loss(parameters, time + AHEAD, *pairs)[1].exp() - logs.exp()
            mixed = mixed + SMOOTH * ((ahead / AHEAD) ** 2).sum(dim=-1).mean(dim=1)
        slopes = torch.autograd.grad(((1 - share) * clean + share * mixed).sum(), parameters)
        with torch.no_grad():
            scale = RATE * math.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            for p, m, v, slope in zip(parameters, *moments, slopes, strict=True):
                m.lerp_(slope, 0.1)
                v.mul_(0.999).addcmul_(slope, slope, value=0.001)
                p.sub_(scale * m / (v.sqrt() + 1e-8))
        parameters = [p.detach() for p in parameters]
    return [p.unflatten(0, (w, s, k)) for p in parameters]


def forward(parameters, inputs):
    """Scores (m, n, classes) of inputs (m, n, d)."""
    into, shift, out, offset = parameters
    return torch.baddbmm(offset, torch.relu(torch.baddbmm(shift, inputs, into)), out)


def radius(correct, chosen, draws, sigma):
    """Certified radii by Clopper and Pearson: 0 where the class chosen first is wrong or its share may be below 1/2.

    Parameters
    ----------
    correct : array of bool
        Whether the class that the first draws chose is the true one.
    chosen : array of int
        How many of the ``draws`` gave that class.
    draws : int
    sigma : float
        Of the noise.
    """
    lower = np.where(chosen > 0, beta.ppf(ALPHA, np.maximum(chosen, 1), draws - chosen + 1), 0.0)
    return np.where(correct & (lower > 0.5), sigma * norm.ppf(np.maximum(lower, 0.5)), 0.0)


@torch.no_grad()
def certify(parameters, inputs, labels, sigma, draws, rng):
    """Certified radii (m, n) of ``m`` networks on inputs (m, n, d) with labels (m, n)."""
    m, n, d = inputs.shape
    classes = parameters[-1].shape[-1]
    counts = []
    for number in (FIRST, draws):
        count = torch.zeros(m, n, classes)
        for begin in range(0, number, 50):
            size = min(50, number - begin)
            noise = sigma * torch.randn(1, size, n, d, generator=rng)  # the same draws for all networks
            said = forward(parameters, (inputs[:, None] + noise).flatten(1, 2)).argmax(dim=-1).unflatten(1, (size, n))
            count += torch.nn.functional.one_hot(said, classes).sum(dim=1)
        counts.append(count)
    guess = counts[0].argmax(dim=-1)
    chosen = counts[1].gather(2, guess[..., None])[..., 0]
    return radius((guess == labels).numpy(), chosen.numpy().astype(int), draws, sigma)


def run(name, seeds):
    """Certified radii on test inputs, for every way and seed: a dict of arrays (seeds, inputs), and the shares chosen.

    The share of the second batch is chosen by the mean radius of few draws on validation inputs.
    """
    sets = [data(name, seed) for seed in seeds]
    validation, test = (
        [torch.tensor(np.array([one[part][i] for one in sets]), dtype=(torch.float32, torch.int64)[i]) for i in (0, 1)]
        for part in (1, 2)
    )
    radii, chosen = {}, {}
    for term, ways in TERMS.items():
        ways = ways or WAYS
        parameters = train(name, seeds, ways, term)
        for i, way in enumerate(ways):
            own = [p[i] for p in parameters]  # (seeds, shares, ...)
            rng = torch.Generator().manual_seed(5)
            inputs, labels = (x.repeat_interleave(len(SHARES), dim=0) for x in validation)
            found = certify([p.flatten(0, 1) for p in own], inputs, labels, SIGMA[name], 100, rng)
            best = found.mean(axis=1).reshape(len(seeds), -1).argmax(axis=1)
            picked = [p[torch.arange(len(seeds)), best] for p in own]
            key = f"{way}, {term}" if term else way
            radii[key] = certify(picked, *test, SIGMA[name], DRAWS, torch.Generator().manual_seed(6))
            chosen[key] = [SHARES[b] for b in best]
    return radii, pd.DataFrame(chosen, index=list(seeds))


def between(seed=0, n=60):
    """Two moons (2, n, 2), and for each point of the first its partner in the second: by the plan, and by chance."""
    points, labels = make_moons(2 * n, noise=0.1, random_state=seed)
    moons = np.array([points[labels == c] for c in (0, 1)])
    return moons, partners(moons)[0, 1], np.random.default_rng(seed).permutation(n)
