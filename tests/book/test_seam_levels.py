"""The seam page in three levels: every line of L0 opens in L1, every section of L1 in L2, with a way back."""

import re

from mixbook.build import pages

LINK = re.compile(r"\{ref\}`[^`<]+<([a-z0-9-]+)>`")
TARGET = re.compile(r"^\(([a-z0-9-]+)\)=$", re.MULTILINE)


def test_every_sentence_of_l0_links_to_a_section_of_l1():
    text = re.sub(r"^---.*?^---$|```\{code-cell\}.*?^```$|^#.*?$|```(\{l0\})?", "", _source("l0"), flags=re.M | re.S)
    sentences = [sentence for sentence in re.split(r"(?<=\.)\s+", " ".join(text.split())) if sentence]
    assert len(sentences) >= 5
    for sentence in sentences:
        links = LINK.findall(sentence)
        assert links, f"no link in: {sentence}"
        assert set(links) <= set(TARGET.findall(_source("l1"))), sentence


def test_every_section_of_l1_links_to_l2_and_back():
    opened, deep = _sections("l1"), _sections("l2")
    assert len(opened) >= 5
    assert len(opened) == len(deep)
    for name, text in opened.items():
        down = [target for target in LINK.findall(text) if target.startswith("l2-")]
        assert len(down) == 1, f"{name} links to {down}"
        assert f"<{name}>`" in deep[down[0]], f"{down[0]} does not link back to {name}"


def _source(level):
    return (pages.BOOK / "seam" / f"{level}.md").read_text(encoding="utf-8")


def _sections(level):
    """Text by target, up to the next section."""
    parts = TARGET.split(_source(level))
    return {name: text.split("\n## Extend", 1)[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}
