"""Paired tests against SciPy's, Holm's correction by hand, and no evidence where nothing differs."""

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp

from mixbook.studies.paired import paired


def test_one_case_is_the_paired_t_test():
    gaps = pd.DataFrame(np.random.default_rng(0).normal(0.5, 1, size=(40, 6)))
    for _, row in gaps.iterrows():
        one, known = paired(row.to_frame().T).iloc[0], ttest_1samp(row, 0)
        assert (one["better"] or one["worse"]) == (known.pvalue < 0.05)
        assert one["better"] == (known.pvalue < 0.05 and row.mean() > 0)
        interval = known.confidence_interval()
        np.testing.assert_allclose([one["gap"] - one["error"], one["gap"] + one["error"]], [*interval])


def test_cases_are_corrected_by_holm():
    clear, close, none = [1.0, 1.1, 0.9, 1.0], [0.4, 1.0, 1.6, 0.9], [1.0, -1.0, 0.5, -0.5]
    chance = ttest_1samp(close, 0).pvalue
    assert 0.05 / 2 < chance < 0.05
    assert paired(pd.DataFrame([close]))["better"].tolist() == [True]
    assert paired(pd.DataFrame([close, clear]))["better"].tolist() == [True, True]  # the second of two, times one
    assert paired(pd.DataFrame([none, close, clear]))["better"].tolist() == [False, False, True]
    assert paired(-pd.DataFrame([none, close, clear]))["worse"].tolist() == [False, False, True]


def test_a_case_is_no_clearer_than_one_before_it():
    close, closer = [0.4, 1.0, 1.6, 0.9], [0.5, 1.1, 1.7, 1.0]
    assert not paired(pd.DataFrame([close, closer]), level=0.03).any()[["better", "worse"]].any()


def test_no_difference_is_no_evidence():
    found = paired(pd.DataFrame([[0.0, 0.0, 0.0], [1.0, 1.01, 0.99]], index=["same", "more"]))
    assert found["better"].tolist() == [False, True]
    assert not found["worse"].any()
