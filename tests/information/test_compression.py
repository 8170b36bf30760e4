"""The entropy of mixing and the length of a code: closed forms, bounds, and what they say of bad input."""

import bz2
import zlib

import numpy as np
import pytest
import scipy.constants

from mixlib.information.compression import CODERS, GAS_CONSTANT, code_length, mixing_entropy


def test_parts_that_share_nothing_mix_at_the_entropy_of_their_weights():
    weights = np.array([[0.5, 0.5, 0.0], [0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    expected = -(weights * np.log2(np.where(weights > 0, weights, 1))).sum(axis=1)
    np.testing.assert_allclose(mixing_entropy(weights), expected, atol=1e-15)
    np.testing.assert_allclose(mixing_entropy(weights, np.eye(3)), expected, atol=1e-15)


def test_equal_parts_mix_at_no_entropy_and_overlapping_ones_in_between():
    part = [0.2, 0.3, 0.5]
    assert mixing_entropy([0.4, 0.6], [part, part]) == pytest.approx(0, abs=1e-15)
    parts = np.random.default_rng(0).dirichlet(np.ones(4), (50, 3))
    weights = np.random.default_rng(1).dirichlet(np.ones(3), 50)
    between = np.array([mixing_entropy(w, p) for w, p in zip(weights, parts, strict=True)])
    assert (between > 0).all()
    assert (between < mixing_entropy(weights)).all()


def test_the_adaptive_code_is_the_product_of_its_predictions():
    symbols = [0, 1, 1, 0, 2, 1]
    counts, bits = np.full(3, 0.5), 0.0
    for symbol in symbols:
        bits -= np.log2(counts[symbol] / counts.sum())
        counts[symbol] += 1
    assert code_length(symbols) == pytest.approx(bits)
    assert code_length([7] * 100) == 0


@pytest.mark.parametrize("coder", CODERS)
def test_compressors_see_order_and_the_adaptive_code_none(coder):
    random = np.random.default_rng(0).integers(2, size=4000)
    order = np.sort(random)
    assert code_length(order) == pytest.approx(code_length(random))
    assert code_length(order, coder) < 0.2 * code_length(random, coder)
    assert code_length(random, coder) > 4000


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="symbols"):
        code_length([256])
    with pytest.raises(ValueError, match="coder"):
        code_length([1], "zip")
    with pytest.raises(ValueError, match="weights"):
        mixing_entropy([0.5, 0.6])
    with pytest.raises(ValueError, match="distributions"):
        mixing_entropy([0.5, 0.5], [0.5, 0.5])
    with pytest.raises(ValueError, match="distributions"):
        mixing_entropy([0.5, 0.5], [[0.5, 0.6], [0.5, 0.5]])


@pytest.mark.parametrize(("coder", "at_level"), [("zlib", zlib.compress), ("bz2", bz2.compress)])
def test_compressors_are_at_their_best_setting(coder, at_level):
    once = np.random.default_rng(0).integers(8, size=120_000).astype(np.uint8)
    data = np.tile(once, 2)  # more than bz2 looks at in a block unless it is told to
    best = min(8 * len(at_level(data.tobytes(), level)) for level in (1, 6, 9))
    assert code_length(data, coder) == best < 8 * len(at_level(data.tobytes(), 1))


def test_the_whole_byte_is_a_symbol_and_nothing_is_no_less_than_nothing():
    assert code_length([255] * 9 + [0], "zlib") == 8 * len(zlib.compress(bytes([255] * 9 + [0])))
    assert not np.signbit(mixing_entropy([1.0, 0.0]))
    assert pytest.approx(scipy.constants.Boltzmann * scipy.constants.Avogadro, rel=1e-12) == GAS_CONSTANT
    with pytest.raises(ValueError, match="weights"):
        mixing_entropy([0.5, 0.6], np.eye(2))
