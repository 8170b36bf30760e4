"""The carrier of places on a graph, against networkx and a fine grid."""

import networkx as nx
import numpy as np
import pytest

from mixlib import simplex
from mixlib.carriers import Graph
from mixlib.carriers.graph import RING, TREE

ROADS = Graph(edges=((0, 1, 2.0), (1, 2, 4.0)))


def random_graph(seed, n=7):
    rng = np.random.default_rng(seed)
    found = nx.connected_watts_strogatz_graph(n, 4, 0.5, seed=seed)
    return Graph(edges=tuple((u, v, rng.uniform(0.2, 3)) for u, v in found.edges))


def refined(graph, pieces):
    """The same graph with nodes along its edges, for networkx, and the place that each node is."""
    fine, places = nx.Graph(), []
    for u, v, length in graph.edges:
        names = [u, *((u, v, i) for i in range(1, pieces)), v]
        nx.add_path(fine, names, weight=length / pieces)
        vector = np.eye(graph.n_nodes)
        places += [(name, (1 - i / pieces) * vector[u] + i / pieces * vector[v]) for i, name in enumerate(names)]
    return fine, dict(places)


@pytest.mark.parametrize("seed", range(3))
def test_distances_and_the_mean_are_those_of_a_grid_on_the_edges(seed):
    graph, rng = random_graph(seed), np.random.default_rng(seed)
    fine, places = refined(graph, 40)
    names, vectors = list(places), np.array(list(places.values()))
    drawn = rng.choice(len(names), 4, replace=False)
    table = np.array([[nx.shortest_path_length(fine, names[i], name, "weight") for name in names] for i in drawn])
    np.testing.assert_allclose(graph.distance(vectors[drawn][:, None], vectors), table, atol=1e-9)
    weights = simplex.sample(4, rng=rng)
    mean = graph.mean(vectors[drawn], weights)
    costs = weights @ table**2
    ours = weights @ graph.distance(vectors[drawn], mean) ** 2
    assert costs.min() - 0.01 < ours <= costs.min() + 1e-12


def test_a_mean_stays_at_a_crossroads_while_weights_move():
    tree, ends = Graph(edges=TREE), np.eye(4)[1:]
    for weights in ([0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.5, 0.25, 0.25]):
        np.testing.assert_allclose(tree.mean(ends, weights), np.eye(4)[0], atol=1e-12)
    np.testing.assert_allclose(tree.mean(ends, [0.6, 0.2, 0.2]), [0.8, 0.2, 0, 0], atol=1e-12)


def test_the_way_on_an_edge_that_is_a_detour_leads_around():
    graph = Graph(edges=((0, 1, 10.0), (0, 2, 1.0), (2, 1, 1.0)))
    near_ends = np.array([[0.9, 0.1, 0], [0.1, 0.9, 0]])
    assert graph.distance(*near_ends) == pytest.approx(4)
    np.testing.assert_allclose(graph.mean(near_ends), [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(graph.geodesic(*near_ends, 0.25), [1, 0, 0], atol=1e-12)


def test_failure_is_one_over_the_share_of_one_edge():
    ends = np.eye(3)[[0, 2]]
    assert ROADS.failure(ROADS.mean(ends), ends) == 1
    assert ROADS.failure(ROADS.wrong_mean(ends), ends) == 2
    assert ROADS.failure(np.array([0.2, 0.2, 0.6]), ends) == pytest.approx(1 / 0.8)
    assert ROADS.failure(np.array([2.0, 0, 0]), ends) == 2  # no place: the entries do not sum to 1
    assert ROADS.failure(-np.eye(3)[0], ends) == np.inf


def test_a_motion_leaves_no_node_of_the_ring_in_place():
    moved = Graph(edges=RING).isometry(rng=0)(np.eye(9))
    assert not np.diag(moved).any()
    assert np.array_equal(Graph(edges=((0, 1, 1.0), (1, 2, 5.0))).isometry()(np.eye(3)), np.eye(3))


def test_edges_are_read_as_pairs_and_triples():
    assert Graph(edges=[(0, 1), [1, 2]]).edges == ((0, 1, 1.0), (1, 2, 1.0))
    assert Graph(edges=np.array([[0, 1, 2.5]])).edges == ((0, 1, 2.5),)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (((0, 1), (1, 0)), "none twice"),
        (((0, 0),), "two different nodes"),
        (((0, 1, -1.0),), "positive length"),
        (((0, 1, np.inf),), "positive length"),
        (((0, 1), (2, 3)), r"no path leads from node 0 to \[2, 3\]"),
        ((), "at least one"),
        ("text", "got 'text'"),
        (((0, 1, 2, 3),), "positive length"),
    ],
)
def test_bad_edges_are_named(edges, message):
    with pytest.raises(ValueError, match=f"edges: .*{message}"):
        Graph(edges=edges)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ([0.5, 0.0, 0.5], r"on no edge, with \[0.5, 0.5\] at nodes \[0, 2\]"),
        ([0.5, 0.4, 0.0], "on no edge"),
        ([1.5, -0.5, 0.0], "on no edge"),
        ([1.0, 0.0], "has 2 entries, the graph 3 nodes"),
    ],
)
def test_what_is_no_place_is_named(place, message):
    with pytest.raises(ValueError, match=f"b: .*{message}"):
        ROADS.distance(np.eye(3)[0], np.array(place))
