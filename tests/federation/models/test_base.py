"""Blocks of rows are cut anew without loss."""

import numpy as np

from mixlib.federation.models.base import regrouped


def test_regrouped_pieces_keep_their_rows_and_their_order():
    rows = np.arange(60.0).reshape(30, 2)
    for size in (1, 4, 7, 30, 99):
        blocks = list(regrouped(np.split(rows, [0, 1, 12, 12, 29]), size))
        np.testing.assert_array_equal(np.concatenate(blocks), rows)
        assert {len(b) for b in blocks[:-1]} <= {size}
        assert 0 < len(blocks[-1]) <= size
