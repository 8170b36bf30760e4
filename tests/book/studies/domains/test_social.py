"""Society: graphs are in one piece, the outcomes are those of the processes, and shuffled people share nothing."""

import numpy as np
import pytest

from mixbook.studies.domains import social
from mixlib.domains import society


def test_graphs_join_all_people():
    graphs = social.graphs(12, 1)
    assert {name: len(graph.edges) for name, graph in graphs.items() if name != "random"} == {
        "everybody": 66,
        "ring": 12,
        "star": 11,
    }
    assert all(graph.n_nodes == 12 for graph in graphs.values())
    assert len(graphs["random"].edges) > 11


def test_first_opinions_are_within_their_bounds_or_hold_the_ends():
    first, signs = social.start(0)
    assert social.LOW <= first.min() <= first.max() <= social.HIGH
    assert (signs == signs.T).all()
    assert (signs[0] == 1).sum() == social.PEOPLE // 2
    assert np.ptp(social.start(0, ends=True)[0]) == 1


def test_outside_is_measured_in_diameters():
    np.testing.assert_allclose(social.outside([[0.4, 0.6], [0.0, 0.9]], [0.2, 0.7]), [0, 0.4])


def test_outcomes_tell_averaging_from_bias():
    found = social.outcomes([0]).set_index("process")
    assert found.loc["DeGroot", "spread"] < 1e-6 < found.loc["biased assimilation", "late"]
    assert found["bound"].max() < 1e-9
    assert found.loc["repulsion", "to_ends"] < 1e-6 < found.loc["DeGroot", "to_ends"]
    assert list(found.index) == list(social.processes(*social.start(0)))


def test_a_slight_bias_ends_in_agreement_and_none_in_averaging():
    (spread,), (away,) = social.slightly_biased([0])
    assert spread < 0.1 < away
    (spread,), (away,) = social.slightly_biased([0], bias=0.0)
    assert spread < 1e-6
    assert away < 1e-9


@pytest.mark.parametrize("kind", social.KINDS)
def test_consensus_by_two_routes(kind):
    found = social.consensus(kind, 3, rng=0)
    assert found["escape"] < 1e-9
    assert found["gap"] < 1e-6
    assert 0 < found["agreed"] <= 3


def test_neighbours_are_counted():
    found = social.by_neighbours(10, np.random.default_rng(0))
    np.testing.assert_allclose(found["stationary"], found["counted"])
    assert social.hub(10) == pytest.approx(10 / (10 + 9 * 2))


def test_another_graph_moves_people_and_another_name_does_not():
    found = social.on_other_graphs([0], 20)
    assert found["control"].max() < 1e-9 < found["move"].min()


def test_shuffled_people_are_the_same_people():
    columns = social.replicas("DeGroot", (0, 5), count=400)
    assert np.corrcoef(columns[5][:, 0], columns[5][:, 1])[0, 1] > 0.3
    apart = social.shuffled(columns[5])
    assert abs(np.corrcoef(apart[:, 0], apart[:, 1])[0, 1]) < 0.15
    np.testing.assert_array_equal(np.sort(apart, axis=0), np.sort(columns[5], axis=0))


@pytest.mark.parametrize("name", social.STRENGTHS)
def test_every_process_begins_as_averaging(name):
    plain, _ = social.shown(name, 0)
    trust = society.listening(social.graphs(social.PEOPLE, 0)["random"])
    np.testing.assert_allclose(plain[1], trust @ plain[0])
    assert not np.allclose(social.shown(name, 5)[0], plain)
