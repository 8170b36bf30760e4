"""Sign maps of O-information with a mixture among the variables."""

import itertools

import numpy as np
import pytest

from mixbook.studies.measure.sign import maps


def test_mean_and_geometric_mean_agree_in_omega_and_not_in_side():
    table = maps.hull_against_omega().set_index(["kernel", "agreement"])
    for kernel, where in (("mean", "inside"), ("geometric mean", "outside")):
        assert table.loc[(kernel, 0.0), "omega"] == pytest.approx(-0.5)
        assert table.loc[(kernel, 1.0), "omega"] == pytest.approx(1)
        assert set(table.loc[kernel, "where"]) == {where}
    assert set(table.loc["gate", "where"]) == {"inside"}
    assert set(table.loc["maximum", "where"]) == {"outside"}


def test_escape_of_the_maximum_by_hand():
    # amounts 1 and 1 give (9, 9, 1): the nearest point is (5, 5, 1), and the diameter is 8 times the root of 2
    table = maps.hull_against_omega([1.0]).set_index("kernel")
    assert table.loc["maximum", "escape"] == pytest.approx(0.5)
    assert table.loc["geometric mean", "escape"] == pytest.approx(0.25)
    assert table.loc["mean", "escape"] == pytest.approx(0, abs=1e-12)


def test_best_threshold_by_hand():
    outside = np.array([True, True, False, False])
    assert maps.best_threshold([-2, -1, 1, 2], outside) == 1
    assert maps.best_threshold([2, 1, -1, -2], outside) == 1
    assert maps.best_threshold([1, 1, 1, 1], outside) == 0.5
    assert maps.best_threshold([-1, 1, -1, 1], outside) == 0.5


def test_linear_programme_finds_what_is_in_the_hull():
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert maps.in_hull(np.array([0.3, 0.3]), corners)
    assert not maps.in_hull(np.array([0.6, 0.6]), corners)


@pytest.mark.parametrize(("n", "rho"), [(2, 0.537), (3, 0.436), (5, 0.317), (10, 0.188)])
def test_correlation_at_which_the_noisy_mean_turns_redundant(n, rho):
    found = maps.linear_sign_change(n, 10)
    assert found == pytest.approx(rho, abs=6e-4)
    before, after = maps.linear_omega(n, [found - 0.01, found + 0.01], 10)
    assert before < 0 < after


def test_table_of_sign_changes():
    table = maps.linear_sign_changes((2, 5), (1, 10))
    assert table.shape == (2, 2)
    assert table.loc[10, 5] == maps.linear_sign_change(5, 10)
    assert table.loc[1, 2] == maps.linear_sign_change(2, 1)


def test_no_sign_change_is_said():
    with pytest.raises(ValueError, match=r"snr: 1000000000.0 gives Omega"):
        maps.linear_sign_change(2, 1e9)


def test_overlap_map_by_hand():
    table = maps.overlap_map([0.0, 1.0])
    assert table.loc["parity", 0.0] == pytest.approx(-2)
    assert table.loc["parity", 1.0] == pytest.approx(2)
    assert table.loc["first", 0.0] == pytest.approx(0, abs=1e-12)
    assert (table[0.0] < 1e-12).all()
    assert (table[1.0] > 0.99).all()


# of three independent fair bits and a gate M of them: TC = H(M), and DTC = 3 - the sum of H(X_i | the others, M)
GATES_BY_HAND = {  # the sum of M over the eight rows, H(M), the sum of H(X_i | the others, M)
    "parity": (4, 1, 0),
    "all": (1, 0.5435644431995964, 3 * 3 / 4),  # free unless both others are 1
    "any": (7, 0.5435644431995964, 3 * 3 / 4),
    "majority": (4, 1, 3 * 1 / 2),  # free where the others agree
    "sum": (12, 3 * np.log2(8 / 3) * 2 / 8 + 2 * 3 / 8, 0),
    "all alike": (2, 0.8112781244591328, 3 * 1 / 2),  # free where the others differ
    "multiplexer": (4, 1, 3 * 1 / 2),
    "first": (4, 1, 2),
}


def test_gates_by_hand():
    table = maps.overlap_map([0.0])[0.0]
    assert set(table.index) == set(GATES_BY_HAND)
    for name, (total, entropy, free) in GATES_BY_HAND.items():
        gate = maps.GATES[name]
        assert sum(gate(*bits) for bits in itertools.product((0, 1), repeat=3)) == total, name
        assert table[name] == pytest.approx(entropy - (3 - free), abs=1e-9), name


def test_overlap_map_of_other_gates():
    table = maps.overlap_map([0.0, 0.5, 1.0], {"xor": lambda a, b: a ^ b, "and": lambda a, b: a & b}, n_bits=2)
    assert table.loc["xor", 0.0] == pytest.approx(-1)
    assert table.loc["xor", 0.5] < 0
    assert table.loc["xor", 1.0] == pytest.approx(0, abs=1e-12)
    assert table.loc["and", 1.0] == pytest.approx(1)


def test_random_channels_follow_the_gates():
    table = maps.random_overlap_map([0.0, 0.95], 50, rng=1)
    assert (table[0.0] <= 1e-12).all()
    assert (table[0.95] > 0).all()
