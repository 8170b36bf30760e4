"""What the ledger's page tells programs: each verdict as a ClaimReview in the words of schema.org."""

import json

import pytest
from rdflib import RDF, Graph, Namespace, namespace

from mixbook.build.ledger_page import citation, claim_review
from mixlib.claims import VERDICTS

HERE = "https://example.org/ledger.html"
SCHEMA = Namespace("https://schema.org/")
ASKED = ("claimReviewed", "reviewRating", "url", "author", "datePublished", "itemReviewed")


def row(**more):
    return {
        "id": "a.one",
        "verdict": "corrected",
        "quote": "so it is",
        "statement": "It is so.",
        "criterion": "Holds if it is so.",
        "finding": "It is </script> nearly so.",
        "source": {"document": "A", "section": "Tests"},
        "verified_at": "2026-01-31T12:00:00+00:00",
        "versions": {"mixlib": "0.1.0"},
    } | more


def graph_of(review):
    data = {**review, "@context": {"@vocab": str(SCHEMA)}}  # the address that it names, without asking for it
    return Graph().parse(data=json.dumps(data), format="json-ld", base=HERE)


@pytest.mark.parametrize("word", VERDICTS)
def test_a_review_is_in_the_words_of_the_vocabulary(word):
    review = claim_review(row(verdict=word))
    assert review["@context"] == "https://schema.org"
    graph = graph_of(review)
    for _, name, value in graph:
        assert name == RDF.type or name in namespace.SDO, name
        assert name != RDF.type or value in namespace.SDO, value
    (subject,) = graph.subjects(RDF.type, SCHEMA.ClaimReview)
    assert str(subject) == f"{HERE}#a.one"
    for name in ASKED:
        assert len(list(graph.objects(subject, SCHEMA[name]))) == 1, name
    (rating,) = graph.objects(subject, SCHEMA.reviewRating)
    assert str(graph.value(rating, SCHEMA.alternateName)) == word
    rated = graph.value(rating, SCHEMA.ratingValue)
    assert (None if rated is None else int(rated)) == {"holds": 5, "corrected": 3, "fails": 1}.get(word)


def test_a_word_that_the_vocabulary_lacks_is_seen():
    names = {name for _, name, _ in graph_of(claim_review(row()) | {"claimRevewed": "x"})}
    assert any(name != RDF.type and name not in namespace.SDO for name in names)


def test_a_citation_has_verdict_finding_day_and_version():
    assert citation(row(finding="It is nearly so.")) == (
        "The mixing book, verdict on a.one: corrected. It is nearly so. Computed 2026-01-31 with mixlib 0.1.0."
    )
