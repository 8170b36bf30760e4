"""Designs: parts are legal, charts lead back, losses are what they say, and the trap of not mixing is seen."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.kernels import design as designs
from mixlib.instruments.pairs import tabulate_pair
from mixlib.kernels import ZOO, Linear

PROBLEMS = designs.PROBLEMS


@pytest.fixture(scope="module")
def trials():
    return {name: designs.try_designs(problem, instances=60, rng=1) for name, problem in PROBLEMS.items()}


@pytest.mark.parametrize("name", PROBLEMS)
def test_charts_lead_there_and_back(name):
    problem = PROBLEMS[name]
    parts = problem.draw(5, np.random.default_rng(0))
    assert parts.shape[:2] == (5, 2)
    for chart in problem.charts:
        again = problem.project(chart.back(chart.to(parts)))
        apart = np.abs(problem.read(again) - problem.read(parts)).max()
        assert apart < (0.05 if chart.name == "quantiles" else 1e-6), chart.name


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_kernel_is_tried_on_every_chart(name, trials):
    rows, problem = trials[name], PROBLEMS[name]
    assert len(rows) == len(ZOO) * len(problem.charts) * len(problem.aims)
    assert set(rows["kernel"]) == set(ZOO)
    undefined = rows[rows["value"].isna()]
    assert all("log" in chart for chart in undefined["carrier"]), "only logarithms are outside of a kernel's domain"
    assert not undefined["eligible"].any()


def test_a_kernel_that_returns_a_part_keeps_all_and_is_not_eligible(trials):
    for rows in trials.values():
        drawn = rows[rows["kernel"] == "stochastic"]
        assert (drawn["middle"] < 0.05).all()
        assert not drawn["eligible"].any()


def test_a_design_mixes_from_shares_of_three_to_one_on(monkeypatch):
    # halfway from a part to the midpoint lies what holds a quarter of the other part
    @dataclass(frozen=True)
    class Unequal(Linear):
        share: float = 0.5

        def mix(self, weights, parts):
            return (1 - self.share) * parts[..., 0, :] + self.share * parts[..., 1, :]

    shares = (0.2, 0.24, 0.26, 0.5)
    monkeypatch.setattr(designs, "kernels", lambda rng: {share: Unequal(share) for share in shares})
    problem = replace(designs.TASTE, charts=designs.TASTE.charts[:1])
    rows = designs.try_designs(problem, instances=30, rng=1).set_index("kernel")
    np.testing.assert_allclose(rows["middle"], 2 * np.array(shares))
    assert rows["eligible"].tolist() == [False, False, True, True]


def test_losses_are_known_where_the_mixture_is():
    rng = np.random.default_rng(2)
    laws = designs.draw_forecasts(40, rng)
    aims = designs.FORECASTS.aims
    assert aims["entropy kept"].judge(laws[:, 0], laws[:, :1]) == 0
    wide = np.exp(-0.5 * ((designs.GRID - 15) / 2.0) ** 2) / (2 * np.sqrt(2 * np.pi))
    narrow = np.exp(-0.5 * ((designs.GRID - 15) / 1.0) ** 2) / np.sqrt(2 * np.pi)
    pair = designs.FORECASTS.project(np.stack([narrow, narrow]))[None]
    mixture = designs.FORECASTS.project(wide)[None]
    assert aims["entropy kept"].judge(mixture, pair) == pytest.approx(np.log(2), abs=1e-3)
    assert aims["variance kept"].judge(mixture, pair) == pytest.approx(np.log(4), abs=1e-3)
    assert aims["variance kept"].loss(-0.3) == 0.3
    taste = designs.TASTE.aims["synergy reached"]
    assert taste.judge(np.full((3, 3), 3.0), np.full((3, 2, 3), 2.0)) == pytest.approx(0.5)
    assert (taste.loss(0.5), taste.loss(-0.25)) == (0, 0.25)


def test_grey_has_no_chroma_and_a_dye_has():
    grey = np.full((4, 2, 81), 0.5)
    assert designs.chroma_kept(grey[:, 0], designs.draw_dyes(4, np.random.default_rng(0))) == pytest.approx(
        -1, abs=1e-3
    )


def test_a_failure_mode_is_seen_where_it_is():
    rng = np.random.default_rng(0)
    dyes = designs.draw_dyes(40, rng)
    assert designs.muddy(dyes.prod(axis=1), dyes)
    assert not designs.muddy(dyes.mean(axis=1), dyes)
    laws = designs.draw_forecasts(40, rng)
    assert (designs.peaks(laws[:, 0]) == 1).all()
    assert designs.muddled(laws.mean(axis=1), laws)
    assert not designs.muddled(laws[:, 0], laws)
    hills = np.exp(-0.5 * (designs.GRID - 8) ** 2) + np.exp(-0.5 * (designs.GRID - 20) ** 2)
    assert designs.peaks(hills[None]).tolist() == [2]


def test_clear_designs_mix_and_have_no_failure_mode(trials):
    for name, rows in trials.items():
        assert (rows["eligible"] | ~rows["clear"]).all(), name
        assert rows["clear"].any(), name
    # a pool of densities has two peaks, a Wasserstein barycenter one
    linear = trials["forecasts"].query("kernel == 'linear' and aim == 'entropy kept'").set_index("carrier")["clear"]
    assert linear["quantiles"]
    assert not linear["density"]
    # an order parameter that says the same of all pairs has collapsed
    assert not trials["taste"].query("kernel == 'emergent' and carrier == 'response'")["clear"].any()


def test_regret_is_a_share_and_nothing_for_the_best_design():
    for seed in (0, 1):
        choices = designs.compare_choices(*designs.try_twice(designs.TASTE, seed, instances=60, fresh=60))
        rules = ["any", "clear, any", "lowest loss", *(f"clear, lowest {name}" for name in designs.ESTIMATORS)]
        assert choices[rules].apply(lambda column: column.between(0, 1)).all(axis=None)
        assert choices["design lowest loss"].str.startswith("multiplicative-synergistic").all()
        assert choices["lowest loss"].max() < 0.05


def test_one_kernel_for_all_carriers_costs_what_it_loses_on_the_worst():
    frame = pd.DataFrame(
        [
            ("an aim", kernel, carrier, loss, True)
            for carrier, losses in {"a": (0.0, 0.2, 1.0), "b": (1.0, 0.2, 0.0), "c": (0.0, 0.1, 1.0)}.items()
            for kernel, loss in zip("xyz", losses, strict=True)
        ],
        columns=["aim", "kernel", "carrier", "loss", "eligible"],
    )
    row = designs.choose_blind(frame, frame).loc["an aim"]
    assert (row["blind"], row["cost_blind"], row["cost_informed"]) == ("y", 0.2, 0)
    assert row["best"] == "x on a, z on b, x on c"
    # where one kernel is the best on all carriers, nothing is lost
    same = frame.assign(loss=frame["kernel"].map({"x": 0.0, "y": 0.5, "z": 1.0}))
    assert designs.choose_blind(same, same).loc["an aim", "cost_blind"] == 0


def test_exact_omega_of_the_taste_designs():
    exact = designs.exact_taste()
    pair = tabulate_pair(Linear(), sampler=lambda uniform: 0.5 * 4**uniform)
    assert exact["linear", "response"] == pytest.approx(3 * pair.omega(0.0))
    assert exact["linear", "log response"] == pytest.approx(exact["log-linear", "response"])
    assert "reactive" not in exact.index.get_level_values(0)


def test_failure_modes_of_one_part_are_none():
    modes = designs.failure_modes((1, 4), instances=80, rng=3)
    assert modes.loc[1, "spread, response"] == pytest.approx(1)
    assert modes.loc[1, "variance, density"] == pytest.approx(1)
    assert modes.loc[4, "spread, response"] == pytest.approx(1 / 4, rel=0.25)
    assert modes.loc[4, "variance, density"] > 3
    assert modes.loc[4, "variance, quantiles"] < 1.1
    assert modes.loc[4, "lightness, log reflectance"] < modes.loc[4, "lightness, reflectance"]
