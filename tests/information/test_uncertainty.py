"""Standard errors are the spread over repetitions, and nulls have the estimator's own bias."""

import numpy as np
import pytest

from mixlib import o_information
from mixlib.information import systems
from mixlib.information.uncertainty import two_sided_p

RED, SUM = systems.equicorrelated(3, 0.6), systems.sum_with_noise(2, 0.5)


def draw(system, size, seed):
    sample = systems.sample if system.ndim == 3 else systems.sample_gaussian
    return sample(system, size, rng=seed)


@pytest.mark.rare
@pytest.mark.parametrize(
    ("estimator", "system", "error", "method"),
    [
        ("gaussian", RED, "bootstrap", "bootstrap"),
        ("gaussian-copula", RED, "auto", "jackknife"),
        ("gaussian-copula", SUM, "bootstrap", "bootstrap"),
        ("plugin", systems.noisy_copy(0.1), "bootstrap", "bootstrap"),
        ("ksg", SUM, "auto", "half samples"),
        ("ksg", RED, "bootstrap", "half samples"),
    ],
)
def test_standard_errors_are_the_spread_over_repetitions(estimator, system, error, method):
    runs = [o_information(draw(system, 300, seed), estimator, error=error, resamples=30) for seed in range(60)]
    assert runs[0].error_method == method
    assert runs[0].errors["omega"] == runs[0].standard_error
    for name in ("tc", "dtc", "omega", "s_information"):
        spread = np.std([getattr(run, name) for run in runs])
        stated = [np.sqrt(run.errors[name] ** 2 - run.bias.get(name, 0.0) ** 2) for run in runs]
        assert np.mean(stated) == pytest.approx(spread, rel=0.35)


def test_no_error_is_nan_and_costs_nothing():
    result = o_information(draw(RED, 100, 0), error=None)
    assert np.isnan(result.standard_error)
    assert (result.errors, result.error_method) == ({}, "none")
    assert result.to_frame()["standard error"].isna().all()


def test_jackknife_by_hand():
    # three blocks of one sample cannot be had, so take the definition with as many blocks as samples
    samples = draw(RED, 20, 1)
    left_out = np.array([o_information(np.delete(samples, t, axis=0), error=None).omega for t in range(20)])
    expected = np.sqrt(19 / 20 * np.sum((left_out - left_out.mean()) ** 2))
    assert o_information(samples).standard_error == pytest.approx(expected)


def test_everything_scales_with_the_units():
    samples = draw(RED, 100, 2)
    nats, bits = (o_information(samples, units=units, null=5) for units in ("nats", "bits"))
    assert bits.errors["tc"] * np.log(2) == pytest.approx(nats.errors["tc"])
    assert bits.standard_error * np.log(2) == pytest.approx(nats.standard_error)
    np.testing.assert_allclose(bits.null * np.log(2), nats.null)
    assert bits.p_value == nats.p_value


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "ksg", "plugin"])
def test_null_finds_dependence_and_only_that(estimator):
    system = systems.noisy_parity(0.1) if estimator == "plugin" else SUM
    dependent = o_information(draw(system, 200, 3), estimator, null=39)
    assert dependent.p_value == pytest.approx(2 / 40)
    assert dependent.null.shape == (39,)
    independent = systems.independent(*[[0.5, 0.5]] * 3) if estimator == "plugin" else np.eye(3)
    p_values = [o_information(draw(independent, 60, s), estimator, null=19, error=None).p_value for s in range(20)]
    assert np.mean(np.array(p_values) <= 0.1) < 0.35
    assert np.mean(p_values) > 0.3


def test_groups_are_shuffled_whole():
    # within a group of copies nothing changes: two groups stay at Omega 0, three independent ones are near it
    rng = np.random.default_rng(4)
    base = rng.normal(size=(200, 3))
    samples = np.column_stack([base, base + 0.1 * rng.normal(size=(200, 3))])
    null = o_information(samples, groups=[[0, 3], [1, 4], [2, 5]], null=20).null
    assert np.abs(null).max() < 0.05
    assert np.abs(o_information(samples, null=20).null).max() < 0.05
    assert o_information(samples, groups=[[0], [3], [1]], null=0).null is None


def test_two_sided_p_by_hand():
    null = np.arange(1.0, 10.0)
    assert two_sided_p(0.0, null) == two_sided_p(10.0, null) == pytest.approx(2 / 10)
    assert two_sided_p(8.5, null) == pytest.approx(4 / 10)
    assert two_sided_p(9.0, null) == pytest.approx(4 / 10)
    assert two_sided_p(5.0, null) == 1


def test_bias_that_falls_with_more_samples_is_said():
    noted = o_information(draw(systems.sum_with_noise(2, 0.1), 300, 5), "ksg")
    assert "smaller parts of the samples betray a bias of" in noted.note
    assert noted.errors["omega"] > abs(noted.bias["omega"]) > 0.1
    assert o_information(np.random.default_rng(7).normal(size=(300, 3)), "ksg").note == ""
    assert "too few to tell the bias" in o_information(draw(np.eye(3), 60, 5), "ksg").note


def test_resamples_that_do_not_suffice_are_named():
    samples = draw(np.eye(6), 8, 6)
    with pytest.raises(ValueError, match="samples: 8 samples of 6 columns are too few for the standard error"):
        o_information(samples, error="bootstrap")
    assert np.isfinite(o_information(samples).standard_error)


def test_shown_with_error_and_p_value():
    text = repr(o_information(draw(SUM, 100, 7), null=9))
    assert " ± 0." in text
    assert ", 100 samples, p=0.2, nats, gaussian)" in text
