"""The findings of the front page: numbers filled in, and a mistake for each that cannot be told."""

import pytest

from mixbook.build import channel, front

CLAIMS = [{"id": "a.one", "verdict": "holds", "settings": {}, "numbers": {"gap": 0.25}}]


@pytest.fixture
def heard(monkeypatch):
    found = []
    monkeypatch.setattr(channel, "add", found.append)
    return found


def test_a_sentence_may_go_over_lines(heard):
    lines = ["a.one: It is {gap:.1f},", "  and so on.", "a.one: Again: {gap}."]
    assert [text for _, text in front.told(lines, CLAIMS)] == ["It is 0.2, and so on.", "Again: 0.25."]
    assert heard == []


@pytest.mark.parametrize(("line", "said"), [("a.two: It is.", "no claim a.two"), ("a.one: It is {no}.", "'no'")])
def test_what_cannot_be_told_is_a_mistake(heard, line, said):
    assert list(front.told([line], CLAIMS)) == []
    assert said in heard[0].what


def test_the_readme_leads_with_the_findings_of_the_front_page():
    text = front.README.read_text(encoding="utf-8")
    found = front.MARKED.search(text)
    assert found, "README.md has no place for the findings"
    ids = [line.partition(": ")[0] for line in front.lines_of_index() if front.NAMED.match(line)]
    assert len(ids) == 6
    listed = [line for line in found[0].splitlines() if line.startswith("- ")]
    assert [line.rpartition("(`")[2].partition("`")[0] for line in listed] == ids
