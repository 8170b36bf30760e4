"""Keys: is one domain's kernel that of another, but for a monotone map of the coordinate and weights shared anew?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from mixlib.arrays import generator
from mixlib.carriers.simplex import Simplex

CLOSE = 0.01  # of the spread of the mixtures: what a map may be off by and count as one
TRAIN, HELD_OUT = 80, 200  # recipes
POINTS = 400  # of the table of a map, by which it is turned round
DEGREE = 4  # of the map's logarithmic slope
WIDER = 0.2  # how far parts reach beyond the two of the domain
KEPT, BROKEN = 1e-6, 0.05  # of that spread: an identity that holds, and one that does not hold nearly
IDENTITY_TRIALS = 50
FAR = 0.05  # a map so far off in one direction is not tried in the other
FIRST_STEPS, MORE_STEPS = 25, 50  # of a fit, and of one that is not HOPELESS after the first
HOPELESS = 0.05  # half the mean square over the spread
HELD = 1e-5
STEP = np.sqrt(np.finfo(float).eps)  # of a slope
SOLVED = 1e-9  # half the mean square over the spread: no further start is tried
REFUSED = 1e3  # what it costs to ask for a mixture that the other kernel refuses


class Voice:
    """Two parts of a domain in one coordinate, that in which its mixtures vary most.

    The two are those farthest apart there; other parts keep no weight, and other coordinates stay. On a simplex the
    others share what is left, in their proportions.

    Parameters
    ----------
    domain : Domain
        Its mixture is a point among its parts.

    Raises
    ------
    ValueError
        If it is none.
    """

    def __init__(self, domain):
        self.kernel, self.parts = domain.mean_kernel(), np.asarray(domain.parts, dtype=float)
        near = domain.nearby(50)
        mixtures = self.kernel(np.roll(np.tile(domain.weights, (50, 1)), 1, axis=-1), near)
        if domain.part_unit or mixtures.shape[-1] != self.parts.shape[-1]:
            raise ValueError(f"domain: its mixture, in {domain.unit}, is no point among its parts; give another one")
        self.shares_out = isinstance(domain.carrier, Simplex)
        corners = self.kernel(np.eye(len(self.parts)), self.parts)
        self.coordinate = int(np.var(np.vstack([mixtures, corners]), axis=0).argmax())
        own = self.parts[:, self.coordinate]
        self.pair = (int(own.argmin()), int(own.argmax())) if np.ptp(own) > 0 else (0, 1)
        lowest, highest = own[list(self.pair)]
        self.range = ((1 - WIDER) * lowest, min((1 + WIDER) * highest, 0.95 if self.shares_out else np.inf))

    def __call__(self, share, values):
        """Mixtures (T,) with ``share`` (T,) of the second of two parts of these ``values`` (T, 2)."""
        parts = np.repeat(self.parts[None], len(share), axis=0)
        for at, part in enumerate(self.pair):
            if self.shares_out:
                scale = (1 - values[:, at]) / (1 - self.parts[part, self.coordinate])
                parts[:, part] *= scale[:, None]
            parts[:, part, self.coordinate] = values[:, at]
        weights = np.zeros((len(share), len(self.parts)))
        weights[:, self.pair[0]], weights[:, self.pair[1]] = 1 - share, share
        with np.errstate(all="ignore"):  # a fit may ask for what is out of range, and is told so by what comes out
            return self.kernel(weights, parts)[:, self.coordinate]

    def identities(self):
        """How far two identities are broken that no key changes, over the spread of the mixtures.

        Equal parts return themselves, and of four parts in a square rows may be mixed before columns or after. What
        cannot be tried, since a mixture of the first stage is refused as a part, is broken.
        """
        rng = np.random.default_rng(0)
        share, values, mixtures = self.recipes(IDENTITY_TRIALS, rng)
        spread, other = max(mixtures.std(), 1e-12), rng.random(IDENTITY_TRIALS)
        equal = self(share, values[:, [0, 0]]) - values[:, 0]
        below = rng.uniform(*self.range, values.shape)
        try:
            rows = self(other, np.stack([self(share, values), self(share, below)], axis=-1))
            columns = [self(other, np.stack([values[:, at], below[:, at]], axis=-1)) for at in (0, 1)]
            stages = np.abs(rows - self(share, np.stack(columns, axis=-1))).max() / spread
        except ValueError:
            stages = np.inf
        return {"equal parts": float(np.abs(equal).max() / spread), "stages": float(stages)}

    def recipes(self, count, rng):
        """Shares (T,), values (T, 2) within the range, and their mixtures (T,)."""
        share, values = rng.random(count), rng.uniform(*self.range, (count, 2))
        return share, values, self(share, values)


def voices_of(domains):
    """A :class:`Voice` of each domain that has one; those whose mixture is no point among the parts are left out."""
    found = {}
    for name, domain in domains.items():
        try:
            found[name] = Voice(domain)
        except ValueError:
            continue
    return found


@dataclass(frozen=True, eq=False, kw_only=True)
class Key:
    """A fitted map by which one voice is played on another.

    Attributes
    ----------
    error, units_error : float
        On held-out recipes, over the spread of the mixtures: of the map, and of the best change of units alone.
    coordinate, image : array (400,)
        The map: values of the domain that is played, and of the one that plays it.
    odds : float
        What the map multiplies the odds of the second part by.
    told, played : array (T,)
        Held-out mixtures of the domain, and what the other one makes of them.
    """

    error: float
    units_error: float
    coordinate: Any
    image: Any
    odds: float
    told: Any
    played: Any


def fit_key(player, played, rng=None):
    r"""Play one voice on another: the best monotone map and re-sharing of weights.

    .. math:: K_{\text{played}}(w, p) \approx \varphi^{-1}\bigl(K_{\text{player}}(w', \varphi(p))\bigr), \qquad
        \frac{w'_2}{w'_1} = \rho \, \frac{w_2}{w_1}, \qquad \log |\varphi'| = \textstyle\sum_k a_k P_k

    rising or falling, with Legendre polynomials up to degree 4, and the logarithm where the coordinate is positive. A
    change of units has :math:`\rho = 1` and a constant slope.

    Parameters
    ----------
    player, played : Voice
    rng : None, int or numpy.random.Generator, default=None
        Draws the recipes; ``None`` is seed 0.

    Returns
    -------
    Key
    """
    rng = generator(rng)
    train, held_out = played.recipes(TRAIN, rng), played.recipes(HELD_OUT, rng)
    search = _Search(player, played, train, held_out)
    units, best = None, None
    for falls, start in search.starts():
        found = search.solve(start, falls, units_only=True)
        units = found if units is None or found[0] < units[0] else units
        if units[0] < SOLVED:  # nothing to bend
            best = units
            break
        found = search.solve(found[1], falls, units_only=False)
        if found[0] >= SOLVED:  # the units may have led astray
            found = min(found, search.solve(start, falls, units_only=False), key=lambda one: one[0])
        best = found if best is None or found[0] < best[0] else best
        if best[0] < SOLVED:
            break
    told = held_out[2]
    played_well, played_in_units = (search.answer(one, held_out) for one in (best, units))
    spread = max(told.std(), 1e-12)
    error, units_error = (
        min(float(np.sqrt(np.mean((one - told) ** 2)) / spread), REFUSED) for one in (played_well, played_in_units)
    )
    return Key(
        error=error,
        units_error=units_error,
        coordinate=search.grid,
        image=search.map(best[1], best[2]),
        odds=float(np.exp(best[1][2])),
        told=told,
        played=played_well,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Pair:
    """Whether two domains are one kernel in another key.

    Attributes
    ----------
    excluded : str or None
        An identity that one keeps and the other breaks, so that there is no map at all; then nothing is fitted.
    error, units_error : float
        The larger one of both directions, NaN where excluded. Where the first direction is far off the second is not
        tried.
    there, back : Key or None
        The first plays the second, and the other way round.
    """

    excluded: str | None = None
    error: float = np.nan
    units_error: float = np.nan
    there: Key | None = None
    back: Key | None = None

    @property
    def kind(self):
        """``"units"``, ``"key"`` or ``"none"``: one kernel up to units, in another key, or no map."""
        if self.excluded or not self.error <= CLOSE:
            return "none"
        return "units" if self.units_error <= CLOSE else "key"


def compare(one, other, *, fit_excluded=False, rng=None):
    """A :class:`Pair` of two voices, by their identities first and by maps both ways if these agree."""
    first, second = one.identities(), other.identities()
    broken = [law for law in first if min(first[law], second[law]) < KEPT and max(first[law], second[law]) > BROKEN]
    if broken and not fit_excluded:
        return Pair(excluded=broken[0])
    there = fit_key(one, other, rng)
    back = fit_key(other, one, rng) if there.error <= FAR else None
    both = [key for key in (there, back) if key]
    return Pair(
        error=max(key.error for key in both),
        units_error=max(key.units_error for key in both),
        there=there,
        back=back,
    )


def compare_all(voices, rng=None):
    """A :class:`Pair` for every two voices of a dict, by both names in its order."""
    names = list(voices)
    return {(a, b): compare(voices[a], voices[b], rng=rng) for i, a in enumerate(names) for b in names[i + 1 :]}


class _Search:
    """Parameters: lower end of the image over its height, log height, log odds, coefficients of the log slope."""

    def __init__(self, player, played, train, held_out):
        self.player, self.train = player, train
        seen = np.concatenate([np.ravel(array) for one in (train, held_out) for array in one[1:]])
        low, high = seen.min(), seen.max()
        self.grid = np.linspace(low, high, POINTS) if high > low else np.linspace(low, low + 1, POINTS)
        if low > 0:  # steps that grow, so that what bends near 0 is seen
            self.grid = np.geomspace(low, high, POINTS)
        centred = 2 * (self.grid - self.grid[0]) / np.ptp(self.grid) - 1
        self.basis = np.polynomial.legendre.legvander(centred, DEGREE)[:, 1:]
        if low > 0:
            self.basis = np.column_stack([self.basis, np.log(self.grid / np.sqrt(low * high))])
        self.spread = max(train[2].std(), 1e-12)

    def starts(self):
        """Images a bit within the player's own range, so that a step does not leave it, and turned over at 0."""
        low, high = self.player.range
        wide = high - low if high > low else max(high, 1.0)
        inset = low + 0.05 * wide
        yield False, np.array([inset / (0.9 * wide), np.log(0.9 * wide), 0.0])
        yield True, np.array([inset / (0.9 * wide), np.log(0.9 * wide), 0.0])
        yield True, np.array([-1 - inset / (0.9 * wide), np.log(0.9 * wide), 0.0])

    def map(self, parameters, falls):
        """The map on the grid: its slope never changes sign."""
        height = np.exp(np.clip(parameters[1], -30, 30))
        slope = np.exp(np.clip(self.basis @ parameters[3:], -30, 30)) if len(parameters) > 3 else np.ones(POINTS)
        steps = np.diff(self.grid) * (slope[1:] + slope[:-1]) / 2
        risen = np.concatenate([[0.0], np.cumsum(steps)])
        risen = risen / risen[-1]
        return height * (parameters[0] + (1 - risen if falls else risen))

    def play(self, parameters, falls, recipes):
        """What the player makes of recipes of the other, in the other's coordinate."""
        return self.play_each([parameters], falls, recipes)[0]

    def play_each(self, many, falls, recipes):
        """The same for many parameters: the player mixes all their recipes in one go."""
        share, values, _ = recipes
        images = [self.map(parameters, falls) for parameters in many]
        odds = np.exp(np.clip([parameters[2] for parameters in many], -20, 20))[:, None]
        shares = odds * share / (odds * share + 1 - share)
        mixed = self.player(shares.ravel(), np.concatenate([np.interp(values, self.grid, one) for one in images]))
        mixed = mixed.reshape(len(many), -1)
        return [self._back(one, image, falls) for one, image in zip(mixed, images, strict=True)]

    def _back(self, mixed, image, falls):
        """Mixtures of the player in the other's coordinate."""
        sign = -1 if falls else 1
        mixed = np.where(np.isfinite(mixed), mixed, image[0])
        inside = np.interp(sign * mixed, sign * image, self.grid)
        # beyond the table the map goes on straight
        first, last = (sign * image)[[0, -1]]
        slope = np.ptp(self.grid) / max(last - first, 1e-300)
        return inside + slope * (np.minimum(sign * mixed - first, 0) + np.maximum(sign * mixed - last, 0))

    def answer(self, found, recipes):
        """What a solution makes of recipes; far off where the player refuses some of them."""
        try:
            return self.play(found[1], found[2], recipes)
        except ValueError:
            return np.full(len(recipes[2]), REFUSED * self.spread)

    def solve(self, start, falls, *, units_only):
        """The least squares from one start: half the mean square over the spread, parameters, and the direction."""

        def residuals_of(many):
            try:
                every = [np.concatenate([free, [0.0]]) if units_only else free for free in many]
                played = self.play_each(every, falls, self.train)
            except ValueError:  # of many, one by one: the player refuses some
                if len(many) > 1:
                    return [residuals(free) for free in many]
                played = [np.full(TRAIN, REFUSED * self.spread) + self.train[2]]
            off = [np.clip((one - self.train[2]) / self.spread, -REFUSED, REFUSED) for one in played]
            # where units do not matter a fit would wander off: it is held, by far less than any misfit
            return [np.concatenate([one, HELD * (free - start)]) for one, free in zip(off, many, strict=True)]

        def residuals(free):
            return residuals_of([free])[0]

        def slopes(free):
            steps = np.where(free < 0, -STEP, STEP) * np.maximum(1, np.abs(free))
            here, *there = residuals_of([free, *(free + np.diag(steps))])
            return (np.array(there) - here).T / steps

        start = start[:2] if units_only else np.concatenate([start[:3], np.zeros(self.basis.shape[1])])
        found = least_squares(residuals, start, slopes, method="trf", max_nfev=FIRST_STEPS)
        if SOLVED < found.cost / TRAIN < HOPELESS:
            found = least_squares(residuals, found.x, slopes, method="trf", max_nfev=MORE_STEPS)
        parameters = np.concatenate([found.x, [0.0]]) if units_only else found.x
        return float(found.cost) / TRAIN, parameters, falls


def families(pairs):
    """Names that maps join, as sets, larger ones first; names that none joins are sets of one."""
    sets = {name: {name} for names in pairs for name in names}
    for (a, b), pair in pairs.items():
        if pair.kind != "none" and sets[a] is not sets[b]:
            joined = sets[a] | sets[b]
            sets |= dict.fromkeys(joined, joined)
    found = {id(one): one for one in sets.values()}
    return sorted(found.values(), key=lambda one: (-len(one), sorted(one)))
