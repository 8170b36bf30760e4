"""The small print: shares, shuffles and witnesses against values known by another route."""

import numpy as np
import pytest

from mixbook.studies.federation import small_print
from mixlib.federation import from_files


@pytest.fixture(scope="module")
def found(folders):
    return small_print.places(3, from_files(folders))


def test_shares_are_those_of_the_mixture(found):
    np.testing.assert_allclose(found.share.sum(axis=0), 1)
    np.testing.assert_allclose(found.mixture, np.exp(found.targets).mean(axis=0))
    assert found.gap_from_targets < 1e-9
    assert (np.exp(found.targets) <= found.confidence + 1e-12).all()
    np.testing.assert_allclose(np.exp(found.targets)[found.favourite], found.confidence[found.favourite])
    assert found.favourite.any(axis=1).all()
    assert not found.favourite.all()


def test_the_mixture_s_favourite_is_one_of_the_likely_and_predictions_move(found):
    beyond_half = found.mixture > 0.5
    assert beyond_half.any()
    assert found.mixed_favourite[beyond_half].all()
    assert not found.mixed_favourite[found.mixture < 1e-3].any()
    assert (found.predictions_move["mixture"] <= 1 / 3 + 1e-12).all()  # one of three vectors was changed
    assert np.median(found.predictions_move["mixture"]) > 0
    assert np.median(found.predictions_move["product"]) > 0


def test_one_is_sure_where_the_others_are_not():
    targets = np.log([[0.95, 0.95, 0.5], [0.05, 0.5, 0.05]])
    one = small_print.Places(targets, *[None] * 8)
    assert one.one_is_sure(0.9, 0.1).tolist() == [True, False, False]
    np.testing.assert_allclose(one.best, [0.95, 0.95, 0.5])


def test_others_change_places_and_the_kept_entry_stays():
    rng = np.random.default_rng(0)
    rows, kept = rng.random((200, 12)), rng.integers(12, size=200)
    moved = small_print.others_shuffled(rows, kept, rng)
    np.testing.assert_array_equal(moved[np.arange(200), kept], rows[np.arange(200), kept])
    np.testing.assert_allclose(np.sort(moved, axis=1), np.sort(rows, axis=1))
    assert 0.8 < (moved != rows).mean() < 0.95  # 11 of 12 entries move, each but for one time in 11


def test_witnesses_by_bayes():
    found = small_print.consensus(0.4, (1, 2, 30), 0)
    alone = 0.4 * 0.4 + 0.6 * 0.6 / 9  # right and sure by .4, or wrong with .6 / 9 left for the truth
    for values in (found.independent[0], found.dependent[0], found.mixture[0]):
        assert values == pytest.approx(alone, abs=0.02)
    assert found.sureness[0] == pytest.approx(0.4)
    odds = (0.4 / (0.6 / 9)) ** 2  # two witnesses of one thing: odds squared against each of nine others
    assert found.sureness[1] == pytest.approx(odds / (odds + 9))
    assert found.dependent[2] == pytest.approx(0.4, abs=0.04)
    assert found.plurality.tolist() == [1, 1, 1]
