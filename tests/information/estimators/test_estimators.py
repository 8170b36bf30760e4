"""Every estimator on systems whose truth is known, the laws that all of them keep, and where each one fails."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.linalg import block_diag

from mixlib import o_information, o_information_sweep
from mixlib.information import estimators, from_covariance, from_pmf, systems
from mixlib.information.estimators import ESTIMATORS

ROOT = Path(__file__).parents[3]

GAUSSIAN = {
    "equicorrelated 3": systems.equicorrelated(3, 0.5),
    "equicorrelated 5": systems.equicorrelated(5, 0.5),
    "autoregressive": systems.autoregressive(3, 0.8),
    "red 3": systems.equicorrelated(3, 0.6),
    "red 4": systems.equicorrelated(4, 0.7),
    "syn 3": systems.synergistic(3, 0.6),
    "sum": systems.sum_with_noise(2, 0.5),
    "common cause": systems.common_cause(3, 0.5),
    "mix": block_diag(systems.equicorrelated(3, 0.6), systems.synergistic(3, 0.6)),
}
DISCRETE = {
    "parity 3": systems.parity(3),
    "parity 4": systems.parity(4),
    "copy 3": systems.copy(3),
    "and": systems.and_gate(),
    "dyadic": systems.dyadic(),
    "triadic": systems.triadic(),
    "noisy copy": systems.noisy_copy(0.1),
    "noisy parity": systems.noisy_parity(0.1),
    "ising": systems.ising(4, -0.3),
}
NUMERIC = ("gaussian", "gaussian-copula", "ksg")


def draw(system, size, seed):
    sample = systems.sample_gaussian if system.ndim == 2 else systems.sample
    return sample(system, size, rng=seed)


def compare(result, exact, slack):
    for name in ("tc", "dtc", "omega"):
        assert getattr(result, name) == pytest.approx(
            getattr(exact, name), abs=4 * result.errors[name] + slack * abs(getattr(exact, name)) + 1e-3
        )
    np.testing.assert_allclose(result.gradient, exact.gradient, atol=0.08)


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula", "auto"])
@pytest.mark.parametrize("system", GAUSSIAN.values(), ids=GAUSSIAN)
def test_gaussian_truth(system, estimator):
    compare(o_information(draw(system, 3000, 0), estimator), from_covariance(system), slack=0)


@pytest.mark.parametrize("system", [system for name, system in GAUSSIAN.items() if name != "mix"])
def test_gaussian_truth_by_neighbours(system):
    compare(o_information(draw(system, 2000, 0), "ksg", resamples=20), from_covariance(system), slack=0.03)


@pytest.mark.parametrize("estimator", ["plugin", "auto"])
@pytest.mark.parametrize("system", DISCRETE.values(), ids=DISCRETE)
def test_discrete_truth(system, estimator):
    result = o_information(draw(system, 3000, 0), estimator)
    assert result.estimator == "plugin"
    compare(result, from_pmf(system), slack=0.005)


@pytest.mark.parametrize("estimator", NUMERIC)
def test_an_increasing_transform_of_normal_columns(estimator):
    samples = draw(GAUSSIAN["sum"], 2000, 1)
    bent = np.column_stack([np.exp(2 * samples[:, 0]), samples[:, 1] ** 3, samples[:, 2]])
    before, after = (o_information(x, estimator, error=None) for x in (samples, bent))
    if estimator == "gaussian":
        assert abs(after.omega - before.omega) > 0.2  # covariance knows no other than linear dependence
    else:
        assert (after.tc, after.dtc, after.omega) == (before.tc, before.dtc, before.omega)


CONTINUOUS, DISCRETE_SAMPLES = draw(GAUSSIAN["red 4"] + 0.2 * np.eye(4), 400, 2), draw(systems.ising(4, 0.3), 400, 2)
QUICK = {name: {"steps": 0} if "steps" in kind.options() else {} for name, kind in ESTIMATORS.items()}  # untrained
CASES = [(name, CONTINUOUS if "continuous" in kind.kinds else DISCRETE_SAMPLES) for name, kind in ESTIMATORS.items()]
every_estimator = pytest.mark.parametrize(("estimator", "samples"), CASES, ids=[name for name, _ in CASES])


def quick(samples, estimator, **options):
    return o_information(samples, estimator, error=None, **QUICK[estimator], **options)


def exactly(estimator):
    """How far equal results may lie apart: by rounding, or by the chance of a network's integrals."""
    return 5e-3 if QUICK[estimator] else 1e-11


@pytest.mark.parametrize("name", ESTIMATORS)
def test_it_says_what_it_is(name):
    kind = ESTIMATORS[name]
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert kind.reference in keys
    assert kind.assumes == kind.assumes.strip() != ""
    assert kind.cost == kind.cost.strip() != ""
    assert set(kind.kinds) <= {"continuous", "discrete", "nominal"} != set()
    assert f'"{name}"' in o_information.__doc__
    assert set(kind.sweep_options or ()) <= set(kind.options())
    assert (f'"{name}"' in o_information_sweep.__doc__) == (kind.sweep_options is not None)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_known_systems_are_found_within_the_stated_error(name):
    continuous = "continuous" in ESTIMATORS[name].kinds
    system = GAUSSIAN["red 3"] if continuous else DISCRETE["and"]
    exact = from_covariance(system) if continuous else from_pmf(system)
    compare(o_information(draw(system, 1500, 0), name, resamples=20, **QUICK[name]), exact, slack=0.03)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_it_takes_the_kinds_of_columns_that_it_says(name):
    letters = np.random.default_rng(10).choice(list("xyz"), 300)
    numbers = np.random.default_rng(11).normal(size=(300, 3))
    nominal = pd.DataFrame({"a": letters == "x", "letter": pd.Categorical(letters), "b": numbers[:, 0] > 0})
    tables = {"continuous": numbers, "discrete": numbers > 0, "nominal": nominal}
    for kind, table in tables.items():
        if kind in ESTIMATORS[name].kinds:
            assert np.isfinite(quick(table, name).omega)
        else:
            with pytest.raises(ValueError, match=r"samples: column .*estimator='"):
                quick(table, name)


@every_estimator
def test_bad_samples_are_named(estimator, samples):
    holed, still = samples.astype(float), samples.astype(float)
    holed[3, 1], still[:, 2] = np.nan, 1.0
    for bad, message in ((holed, "column 1"), (still, "column 2"), (samples[:3], "too few")):
        with pytest.raises(ValueError, match=f"samples: .*{message}"):
            quick(bad, estimator)
    with pytest.raises(ValueError, match="frob: is no option of estimator"):
        quick(samples, estimator, frob=1)


def test_one_more_file_is_one_more_estimator(tmp_path, monkeypatch):
    text = Path(estimators.__path__[0], "gaussian.py").read_text(encoding="utf-8")
    (tmp_path / "second_moments.py").write_text(text.replace("class Gaussian", "class SecondMoments"), encoding="utf-8")
    monkeypatch.setattr(estimators, "__path__", [*estimators.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "mixlib.information.estimators.second_moments", raising=False)
    result = o_information(CONTINUOUS, "second-moments")
    assert result.estimator == "second-moments"
    assert result.omega == o_information(CONTINUOUS, "gaussian").omega
    swept, known = (o_information_sweep(CONTINUOUS, estimator=name) for name in ("second-moments", "gaussian"))
    np.testing.assert_allclose(swept.omega, known.omega, atol=1e-12)
    with pytest.raises(
        ValueError, match=r"estimator: got 'third', expected one of 'gaussian'.*'second-moments'.*'auto'"
    ):
        o_information(CONTINUOUS, "third")
    del sys.modules["mixlib.information.estimators.second_moments"]


SWEPT = [name for name, kind in ESTIMATORS.items() if kind.sweep_options is not None]


@pytest.mark.parametrize("name", SWEPT)
def test_a_sweep_measures_what_a_single_estimate_does(name):
    samples = CONTINUOUS if "continuous" in ESTIMATORS[name].kinds else CONTINUOUS > 0
    swept = o_information_sweep(samples, orders=3, estimator=name)
    for subset, omega in zip(swept.subsets, swept.omega, strict=True):
        assert quick(samples[:, subset[subset >= 0]], name).omega == pytest.approx(omega, abs=1e-9)


def test_what_is_made_of_the_gaussian_estimator_is_swept_by_its_own_covariances(tmp_path, monkeypatch):
    (tmp_path / "shrunk.py").write_text(
        "import numpy as np\nfrom mixlib.information.estimators.gaussian import Gaussian\n\n\n"
        "class Shrunk(Gaussian):\n    reference = 'ledoit2004'\n\n"
        "    def covariances(self, rows):\n"
        "        found = super().covariances(rows)\n"
        "        return (found + np.eye(found.shape[-1])) / 2\n"
    )
    monkeypatch.setattr(estimators, "__path__", [*estimators.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "mixlib.information.estimators.shrunk", raising=False)
    swept = o_information_sweep(CONTINUOUS, orders=3, estimator="shrunk")
    single = o_information(CONTINUOUS[:, swept.subsets[0, :3]], "shrunk").omega
    del sys.modules["mixlib.information.estimators.shrunk"]
    assert swept.omega[0] == pytest.approx(single, abs=1e-12)
    assert abs(single) < abs(o_information_sweep(CONTINUOUS, orders=3, estimator="gaussian").omega[0])


@every_estimator
def test_order_of_variables_and_rows_does_not_matter(estimator, samples):
    rng = np.random.default_rng(3)
    columns, rows = rng.permutation(4), rng.permutation(400)
    before, after = quick(samples, estimator), quick(samples[rows][:, columns], estimator)
    for name in ("tc", "dtc", "omega"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=exactly(estimator))
    np.testing.assert_allclose(after.gradient, before.gradient[columns], atol=exactly(estimator))


@every_estimator
def test_units_of_the_columns_do_not_matter(estimator, samples):
    before, after = quick(samples, estimator), quick(samples * [1e-6, 0.2, 3, 1e6] + 5, estimator)
    assert after.omega == pytest.approx(before.omega, abs=max(1e-8, exactly(estimator)))


@every_estimator
def test_an_independent_variable_adds_nothing(estimator, samples):
    alone = np.random.default_rng(4).permutation(samples[:, 0])
    before = quick(samples, estimator)
    after = o_information(np.column_stack([samples, alone]), estimator, **QUICK[estimator])
    assert after.omega == pytest.approx(before.omega, abs=4 * after.standard_error)
    assert after.gradient[-1] == pytest.approx(after.omega - before.omega, abs=exactly(estimator))


@every_estimator
def test_without_the_gradient_all_else_is_the_same(estimator, samples):
    whole, less = (o_information(samples, estimator, gradient=wanted, **QUICK[estimator]) for wanted in (True, False))
    assert np.isnan(less.gradient).all()
    assert less.gradient.shape == whole.gradient.shape
    np.testing.assert_array_equal(less.to_frame().iloc[:4], whole.to_frame().iloc[:4])


@every_estimator
def test_gradient_is_what_leaving_a_variable_out_takes_away(estimator, samples):
    whole = quick(samples, estimator)
    without = [quick(np.delete(samples, i, axis=1), estimator).omega for i in range(4)]
    np.testing.assert_allclose(whole.gradient, whole.omega - np.array(without), atol=exactly(estimator))


@every_estimator
def test_two_variables_have_no_o_information(estimator, samples):
    result = quick(samples[:, :2], estimator, null=9)
    assert result.omega == pytest.approx(0, abs=exactly(estimator))
    assert result.tc == pytest.approx(result.dtc, abs=exactly(estimator))
    assert result.tc > 0.05
    assert result.p_value == 1


@every_estimator
def test_groups_make_one_variable_of_columns(estimator, samples):
    result = quick(samples, estimator, groups=[[0, 1], [2, 3]])
    assert result.omega == pytest.approx(0, abs=exactly(estimator))
    assert result.n == 2
    three = quick(samples, estimator, groups=[[0, 1], [2], [3]])
    assert three.tc == pytest.approx(quick(samples, estimator).tc - quick(samples[:, :2], estimator).tc, abs=0.1)


@every_estimator
def test_s_information_and_units(estimator, samples):
    nats, bits = quick(samples, estimator), quick(samples, estimator, units="bits")
    assert nats.s_information == pytest.approx(nats.tc + nats.dtc, abs=1e-12)
    assert nats.omega == pytest.approx(nats.tc - nats.dtc, abs=exactly(estimator))
    np.testing.assert_allclose(bits.gradient * np.log(2), nats.gradient, atol=1e-12)


@every_estimator
def test_torch_samples_give_torch_numbers(estimator, samples):
    result = quick(torch.tensor(samples), estimator)
    assert {value.dtype for value in (result.tc, result.omega, result.gradient)} == {torch.float64}
    assert result.omega.item() == quick(samples, estimator).omega


def test_a_copula_cannot_see_what_no_pair_shows():
    samples = systems.sign_lift(draw(systems.parity(3), 2000, 5), rng=6)
    exact = from_pmf(systems.parity(3))
    blind, seeing = (o_information(samples, name) for name in ("gaussian-copula", "ksg"))
    assert exact.omega == pytest.approx(-np.log(2))
    assert abs(blind.omega) < 0.01
    assert seeing.omega < -0.5


def test_miller_madow_is_not_enough_for_too_many_states():
    noise = np.random.default_rng(7).normal(size=(300, 3))
    raw = quick(noise[:0:-1], "plugin", bins=4, correction=None)
    assert raw.omega < -0.03
    with pytest.warns(UserWarning, match="too many to be counted well"):
        crowded = o_information(noise, "plugin", bins=8, null=40)
    assert crowded.omega < -0.3  # synergy out of noise, as the null, with the same bias, does not find it remarkable
    assert crowded.null.mean() == pytest.approx(crowded.omega, abs=0.1)
    assert crowded.p_value > 0.05
    assert "too many" in crowded.note


def test_bins_are_of_equal_counts_and_leave_discrete_columns_alone():
    samples = draw(GAUSSIAN["red 3"], 400, 8)
    quarters = np.floor(4 * samples.argsort(axis=0).argsort(axis=0) / 400)
    for bits in (samples[:, 0] > 0, samples[:, 0] > 1):
        cut = quick(np.column_stack([samples, bits]), "plugin", bins=4)
        assert cut.tc == pytest.approx(quick(np.column_stack([quarters, bits]), "plugin").tc, abs=1e-12)


def test_ties_of_a_copula_are_said():
    frame = pd.DataFrame(draw(GAUSSIAN["red 3"], 200, 9), columns=["a", "b", "c"]).assign(b=lambda f: f["b"].round())
    assert o_information(frame, "gaussian-copula").note == (
        "ties share the mean of their ranks, so the scores of column 'b' are not normal"
    )


@pytest.mark.parametrize("estimator", ["gaussian-copula", "ksg"])
def test_a_sum_among_the_columns_is_said_where_ranks_hide_it(estimator):
    samples = np.random.default_rng(12).normal(size=(100, 2))
    result = o_information(np.column_stack([samples, samples.sum(axis=1)]), estimator)
    assert "column 2 is a linear function of column 0, column 1" in result.note
    assert "linear" not in o_information(samples, estimator).note


def test_a_copula_does_not_mind_columns_that_one_row_rules():
    samples = draw(GAUSSIAN["red 3"], 200, 13)
    ruled = quick(np.exp(30 * samples), "gaussian-copula")
    assert (ruled.tc, ruled.omega) == (quick(samples, "gaussian-copula").tc, quick(samples, "gaussian-copula").omega)


def test_categories_without_an_order():
    letters = np.random.default_rng(10).choice(list("xyz"), 300)
    frame = pd.DataFrame({"a": letters == "x", "letter": pd.Categorical(letters), "b": letters != "y"})
    assert o_information(frame, "plugin").tc > 1
    assert o_information(frame, "ksg").tc > 0.8
    for estimator in ("gaussian", "gaussian-copula"):
        with pytest.raises(ValueError, match="samples: column 'letter' holds categories without an order"):
            o_information(frame, estimator)


NOISE = np.random.default_rng(11).normal(size=(50, 3))


@pytest.mark.parametrize(
    ("samples", "options", "message"),
    [
        (NOISE[:, [0, 1, 0]], {}, "samples: column 0 and column 2 are duplicates .* drop one"),
        (NOISE[:, [0, 1, 0]] * [1, 1, -3], {}, "column 0 and column 2 are duplicates"),
        (NOISE[:, [0, 1, 0]], {"estimator": "ksg"}, "column 0 and column 2 are duplicates"),
        (NOISE[:, [0, 1, 0]] ** [1, 1, 3], {"estimator": "gaussian-copula"}, "column 0 and column 2 are duplicates"),
        (np.column_stack([NOISE, NOISE.sum(1)]), {}, "column 3 is a linear function of column 0, column 1, column 2"),
        (
            np.column_stack([NOISE, NOISE[:, 0] - NOISE[:, 2]]),
            {},
            "column 3 is a linear function of column 0, column 2",
        ),
        (NOISE, {"estimator": "knn"}, "estimator: got 'knn', expected one of 'gaussian', 'gaussian-copula', 'ksg'"),
        (NOISE, {"estimator": "plugin"}, "samples: column 0 has 50 different values .* looks continuous"),
        (NOISE, {"estimator": "plugin", "bins": 1}, "bins: got 1, expected a whole number, 2 or more"),
        (NOISE, {"estimator": "plugin", "correction": "none"}, "correction: got 'none', expected 'miller-madow' or"),
        (NOISE, {"estimator": "ksg", "bins": 8}, "bins: is no option of estimator 'ksg', which has k, scores"),
        (NOISE, {"neighbours": 8}, "neighbours: is no option of estimator 'gaussian', which has none"),
        (NOISE, {"units": "bans"}, "units: got 'bans'"),
        (NOISE, {"error": "guess"}, "error: got 'guess', expected one of 'auto', 'jackknife', 'bootstrap', None"),
        (NOISE, {"null": -1}, "null: got -1, expected a whole number, 0 or more"),
        (NOISE, {"resamples": 1.5}, "resamples: got 1.5, expected a whole number, 2 or more"),
    ],
)
def test_what_an_estimator_cannot_do_is_named(samples, options, message):
    with pytest.raises(ValueError, match=message):
        o_information(samples, **options)


def test_a_score_network_answers_as_the_others_do():
    frame = pd.DataFrame(draw(GAUSSIAN["red 3"], 400, 14), columns=["a", "b", "c"])
    result = o_information(frame, "score", steps=0)  # untrained, it is the Gaussian copula
    copula = o_information(frame, "gaussian-copula")
    for name in ("tc", "dtc", "omega", "s_information"):
        assert getattr(result, name) == pytest.approx(getattr(copula, name), abs=1e-3)
    np.testing.assert_allclose(result.gradient, copula.gradient, atol=1e-3)
    assert (result.estimator, result.error_method, result.n_samples) == ("score", "jackknife of the copula", 400)
    assert result.standard_error == pytest.approx(copula.standard_error, rel=0.1)
    assert result.errors.keys() == {"tc", "dtc", "omega"}
    assert result.variables == ("a", "b", "c")
    assert "no network was better than the Gaussian copula" in result.note
    again = o_information(frame, "score", steps=0, error="bootstrap", resamples=10)
    assert again.error_method == "half samples"
    assert again.standard_error == pytest.approx(copula.standard_error, rel=0.6)
    tensor = o_information(torch.tensor(frame.to_numpy(), dtype=torch.float32), "score", steps=0)
    assert tensor.omega.dtype == torch.float32
    with pytest.raises(ValueError, match="layers: is no option of estimator 'score', which has steps"):
        o_information(frame, "score", layers=3)
