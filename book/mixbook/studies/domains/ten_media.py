"""Ten domains, each on its carrier and on others: the same parts, weights and rule, and how far the mixture moves.

Each function draws so many mixtures and returns their moves by the name of the other carrier, and those of a change of
carrier that should change nothing; all over the distance between the parts as they are on the first carrier.
"""

import itertools
from copy import copy

import numpy as np
import pandas as pd

from mixbook.studies.carriers.medium import FAT
from mixbook.studies.domains import light as light_study
from mixbook.studies.domains import paint as paint_study
from mixbook.studies.domains import smell as smell_study
from mixbook.studies.domains import social as social_study
from mixbook.studies.domains import sound as sound_study
from mixbook.studies.domains import statistics as statistics_study
from mixbook.studies.domains.machine_learning import averages
from mixlib import simplex
from mixlib.carriers import degroot
from mixlib.domains import alloys as alloys_domain
from mixlib.domains import light as light_domain
from mixlib.domains import liquids, society
from mixlib.domains import paint as paint_domain
from mixlib.domains import smell as smell_domain
from mixlib.domains import sound as sound_domain
from mixlib.domains import statistics as statistics_domain
from mixlib.domains import taste as taste_domain
from mixlib.kernels import Linear, Reactive

NETWORKS, SPLITS, CASES = 4, 4, 30  # pairs of networks and splits of data a seed, and cases to learn from
INCLUDE = 0.1  # the prior chance of an input, against one half
ABOVE, BELOW, TENTH = (1.02, 1.5), (0.7, 0.98), 0.9  # over the temperature from which on two metals mix


def over(moved, parts):
    """Lengths (pairs,) of the moves (pairs, d), over the largest distance between two of the parts (pairs, n, d)."""
    apart = np.linalg.norm(parts[:, :, None] - parts[:, None], axis=-1).max(axis=(1, 2))
    return np.linalg.norm(moved, axis=-1) / apart


def taste(pairs, rng):
    """Broths of glutamate and inosinate, in water and in a dish with fat; the control dissolves salts as water does."""
    totals, traces = 10 ** rng.uniform(-2, -1, pairs), 10 ** rng.uniform(-4, -2, pairs)  # g/100 mL
    weights = simplex.sample(2, pairs, rng=rng)

    def tasted(times):
        made = [taste_domain.in_broth(times * c, times * s) for c, s in zip(totals, traces, strict=True)]
        mixtures = [kernel(w, parts) for (kernel, parts), w in zip(made, weights, strict=True)]
        return np.array(mixtures), np.array([parts for _, parts in made])

    (water, parts), (fat, _), (other, _) = (tasted(t) for t in (1.0, *taste_domain.in_water(FAT, [0.0, 1.0])))
    return {"a dish with fat": over(fat - water, parts)}, over(other - water, parts)


def smell(pairs, rng):
    """Two odours at 300 receptors, over water and over a dish with fat; the control fat dissolves as water does."""
    weights = simplex.sample(2, pairs, rng=rng)
    noses = [smell_domain.draw_nose(2, smell_study.RECEPTORS, rng=rng) for _ in range(pairs)]
    likes = {"water": (1.0, 1.0), "fat": (smell_study.LIKES_FAT, smell_study.LIKES_WATER)}

    def smelled(fat, name):
        return np.array([smell_study.over(n, w, fat, likes[name]) for n, w in zip(noses, weights, strict=True)])

    here, parts = smelled(0.0, "water"), np.array([nose.parts for nose in noses])
    return {"a dish with fat": over(smelled(FAT, "fat") - here, parts)}, over(smelled(FAT, "water") - here, parts)


def chemistry(pairs, rng):
    """Two substances that join in one of eleven solvents, and in another; the control is a flask of twice the size.

    They have the time in which, in the first solvent, half of an even mixture joins.
    """
    weights, parts = simplex.sample(2, pairs, rng=rng), np.eye(2, 3)  # mol/L of both and of the salt
    speeds = np.array([speed for speed, _ in liquids.MENSHUTKIN.values()])
    chosen = speeds[[rng.choice(len(speeds), 2, replace=False) for _ in range(pairs)]]

    def joined(which, litres=1.0):
        found = [
            Reactive(stoichiometry=((-1, -1, 1),), rates=two[which] / two[0], time=2.0, volume=litres)(
                w, litres * parts
            )
            for two, w in zip(chosen, weights, strict=True)
        ]
        return np.array(found) / litres

    here, parts_of_all = joined(0), np.broadcast_to(parts, (pairs, 2, 3))
    return {"another solvent": over(joined(1) - here, parts_of_all)}, over(joined(0, 2.0) - here, parts_of_all)


def light(pairs, rng):
    """Three lamps that make white together, averaged as light and as numbers of a screen; the control are cones."""
    weights = simplex.sample(3, pairs, rng=rng)
    eye = light_study.EYE["1931"]
    lamps = np.array([light_domain.tristimulus(light_study.white_of(three), eye)
                      for three in light_study.drawn_lamps(pairs, rng)])  # fmt: skip
    here, there = Linear()(weights, lamps), np.einsum("pn,pnd->pd", light_study.decoded(weights), lamps)
    cones = light_domain.cones(np.eye(3))  # X, Y, Z as cones' numbers, row by row
    back = np.linalg.solve(cones.T, Linear()(weights, light_domain.cones(lamps)).T).T
    return {"numbers of a screen": over(there - here, lamps)}, over(back - here, lamps)


def paint(pairs, rng):
    """Two paints, stirred, by daylight and under three lamps; the control is daylight of a third of its power."""
    weights = simplex.sample(2, pairs, rng=rng)
    both = list(itertools.combinations(paint_study.PIGMENTS, 2))
    parts = np.array([paint_domain.reflectance(*both[i]) for i in rng.integers(len(both), size=pairs)])
    stirred = paint_domain.kubelka_munk(weights, parts)
    _, *lamps, dim = paint_study.LIGHTS
    here, apart = paint_study.lab(stirred), paint_study.lab(parts)
    moves = {lamp: over(paint_study.lab(stirred, paint_study.LIGHTS[lamp]) - here, apart) for lamp in (*lamps, dim)}
    return moves, moves.pop(dim)


def machine_learning(pairs, rng):
    """Two networks on digits in equal shares, as probabilities, logits and weights.

    The parts are functions of all test images. Without a hidden layer weights and logits should be one carrier: the
    control is their difference.
    """
    seeds = tuple(rng.integers(2**31, size=min(pairs, NETWORKS)).tolist())
    moves = {}
    for kind in (averages.OWN, averages.BASE, averages.FLAT):
        data, network, theta = averages.pairs("digits", kind, seeds)
        data = copy(data)  # others are given the same one
        data.inputs = data.inputs.double()  # so that rounding is none of the control
        found, laws = averages.averaged(data, network, theta.double(), 0.5)
        laws = laws.reshape(len(seeds), 2, -1)

        def moved(one, other="probabilities", found=found, laws=laws):
            return over((found[one] - found[other]).reshape(len(laws), -1), laws)

        if kind == averages.FLAT:
            return moves, moved("weights", "logits")
        moves |= {f"{carrier}, {kind}": moved(carrier) for carrier in ("logits", "weights")}


def social(pairs, rng):
    """Crowds that average to a consensus, everybody with everybody and on other graphs; in the control names change."""
    moves, control = {}, []
    for seed in rng.integers(2**31, size=pairs):
        first, _ = social_study.start(seed)
        order = np.random.default_rng(seed).permutation(len(first))

        def agreed(trust, first=first):
            return degroot(trust, first[:, None]).opinions[0, 0] / np.ptp(first)

        trusts = {name: society.listening(graph) for name, graph in social_study.graphs(len(first), seed).items()}
        here = agreed(trusts.pop("everybody"))
        for name, trust in trusts.items():
            moves.setdefault(f"a {name}" if name != "random" else "a random graph", []).append(
                abs(agreed(trust) - here)
            )
        renamed = trusts["random"][np.ix_(order, order)]
        control.append(abs(agreed(renamed, first[order]) - agreed(trusts["random"])))
    return {name: np.array(moved) for name, moved in moves.items()}, np.array(control)


def sound(pairs, rng):
    """Roughness of chords of harmonic tones and of stretched ones; in the control the tones have no overtones."""
    weights, roots = simplex.sample(3, pairs, rng=rng), sound_domain.MIDDLE_C * 2 ** rng.uniform(-1, 1, pairs)
    chords = [semitones for semitones, _ in sound_domain.CHORDS.values()]
    kinds = rng.integers(len(chords), size=pairs)
    tones = np.array([sound_domain.tempered(chords[i], root=f) for i, f in zip(kinds, roots, strict=True)])

    def rough(weights, **timbre):
        return sound_domain.chord(weights, tones, **timbre)

    def parts(**timbre):
        return np.stack([rough(np.broadcast_to(one, (pairs, 3)), **timbre) for one in np.eye(3)], axis=1)

    stretched, pure = {"stretch": sound_study.WIDER}, {"partials": 1}
    moved = rough(weights, **stretched) - rough(weights)
    still = rough(weights, **pure, **stretched) - rough(weights, **pure)
    return {"stretched overtones": over(moved, parts())}, over(still, parts())


def alloys(pairs, rng):
    """Two metals whose atoms prefer their own kind, above the temperature where they part and below.

    The mixture is the composition of the poorer and of the richer liquid. In the control atoms have no preference.
    """
    share, hot = simplex.sample(2, pairs, rng=rng)[:, 1], rng.uniform(*ABOVE, pairs)
    colder = {"a colder melt": rng.uniform(*BELOW, pairs), "a melt a tenth too cold": np.full(pairs, TENTH)}

    def liquids_at(temperatures, critical=1.0):
        poor = np.array([alloys_domain.binodal(2 * critical / t) for t in temperatures])[:, None]
        parted = np.abs(share[:, None] - 0.5) < 0.5 - poor
        return np.where(parted, np.hstack([poor, 1 - poor]), share[:, None])

    metals = np.broadcast_to(np.array([[0.0, 0.0], [1.0, 1.0]]), (pairs, 2, 2))
    moves = {name: over(liquids_at(cold) - liquids_at(hot), metals) for name, cold in colder.items()}
    return moves, over(liquids_at(colder["a colder melt"], 0.0) - liquids_at(hot, 0.0), metals)


def statistics(pairs, rng):
    """Averages of models by what an urn gave, and by 30 cases of real data, under other priors.

    The control counts black balls in place of white ones, or takes the inputs of regressions in another order.
    """
    alike, *others = statistics_study.priors()
    moves, control = {}, []
    for white in rng.integers(statistics_domain.DRAWN + 1, size=pairs):
        urn = statistics_domain.BALLS, statistics_domain.DRAWN

        def chance(prior, black=False, urn=urn, white=white):
            given = statistics_study.priors()[prior]
            weights, parts = statistics_domain.urn(
                *urn, urn[1] - white if black else white, given[:: -1 if black else 1]
            )
            return weights @ parts[:, 0]

        for prior in others:  # the members' chances go from 0 to 1
            moves.setdefault(f"{prior} (urn)", []).append(abs(chance(prior) - chance(alike)))
        control.append(abs(1 - chance(alike, black=True) - chance(alike)))
    splits = rng.integers(2**31, size=min(pairs, SPLITS)).tolist()
    for name in ("diabetes", "iris"):
        found = statistics_study.moved_by_prior(name, splits, CASES, INCLUDE)
        moves[f"a prior for few inputs ({name})"] = found["move"]
        control.extend(found["control"])
    return {name: np.array(moved) for name, moved in moves.items()}, np.array(control)


TEN = {  # and what should change nothing
    "taste": (taste, "fat that dissolves as water does"),
    "smell": (smell, "fat that dissolves as water does"),
    "chemistry": (chemistry, "a flask of twice the size"),
    "light": (light, "numbers of cones"),
    "paint": (paint, "dimmed daylight"),
    "machine learning": (machine_learning, "logits, without a hidden layer"),
    "society": (social, "people under other names"),
    "sound": (sound, "tones without overtones"),
    "alloys": (alloys, "atoms without preference"),
    "statistics": (statistics, "black for white, other order of inputs"),
}


def run(mixtures, seeds):
    """All changes of carrier in all domains.

    Returns
    -------
    moves : pandas.DataFrame
        The median move over the mixtures, a row a domain and change, a column a seed.
    controls : pandas.Series
        The largest move of the control, by domain.
    """
    moves, controls = {}, {}
    for domain, (change, _) in TEN.items():
        found = [change(mixtures, np.random.default_rng(seed)) for seed in seeds]
        controls[domain] = max(float(still.max()) for _, still in found)
        for name in found[0][0]:
            moves[domain, name] = [float(np.median(moved[name])) for moved, _ in found]
    moves = pd.DataFrame.from_dict(moves, orient="index", columns=list(seeds))
    moves.index = pd.MultiIndex.from_tuples(moves.index, names=["domain", "carrier"])
    return moves, pd.Series(controls)
