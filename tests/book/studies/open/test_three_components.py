"""Dominant parts: tables add up, null models have their known means, and the test of people can say yes and no."""

import numpy as np
import pytest

from mixbook.studies.open import three_components as study
from mixlib.instruments.effective import above_average, effective_number


@pytest.mark.parametrize("domain", study.DOMAINS)
def test_compositions_are_shares_of_parts_that_are_there(domain):
    mixtures = study.compositions(domain)
    assert len(mixtures) >= 19
    assert all(m.min() > 0 and m.sum() == pytest.approx(1) for m in mixtures)


@pytest.mark.parametrize(("domain", "whole"), [("solders", 100), ("alloys", 1)])
def test_listed_alloys_add_up(domain, whole):
    for row in (study.TABLES / f"{domain}.csv").read_text().splitlines()[1:]:
        amounts = [float(word) for word in row.partition(",")[2].split()[1::2]]
        assert sum(amounts) == pytest.approx(whole, abs=0.01 * whole), row


def test_names_of_solders_say_their_parts():
    for row in (study.TABLES / "solders.csv").read_text().splitlines()[1:]:
        name, _, parts = row.partition(",")
        assert name == parts.replace(" ", "")


def test_traces_are_left_out_on_demand():
    few, all_parts = (study.compositions("alloys", least) for least in (0.01, 0.0))
    assert sum(map(len, few)) < sum(map(len, all_parts))
    assert all(m.min() > 0.01 and m.sum() == pytest.approx(1) for m in few)


def test_random_shares_have_the_means_that_theory_gives():
    n = 5
    uniform = study.draw("uniform", n, 20_000, 0)
    assert (1 / (uniform**2).sum(axis=1).mean()) == pytest.approx((n + 1) / 2, rel=0.02)
    assert above_average(uniform).mean() == pytest.approx(n * (1 - 1 / n) ** (n - 1), rel=0.02)
    for null in study.NULLS:
        np.testing.assert_allclose(study.draw(null, n, 10, 0).sum(axis=1), 1)
    cut = study.draw("one cut after another", 30, 20_000, 0)
    assert (cut**2).sum(axis=1).mean() == pytest.approx(0.5, rel=0.02)
    assert effective_number(cut).max() < 30


def test_more_noise_names_fewer():
    assert study.largest_named(0.1, 0) == study.MOST > study.largest_named(0.6, 0) >= 2
    assert study.capacity_bound(0.1) == study.MOST > study.capacity_bound(1.0)


def test_the_test_of_people_says_yes_and_no_and_reads_its_table():
    assert study.decide(study.invented_people(60, 1, bound=True))[0]
    said, errors = study.decide(study.invented_people(60, 1, bound=False))
    assert not said
    assert list(errors.index) == ["one number for all", *study.PREDICTORS]
    with pytest.raises(ValueError, match="memory"):
        study.decide(study.invented_people(60, 1, bound=True).drop(columns="memory"))
    with pytest.raises(ValueError, match="ten people"):
        study.decide(study.invented_people(5, 1, bound=True))


def test_a_formula_that_knows_the_answer_is_a_grounding():
    table = study.real_and_random((0,))
    known = dict(zip(table["parts"], table["effective"], strict=True))
    assert study.grounded(known.get, table)[0]
    assert not study.grounded(lambda parts: 3, table)[0]
