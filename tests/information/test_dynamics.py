"""Transfer entropy by regression, dynamic O-information by its definition, and systems made for one atom."""

import itertools

import numpy as np
import pandas as pd
import pytest

from mixlib.information import double_redundancy, dynamic_o_information, phi_id, transfer_entropy
from mixlib.information.dynamics import ATOMS


def series(rows=2000, n=4, seed=0):
    rng = np.random.default_rng(seed)
    step = 0.8 * rng.normal(size=(n, n)) / n
    values = rng.normal(size=(rows, n))
    for t in range(1, rows):
        values[t] += step @ values[t - 1]
    return values


def regressed(values, target, sources, given, lag=1):
    """What sources tell of the target's future beyond what is given, by the variances that regressions leave."""

    def left(columns):
        beside = np.column_stack([np.ones(len(values) - lag), values[:-lag][:, columns]])
        future = values[lag:, target]
        return np.var(future - beside @ np.linalg.lstsq(beside, future, rcond=None)[0])

    return np.log(left(given) / left([*given, *sources])) / 2


@pytest.mark.parametrize("lag", [1, 3])
def test_transfer_entropy_is_what_a_regression_gains(lag):
    values = series()
    found = transfer_entropy(values, lag=lag)
    for i, j in itertools.permutations(range(4), 2):
        assert found.loc[i, j] == pytest.approx(regressed(values, j, [i], [j], lag), abs=1 / len(values))
    assert np.isnan(np.diag(found)).all()


def test_neighbours_and_counts_see_who_drives():
    rng = np.random.default_rng(0)
    driver = rng.integers(2, size=2000)
    flips = rng.random(2000) < 0.1
    follower = np.roll(driver, 1) ^ flips
    wanted = 1 + sum(share * np.log2(share) for share in (flips.mean(), 1 - flips.mean()))
    counted = transfer_entropy(np.column_stack([driver, follower]), "plugin", units="bits")
    assert counted.loc[0, 1] == pytest.approx(wanted, abs=0.005)
    assert abs(counted.loc[1, 0]) < 0.01
    x = rng.normal(size=1500)
    near = transfer_entropy(np.column_stack([x, np.roll(x, 1) + rng.normal(size=1500)]), "ksg")
    assert near.loc[0, 1] == pytest.approx(np.log(2) / 2, abs=0.06)
    assert abs(near.loc[1, 0]) < 0.05


def test_dynamic_o_information_is_its_definition():
    values = series()
    found = dynamic_o_information(values, "3-4").set_index("variables")["omega"]
    assert len(found) == 5
    for subset, omega in found.items():
        n, wanted = len(subset), 0.0
        for j in subset:
            others = [i for i in subset if i != j]
            wanted += (2 - n) * regressed(values, j, others, [j])
            wanted += sum(regressed(values, j, [k for k in others if k != i], [j]) for i in others)
        assert omega == pytest.approx(wanted, abs=5 / len(values))


def test_two_that_drive_a_third_do_so_by_redundancy_or_synergy():
    rng = np.random.default_rng(0)
    x, y = rng.integers(2, size=(2, 4000))
    synergy = np.column_stack([x, y, np.roll(x ^ y, 1)])
    redundancy = np.column_stack([x, x, np.roll(x, 1)])
    flip = (rng.random(redundancy.shape) < 0.02).astype(int)
    found = [
        dynamic_o_information(rows, 3, "plugin", units="bits")["omega"][0] for rows in (synergy, redundancy ^ flip)
    ]
    assert found[0] == pytest.approx(-1, abs=0.02)
    assert found[1] > 0.6


def test_atoms_add_up_to_what_the_past_tells():
    values = series(n=3)
    found = phi_id(values)
    assert list(found)[2:] == ATOMS
    for _, row in found.iterrows():
        i, j = row["variables"]
        past, future = values[:-1, [i, j]], values[1:, [i, j]]
        whole = np.linalg.slogdet(np.cov(np.hstack([past, future]), rowvar=False))[1]
        apart = sum(np.linalg.slogdet(np.cov(half, rowvar=False))[1] for half in (past, future))
        assert row[ATOMS].sum() == pytest.approx((apart - whole) / 2, abs=3 / len(values))
        single = np.corrcoef(values[:-1, i], values[1:, j])[0, 1]
        assert row[["rtr", "rty", "xtr", "xty"]].sum() == pytest.approx(-np.log(1 - single**2) / 2, abs=2 / 2000)


def test_systems_made_for_one_atom():
    rng = np.random.default_rng(0)
    rows = 6000
    x, fresh = rng.integers(2, size=(2, rows))
    only = {
        "xty": np.column_stack([x, np.roll(x, 1)]),  # handed over
    }
    y = rng.integers(2, size=rows)
    only["stx"] = np.column_stack([np.zeros(rows, dtype=int), y])
    for t in range(1, rows):  # the exclusive or of both becomes the first
        only["stx"][t, 0] = only["stx"][t - 1].sum() % 2
    parity = np.column_stack([x, fresh])
    for t in range(1, rows):  # only the parity of both is kept
        parity[t, 1] = parity[t, 0] ^ (parity[t - 1].sum() % 2)
    keeps = (parity.sum(axis=1) % 2)[1:] == (parity.sum(axis=1) % 2)[:-1]
    assert keeps.all()
    flips = (rng.random(rows) < 0.05).cumsum() % 2  # now and then it flips, or it would be constant
    only["sts"] = np.column_stack([parity[:, 0], parity[:, 0] ^ flips])
    for atom, values in only.items():
        found = phi_id(values, "plugin", units="bits").loc[0, ATOMS]
        assert found.idxmax() == atom
        assert found[atom] > 0.65
        assert found.drop(atom).abs().max() < 0.02


def test_double_redundancy_is_the_least_of_all_pairs():
    values = series(n=4)
    found = double_redundancy(values, "2-3").set_index("variables")["redundancy"]
    atoms = phi_id(values).set_index("variables")["rtr"]
    for pair in itertools.combinations(range(4), 2):
        assert found[pair] == pytest.approx(atoms[pair], abs=1e-14)
    single = {(i, j): np.corrcoef(values[:-1, i], values[1:, j])[0, 1] for i in range(4) for j in range(4)}
    for triple in itertools.combinations(range(4), 3):
        least = min(-np.log(1 - single[i, j] ** 2) / 2 for i in triple for j in triple)
        assert found[triple] == pytest.approx(least, abs=1 / 2000)


def test_names_and_refusals():
    frame = pd.DataFrame(series(100, 3), columns=list("abc"))
    assert transfer_entropy(frame).index.tolist() == ["a", "b", "c"]
    assert phi_id(frame)["variables"].tolist() == [("a", "b"), ("a", "c"), ("b", "c")]
    with pytest.raises(ValueError, match="lag: "):
        transfer_entropy(frame, lag=0)
    with pytest.raises(ValueError, match="lag: 97 leaves 3 of 100 rows"):
        phi_id(frame, lag=97)
    with pytest.raises(ValueError, match="6 rows with a past are too few for 4 variables"):
        dynamic_o_information(series(7), 4)
    with pytest.raises(ValueError, match="lag: 2 leaves 5 of 7 rows"):
        dynamic_o_information(series(7), 4, lag=2)
    with pytest.raises(ValueError, match="expected 3 <= lowest"):
        dynamic_o_information(frame, 2)
    with pytest.raises(ValueError, match="expected 2 <= lowest"):
        double_redundancy(frame, 4)
    frame["d"] = [0.0] * 99 + [1.0]
    with pytest.raises(ValueError, match=r"column 'd' is constant but for 1 rows at an end"):
        transfer_entropy(frame)
