"""Invented worlds: the analysis finds the answer that they were made with, and broad receptors hide it."""

import pytest

from mixbook.studies.open import odour_midpoint as study
from mixlib.domains.odours import better_middle, compare_middles, read_odours


@pytest.mark.parametrize("world", ["between", "both"])
def test_narrow_receptors_tell_worlds_apart(world):
    errors = compare_middles(study.invented(world, 3))
    assert better_middle(errors)[0] == study.EXPECTED[world]


def test_broad_receptors_do_not():
    assert study.answers([3], width=max(study.WIDTHS))["between"] == ["arithmetic"]


@pytest.mark.parametrize("name", study.OTHERWISE)
def test_what_else_might_be_so_is_tried(name):
    told = study.answers([3], ["both"], **{"mixtures": 8, **study.OTHERWISE[name]})
    assert told["both"][0] in {"arithmetic", "wasserstein", "neither"}


def test_scores_add_up():
    words = ["wasserstein", "neither", "arithmetic", "wasserstein"]
    assert study.score(words, "between") == {"right": 0.5, "silent": 0.25, "wrong": 0.25}
    assert study.score(words, "third") == {"right": 0.25, "silent": 0.0, "wrong": 0.75}


def test_a_world_without_mixtures_is_judged_by_its_odours():
    odours = study.invented("between", 0, mixtures=0)
    assert study.allows(odours) == {"single odours": study.LIBRARY, "mixtures": 0, "judges": False}
    assert len(compare_middles(odours, most=5)) == 5


def test_the_invented_table_of_molecules_is_read(tmp_path):
    study.in_layout_of_pom(tmp_path / "pom.csv", molecules=9)
    odours = read_odours(tmp_path / "pom.csv")
    assert len(odours.names) == 9
    assert odours.channels[0] == "note 0"
    assert "odorless" not in odours.channels
