"""Society: opinions that people change when they hear those of others, and the judgement of a crowd.

Opinions are numbers ``(..., n)``, one a person; leading axes are other societies. Who listens to whom is a matrix
``trust`` (n, n) whose rows are on the simplex. A process is a function that takes the opinions of now and gives those
of the next round.
"""

import numpy as np

from mixlib.arrays import whole
from mixlib.carriers.euclidean import Euclidean
from mixlib.carriers.graph import Graph
from mixlib.domains.base import Constant, Domain
from mixlib.kernels.linear import Linear
from mixlib.simplex import check_weights

# Estimates of an ox's dressed weight in lb: of 787 people in order, at every twentieth part of the row (Galton 1907)
OX = (
    *(1074, 1109, 1126, 1148, 1162, 1174, 1181, 1188, 1197, 1207),
    *(1214, 1219, 1225, 1230, 1236, 1243, 1254, 1267, 1293),
)
OX_MEAN = 1197.0  # of all 787, as Galton gave it three weeks later


def listening(graph, own=1.0):
    r"""Who listens to whom on a graph: to each neighbour as much as they are close, and to oneself.

    .. math:: T_{ij} \propto 1 / \ell_{ij}, \qquad T_{ii} \propto s

    Parameters
    ----------
    graph : Graph
        Its edges join people who hear each other; twice the length is half the weight.
    own : float, default=1.0
        The weight s of one's own opinion, over that of a neighbour at length 1.

    Returns
    -------
    array (n, n)
        Rows are on the simplex.

    Raises
    ------
    ValueError
        If ``graph`` is none, or ``own`` is negative.

    Examples
    --------
    >>> from mixlib.carriers import Graph
    >>> from mixlib.domains.society import listening
    >>> listening(Graph(edges=((0, 1), (1, 2)))).round(2)
    array([[0.5 , 0.5 , 0.  ],
           [0.33, 0.33, 0.33],
           [0.  , 0.5 , 0.5 ]])
    """
    if not isinstance(graph, Graph):
        raise ValueError(f"graph: got {type(graph).__name__}, expected a Graph, such as Graph(edges=((0, 1), (1, 2)))")
    if not (np.isfinite(own) and own >= 0):
        raise ValueError(f"own: got {own!r}, expected a weight that is not negative; 1 is that of a neighbour")
    weights = np.diag(np.full(graph.n_nodes, float(own)))
    for i, j, length in graph.edges:
        weights[i, j] = weights[j, i] = 1 / length
    return weights / weights.sum(axis=1, keepdims=True)


def averaging(now, trust, first=None, stubborn=0.0):
    r"""A round of averaging: DeGroot's model, or that of Friedkin and Johnsen where people are stubborn.

    .. math:: x_i' = (1 - s_i) \sum_j T_{ij} x_j + s_i\, x_i(0)

    Every opinion stays between the first ones: the weights are on the simplex.
    :func:`mixlib.carriers.degroot` gives the limit.

    Source: DeGroot 1974; Friedkin & Johnsen 1990.

    Parameters
    ----------
    now : array (..., n)
        Opinions.
    trust : array (n, n)
        How much each, in a row, listens to each; rows are on the simplex.
    first : None or array (..., n), default=None
        The first opinions, for the stubborn.
    stubborn : float or array (n,), default=0.0
        How much, from 0 to 1, each holds on to the first opinion.

    Examples
    --------
    >>> from mixlib.domains.society import averaging
    >>> averaging([0.0, 1.0], [[0.5, 0.5], [0.25, 0.75]])
    array([0.5 , 0.75])
    """
    now, trust = _read(now, trust)
    if first is None:
        if np.any(stubborn):
            raise ValueError("first: the stubborn hold on to their first opinions; pass them")
        return now @ trust.T
    return (1 - np.asarray(stubborn)) * (now @ trust.T) + stubborn * np.asarray(first, dtype=float)


def bounded_confidence(now, trust, within):
    r"""A round in which people hear those alone whose opinion is near to their own.

    .. math:: x_i' = \frac{\sum_{j:\, |x_j - x_i| \le \epsilon} T_{ij} x_j}
                          {\sum_{j:\, |x_j - x_i| \le \epsilon} T_{ij}}

    The weights depend on the opinions, and are on the simplex in every round, so no opinion leaves the first ones.

    Source: Hegselmann & Krause 2002.

    Parameters
    ----------
    now : array (..., n)
        Opinions.
    trust : array (n, n)
        How much each, in a row, listens to each; rows are on the simplex.
    within : float
        How far an opinion may be to be heard, positive.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.society import bounded_confidence
    >>> bounded_confidence([0.0, 0.2, 1.0], np.full((3, 3), 1 / 3), within=0.3)
    array([0.1, 0.1, 1. ])
    """
    now, trust = _read(now, trust)
    if not within > 0:
        raise ValueError(f"within: got {within!r}, expected a positive distance of opinions")
    heard = trust * (np.abs(now[..., None, :] - now[..., :, None]) <= within)
    total = heard.sum(axis=-1)
    told = (heard @ now[..., None])[..., 0]
    return np.where(total > 0, told / np.where(total > 0, total, 1), now)  # who hears nobody stays


def biased_assimilation(now, trust, bias):
    r"""A round in which people weigh what they hear by how much they are of that opinion already.

    .. math:: x_i' = \frac{T_{ii} x_i + x_i^b s_i}{T_{ii} + x_i^b s_i + (1 - x_i)^b (1 - T_{ii} - s_i)},
              \qquad s_i = \sum_{j \ne i} T_{ij} x_j

    Opinions are from 0 to 1. What is heard speaks for both ends of the scale, so :math:`x_i'` is an average of one's
    own opinion and of these ends, which nobody need hold. Bias 0 is DeGroot's model.

    Source: Dandekar et al. 2013.

    Parameters
    ----------
    now : array (..., n)
        Opinions from 0 to 1.
    trust : array (n, n)
        How much each, in a row, listens to each; rows are on the simplex.
    bias : float
        The exponent b, not negative.

    Examples
    --------
    >>> from mixlib.domains.society import biased_assimilation
    >>> biased_assimilation([0.4, 0.7], [[0.5, 0.5], [0.5, 0.5]], bias=2).round(3)
    array([0.42 , 0.717])
    """
    now, trust = _read(now, trust)
    if not np.all((now >= 0) & (now <= 1)):
        raise ValueError(f"now: from {now.min():.3g} to {now.max():.3g}; this process needs opinions from 0 to 1")
    if not bias >= 0:
        raise ValueError(f"bias: got {bias!r}, expected an exponent that is not negative; 0 is plain averaging")
    own = np.diag(trust)
    told = now @ trust.T - own * now
    up, down = now**bias * told, (1 - now) ** bias * (1 - own - told)
    total = own + up + down
    return np.where(total > 0, (own * now + up) / np.where(total > 0, total, 1), now)


def signed(now, trust, signs, neutral=0.0):
    r"""A round in which people take the opinion of friends, and the opposite of that of foes.

    .. math:: x_i' = x_0 + \sum_j T_{ij}\, \sigma_{ij}\, (x_j - x_0)

    It is an average of opinions and of their opposites, as seen from the neutral opinion :math:`x_0`. If the enemy of
    an enemy is a friend throughout, two camps end up on opposite sides and equally far from it.

    Source: Altafini 2013, in rounds.

    Parameters
    ----------
    now : array (..., n)
        Opinions.
    trust : array (n, n)
        How much each, in a row, listens to each; rows are on the simplex.
    signs : array (n, n)
        1 for a friend, -1 for a foe.
    neutral : float, default=0.0
        The opinion that is its own opposite.

    Examples
    --------
    >>> from mixlib.domains.society import signed
    >>> signed([1.0, 0.5], [[0.5, 0.5], [0.5, 0.5]], [[1, -1], [-1, 1]])
    array([ 0.25, -0.25])
    """
    now, trust = _read(now, trust)
    signs = np.asarray(signs, dtype=float)
    if signs.shape != trust.shape or not np.all(np.abs(signs) == 1):
        raise ValueError(f"signs: expected {trust.shape} of 1 and -1, got shape {signs.shape}; 1 is a friend")
    return neutral + (now - neutral) @ (trust * signs).T


def repulsion(now, trust, within, rate=1.0, ends=None):
    r"""A round in which near opinions attract and far ones repel, the more the further away they are.

    .. math:: x_i' = x_i + r \sum_j T_{ij} \left(1 - \frac{|x_j - x_i|}{\epsilon}\right) (x_j - x_i)

    The weights of far opinions are negative, so nothing holds opinions back but the ends of a scale.

    Source: the repulsive models in Flache et al. 2017.

    Parameters
    ----------
    now : array (..., n)
        Opinions.
    trust : array (n, n)
        How much each, in a row, listens to each; rows are on the simplex.
    within : float
        The distance from which on opinions repel; ``numpy.inf`` is plain averaging.
    rate : float, default=1.0
        How much of the way is gone in a round.
    ends : None or tuple of float, default=None
        The lowest and the highest opinion that there can be.

    Examples
    --------
    >>> from mixlib.domains.society import repulsion
    >>> repulsion([0.4, 0.7], [[0.5, 0.5], [0.5, 0.5]], within=0.1)
    array([0.1, 1. ])
    """
    now, trust = _read(now, trust)
    if not within > 0:
        raise ValueError(f"within: got {within!r}, expected a positive distance of opinions")
    apart = now[..., None, :] - now[..., :, None]
    moved = now + rate * (trust * (1 - np.abs(apart) / within) * apart).sum(axis=-1)
    return moved if ends is None else np.clip(moved, *ends)


def trajectory(process, first, rounds, /, **settings):
    """Opinions ``(rounds + 1, ..., n)`` from the first ones on.

    Parameters
    ----------
    process : callable
        ``process(now, **settings)`` gives the next opinions.
    first : array (..., n)
    rounds : int
    **settings
        Of the process.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.society import averaging, trajectory
    >>> trajectory(averaging, [0.0, 1.0], 2, trust=np.full((2, 2), 0.5))
    array([[0. , 1. ],
           [0.5, 0.5],
           [0.5, 0.5]])
    """
    told = [np.asarray(first, dtype=float)]
    for _ in range(whole(rounds, "rounds", 0)):
        told.append(process(told[-1], **settings))
    return np.array(told)


def camps(opinions, apart):
    """How many groups of opinions ``(..., n)`` there are, with gaps of more than ``apart`` between them.

    Examples
    --------
    >>> from mixlib.domains.society import camps
    >>> camps([0.1, 0.12, 0.9, 0.5], apart=0.1)
    array(3)
    """
    return np.asarray(1 + (np.diff(np.sort(opinions, axis=-1), axis=-1) > apart).sum(axis=-1))


def _read(now, trust):
    now, trust = np.asarray(now, dtype=float), np.asarray(trust, dtype=float)
    n = now.shape[-1] if now.ndim else 0
    if trust.shape != (n, n):
        raise ValueError(f"trust: shape {trust.shape} and opinions {now.shape}; expected (n, n) and (..., n)")
    return now, check_weights(trust, n, like=trust, name="trust")


DOMAIN = Domain(
    about="what people think that an ox weighs",
    parts=np.array(OX, dtype=float)[:, None],
    weights=np.full(len(OX), 1 / len(OX)),
    kernel=Linear(),
    carrier=Euclidean(),
    points="opinions",
    unit="lb",
    known=np.array([OX_MEAN]),
    tolerance=0.5,
    source="Galton 1907",
    reference="galton1907",
    route="measurement",
    constants={
        "mean of all 787 guesses": Constant(value=OX_MEAN, unit="lb", source="Galton 1907"),
        "middlemost guess": Constant(value=1207.0, unit="lb", source="Galton 1907"),
    },
)
