"""Sweeps against shuffled samples: p-values, false discoveries, standard errors."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from mixlib.information import systems
from mixlib.information.estimate import o_information
from mixlib.information.sweeps import o_information_sweep
from mixlib.information.sweeps.significance import Exceedances, false_discovery_rates, two_sided


def with_one_synergy(size, n, seed):
    samples = np.random.default_rng(seed).normal(size=(size, n))
    samples[:, 2] += samples[:, 0] + samples[:, 1]
    return samples


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg", "plugin"])
def test_p_values_of_independent_variables_are_uniform(estimator):
    p = []
    for seed in range(10):
        samples = np.random.default_rng(seed).normal(size=(60, 6))
        if estimator == "plugin":  # columns of two and of four states
            samples = np.where(np.arange(6) < 3, samples > 0, np.digitize(samples, [-0.7, 0.0, 0.7]))
        p.append(o_information_sweep(samples, orders=3, estimator=estimator, null=5, rng=seed).p_values)
    p = np.concatenate(p)
    assert len(p) == 200
    np.testing.assert_allclose([p.mean(), np.mean(p < 0.2), np.mean(p > 0.8)], [0.5, 0.2, 0.2], atol=0.08)


def test_discoveries_are_the_planted_ones():
    result = o_information_sweep(with_one_synergy(300, 12, seed=1), orders=3, top=20, null=20)
    frame = result.to_frame()
    found = set(frame.loc[frame["q_value"] < 0.05, "variables"])
    assert (0, 1, 2) in found
    assert all({0, 1, 2} & set(subset) for subset in found)
    assert not (
        o_information_sweep(np.random.default_rng(2).normal(size=(300, 12)), null=5, top=20).q_values < 0.05
    ).any()


def test_all_kept_subsets_have_the_p_values_of_those_kept_by_top():
    samples = with_one_synergy(80, 8, seed=3)
    every = o_information_sweep(samples, null=2).to_frame().set_index("variables")
    best = o_information_sweep(samples, null=2, top=6).to_frame().set_index("variables")
    assert np.array_equal(best["p_value"], every["p_value"].loc[list(best.index)])
    # what is kept cannot know of better p-values elsewhere, and is then careful
    assert (best["q_value"] >= every["q_value"].loc[list(best.index)] - 1e-12).all()


def test_p_values_count_null_values_of_the_same_order():
    samples = with_one_synergy(50, 5, seed=4)
    result = o_information_sweep(samples, null=3, rng=5)
    rng = np.random.default_rng(5)
    null = {3: [], 4: [], 5: []}
    centred = samples - samples.mean(axis=0)
    for _ in range(3):
        shuffled = np.column_stack([centred[:, :1], rng.permuted(centred[:, 1:], axis=0)])
        again = o_information_sweep(shuffled)
        for subset, omega in zip(again.subsets, again.omega, strict=True):
            null[(subset >= 0).sum()].append(omega)
    for subset, omega, p in zip(result.subsets, result.omega, result.p_values, strict=True):
        values = np.array(null[(subset >= 0).sum()])
        tail = min((values <= omega).sum(), (values >= omega).sum())
        assert p == pytest.approx(min(1, 2 * (tail + 1) / (len(values) + 1)))


def test_ties_count_on_both_sides():
    class Twice:
        def blocks(self, task):
            yield type("Block", (), {"omega": np.array([1.0, 1.0, 2.0, np.nan, 0.0, 3.0])})

        def strata_of(self, block):
            return np.array([7, 7, 7, 7, 7, 9])

    keep = Exceedances(np.array([7, 7, 9, 7, 8]), np.array([1.0, 2.0, 3.0, 1.0, 0.0]))
    state = keep.start(None)
    keep.add(state, 0, keep.of_task(Twice(), None))
    below, above, total = keep.finish(None, state)
    assert below.tolist() == [3, 4, 1, 3, 0]
    assert above.tolist() == [3, 1, 1, 3, 0]
    assert total.tolist() == [4, 4, 1, 4, 0]
    np.testing.assert_allclose(two_sided(below, above, total), [1, 4 / 5, 1, 1, 1])


def test_false_discovery_rates_of_a_part_are_those_of_the_whole():
    p = np.sort(np.random.default_rng(6).uniform(size=50)) * 0.01
    whole = false_discovery_control(np.concatenate([p, np.ones(950)]))
    np.testing.assert_allclose(false_discovery_rates(p, 1000), whole[:50])


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg", "plugin"])
def test_standard_errors_are_those_of_one_subset(estimator):
    samples = with_one_synergy(90, 4, seed=7)
    samples = samples > 0 if estimator == "plugin" else samples
    result = o_information_sweep(samples, orders=3, top=1, estimator=estimator, error="auto", resamples=40)
    for subset, error in zip(result.subsets, result.standard_error, strict=True):
        one = o_information(samples[:, subset], estimator, resamples=40).standard_error
        assert error == pytest.approx(one, rel=0.5)
    in_bits = result.to("bits")
    np.testing.assert_allclose(in_bits.standard_error * np.log(2), result.standard_error)


def test_known_synergy_is_significant_and_its_error_covers_it():
    cov = np.eye(8)
    cov[:3, :3] = systems.synergistic(3, 0.6)
    samples = np.random.default_rng(8).multivariate_normal(np.zeros(8), cov, 2000)
    best = o_information_sweep(samples, orders=3, top=1, null=5, error="auto")
    assert best.subsets[0].tolist() == [0, 1, 2]
    assert best.q_values[0] < 0.3
    assert abs(best.omega[0] + 0.123918) < 3 * best.standard_error[0]
