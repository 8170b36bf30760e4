"""Where O-information is negative and where positive: over hulls, correlation, noise and overlap.

The mixture M is always one of the variables, next to its parts.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq, linprog

from mixlib.arrays import generator
from mixlib.information import systems
from mixlib.information.estimators.gaussian import from_covariance
from mixlib.information.exact import from_pmf
from mixlib.instruments.hull import hull_escape
from mixlib.kernels import Linear, LogLinear

GATES = {  # what a mixture of three bits may be
    "parity": lambda *bits: sum(bits) % 2,
    "all": lambda *bits: min(bits),
    "any": lambda *bits: max(bits),
    "majority": lambda *bits: int(sum(bits) > 1),
    "sum": lambda *bits: sum(bits),
    "all alike": lambda *bits: int(len(set(bits)) == 1),
    "multiplexer": lambda switch, a, b: b if switch else a,
    "first": lambda *bits: bits[0],
}

BLENDS = {  # mixtures of two parts (..., 2, d), half of each
    "mean": lambda parts: Linear()(None, parts),
    "geometric mean": lambda parts: LogLinear()(None, parts),
    "gate": lambda parts: _of_larger_amount(parts),
    "maximum": lambda parts: parts.max(axis=-2),
}


def hull_against_omega(agreements=(0.0, 1.0)):
    """Omega and hull escape of four kernels that mix two parts with random amounts.

    The parts are the points (1, 9, a) and (9, 1, b), each amount 1 or 2 by a fair bit; the two bits are equal with
    probability ``agreement``, else independent. Columns ``kernel``, ``agreement``, ``omega`` (bits; of both bits and
    the mixture), ``escape`` (mean over the states), ``where`` ("inside" or "outside" if so in every state).
    """
    first, second = np.meshgrid([1.0, 2.0], [1.0, 2.0], indexing="ij")
    one, nine = np.ones((2, 2)), np.full((2, 2), 9.0)
    parts = np.stack([np.stack([one, nine, first], axis=-1), np.stack([nine, one, second], axis=-1)], axis=-2)
    rows = []
    for name, blend in BLENDS.items():
        mixtures = blend(parts)
        escape = hull_escape(mixtures, parts)
        states = np.round(mixtures, 9)
        transition = systems.deterministic((2, 2), lambda a, b, states=states: tuple(states[a, b]))
        for agreement in agreements:
            pmf = systems.agreeing_bits(agreement)
            inside = escape.inside[pmf > 0]
            where = "inside" if inside.all() else "mixed" if inside.any() else "outside"
            omega = from_pmf(systems.channel(pmf, transition), units="bits").omega
            rows.append((name, agreement, omega, float(np.sum(pmf * escape.distance)), where))
    return pd.DataFrame(rows, columns=["kernel", "agreement", "omega", "escape", "where"])


def best_threshold(omegas, outside):
    """The largest share of systems whose side one threshold on Omega tells, whichever side it calls outside."""
    ends = [-np.inf, *np.unique(np.round(omegas, 9)) + 1e-6]
    right = [np.mean((np.asarray(omegas) < end) == outside) for end in ends]
    return float(max(max(right), 1 - min(right)))


def in_hull(mixture, parts):
    """Whether a linear programme finds weights that give the mixture: a second way to what hull escape says."""
    rows = np.vstack([parts.T, np.ones(len(parts))])
    return linprog(np.zeros(len(parts)), A_eq=rows, b_eq=[*mixture, 1], bounds=(0, None)).success


def linear_omega(n, rhos, snr):
    """Omega (bits) of ``n`` Gaussian parts and their noisy mean, an array over the correlations ``rhos``."""
    covariances = np.stack([systems.mean_with_noise(n, rho, snr) for rho in rhos])
    return from_covariance(covariances, units="bits").omega


def linear_sign_change(n, snr):
    """The correlation at which Omega of ``n`` Gaussian parts and their noisy mean turns positive.

    Raises
    ------
    ValueError
        If Omega does not change its sign for correlations between 0 and .999.
    """
    ends = linear_omega(n, (0.0, 0.999), snr)
    if not ends[0] < 0 < ends[1]:
        raise ValueError(f"snr: {snr} gives Omega {ends[0]:.3g} at rho 0 and {ends[1]:.3g} at rho .999; no change")
    return brentq(lambda rho: linear_omega(n, [rho], snr)[0], 0.0, 0.999, xtol=1e-10)


def linear_sign_changes(sizes, ratios):
    """What :func:`linear_sign_change` gives: a row a signal-to-noise ratio, a column a number of parts."""
    columns = {n: [linear_sign_change(n, snr) for snr in ratios] for n in sizes}
    return pd.DataFrame(columns, index=list(ratios))


def overlap_map(agreements, gates=GATES, n_bits=3):
    """Omega (bits) of bits and a gate of them: a row a gate, a column an agreement of the bits.

    The bits are one bit with probability ``agreement``, else independent. ``gates`` are functions of ``n_bits`` bits
    by name.
    """
    rows = {}
    for name, gate in gates.items():
        transition = systems.deterministic((2,) * n_bits, gate)
        joints = [systems.channel(systems.agreeing_bits(a, n_bits), transition) for a in agreements]
        rows[name] = [from_pmf(joint, units="bits").omega for joint in joints]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(agreements))


def random_overlap_map(agreements, instances=200, *, rng=None):
    """The same for three bits and random channels to four outputs: a row a channel."""
    rng = generator(rng)
    rows = []
    for _ in range(instances):
        transition = systems.random_channel((2, 2, 2), 4, sharpness=10 ** rng.uniform(-1, 2), rng=rng)
        joints = [systems.channel(systems.agreeing_bits(a, 3), transition) for a in agreements]
        rows.append([from_pmf(joint, units="bits").omega for joint in joints])
    return pd.DataFrame(rows, columns=list(agreements))


def _of_larger_amount(parts):
    """The part that a gate picks by the last coordinate, the first part where both have as much."""
    chosen = np.argmax(parts[..., -1], axis=-1)
    return np.take_along_axis(parts, chosen[..., None, None], axis=-2)[..., 0, :]
