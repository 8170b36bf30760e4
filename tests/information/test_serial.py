"""Rows that are a series: plainly said, rarely by mistake, and blocks give errors that hold."""

import warnings

import numpy as np
import pytest

from mixlib import o_information
from mixlib.information import o_information_sweep, systems
from mixlib.information.coverage import FAIR, autoregressive_rows, coverage
from mixlib.information.uncertainty import SeriesWarning, check_block, deal_in_blocks, draw_blocks, effective_samples

RED = systems.equicorrelated(3, 0.6)


def series(size, memory, seed=0):
    return autoregressive_rows("", RED, memory).draw(size, np.random.default_rng(seed))


@pytest.mark.parametrize("memory", [0.5, 0.7, 0.9, -0.9])
def test_an_autoregression_is_worth_what_its_closed_form_says(memory):
    # autocorrelations a**k, so one row counts as 1 / (1 + 2 sum a**2k)
    worth = np.mean([effective_samples(series(3000, memory, seed)) for seed in range(5)])
    assert worth == pytest.approx(3000 * (1 - memory**2) / (1 + memory**2), rel=0.15)


@pytest.mark.parametrize("size", [6, 20, 50, 200, 1000])
def test_independent_rows_are_rarely_called_a_series(size):
    rng = np.random.default_rng(size)
    alarms = 0
    for _ in range(150):
        normal, heavy = rng.normal(size=(size, 4)), rng.standard_t(1.5, size=(size, 4))
        alike = normal + 3 * rng.normal(size=(size, 1))
        alarms += sum(effective_samples(table) < size for table in (normal, heavy, alike))
    assert alarms <= 2


def test_one_column_with_a_memory_does_no_harm():
    rows = np.column_stack([series(1000, 0.95)[:, 0], np.random.default_rng(1).normal(size=(1000, 2))])
    assert effective_samples(rows) == 1000


def test_a_short_memory_does_no_harm_however_clear_it_is():
    assert effective_samples(series(20_000, 0.2)) == 20_000  # rows are worth 1 / 1.08 of independent ones
    assert effective_samples(series(20_000, 0.4)) < 0.8 * 20_000  # 1 / 1.38


def test_a_series_is_said_with_the_remedy():
    rows = series(500, 0.9)
    with pytest.warns(SeriesWarning, match=r"worth about \d+ independent ones.*block='auto'.*shuffle them"):
        result = o_information(rows)
    assert "500 rows remember the rows before them" in result.note
    with pytest.warns(SeriesWarning, match="measure what you find again"):
        assert "remember" in o_information_sweep(rows).note
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "remember" not in o_information(rows, block="auto").note
        assert o_information(rows[np.random.default_rng(0).permutation(500)]).note == ""


def test_blocks_give_errors_that_hold_where_single_rows_do_not():
    case = autoregressive_rows("memory .8", RED, 0.8)
    single, blocks = (
        coverage(case, "gaussian", samples=500, repetitions=100, block=block, resamples=30).set_index("measure")
        for block in (None, "auto")
    )
    assert (single["covered"] < FAIR[0]).all()
    assert blocks["covered"].between(*FAIR).all()


def test_neighbours_take_halves_in_blocks():
    result = o_information(series(400, 0.9), "ksg", block=20, resamples=20)
    assert result.error_method == "halves in blocks of 20"
    assert result.standard_error > o_information(series(400, 0.0), "ksg", block=1, resamples=20).standard_error


def test_too_few_blocks_are_said():
    walk = np.cumsum(np.random.default_rng(2).normal(size=(300, 3)), axis=0)
    assert "too few for their spread to be known" in o_information(walk, block="auto").note


def test_blocks_are_of_successive_rows():
    rng = np.random.default_rng(3)
    drawn = draw_blocks(100, 10, rng).reshape(10, 10)
    assert (np.diff(drawn) % 100 == 1).all()
    dealt = deal_in_blocks(100, 10, rng)
    assert len(np.unique(dealt)) == len(dealt) == pytest.approx(50, abs=10)
    assert np.mean(np.diff(dealt) == 1) > 0.85


def test_the_best_block_of_an_autoregression_by_hand():
    # of squares with memory r, Politis and White: (6 T (r / (1 - r**2))**2) ** (1 / 3), with r = .9**2
    rows = series(20_000, 0.9)
    r = 0.81
    assert check_block("auto", rows) == pytest.approx((6 * 20_000 * (r / (1 - r**2)) ** 2) ** (1 / 3), rel=0.1)
    assert check_block("auto", np.random.default_rng(4).normal(size=(100, 3))) == 1


@pytest.mark.parametrize("block", [0, 51, 2.5, True, "all"])
def test_blocks_that_cannot_be(block):
    with pytest.raises(ValueError, match=r"block: got .*, expected 'auto' or a whole number from 1 to 50 rows"):
        o_information(np.random.default_rng(5).normal(size=(100, 3)), block=block)
