"""The time that a sweep will take: the right number of subsets, and seconds that grow with the work."""

import numpy as np
import pytest

from mixlib.information import o_information_sweep
from mixlib.information.sweeps import duration
from mixlib.information.sweeps.duration import expected_seconds

SAMPLES = np.random.default_rng(0).normal(size=(60, 8))


@pytest.fixture
def clock(monkeypatch):
    """Each look at the clock finds it a second later."""
    seconds = iter(range(10**6))
    monkeypatch.setattr(duration, "perf_counter", lambda: next(seconds))


@pytest.mark.parametrize(("estimator", "options"), [("ksg", {}), ("plugin", {"bins": 2}), ("ksg", {"k": 5, "null": 3})])
def test_a_second_for_each_subset(clock, estimator, options):
    seconds, n_subsets = expected_seconds(SAMPLES, "3-5", estimator, **options)
    assert n_subsets == o_information_sweep(SAMPLES, orders=(3, 5)).n_subsets == 182
    assert seconds == pytest.approx(182 * (1 + options.get("null", 0)))


def test_a_few_gaussian_subsets_take_no_time_worth_telling():
    assert expected_seconds(SAMPLES, 3) == (0, 56)


@pytest.mark.parametrize(("n", "orders"), [(14, None), (30, (3, 4))])
def test_many_gaussian_subsets_are_measured_by_a_run_of_them(clock, n, orders, monkeypatch):
    monkeypatch.setattr(duration, "MANY", 10_000)
    samples = np.random.default_rng(1).normal(size=(200, n))
    seconds, n_subsets = expected_seconds(samples, orders)
    assert n_subsets > duration.MANY
    assert 1 <= seconds < n_subsets / 1000  # a second for a run of many


def test_what_the_sweep_refuses_is_refused():
    with pytest.raises(ValueError, match="orders: got 9 to 9 for 8 variables"):
        expected_seconds(SAMPLES, 9)
