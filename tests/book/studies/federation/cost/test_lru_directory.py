"""The directory keeps the order of last use, asks a few, and looks around on schedule."""

import numpy as np
import pytest

from mixbook.studies.federation.cost.lru_directory import LRUDirectory
from mixlib.federation import log_probs_along, perplexity, weights_along

TEXT = np.log([[0.1, 0.1, 0.6, 0.2, 0.2], [0.7, 0.3, 0.5, 0.1, 0.1], [0.2, 0.5, 0.9, 0.3, 0.8]])


def test_weights_are_equal_for_the_last_useful():
    # all; 1 was best: 1, 0 asked; 1 again: 1, 0; of these 0 was best; all again at the fourth, where 2 is best
    weights = weights_along(LRUDirectory(3, k=2, period=3), TEXT)
    third, half = [1 / 3] * 3, [0.5, 0.5, 0]
    np.testing.assert_allclose(weights.T, [third, half, half, third, [0.5, 0, 0.5]])


def test_the_order_is_that_of_last_use_and_the_cost_is_counted():
    directory = LRUDirectory(3, k=2, period=3)
    log_probs = log_probs_along(directory, TEXT)
    assert directory.order.tolist() == [2, 0, 1]
    assert directory.cost == (3 + 2 + 2 + 3 + 2) / 5
    mixed = np.exp(TEXT)
    expected = [mixed[:, 0].mean(), mixed[:2, 1].mean(), mixed[:2, 2].mean(), mixed[:, 3].mean(), mixed[::2, 4].mean()]
    assert perplexity(log_probs) == pytest.approx(np.exp(-np.log(expected).mean()))


def test_documents_are_apart_and_all_asked_is_the_uniform_mixture():
    directory = LRUDirectory(3, k=1, period=4)
    parts = [log_probs_along(directory, TEXT[:, :2]), log_probs_along(directory, TEXT[:, 2:])]
    np.testing.assert_allclose(log_probs_along(directory, TEXT, [0, 2]), np.concatenate(parts))
    uniform = np.log(np.exp(TEXT).mean(axis=0))
    np.testing.assert_allclose(log_probs_along(LRUDirectory(3, k=3), TEXT), uniform)
    np.testing.assert_allclose(log_probs_along(LRUDirectory(3, k=1, period=1), TEXT), uniform)


def test_state_goes_on_after_a_save(tmp_path):
    first = LRUDirectory(3, k=1).fit(TEXT)
    for column in TEXT.T[:3]:
        first.update(column[first.chosen])
    first.save(tmp_path / "directory.npz")
    second = LRUDirectory(3).load(tmp_path / "directory.npz")
    assert second.chosen.tolist() == first.chosen.tolist() == [1]
    assert second.cost == first.cost


@pytest.mark.parametrize("bad", [{"k": 0}, {"k": 4}, {"period": 0}])
def test_bad_input_is_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        LRUDirectory(3, **bad)
