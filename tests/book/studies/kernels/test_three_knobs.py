"""Ten mixtures of known value, what amounts change, and what the weights do."""

import ast
import dataclasses
import inspect

import numpy as np
import pytest

from mixbook.studies.kernels import three_knobs
from mixlib.domains import DOMAINS, Domain
from mixlib.kernels import ZOO, Linear, LogLinear, TimeResolved


@pytest.fixture(scope="module")
def cases():
    return three_knobs.known_mixtures(rng=5)


def test_each_kernel_has_a_mixture_and_meets_its_value(cases):
    assert set(cases.index) == set(ZOO)
    for name, case in three_knobs.cases(np.random.default_rng(0)).items():
        assert type(case.kernel) is ZOO[name]
    assert (cases["off"] <= cases["allowed"]).all()


def test_averaging_meets_the_linear_kernel_and_the_mean_of_draws_alone(cases):
    met = cases.index[cases["averaging_off"] <= cases["allowed"]]
    assert set(met) == {"linear", "stochastic"}


@pytest.mark.parametrize("name", DOMAINS)
def test_domains_keep_the_contract(name):
    assert all(value is not False for value in three_knobs.contract(DOMAINS[name]).values())


def test_a_broken_domain_does_not_keep_it():
    class Broken(Domain):
        def mixture(self):
            return np.array([np.nan])

    alloy = DOMAINS["alloys"]
    fields = {one.name: getattr(alloy, one.name) for one in dataclasses.fields(alloy)}
    told = three_knobs.contract(Broken(**fields | {"carrier": object(), "part_unit": "elsewhere"}))
    assert not told["carrier"]
    assert not told["mixture"]
    assert told["hull"] is None  # elsewhere, so that no hull is asked for
    assert told["interaction"]


def test_ten_domains_meet_values_of_another_route():
    ten = three_knobs.of_domains()
    assert len(ten) == len(set(ten.index)) == 10
    assert (ten["off"] <= 1).all()
    assert set(ten["route"]) <= {"measurement", "table", "count", "simulation", "theorem"}
    assert (ten["averaging_off"] > 1).sum() > 5
    assert ten.loc["smell", "places"]
    assert not ten.loc["light", ["places", "scale", "elsewhere"]].any()


def test_a_wrong_domain_is_seen(monkeypatch):
    alloy = DOMAINS["alloys"]
    wrong = dataclasses.replace(alloy, known=alloy.known + 2 * alloy.tolerance, route="definition")
    monkeypatch.setattr(three_knobs, "DOMAINS", {"alloys": wrong})
    told = three_knobs.of_domains(["alloys"]).loc["alloys"]
    assert told["off"] > 1
    assert told["route"] == "definition"


def test_no_line_asks_which_domain_it_is():
    for asked in (three_knobs.of_domains, three_knobs.holds, three_knobs.contract):
        words = {node.value for node in ast.walk(ast.parse(inspect.getsource(asked))) if isinstance(node, ast.Constant)}
        assert not words & {*DOMAINS, *(domain.about for domain in DOMAINS.values())}


def test_what_kernels_hold():
    parts, half = np.array([[1.0], [3.0]]), np.array([0.5, 0.5])
    assert three_knobs.holds(Linear(), half, parts) == {"places": False, "scale": False, "elsewhere": False}
    assert three_knobs.holds(TimeResolved(rates=(0.0, 1.0)), half, parts)["places"]
    assert three_knobs.holds(lambda w, p: w @ p + 1, half, parts)["scale"]
    assert three_knobs.holds(lambda w, p: np.append(w @ p, 1), half, parts)["elsewhere"]


def test_amounts_change_what_interacts_and_not_colours():
    told = three_knobs.doubled()
    np.testing.assert_allclose(told["kernel"], told["twice"], rtol=1e-6)
    np.testing.assert_allclose(told["change"].to_numpy()[-1], 0, atol=1e-12)
    assert (told["change"].to_numpy()[:-1] > 0.1).all()
    assert told["once"].iloc[0] == pytest.approx(8, rel=1e-2)


def test_sites_at_equilibrium():
    # w C / k = 1 and 3: a fifth is free, and both odours hold the rest as 1 to 3
    assert three_knobs.bound(np.array([1.0, 3.0]), np.array([1.0, 0.0])) == pytest.approx(1 / 5, rel=1e-6)


def test_ways_and_linearity():
    parts = np.random.default_rng(0).uniform(0.5, 1.5, (6, 2, 3))
    np.testing.assert_allclose(three_knobs.way(Linear(), 0.3, parts), 0.3)
    fading = TimeResolved(rates=(0.0, 1.0))
    np.testing.assert_allclose(three_knobs.way(fading, 0.5, parts), 1 / (1 + np.e))
    assert np.std(three_knobs.way(LogLinear(), 0.5, parts)) > 1e-3
    assert three_knobs.is_linear(Linear(), parts)
    assert three_knobs.is_linear(fading, parts)
    assert not three_knobs.is_linear(LogLinear(), parts)
