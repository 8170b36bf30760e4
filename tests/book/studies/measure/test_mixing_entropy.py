"""Mixtures hold what their parts hold, and their cost is the entropy of mixing where it should be, not elsewhere."""

import numpy as np
import pytest

from mixbook.studies.measure import mixing_entropy as study
from mixlib.information.compression import mixing_entropy


@pytest.mark.parametrize("make", [lambda rng: study.gas((0.5, 0.3, 0.2), rng), lambda rng: study.labels(0.4, rng)])
def test_a_mixture_holds_what_its_parts_hold(make):
    apart, mixed = make(np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(mixed), np.sort(np.concatenate(apart)))
    row = study.costs(apart, mixed)
    assert abs(row["adaptive"] - row["entropy"]) < row["redundancy"]


@pytest.mark.parametrize(("kinds", "each"), [(2, 8), (3, 4), (8, 2), (200, 1)])
def test_packed_symbols_come_back(kinds, each):
    symbols = np.random.default_rng(0).integers(kinds, size=101)
    bits = 8 // each
    packs = study.packed(symbols, kinds)
    assert len(packs) == -(-101 // each)
    unpacked = (packs[:, None] >> bits * np.arange(each)) % (1 << bits)
    np.testing.assert_array_equal(unpacked.ravel()[:101], symbols)


def test_gases_work_as_much_as_they_cost_and_one_gas_does_none():
    for shares in ((0.5, 0.5), (0.9, 0.1)):
        assert study.work(shares, np.random.default_rng(0)) == pytest.approx(mixing_entropy(shares), rel=0.01)
    assert study.work((1.0,), np.random.default_rng(0)) == 0


def test_packing_brings_a_compressor_near_for_gases():
    row = study.costs(*study.gas((0.9, 0.1), np.random.default_rng(0)))
    assert row["best"] < 1.2 * row["entropy"] < row["bytes"]


def test_interleaving_keeps_the_order_of_each_part():
    apart = [np.arange(10), np.arange(100, 105)]
    mixed = study.interleaved(apart, np.random.default_rng(0))
    assert mixed[mixed < 50].tolist() == apart[0].tolist()
    assert mixed[mixed > 50].tolist() == apart[1].tolist()


def test_a_crystal_costs_nothing_although_its_shares_are_equal():
    found = study.ordered()
    assert found.loc["crystal", "lzma"] < 0.05 < 0.9 < found.loc["crystal", "adaptive"]
    assert found.loc["shift register", "lzma"] > 1


def test_texts_are_windows_of_words():
    one, other = study.words(0), study.words(1)
    assert len(one[0]) == len(one[1]) == study.LENGTH // 2
    assert not np.array_equal(one[0], other[0])
    assert max(part.max() for part in one) <= study.WORDS


def test_more_in_common_costs_less():
    costs = [study.over_shares(overlap, [0.5], rng=0)[0] for overlap in (0.0, 0.5, 1.0)]
    assert (np.diff(costs, axis=0) < 0).all()
    np.testing.assert_allclose(costs[0], 1, atol=0.02)
