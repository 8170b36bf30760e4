"""Blocks of rows: cut anew without loss, and the same predictions whatever their size."""

import numpy as np
import pytest

from mixlib.federation import GRULanguageModel, KneserNey
from mixlib.federation.models.blocks import regrouped

TOKENS = np.random.default_rng(0).zipf(1.4, 90).clip(max=12) - 1
STARTS = np.array([0, 1, 40, 41, 77])


def test_regrouped_pieces_keep_their_rows_and_their_order():
    rows = np.arange(60.0).reshape(30, 2)
    for size in (1, 4, 7, 30, 99):
        blocks = list(regrouped(np.split(rows, [0, 1, 12, 12, 29]), size))
        np.testing.assert_array_equal(np.concatenate(blocks), rows)
        assert {len(b) for b in blocks[:-1]} <= {size}
        assert 0 < len(blocks[-1]) <= size


@pytest.fixture(params=["kneser-ney", "gru"])
def model(request):
    if request.param == "gru":
        return GRULanguageModel(12, 6)
    return KneserNey(12, 4).fit(TOKENS, STARTS)


def test_blocks_are_the_rows_of_log_probs(model):
    whole = model.log_probs(TOKENS, STARTS)
    for size in (1, 3, 39, 512):
        blocks = list(model.log_prob_blocks(TOKENS, STARTS, size))
        assert [len(b) for b in blocks[:-1]] == [size] * (len(blocks) - 1)
        np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-6)


def test_bad_blocks_and_bad_text_are_named(model):
    with pytest.raises(ValueError, match="rows: expected at least 1"):
        next(model.log_prob_blocks(TOKENS, STARTS, 0))
    with pytest.raises(ValueError, match="12 is unknown to a vocabulary of 12"):
        model.log_probs(np.array([0, 12]))
    with pytest.raises(ValueError, match="document_starts"):
        model.target_log_probs(TOKENS, [0, 90])
