"""Linear dependence: what counts as one, and which columns are named."""

import numpy as np
import pytest

from mixlib import o_information, o_information_sweep
from mixlib.information.estimators.base import SMALLEST, are_dependent, fewest_dependent, smallest_share

NOISE = np.random.default_rng(0).normal(size=(200, 6))


def with_sum(noise):
    """Column 5 is the sum of the first two, but for some of its own."""
    values = NOISE.copy()
    values[:, 5] = values[:, 0] + values[:, 1] + noise * NOISE[:, 5]
    return values


def test_the_share_is_what_a_regression_leaves():
    values = with_sum(0.3) - with_sum(0.3).mean(axis=0)
    shares = []
    for column in range(6):
        others = np.delete(values, column, axis=1)
        rest = values[:, column] - others @ np.linalg.lstsq(others, values[:, column])[0]
        shares.append(rest.var() / values[:, column].var())
    assert smallest_share(np.corrcoef(values, rowvar=False)) == pytest.approx(min(shares), rel=1e-9)


@pytest.mark.parametrize(("noise", "dependent"), [(1e-4, False), (1e-5, False), (1e-7, True), (1e-8, True), (0, True)])
def test_every_estimator_draws_the_line_at_the_same_place(noise, dependent):
    values = with_sum(noise)
    assert are_dependent(np.corrcoef(values, rowvar=False)) == dependent
    for measure in (o_information, lambda v: o_information_sweep(v, orders=3), o_information_sweep):
        if dependent:
            with pytest.raises(ValueError, match=r"column 5 is a linear function of column 0, column 1,|dependent"):
                measure(values)
        else:
            assert np.isfinite(measure(values).omega).all()


def test_no_superfluous_column_is_named():
    correlation = np.corrcoef(with_sum(0), rowvar=False)
    assert fewest_dependent(correlation, range(6)) == [0, 1, 5]
    assert fewest_dependent(correlation, [5, 3, 1, 0]) == [5, 1, 0]
    assert smallest_share(np.eye(3)) == 1
    assert smallest_share(np.full((2, 2), np.nan)) == 0 < SMALLEST


def test_a_choice_of_an_estimator_ends_with_the_name_of_the_column():
    values = np.column_stack([NOISE, NOISE[:, 2]])
    for measure in (o_information, lambda v, estimator: o_information_sweep(v, orders=3, estimator=estimator)):
        with pytest.raises(ValueError, match="column 2 and column 6 are"):
            measure(values, estimator="auto")
