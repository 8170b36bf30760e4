"""How alike domains are; a domain that is put into the folder is in the atlas with nothing else changed."""

import functools
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest

import mixlib.domains
from mixbook.build import pages
from mixbook.studies.domains.atlas import alike, keys, null
from mixlib.domains import DOMAINS
from mixlib.kernels import ZOO

A_DOMAIN = '''
"""Silver: two photographs, one printed through the other."""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain
from mixlib.kernels import LogLinear

DOMAIN = Domain(
    about="two photographs",
    parts=np.array([[0.2], [0.8]]),
    weights=np.array([0.5, 0.5]),
    kernel=LogLinear(),
    carrier=Euclidean(),
    points="transmittance",
    unit="share of light",
    known=np.array([0.4]),
    tolerance=0.01,
    source="a made-up one",
    reference="none",
    route="theorem",
)
'''


@pytest.fixture
def one_more(tmp_path, monkeypatch):
    """The registry's folder with one more file in it."""
    (tmp_path / "silver.py").write_text(textwrap.dedent(A_DOMAIN), encoding="utf-8")
    monkeypatch.setattr(mixlib.domains, "__path__", [*mixlib.domains.__path__, str(tmp_path)])
    yield "silver"
    sys.modules.pop("mixlib.domains.silver", None)
    vars(mixlib.domains).pop("silver", None)


def test_a_new_domain_is_in_the_atlas_by_its_being_there(one_more):
    assert one_more in DOMAINS
    few = {name: DOMAINS[name] for name in DOMAINS if name in ("light", "alloys", one_more)}
    table = alike.law_table(few)
    assert list(table) == list(few)
    assert table[one_more]["linear in the weights"] == 0
    assert one_more in alike.profiles(few).index
    found = keys.compare_all(keys.voices_of(few))
    assert {kind.kind for names, kind in found.items() if set(names) == {"light", one_more}} == {"key"}
    assert {kind.kind for names, kind in found.items() if set(names) == {"alloys", one_more}} == {"none"}


def test_the_page_puts_a_new_domain_on_the_ring_and_into_the_comparison(one_more, monkeypatch):
    monkeypatch.setattr(null, "draw", functools.partial(null.draw, count=5, pairs=1, size=3))
    (page,) = (page for page in pages.table_of_contents() if page.name == "domains/atlas")
    code = [cell.source for cell in page.notebook().cells if cell.cell_type == "code"]
    drawn_by = next(number for number, source in enumerate(code) if "network(" in source)
    ran = {}
    for source in code[:drawn_by]:
        exec(source, ran)
    shown = eval(code[drawn_by].partition("\n")[2].strip(), ran | {"order": ran["alike"].order(ran["together"])})
    assert f'data-name="{one_more}"' in shown._repr_html_()
    assert one_more in ran["laws"]
    assert one_more in ran["looks"]
    assert ran["lines"][("light", one_more)] == "plain"
    assert not any(one_more in names for names in ran["ten"]), "the verdicts rest on the ten"


def test_laws_in_common_are_counted_where_both_can_be_asked():
    table = pd.DataFrame({"a": [1, 0, np.nan, 1], "b": [1, 1, 1, np.nan], "c": [1, 0, 1, 1]}, dtype=float)
    square, agreed = alike.common(table), alike.agreement(table)
    assert square.loc["a", "b"] == 0.5
    assert square.loc["a", "c"] == pytest.approx(2 / 3)
    assert agreed.loc["a", "c"] == 1
    assert alike.above(square).loc[("b", "c")] == pytest.approx(2 / 3)
    assert set(alike.order(square)) == set("abc")


def test_profiles_are_compared_where_both_have_a_number():
    table = pd.DataFrame({"escape": [0.0, np.nan, 1.0], "omega": [0.0, 2.0, 0.0]}, index=list("abc"))
    square = alike.apart(table, [1.0, 2.0])
    assert square.loc["a", "b"] == 1
    assert square.loc["a", "c"] == 0.5
    assert alike.nearest(square) == [("a", "b"), ("a", "c")]


@pytest.mark.parametrize("source", ["zoo", "smooth"])
def test_random_domains_differ_and_repeat(source):
    drawn, again = (null.random_domains(source, 12, rng=3) for _ in range(2))
    table = alike.law_table(drawn)
    pd.testing.assert_frame_equal(table, alike.law_table(again))
    medians = null.medians_of_sets(alike.common(table), 5, sets=20, rng=0)
    assert medians.shape == (20,)
    assert (medians <= 1).all()
    for one in drawn.values():
        assert np.isfinite(one.kernel(one.weights, one.parts)).all()


@pytest.mark.parametrize("name", [name for name, kind in ZOO.items() if not kind.costly])
def test_every_kernel_of_the_zoo_can_be_drawn(name):
    kernel = null.constants(name, 3, np.random.default_rng(1))
    assert np.isfinite(kernel(None, np.array([[1.0], [2.0], [0.5]]))).all()


def test_random_kernels_of_the_zoo_have_more_in_common_than_smooth_functions():
    zoo, smooth = (null.draw(source, count=12, pairs=2, size=6, rng=1) for source in ("zoo", "smooth"))
    assert zoo.medians.min() > smooth.medians.max()
    assert smooth.agreements.mean() > zoo.agreements.mean(), "what breaks all laws agrees on all"
    assert smooth.kinds == ["none", "none"]
