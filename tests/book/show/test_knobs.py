"""The box of knobs says what a domain is, in the words of its field where they are given."""

import pytest
from bs4 import BeautifulSoup

from mixbook.show.knobs import knobs
from mixlib.domains import DOMAINS


@pytest.mark.parametrize("name", list(DOMAINS))
def test_it_names_all_knobs_and_what_is_known(name):
    shown = BeautifulSoup(knobs(DOMAINS[name])._repr_html_(), "html.parser")
    said = {row.dt.text: row.dd.text for row in shown.select("dl > div")}
    assert list(said) == ["Parts", "Weights", "Carrier", "Kernel", "Mixture"]
    assert all(said.values())
    assert DOMAINS[name].source in said["Mixture"]
    assert DOMAINS[name].unit in said["Mixture"]


def test_the_words_of_the_field_are_taken_and_cannot_break_the_page():
    shown = knobs(DOMAINS["paint"], carrier="a <film> of paint")
    assert "a &lt;film&gt; of paint" in shown._repr_html_()
    assert "Carrier: a <film> of paint" in repr(shown)
    with pytest.raises(ValueError, match="domain: got str"):
        knobs("paint")
