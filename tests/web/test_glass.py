"""The glass box without a browser: every token and every number is there, and nothing can break out of its cell."""

import json

import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy.special import log_softmax

from mixlib.federation import attribute
from mixlib.federation.text.tokenizer import train_tokenizer
from mixlib.web.glass import glass_box, pieces_of

PIECES = ["if", " (a", " <b>", "\n", "    ", '"&"']


def audit(t=6, n=3, names=("prose", "<i>", "c++")):
    rng = np.random.default_rng(0)
    log_probs = log_softmax(2 * rng.normal(size=(n, t, 20)), axis=-1)
    return attribute(log_probs, rng.integers(0, 20, t), names=names)


def page(**options):
    html = glass_box(audit(), PIECES, caption="Six tokens of text", **options)._repr_html_()
    return BeautifulSoup(html, "html.parser", preserve_whitespace_tags=["p"])


def test_the_text_is_whole_and_coloured_by_its_carrier():
    one, soup = audit(), page(document_starts=(0, 4))
    paragraphs = soup.select("p.mx-glass__text")
    assert [p.text for p in paragraphs] == ["if (a <b>↵\n", '    "&"']
    for i, token in enumerate(soup.select(".mx-glass__text .mx-token")):
        carrier = one.responsibilities[:, i].argmax()
        assert f"mx-token--{carrier}" in token["class"]
        assert float(token["style"].removeprefix("--share:")) == pytest.approx(
            one.responsibilities[carrier, i], abs=0.005
        )
    assert soup.find("b") is None
    assert soup.find("i") is None


def test_every_account_is_in_the_table():
    one, soup = audit(), page()
    heads = [cell.text for cell in soup.select("thead th")]
    assert heads[:4] == ["token", "carried by", "joint", "log p prose"]
    rows = [[cell.text.replace("−", "-") for cell in row.select("td")] for row in soup.select("tbody tr")]
    for i, (carrier, joint, *numbers) in enumerate(rows):
        assert carrier == one.names[one.responsibilities[:, i].argmax()]
        truth = [*one.specialists[:, i], *one.responsibilities[:, i], one.entropy[i]]
        np.testing.assert_allclose([float(x) for x in [joint, *numbers[:-1]]], [one.joint[i], *truth], atol=5e-4)
        assert float(numbers[-1]) == pytest.approx(one.residual[i], rel=0.5)
    assert [row.select_one("code").text for row in soup.select("tbody tr")][3:5] == ["↵", "␣␣␣␣"]
    assert json.loads(soup.figure["data-names"]) == list(one.names)


def test_the_legend_counts_what_each_carried():
    counts = np.bincount(audit().responsibilities.argmax(axis=0), minlength=3)
    assert [int(entry.text.split()[-2]) for entry in page().select(".mx-glass__legend li")] == counts.tolist()


def test_tokens_as_text():
    tokenizer = train_tokenizer(["def f(x):\n    return x"], 300)
    pieces = pieces_of(tokenizer, tokenizer.encode("def f():\n  é").ids)
    assert "".join(pieces).replace("�", "") == "def f():\n  "


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pieces": PIECES[:5]}, r"pieces: got 5 for an audit of shape \(6,\)"),
        ({"audit": audit(n=7, names="abcdefg")}, "7 specialists and 6 tokens"),
        ({"document_starts": (1,)}, "document_starts: got"),
        ({"document_starts": (0, 6)}, "document_starts: got"),
        ({"caption": ""}, "caption: expected a text"),
    ],
)
def test_what_cannot_be_shown_is_named(options, message):
    options = {"audit": audit(), "pieces": PIECES, "caption": "Six tokens of text"} | options
    with pytest.raises(ValueError, match=message):
        glass_box(options.pop("audit"), options.pop("pieces"), **options)
