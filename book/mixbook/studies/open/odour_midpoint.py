"""The middle of two odours: invented noses in worlds whose answer is known, and a table in the layout of Open POM."""

from functools import cache

import numpy as np

from mixlib.domains.odours import Odours, better_middle, compare_middles, middle

WORLDS = {
    "between": "a mixture smells like the odour half-way",
    "both": "a mixture smells of both its parts",
    "third": "a mixture smells like an odour of its own",
}
EXPECTED = {"between": "wasserstein", "both": "arithmetic", "third": "neither"}
RECEPTORS, LIBRARY, MIXTURES = 60, 60, 30
WIDTHS = (0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3)  # how far a receptor's tuning reaches in the square
WIDTH = 0.1
OTHERWISE = {  # what else might be so: other noses, other tables, other choices in the analysis
    "as above": {},
    "20 receptors": {"receptors": 20},
    "150 receptors": {"receptors": 150},
    "much noise": {"noise": 0.6},
    "8 mixtures": {"mixtures": 8},
    "3 neighbours": {"neighbours": 3},
    "10 neighbours": {"neighbours": 10},
    "a quarter of the blur": {"blur": 0.005},
}


def respond(places, receptors, width=WIDTH):
    """Responses (n, d) of receptors that are tuned to places (d, 2) to odours at places (n, 2) of a square."""
    apart = ((places[:, None] - receptors) ** 2).sum(axis=-1)
    return np.exp(-apart / (2 * width**2))


def invented(world, seed, *, noise=0.1, mixtures=MIXTURES, width=WIDTH, receptors=RECEPTORS):
    """A table of single odours, and of mixtures of two that smell as one of ``WORLDS`` says, with noise.

    Each odour has a place in a square, and each receptor is tuned to one; what is measured is off by a factor.
    """
    rng = np.random.default_rng([seed, 11])
    tuned, places = rng.random((receptors, 2)), rng.random((LIBRARY, 2))
    singles = respond(places, tuned, width)
    pairs = np.array([rng.choice(LIBRARY, 2, replace=False) for _ in range(mixtures)], dtype=int).reshape(-1, 2)
    if world == "between":
        mixed = respond(places[pairs].mean(axis=1), tuned, width)
    elif world == "both":
        shapes = singles / singles.sum(axis=1, keepdims=True)
        mixed = shapes[pairs].mean(axis=1)
    else:
        mixed = respond(rng.random((mixtures, 2)), tuned, width)
    profiles = np.concatenate([singles, mixed.reshape(-1, receptors)])
    profiles = profiles * rng.lognormal(0, noise, profiles.shape)
    names = [*(f"odour {i}" for i in range(LIBRARY)), *(f"mixture {i}" for i in range(mixtures))]
    parts = [None] * LIBRARY + [tuple(int(i) for i in pair) for pair in pairs]
    shares = [None if p is None else np.array([0.5, 0.5]) for p in parts]
    channels = tuple(f"receptor {i}" for i in range(receptors))
    return Odours(tuple(names), channels, profiles, tuple(parts), tuple(shares))


@cache
def errors(world, seed, *, neighbours=5, blur=0.02, **settings):
    """The errors of all methods in an invented world; ``settings`` are those of `invented`."""
    return compare_middles(invented(world, seed, **settings), neighbours=neighbours, blur=blur)


def answers(seeds, worlds=tuple(WORLDS), **settings):
    """What the analysis says of each world, a word a seed; ``settings`` are those of `errors`.

    Returns
    -------
    dict of list of str
    """
    return {world: [better_middle(errors(world, seed, **settings))[0] for seed in seeds] for world in worlds}


def score(words, world):
    """Shares of the words that are right for a world, that say neither mean where one is right, and that are wrong."""
    kinds = ["right" if word == EXPECTED[world] else "silent" if word == "neither" else "wrong" for word in words]
    return {kind: kinds.count(kind) / len(kinds) for kind in ("right", "silent", "wrong")}


def in_layout_of_pom(path, seed=0, molecules=30, descriptors=12):
    """Write an invented table in the layout of Open POM: a name, descriptors in words, and a column of 0 and 1 each."""
    rng = np.random.default_rng(seed)
    words = [f"note {i}" for i in range(descriptors)]
    lines = [",".join(["nonStereoSMILES", "descriptors", *words, "odorless"])]
    for molecule in range(molecules):
        has = rng.random(descriptors) < 0.25
        has[rng.integers(descriptors)] = True
        told = ";".join(word for word, there in zip(words, has, strict=True) if there)
        lines.append(",".join([f"M{molecule}", told, *map(str, has.astype(int)), "0"]))
    lines.append(",".join(["M-without", "odorless", *"0" * descriptors, "1"]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def allows(odours):
    """What a table allows: whether both means can be formed, and whether a smelled mixture can judge them."""
    return {"single odours": len(odours.singles), "mixtures": len(odours.mixtures), "judges": len(odours.mixtures) > 1}


def typical(seed=0):
    """The mixture of the first world whose gain by the Wasserstein mean is the median one.

    Returns
    -------
    (array (d, 2), dict of array (d,), dict of float)
        The places of the receptors; the shapes of ``smelled`` and of both means; the errors of both.
    """
    places, odours = np.random.default_rng([seed, 11]).random((RECEPTORS, 2)), invented("between", seed)
    shapes, costs, found = odours.shapes(), odours.costs(), []
    for row in odours.mixtures:
        means = {m: middle(odours, odours.parts[row], [0.5, 0.5], m, costs) for m in ("arithmetic", "wasserstein")}
        errors = {m: float(np.abs(mean - shapes[row]).sum() / 2) for m, mean in means.items()}
        found.append((errors["arithmetic"] - errors["wasserstein"], {"smelled": shapes[row]} | means, errors))
    found.sort(key=lambda entry: entry[0])
    return places, *found[len(found) // 2][1:]
