"""Collections of pages and their links, and how well words find linked pairs."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.seams import pages, record


def small():
    texts = {name: f"{name} kelp broth" for name in "abcd"}
    return pages.Pages(texts, np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=bool))


def test_links_of_documentation_are_taken_out_of_its_prose():
    docstring = (
        "First line.\n\nParameters\n----------\nx : int\n\nSee Also\n--------\nkmeans : a rule\nother, sub.third\n\n"
        "Notes\n-----\nSome notes.\n\nExamples\n--------\n>>> hidden\n"
    )
    text, names = pages._split(docstring)
    assert {"kmeans", "other", "third"} <= names
    assert "Some notes" in text
    assert "First line" in text
    assert not {"hidden", "kmeans", "rule"} & set(text.split())


@pytest.mark.parametrize("package", pages.PACKAGES)
def test_documentation_has_pages_and_links_enough(package):
    collection = pages.documentation(package)
    assert len(collection.prose) > 2 * pages.DRAWN
    assert np.array_equal(collection.linked, collection.linked.T)
    assert not collection.linked.diagonal().any()
    assert collection.linked.sum() > 400


def test_pages_of_a_book_and_their_links(tmp_path):
    (tmp_path / "seam").mkdir()
    (tmp_path / "part").mkdir()
    (tmp_path / "index.md").write_text("all {doc}`part/a`")
    (tmp_path / "seam" / "l0.md").write_text("all")
    (tmp_path / "part" / "a.md").write_text("```{l0}\nkelp\n```\nsee {doc}`the other <b>` and {doc}`/lone`")
    (tmp_path / "part" / "b.md").write_text("fish")
    (tmp_path / "part" / "c.md").write_text("salt, [back](../lone.md#there)")
    (tmp_path / "lone.md").write_text("brass")
    found = pages.book_pages(tmp_path)
    assert list(found.prose) == ["lone", "part/a", "part/b", "part/c"]
    assert "kelp" in found.prose["part/a"]
    assert np.argwhere(np.triu(found.linked)).tolist() == [[0, 1], [0, 3], [1, 2]]


def test_a_draw_keeps_texts_and_links_together():
    drawn = small().draw(3, np.random.default_rng(0))
    names = list(drawn.prose)
    assert len(names) == 3
    assert drawn.linked.any() == ({"a", "b"} <= set(names))


def test_how_often_a_linked_pair_comes_first():
    frame = pd.DataFrame({"linked": [True, False, True, False], "up": [4, 1, 3, 2], "down": [1, 4, 2, 3], "flat": 1.0})
    ranked = pages.Ranked(frame)
    assert [ranked.chance_of_linked_first(name) for name in ("up", "down", "flat")] == [1, 0, 0.5]
    assert ranked.linked_among_first("up") == 1
    assert ranked.linked_among_first("down") == 0


def test_words_find_a_planted_pair_and_lengths_do_not():
    rng = np.random.default_rng(0)
    words = [f"{a}{b}{c}" for a in "kstpm" for b in "aeiou" for c in "lmnr"]
    topics = [rng.dirichlet(np.full(len(words), 0.05)) for _ in range(10)]
    texts = {f"p{i}": " ".join(rng.choice(words, 60, p=topics[i // 2])) for i in range(20)}
    linked = np.array([[i != j and i // 2 == j // 2 for j in range(20)] for i in range(20)])
    ranked = pages.rank(pages.Pages(texts, linked), salient=10)
    assert ranked.chance_of_linked_first("shared") > 0.9
    assert ranked.chance_of_linked_first("words") == 0.5  # all are as long


def test_arbitrary_texts_share_more_of_more_terms(monkeypatch):
    monkeypatch.setattr(pages, "PACKAGES", ("sklearn",))
    found = pages.arbitrary(400, (50, 200), most=12)
    assert len(found[50]) == len(found[200]) <= 66
    assert found[200].mean() > found[50].mean()
    assert found[50].max() <= 50


def test_confirmed_predicates_are_counted():
    text = "# Record\n- predicate 1: hull, confirmed\n- P2 sign: not confirmed\n| P3 | curved | ✓ |\n- something else\n"
    found = record.confirmed(text)
    assert list(found.values()) == [True, False, True]
    assert record.confirmed("no list, predicate confirmed") == {}
