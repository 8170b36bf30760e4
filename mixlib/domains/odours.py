"""Odours as profiles over descriptors or receptors: a reader's own table, checked, and what lies between two odours."""

import csv
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import shortest_path

from mixlib.arrays import generator
from mixlib.carriers.histograms import wasserstein_barycenter

NAMES = ("name", "odour", "odor", "molecule", "nonstereosmiles", "isomericsmiles", "smiles")  # the last are Open POM's
ODOURLESS = ("odorless", "odourless")  # Open POM has this among its descriptors; it is no odour
WORDS = ("descriptors", "updated_desc", "parts", "shares", *ODOURLESS)  # columns that hold no profile
METHODS = ("arithmetic", "wasserstein", "blurred", "nearest part", "mixture size")
NEIGHBOURS = 5
FEWEST = 6  # mixtures that decide: of fewer, all have one sign by chance in more than 5%
BLUR = 0.02  # entropy of the transport, over the largest cost: an exact plan leaves ragged profiles


@dataclass(frozen=True, eq=False)
class Odours:
    """Odours and mixtures of them, each with a profile over the same channels.

    Attributes
    ----------
    names : tuple of str
    channels : tuple of str
        Descriptors or receptors.
    profiles : array (n, d)
        Not negative, each with something in it.
    parts : tuple
        For each row ``None`` for a single odour, or the numbers of the rows that were mixed.
    shares : tuple
        For each row ``None``, or the weights (k,) of its parts.

    Examples
    --------
    >>> from mixlib.domains.odours import Odours
    >>> odours = Odours(("lemon", "rose"), ("fruity", "floral"), [[1, 0], [0, 1]], (None, None), (None, None))
    >>> odours.shapes().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    names: tuple
    channels: tuple
    profiles: np.ndarray
    parts: tuple
    shares: tuple

    def __post_init__(self):
        object.__setattr__(self, "profiles", np.asarray(self.profiles, dtype=float))

    @property
    def singles(self):
        """The numbers of the rows that are no mixtures."""
        return np.array([row for row, parts in enumerate(self.parts) if parts is None], dtype=int)

    @property
    def mixtures(self):
        """The numbers of the rows that are mixtures of others."""
        return np.array([row for row, parts in enumerate(self.parts) if parts is not None], dtype=int)

    def shapes(self):
        """The profiles (n, d) over their sums: what is said of an odour, however strong it is."""
        return self.profiles / self.profiles.sum(axis=1, keepdims=True)

    def costs(self, neighbours=NEIGHBOURS):
        """How far apart channels are, as a cost (d, d): the square of the shortest way along channels that are alike.

        Two channels are ``sqrt(2 - 2 r)`` apart, r their correlation over the single odours; a way steps from a channel
        to one of its ``neighbours`` most alike. Channels without a way are as far as the furthest others.
        """
        columns = self.shapes()[self.singles]
        columns = columns - columns.mean(axis=0)
        scale = np.sqrt((columns**2).sum(axis=0))
        columns = columns / np.where(scale > 0, scale, 1)
        apart = np.sqrt(np.clip(2 - 2 * columns.T @ columns, 1e-12, None))
        np.fill_diagonal(apart, 0)
        near = np.argsort(apart, axis=1)[:, 1 : neighbours + 1]
        steps = np.zeros_like(apart)
        np.put_along_axis(steps, near, np.take_along_axis(apart, near, axis=1), axis=1)
        ways = shortest_path(steps, directed=False)
        ways[np.isinf(ways)] = ways[np.isfinite(ways)].max()
        return ways**2


def read_odours(path):
    """Odours from a CSV file, checked row by row.

    A row is an odour or a mixture, and commas stand between columns. One column names it (``name``, ``odour``,
    ``molecule``, or ``nonStereoSMILES``, ``IsomericSMILES``, ``smiles`` as in the tables of Open POM, whose columns
    ``descriptors`` and ``Updated_Desc`` are passed over); else it is the first one. Mixtures have their parts' names
    in ``parts``, with semicolons between, and may have ``shares`` the same way; parts are single odours. All other
    columns are channels: descriptors (0 or 1, or how many people named it) or responses of receptors, none negative.
    Capitals in these names do not count. ``odorless`` is no channel, and rows that have it alone are left out.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Odours

    Raises
    ------
    ValueError
        If it is no table in UTF-8, has no rows or fewer than two channels, a column has no name or a name comes twice,
        an entry is no number or negative, a row has no odour at all, or a part or share is not what it should be; line
        and column are named.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from mixlib.domains.odours import read_odours
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = path.write_text("name,parts,fruity,floral\\nlemon,,3,0\\nrose,,0,2\\nboth,lemon;rose,2,1\\n")
    >>> odours = read_odours(path)
    >>> odours.channels, odours.parts[2]
    (('fruity', 'floral'), (0, 1))
    """
    head, lines = _lines(path)
    keys = [title.lower() for title in head]
    named = next((keys.index(name) for name in NAMES if name in keys), 0)
    columns = [j for j, key in enumerate(keys) if j != named and key not in (*WORDS, *NAMES)]
    if len(columns) < 2:
        raise ValueError(f"{path}: has {len(columns)} channels; give two columns or more with descriptors or receptors")
    rows = []
    for line, entries in lines:
        name = entries[named]
        if not name:
            raise ValueError(f"{path}, line {line}: has no name; give one in the column {head[named]!r}")
        profile = [_number(entries[j], path, line, head[j]) for j in columns]
        has = {key: entry for key, entry in zip(keys, entries, strict=True) if key in WORDS}
        if not 0 < sum(profile) < math.inf:
            if any(has.get(key, "0") not in ("", "0") for key in ODOURLESS):
                continue
            raise ValueError(f"{path}, line {line}: {name!r} adds up to {sum(profile):g}; leave out what has no odour")
        rows.append((name, profile, line, has.get("parts", ""), has.get("shares", "")))
    if not rows:
        raise ValueError(f"{path}: has no odours; give one row or more with something in its channels")
    names, profiles, *told = zip(*rows, strict=True)
    if len(set(names)) < len(names):
        twice = next(name for name, many in Counter(names).items() if many > 1)
        raise ValueError(f"{path}: {twice!r} comes more than once; average its rows first")
    singles = {name: row for row, (name, parts) in enumerate(zip(names, told[1], strict=True)) if not parts}
    mixed = [_mixed(parts, shares, singles, path, line) for line, parts, shares in zip(*told, strict=True)]
    return Odours(names, tuple(head[j] for j in columns), profiles, *map(tuple, zip(*mixed, strict=True)))


def middle(odours, rows, weights, method, costs=None, *, blur=BLUR):
    """The shape (d,) between single odours: their arithmetic mean, or their Wasserstein mean over the channels.

    Parameters
    ----------
    odours : Odours
    rows : sequence of int
        Which odours.
    weights : array_like (k,)
        On the simplex.
    method : {"arithmetic", "wasserstein", "blurred"}
        The Wasserstein mean is entropic, which blurs it; ``blurred`` is the arithmetic mean after the same blur.
    costs : None or array (d, d), default=None
        Of moving odour from channel to channel; ``None`` are those of ``odours.costs()``.
    blur : float, default=0.02
        Entropy of the transport, over the largest cost.

    Raises
    ------
    ValueError
        If the method is unknown.

    Examples
    --------
    >>> from mixlib.domains.odours import Odours, middle
    >>> odours = Odours(("a", "b"), ("x", "y", "z"), [[1, 0, 0], [0, 0, 1]], (None, None), (None, None))
    >>> line = [[0.0, 1.0, 4.0], [1.0, 0.0, 1.0], [4.0, 1.0, 0.0]]
    >>> for method in ("arithmetic", "wasserstein"):
    ...     print(middle(odours, [0, 1], [0.5, 0.5], method, line).round(2))
    [0.5 0.  0.5]
    [0. 1. 0.]
    """
    shapes, weights = odours.shapes()[list(rows)], np.asarray(weights, dtype=float)
    if method == "arithmetic":
        return weights @ shapes
    if method not in METHODS[:3]:
        raise ValueError(f"method: got {method!r}; choose {', '.join(METHODS[:3])}")
    costs = odours.costs() if costs is None else np.asarray(costs, dtype=float)
    if method == "blurred":
        shapes, weights = (weights @ shapes)[None], np.ones(1)
    return wasserstein_barycenter(
        shapes, weights, method="sinkhorn", cost=costs, reg=blur * costs.max(), tolerance=1e-3
    )


def compare_middles(odours, most=200, rng=None, *, neighbours=NEIGHBOURS, blur=BLUR):
    r"""How far the middles of odours are from what was smelled, with two baselines that know no chemistry.

    Where the table has mixtures, the target is the mixture's own shape. Where it has none, mixtures of two are drawn,
    and the target is the nearest other single odour: how natural the middle is. Errors are total variations of shapes,
    :math:`\frac12 \sum_j |m_j - t_j|`. ``nearest part`` is the nearer one of the parts, which is told the target;
    ``mixture size`` the mean target of the other mixtures of as many parts, or else of all odours.

    Parameters
    ----------
    odours : Odours
    most : int, default=200
        Mixtures that are compared at most.
    rng : numpy Generator or int, optional
        By default seed 0.
    neighbours : int, default=5
        Of the costs; what hangs on it, or on ``blur``, is no finding.
    blur : float, default=0.02

    Returns
    -------
    pandas.DataFrame
        A row a mixture, the methods as columns.

    Raises
    ------
    ValueError
        If there are fewer than four single odours, or fewer than two mixtures where there are some.

    Examples
    --------
    >>> from mixlib.domains.odours import Odours, compare_middles
    >>> profiles = [[3, 1, 0], [0, 1, 3], [1, 3, 1], [2, 2, 1], [0, 2, 2]]
    >>> odours = Odours(tuple("abcde"), tuple("xyz"), profiles, (None,) * 5, (None,) * 5)
    >>> list(compare_middles(odours, most=6))
    ['arithmetic', 'wasserstein', 'blurred', 'nearest part', 'mixture size']
    """
    rng, shapes, costs = generator(rng), odours.shapes(), odours.costs(neighbours)
    singles, mixtures = odours.singles, odours.mixtures
    if len(singles) < 4 or len(mixtures) == 1:
        raise ValueError(
            f"odours: {len(singles)} single odours and {len(mixtures)} mixtures; give four and none, or four and two"
        )
    if len(mixtures):
        chosen = [(odours.parts[row], odours.shares[row], row) for row in rng.permutation(mixtures)[:most]]
    else:
        pairs = np.array(np.triu_indices(len(singles), 1)).T
        pairs = singles[pairs[rng.permutation(len(pairs))[:most]]]
        chosen = [(tuple(pair), np.array([0.5, 0.5]), None) for pair in pairs]
    rows = []
    for parts, shares, row in chosen:
        told = [middle(odours, parts, shares, method, costs, blur=blur) for method in METHODS[:3]]
        if row is None:
            others = shapes[np.setdiff1d(singles, parts)]
            error = [min(_apart(others, m)) for m in (*told, *shapes[list(parts)], shapes[singles].mean(axis=0))]
        else:
            alike = [r for r in mixtures if r != row and len(odours.parts[r]) == len(parts)]
            size = shapes[alike if alike else singles].mean(axis=0)
            error = [float(_apart(shapes[row], m)) for m in (*told, *shapes[list(parts)], size)]
        rows.append((*error[:3], min(error[3:-1]), error[-1]))
    return pd.DataFrame(rows, columns=METHODS)


def better_middle(errors, baselines=METHODS[3:], rng=None):
    """Which of the two means is nearer, from `compare_middles`: a word, and the interval that decides.

    The word is a method's name if the 95% bootstrap interval of the mean difference of their errors leaves out zero,
    and the better one also has a smaller mean error than the baselines; ``"neither"`` otherwise, and for fewer than six
    mixtures, since of five all have one sign by chance more often than in 5%. The arithmetic mean is
    taken blurred where that is nearer, so that blur alone wins nothing.

    Parameters
    ----------
    errors : pandas.DataFrame
    baselines : sequence of str, default=("nearest part", "mixture size")
        Without mixtures leave out "nearest part": a part is an odour, and as natural as one can be.
    rng : numpy Generator or int, optional
        By default seed 0.

    Returns
    -------
    (str, tuple of float)
        The interval is that of arithmetic less wasserstein: positive where the Wasserstein mean is nearer.

    Examples
    --------
    >>> import pandas as pd
    >>> from mixlib.domains.odours import better_middle
    >>> errors = {"arithmetic": [0.1, 0.2] * 3, "blurred": [0.3] * 6, "wasserstein": [0.4, 0.5] * 3}
    >>> errors = pd.DataFrame(errors | {"nearest part": [0.5] * 6, "mixture size": [0.5] * 6})
    >>> better_middle(errors)[0]
    'arithmetic'
    """
    rng = generator(rng)
    plain = min(("arithmetic", "blurred"), key=lambda method: errors[method].mean())
    gain = (errors[plain] - errors["wasserstein"]).to_numpy()
    means = rng.choice(gain, (2000, len(gain))).mean(axis=1)
    low, high = (float(x) for x in np.quantile(means, (0.025, 0.975)))
    word = "wasserstein" if low > 0 else "arithmetic" if high < 0 else "neither"
    best = errors["wasserstein" if word == "wasserstein" else plain].mean()
    if len(gain) < FEWEST or any(best >= errors[baseline].mean() for baseline in baselines):
        word = "neither"
    return word, (low, high)


def _apart(one, other):
    return np.abs(one - other).sum(axis=-1) / 2


def _number(text, path, line, column):
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not (np.isfinite(value) and value >= 0):
        raise ValueError(f"{path}, line {line}: {column!r} is {text!r}; give a number that is not negative")
    return value


def _lines(path):
    """Column names, and the other lines that are not empty, each with its number; ValueError where it is no table."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [entry.strip() for entry in row]) for row in reader]
    except UnicodeDecodeError:
        raise ValueError(f"{path}: is not in UTF-8; save it as CSV in UTF-8, not as a spreadsheet") from None
    except csv.Error as error:
        raise ValueError(f"{path}: is no CSV file ({error}); save it as CSV with commas between columns") from None
    lines = [(line, row) for line, row in lines if any(row)]
    if len(lines) < 2:
        raise ValueError(f"{path}: has no rows; give a line of column names and one for each odour")
    head = lines.pop(0)[1]
    if len(head) == 1 and any(mark in head[0] for mark in ";\t"):
        raise ValueError(f"{path}: has one column; put commas between columns, and points into decimals")
    if "" in head:
        raise ValueError(
            f"{path}: column {head.index('') + 1} has no name; name it, or leave out a column of row numbers"
        )
    if twice := [title for title, many in Counter(map(str.lower, head)).items() if many > 1]:
        raise ValueError(f"{path}: two columns are named {twice[0]!r}; give each its own name")
    for line, row in lines:
        if len(row) != len(head):
            raise ValueError(
                f"{path}, line {line}: has {len(row)} entries, but there are {len(head)} columns; "
                "names with a comma need quotes, and quotes an end"
            )
    return head, lines


def _mixed(parts, shares, singles, path, line):
    """The rows and weights of a mixture's parts, or None twice; ``singles`` has the row of each single odour."""
    if not parts:
        if shares:
            raise ValueError(f"{path}, line {line}: has shares, but no parts; name the parts or leave out the shares")
        return None, None
    found = [part.strip() for part in parts.split(";")]
    if unknown := [part for part in found if part not in singles]:
        raise ValueError(f"{path}, line {line}: part {unknown[0]!r} has no row of its own as a single odour; add one")
    if len(set(found)) < max(2, len(found)):
        raise ValueError(f"{path}, line {line}: parts are {parts!r}; name two or more that differ, with ; between")
    weights = [_number(s, path, line, "shares") for s in shares.split(";")] if shares else [1.0] * len(found)
    if len(weights) != len(found) or not 0 < sum(weights) < math.inf:
        raise ValueError(f"{path}, line {line}: {len(weights)} shares for {len(found)} parts; give one a part")
    return tuple(singles[part] for part in found), np.array(weights) / sum(weights)
