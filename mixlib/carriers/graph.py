"""Places on a network of edges with lengths, under the shortest path: a carrier whose mean stays on the network."""

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from mixlib.arrays import as_numpy, floats, generator, one_kind
from mixlib.carriers._lengths import length
from mixlib.carriers.base import Carrier, read_fraction, read_vectors
from mixlib.simplex import check_weights

TREE = ((0, 1, 1.0), (0, 2, 1.0), (0, 3, 1.0))
RING = (*((i, (i + 1) % 6, 1.0 + i % 2) for i in range(6)), *((2 * i, 6 + i, 1.5) for i in range(3)))
SYMMETRIES = 200  # of the graph, to choose a motion from


@dataclass(frozen=True, kw_only=True)
class Graph(Carrier):
    r"""Places on a graph whose edges have lengths, with the length of the shortest path as distance.

    A place is an array (..., n) with one entry a node: 1 at a node, or ``1 - t`` and ``t`` at the two ends of an
    edge. ``k`` places are (..., k, n), NumPy arrays or torch tensors of a floating dtype. Along an edge every
    distance is linear in pieces of slope 1 or -1, so the weighted cost is a parabola between known break points:

    .. math:: \sum_i w_i \, d(x, p_i)^2 = x^2 + 2 x \sum_i w_i s_i c_i + \sum_i w_i c_i^2

    The mean is the smallest minimum of all of them, so it is exact, and no search starts anywhere. It may stay at a
    crossroads while the weights change. Of several that cost the same the one on the first edge is taken. No
    derivative is carried.

    Source: Fréchet 1948.

    Parameters
    ----------
    edges : None or tuple, default=None
        For each edge its two nodes, counted from 0, and its length, which is 1 where none is given. ``None`` is a
        ring of six nodes with three ends.

    Raises
    ------
    ValueError
        If an edge is given twice or joins a node to itself, a length is not positive, or the graph is in pieces.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Graph
    >>> roads = Graph(edges=((0, 1, 2.0), (1, 2, 4.0)))
    >>> ends = np.array([[1.0, 0, 0], [0, 0, 1]])
    >>> roads.distance(*ends), roads.mean(ends), roads.wrong_mean(ends)
    (np.float64(6.0), array([0.  , 0.75, 0.25]), array([0.5, 0. , 0.5]))
    """

    edges: tuple | None = None
    points: ClassVar[str] = "places on a graph: shares of the ends of an edge (..., k, n)"
    wrong_name: ClassVar[str] = "average of coordinates"
    statistic: ClassVar[str] = "1 over the share of the mean that lies on one edge"
    reference: ClassVar[str] = "frechet1948"
    corners: ClassVar[bool] = True

    def __post_init__(self):
        object.__setattr__(self, "edges", _read_edges(RING if self.edges is None else self.edges))
        if np.isinf(self._routes[0]).any():
            apart = np.flatnonzero(np.isinf(self._routes[0][0]))
            raise ValueError(f"edges: no path leads from node 0 to {apart[:5].tolist()}; join them, or leave them out")

    @classmethod
    def variants(cls):
        """A network with a ring, and a tree."""
        return (cls(), cls(edges=TREE))

    @property
    def label(self):
        """What tables call it, a tree or a network."""
        return "Graph, tree" if len(self.edges) == self.n_nodes - 1 else "Graph, network"

    @property
    def n_nodes(self):
        """The number of nodes."""
        return 1 + max(max(edge[:2]) for edge in self.edges)

    @cached_property
    def _ends(self):
        starts, stops, lengths = zip(*self.edges, strict=True)
        return np.array(starts), np.array(stops), np.array(lengths)

    @cached_property
    def _routes(self):
        """Distances of all nodes (n, n), and the last node before each on the way."""
        starts, stops, lengths = self._ends
        matrix = coo_array((lengths, (starts, stops)), shape=(self.n_nodes, self.n_nodes)).tocsr()
        return shortest_path(matrix, directed=False, return_predecessors=True)

    def mean(self, points, weights=None):
        """The place of least weighted squared distance (..., n) to the places (..., k, n), over all edges.

        Raises
        ------
        ValueError
            If a point is on no edge, or weights are off the simplex.
        """
        points = read_vectors(points, "points", "(..., k, n)")
        edges, along = self._places(points, "points")
        weights = as_numpy(check_weights(weights, points.shape[-2], like=points)).astype(float)
        weights = np.broadcast_to(weights / weights.sum(-1, keepdims=True), edges.shape).reshape(-1, edges.shape[-1])
        sets = zip(edges.reshape(weights.shape), along.reshape(weights.shape), weights, strict=True)
        found = np.array([self._vector(*self._minimum(*case)) for case in sets])
        return _like(found.reshape(*edges.shape[:-1], -1), points)

    def distance(self, a, b):
        """The length (...) of the shortest path between two places (..., n)."""
        edges_a, along_a, edges_b, along_b = np.broadcast_arrays(*sum(self._pair(a, b), ()))
        starts, stops, lengths = self._ends
        from_a = self._to_nodes(edges_a, along_a)
        to_start = _entries(from_a, starts[edges_b]) + along_b
        to_stop = _entries(from_a, stops[edges_b]) + lengths[edges_b] - along_b
        direct = np.where(edges_a == edges_b, np.abs(along_a - along_b), np.inf)
        return _like(np.minimum(direct, np.minimum(to_start, to_stop)), a)[()]

    def geodesic(self, a, b, t):
        """The place that has gone the fraction ``t`` of a shortest path; ``t`` is from 0 to 1, or broadcasts."""
        (edges_a, along_a), (edges_b, along_b) = self._pair(a, b)
        t = read_fraction(floats(t, "t"), np.zeros(1), inside=True)
        arrays = np.broadcast_arrays(edges_a, along_a, edges_b, along_b, t)
        rows = zip(*(array.reshape(-1) for array in arrays), strict=True)
        found = np.array([self._vector(*self._walk(*row)) for row in rows])
        return _like(found.reshape(*arrays[0].shape, -1), a)

    def failure(self, mean, points):
        """1 over the share of the mean that its best edge holds: 1 on the graph, and more off it."""
        mean, points = read_vectors(mean, "mean", "(..., n)"), read_vectors(points, "points", "(..., k, n)")
        one_kind(mean=mean, points=points)
        self._places(points, "points")
        xp = array_namespace(mean)
        share, one = self._shares(mean, "mean"), xp.ones_like(mean[..., 0])
        held = xp.minimum(xp.max(share, axis=-1), one)
        size = xp.maximum(xp.sum(xp.abs(mean), axis=-1), one)
        return xp.where(held > 0, size / xp.where(held > 0, held, one), xp.full_like(one, xp.inf))[()]

    def wrong_mean(self, points, weights=None):
        """The weighted average of the coordinates, some of it at each of the places."""
        points = read_vectors(points, "points", "(..., k, n)")
        self._places(points, "points")
        weights = check_weights(weights, points.shape[-2], like=points)
        return (array_namespace(points).expand_dims(weights, axis=-2) @ points)[..., 0, :]

    def sample(self, k, d=3, rng=None):
        """Places on different edges, as long as there are edges; the dimension is that of the graph."""
        rng = generator(rng)
        edges = np.resize(rng.permutation(len(self.edges)), k)
        return np.array([self._vector(e, x) for e, x in zip(edges, rng.random(k) * self._ends[2][edges], strict=True)])

    def isometry(self, d=3, rng=None):
        """Nodes change places so that all edges fit; those of the fewest that stay, or none if the graph has none."""
        found = list(islice(self._symmetries(), SYMMETRIES))
        fewest = min(staying := [sum(i == j for i, j in enumerate(order)) for order in found])
        order = generator(rng).choice([order for order, n in zip(found, staying, strict=True) if n == fewest])
        return lambda places: places[..., order]

    def _symmetries(self):
        """All orders of the nodes under which the table of lengths is the same."""
        table = np.zeros((self.n_nodes, self.n_nodes))
        starts, stops, lengths = self._ends
        table[starts, stops] = table[stops, starts] = lengths
        waiting = deque([()])
        while waiting:
            order = waiting.pop()
            if (i := len(order)) == self.n_nodes:
                yield order
                continue
            for j in set(range(self.n_nodes)).difference(order):
                if np.array_equal(table[i, :i], table[j, list(order)]):
                    waiting.append((*order, j))

    def _shares(self, vectors, name):
        """Which share of each vector the ends of each edge hold (..., edges)."""
        if vectors.shape[-1] != self.n_nodes:
            raise ValueError(f"{name}: has {vectors.shape[-1]} entries, the graph {self.n_nodes} nodes; one entry each")
        xp, (starts, stops, _) = array_namespace(vectors), self._ends
        starts, stops = (xp.asarray(ends, device=vectors.device) for ends in (starts, stops))
        return xp.take(vectors, starts, axis=-1) + xp.take(vectors, stops, axis=-1)

    def _places(self, vectors, name):
        """Edge (...) and distance from its start (...) of places (..., n), or a ValueError if some are on no edge."""
        step = max(1e-9, 8 * float(array_namespace(vectors).finfo(vectors.dtype).eps))
        vectors = as_numpy(vectors).astype(float)
        shares = self._shares(vectors, name)
        edges = np.argmax(shares, axis=-1)
        held = _entries(shares, edges)
        off = (np.abs(vectors.sum(-1) - held) > step) | (np.abs(held - 1) > max(1e-6, step)) | (vectors < -step).any(-1)
        if off.any():
            first = vectors[off][0]
            nodes = np.flatnonzero(np.abs(first) > step)
            raise ValueError(
                f"{name}: one is on no edge, with {first[nodes][:4].round(3).tolist()} at nodes {nodes[:4].tolist()}; "
                "a place has 1 at a node, or 1 - t and t at the ends of an edge"
            )
        return edges, _entries(vectors, self._ends[1][edges]).clip(0, 1) / held * self._ends[2][edges]

    def _pair(self, a, b):
        a, b = read_vectors(a, "a", "(..., n)"), read_vectors(b, "b", "(..., n)")
        one_kind(a=a, b=b)
        return self._places(a, "a"), self._places(b, "b")

    def _to_nodes(self, edges, along):
        """Distances (..., n) of places to all nodes."""
        starts, stops, lengths = self._ends
        nodes = self._routes[0]
        rest = lengths[edges] - along
        return np.minimum(along[..., None] + nodes[starts[edges]], rest[..., None] + nodes[stops[edges]])

    def _vector(self, edge, along):
        start, stop, length = self.edges[edge]
        share = min(max(along / length, 0.0), 1.0)
        share = round(share) if min(share, 1 - share) < 1e-14 else share
        vector = np.zeros(self.n_nodes)
        vector[start], vector[stop] = 1 - share, share
        return vector

    def _minimum(self, edges, along, weights):
        """Edge and place of the least cost for one set of places (k,): the best parabola of all edges."""
        starts, stops, lengths = self._ends
        nodes, here = self._to_nodes(edges, along), edges == np.arange(len(lengths))[:, None]
        by_start, by_stop, whole = nodes[:, starts].T, nodes[:, stops].T, lengths[:, None]  # (edges, k)
        breaks = [(whole + by_stop - by_start) / 2, along, (along - by_start) / 2, (whole + by_stop + along) / 2]
        breaks = [breaks[0], *(np.where(here, own, 0.0) for own in breaks[1:]), 0 * whole, whole]
        breaks = np.sort(np.clip(np.concatenate(breaks, axis=1), 0, whole), axis=1)
        middle = ((breaks[:, 1:] + breaks[:, :-1]) / 2)[..., None]  # (edges, pieces, 1)
        own = np.where(here[:, None], np.abs(middle - along), np.inf)
        ways = np.stack([middle + by_start[:, None], whole[..., None] - middle + by_stop[:, None], own])
        taken = np.argmin(ways, axis=0)
        slope = np.where(taken == 2, np.sign(middle - along), np.array([1.0, -1.0, 0.0])[taken])
        offset = ways.min(axis=0) - slope * middle
        lowest = np.clip(-(weights * slope * offset).sum(-1), breaks[:, :-1], breaks[:, 1:])
        costs = length(np.sqrt(weights) * (slope * lowest[..., None] + offset))
        edge, piece = np.unravel_index(np.argmin(costs), costs.shape)
        return edge, lowest[edge, piece]

    def _walk(self, edge_a, along_a, edge_b, along_b, t):
        """Edge and place at the fraction ``t`` of a shortest path."""
        nodes, before = self._routes
        ends_a, ends_b = ([(start, x), (stop, length - x)] for (start, stop, length), x in (
            (self.edges[edge_a], along_a), (self.edges[edge_b], along_b)))  # fmt: skip
        far, i, j = min((x + nodes[i, j] + y, i, j) for i, x in ends_a for j, y in ends_b)
        if edge_a == edge_b and abs(along_a - along_b) <= far:
            return edge_a, along_a + t * (along_b - along_a)
        way = [j]
        while way[-1] != i:
            way.append(before[i, way[-1]])
        left, number = t * far, {edge[:2]: e for e, edge in enumerate(self.edges)}
        first, last = dict(ends_a)[i], dict(ends_b)[j]
        if left <= first:
            return edge_a, along_a - left if i == ends_a[0][0] else along_a + left
        left -= first
        for u, v in zip(way[:0:-1], way[-2::-1], strict=True):
            edge = number.get((u, v), number.get((v, u)))
            length = self.edges[edge][2]
            if left <= length:
                return edge, left if self.edges[edge][0] == u else length - left
            left -= length
        left = min(left, last)
        return edge_b, left if j == ends_b[0][0] else self.edges[edge_b][2] - left


def _entries(vectors, places):
    """The entry (...) of each vector (..., n) at its place (...)."""
    return np.take_along_axis(vectors, places[..., None], -1)[..., 0]


def _like(array, like):
    xp = array_namespace(like)
    return xp.asarray(array, dtype=like.dtype, device=like.device)


def _read_edges(edges):
    read = []
    for edge in edges if isinstance(edges, (tuple, list, np.ndarray)) else [edges]:
        try:
            start, stop, *rest = edge
            start, stop, length = int(start), int(stop), float(rest[0]) if rest else 1.0
        except (TypeError, ValueError):
            raise ValueError(f"edges: got {edge!r}; expected (node, node) or (node, node, length)") from None
        if not (length > 0 and np.isfinite(length)) or len(rest) > 1 or start == stop or min(start, stop) < 0:
            raise ValueError(f"edges: got {tuple(edge)}; two different nodes from 0, and a positive length")
        read.append((start, stop, length))
    if not read or len({frozenset(edge[:2]) for edge in read}) < len(read):
        raise ValueError("edges: expected at least one, and none twice; put a node in the middle of the second one")
    return tuple(read)
