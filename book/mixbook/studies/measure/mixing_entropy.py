"""What a mixture costs to write down, over its parts apart: gases, labels that overlap, words, and what is ordered."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.integrate import trapezoid

from mixlib.federation.text import corpora
from mixlib.information.compression import CODERS, code_length, mixing_entropy

LENGTH = 30_000  # particles or words
GASES = {"air": (0.7808, 0.2095, 0.0097), "half and half": (0.5, 0.5), "a tenth": (0.9, 0.1), "four gases": (0.25,) * 4}
OVERLAPS = (0.0, 0.2, 0.4, 0.6, 0.8)  # share of symbols that two parts have in common
WORDS = 255  # the most frequent ones; the rest is one sign


def gas(shares, rng):
    """Particles of each gas apart, in its own vessel, and the particles mixed."""
    counts = np.round(np.array(shares) * LENGTH).astype(int)
    apart = [np.full(count, kind) for kind, count in enumerate(counts)]
    return apart, rng.permutation(np.concatenate(apart))


def work(shares, rng, particles=2000, places=200, seconds=20.0):
    r"""What gases do against membranes while they mix, in bits a particle: a simulation that knows no logarithm.

    Each gas starts in its share of a vessel of length 1, at one temperature. A slow membrane that stops this gas and
    lets the others through moves to the end of the vessel. At each place of it the speeds are drawn (Maxwell)
    and their blows on it counted for a while; the mean force over the path is the work. Heat comes in for it, so the
    entropy grows by the work over the temperature.
    """
    total = 0.0
    for share in shares:
        path = np.geomspace(share, 1.0, places)
        speed = np.abs(rng.normal(size=(places, particles)))  # k T = 1, mass 1
        start = rng.uniform(size=speed.shape)  # how much of its way there and back a particle has done
        blows = np.floor(start + seconds * speed / (2 * path[:, None]))
        force = (2 * speed * blows).mean(axis=1) / seconds  # of one particle
        total += share * trapezoid(force, path)
    return float(total / np.log(2))


def labels(overlap, rng, symbols=8):
    """Symbols of two sources, half of each: each has its own symbols, and a share in common; apart and mixed."""
    own = np.zeros((2, symbols))
    own[0, : symbols // 2] = own[1, symbols // 2 :] = 2 / symbols
    sources = (1 - overlap) * own + overlap / symbols
    apart = [rng.choice(symbols, LENGTH // 2, p=source) for source in sources]
    return apart, rng.permutation(np.concatenate(apart))


@cache
def _texts():
    found = corpora.installed(characters=700_000)
    return [" ".join(page.text for page in found[name]).lower().split() for name in ("prose", "python")]


def words(seed):
    """Two texts as numbers of words, each with as many words: one of prose and one of programs; a window a seed."""
    texts, size = _texts(), LENGTH // 2
    windows = min(len(text) for text in texts) // size
    start = seed % windows * size
    texts = [text[start : start + size] for text in texts]
    frequent = pd.Series(texts[0] + texts[1]).value_counts().index[:WORDS]
    number = {word: place + 1 for place, word in enumerate(frequent)}
    return [np.array([number.get(word, 0) for word in text]) for text in texts]


def interleaved(apart, rng):
    """The parts as they are, in their own order, drawn upon by turns at random."""
    who = rng.permutation(np.repeat(np.arange(len(apart)), [len(part) for part in apart]))
    mixed = np.empty(len(who), dtype=int)
    for part, values in enumerate(apart):
        mixed[who == part] = values
    return mixed


def distributions(apart):
    """How often each part has each symbol, and the weights of the parts."""
    width = max(part.max() for part in apart) + 1
    counts = np.array([np.bincount(part, minlength=width) for part in apart], dtype=float)
    return counts / counts.sum(axis=1, keepdims=True), counts.sum(axis=1) / counts.sum()


def packed(symbols, kinds):
    """Bytes that hold as many of the symbols as fit: each takes 1, 2, 4 or 8 bits, by how many ``kinds`` there are."""
    bits = next(bits for bits in (1, 2, 4, 8) if kinds <= 1 << bits)
    symbols = np.append(symbols, np.zeros(-len(symbols) % (8 // bits), dtype=int)).reshape(-1, 8 // bits)
    return (symbols << bits * np.arange(8 // bits)).sum(axis=1)


def cost(apart, mixed, coder, pack=True):
    """Bits a particle that the mixture costs over its parts apart; compressors are given `packed` bytes."""
    kinds = max(part.max() for part in apart) + 1
    given = [packed(x, kinds) if pack and coder in CODERS else x for x in (mixed, *apart)]
    lengths = [code_length(x, coder) for x in given]
    return (lengths[0] - sum(lengths[1:])) / len(mixed)


def costs(apart, mixed):
    """The entropy of mixing and the cost by each coder.

    ``best`` is the cost by the compressor with the shortest mixture, ``coder``; ``bytes`` the same where each particle
    is given a byte of its own; ``least`` its bits a particle of the mixture over the mixture's entropy; ``redundancy``
    what an adaptive code may miss the entropy of mixing by, a particle: half a logarithm of the length for each symbol
    of the mixture and of each part, and one bit for each.
    """
    parts, weights = distributions(apart)
    row = {"entropy": float(mixing_entropy(weights, parts)), "adaptive": cost(apart, mixed, "adaptive")}
    row |= {coder: cost(apart, mixed, coder) for coder in CODERS}
    packs = packed(mixed, parts.shape[1])
    shortest = min(CODERS, key=lambda coder: code_length(packs, coder))
    longer = min(CODERS, key=lambda coder: code_length(mixed, coder))
    entropy = float(mixing_entropy(weights @ parts))  # of the mixture
    learnt = sum((len(np.unique(x)) - 1) / 2 * np.log2(len(x)) + len(np.unique(x)) for x in (mixed, *apart))
    return row | {
        "best": row[shortest],
        "bytes": cost(apart, mixed, longer, pack=False),
        "coder": shortest,
        "least": code_length(packs, shortest) / len(mixed) / entropy,
        "redundancy": float(learnt / len(mixed)),
    }


def systems(seed):
    """All systems of the page, as (kind, name, parts apart, mixture)."""
    rng = np.random.default_rng(seed)
    for name, shares in GASES.items():
        yield "gases", name, *gas(shares, rng)
    for overlap in OVERLAPS:
        yield "labels", f"{overlap:.0%} in common", *labels(overlap, rng)
    texts = words(seed)
    shuffled = [rng.permutation(text) for text in texts]
    yield "words, shuffled", "prose and programs", shuffled, rng.permutation(np.concatenate(shuffled))
    yield "texts, in order", "prose and programs", texts, interleaved(texts, rng)


def measured(seeds):
    """A row a system and seed: ``kind``, ``name``, ``seed`` and what `costs` gives."""
    return pd.DataFrame([
        {"kind": kind, "name": name, "seed": seed} | costs(apart, mixed)
        for seed in seeds
        for kind, name, apart, mixed in systems(seed)
    ])  # fmt: skip


def ordered(seed=0):
    """Bits a particle of three mixtures of as many of each gas: a random one, a crystal, and a generator's output."""
    rng = np.random.default_rng(seed)
    half = np.arange(LENGTH) % 2
    state, digits = 1, []
    for _ in range(LENGTH):  # a shift register: a rule of one line that looks random
        state = (state >> 1) ^ (0x80200003 if state & 1 else 0)
        digits.append(state & 1)
    found = {"random": rng.permutation(half), "crystal": half, "shift register": np.array(digits)}
    return pd.DataFrame(
        {name: {c: code_length(x, c) / LENGTH for c in ("adaptive", *CODERS)} for name, x in found.items()}
    ).T


def over_shares(overlap, shares, rng=None, length=40_000, symbols=8):
    """The entropy of mixing and the cost by an adaptive code, over the share of the first of two sources."""
    rng = np.random.default_rng(rng)
    rows = []
    for share in shares:
        own = np.zeros((2, symbols))
        own[0, : symbols // 2] = own[1, symbols // 2 :] = 2 / symbols
        sources = (1 - overlap) * own + overlap / symbols
        counts = np.round(np.array([share, 1 - share]) * length).astype(int)
        apart = [rng.choice(symbols, n, p=source) for n, source in zip(counts, sources, strict=True)]
        mixed = np.concatenate(apart)  # an adaptive code sees no order
        rows.append((float(mixing_entropy([share, 1 - share], sources)), cost(apart, mixed, "adaptive")))
    return np.array(rows)
