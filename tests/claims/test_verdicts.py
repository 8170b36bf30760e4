"""Evidence to verdict: the rule, the evidence it takes, and what it refuses."""

import json

import numpy as np
import pytest

import mixlib.claims as claims
from claim_entry import entry


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr("mixlib.claims.verdicts._verified", {})


def verify(expected, registry=None, **evidence):
    return claims.verify("t.one", registry=registry or {"t.one": entry(expected=expected)}, **evidence)


@pytest.mark.parametrize(
    ("expected", "evidence"),
    [
        ("holds", {"stated": True}),
        ("holds", {"stated": [True, True], "corrected": [False, False]}),
        ("holds", {"stated": np.array([True, True])}),
        ("corrected", {"stated": [True, False], "corrected": [True, True]}),
        ("fails", {"stated": False}),
        ("fails", {"stated": [False, True], "corrected": [True, False]}),
        ("open", {"stated": None}),
    ],
)
def test_the_rule(expected, evidence):
    assert verify(expected, **evidence).verdict == expected


def test_a_larger_scale_is_not_refuted():
    registry = {"t.one": entry(expected="not-reproduced", reported_at="a large model")}
    assert verify(None, registry, stated=False).verdict == "not-reproduced"


def test_another_verdict_than_expected_stops_and_names_all():
    with pytest.raises(claims.VerdictError) as caught:
        verify("holds", stated=[True, False], ratio=3.25)
    for part in ("t.one", "'fails'", "'holds'", "ratio = 3.25", "So it is."):
        assert part in str(caught.value)


def test_where_flips_are_collected_one_is_shown_with_both_words(monkeypatch):
    monkeypatch.setenv(claims.SHOW_FLIPS, "1")
    flip = verify("holds", stated=False)
    assert flip.flipped
    assert "<strong>fails</strong> (expected holds)" in flip._repr_html_()


def test_numbers_keep_their_spread_and_survive_json():
    result = verify(
        "holds",
        stated=True,
        a=1.5,
        b=np.float32(2),
        c=[1.0, 2.0, 6.0],
        d="text",
        e=np.inf,
        f=3,
        seeds=range(3),
    )
    kept = json.loads(json.dumps(result.to_dict()))
    assert kept["numbers"] == {
        "a": 1.5,
        "b": 2.0,
        "c": {"mean": 3.0, "sd": pytest.approx(np.std([1, 2, 6], ddof=1)), "values": [1.0, 2.0, 6.0]},
        "d": "text",
        "e": "inf",
        "f": 3,
    }
    assert kept["seeds"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([1702.0, 2020, 2338]), "2,020 ± 320 (n = 3)"),
        (np.array([51.36, 54.26, 57.16]), "54.3 ± 2.9 (n = 3)"),
        (np.array([1e-9, 3e-9]), "2e-09 ± 1.4e-09 (n = 2)"),
        ([0.5, 0.5], "0.5 (n = 2, all equal)"),
        ([1.0, 1.0 + 4e-16], "1 (n = 2, all equal)"),
        ([True, False], "0.50 ± 0.71 (n = 2)"),
        (0.123456, "0.1235"),
        (66000, "66,000"),
        (66000.4, "66,000"),
        (np.inf, "inf"),
        ("text", "text"),
    ],
)
def test_numbers_show_the_digits_that_their_spread_allows(values, shown):
    assert claims.format_number(verify("holds", stated=True, number=values).numbers["number"]) == shown


def test_the_card_carries_the_evidence_and_escapes_it():
    result = verify(None, {"t.one": entry(statement="a < b & c")}, stated=True, some_number=0.5, another=1)
    bundle = json.loads(json.dumps(result._repr_mimebundle_(), sort_keys=True))
    assert bundle[claims.MIME]["numbers"] == [["some_number", 0.5], ["another", 1]]
    assert bundle[claims.MIME]["verdict"] == "holds"
    assert "a &lt; b &amp; c" in bundle["text/html"]
    assert "some number" in bundle["text/html"]


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"stated": 0.93}, "stated"),
        ({"stated": [1, 0]}, "stated"),
        ({"stated": []}, "stated"),
        ({"stated": True, "corrected": "yes"}, "corrected"),
        ({"stated": True, "ratio": float("nan")}, "ratio"),
        ({"stated": True, "ratio": [[1.0]]}, "ratio"),
        ({"stated": True, "ratio": [1.0, None]}, "ratio"),
    ],
)
def test_what_is_no_evidence_is_refused_by_name(evidence, said):
    with pytest.raises(ValueError, match=said):
        verify("holds", **evidence)


def test_an_unknown_claim_is_refused_with_the_closest():
    with pytest.raises(ValueError, match=r"'t\.two'.*t\.one"):
        claims.verify("t.two", registry={"t.one": entry()}, stated=True)


def test_a_claim_is_verified_from_one_place_which_may_run_again():
    registry = {"t.one": entry()}
    for _ in range(2):
        claims.verify("t.one", registry=registry, stated=True)
    with pytest.raises(ValueError, match="already verified"):
        claims.verify("t.one", registry=registry, stated=True)


def test_a_finding_is_filled_from_numbers_and_settings():
    registry = {"t.one": entry(finding="{tokens} tokens: {loss:.1f}, from {loss.min:.1f} to {loss.max:.1f}; {gap}.")}
    result = claims.verify(
        "t.one", registry=registry, stated=True, settings={"tokens": 9000}, loss=[1.0, 2.0, 6.0], gap=-0.25
    )
    assert result.finding == "9,000 tokens: 3.0, from 1.0 to 6.0; -0.25."
    assert result.to_dict()["settings"] == {"tokens": 9000}


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.04, "0.0"), (-0.06, "−0.1"), (0.0, "0.0"), (-np.inf, "−inf"), ([-0.01, -0.03], "0.0")]
)
def test_a_number_that_rounds_to_zero_has_no_sign(value, shown):
    result = claims.verify("t.one", registry={"t.one": entry()}, stated=True, finding="{gap:.1f}", gap=value)
    assert result.finding == shown


def test_the_finding_of_the_call_comes_before_that_of_the_registry():
    registry = {"t.one": entry(finding="One.")}
    assert claims.verify("t.one", registry=registry, stated=True, finding="Two.").finding == "Two."


def test_a_finding_belongs_to_the_verdict_that_it_was_written_for(monkeypatch):
    monkeypatch.setenv(claims.SHOW_FLIPS, "1")
    assert claims.verify("t.one", registry={"t.one": entry(finding="So it is.")}, stated=False).finding is None


@pytest.mark.parametrize(
    "finding", ["It is {other}.", "It is {loss:.1q}.", "It is {}.", "It is {loss.median:.1f}.", "{"]
)
def test_a_finding_that_cannot_be_filled_is_refused(finding):
    with pytest.raises(ValueError, match=r"^finding: "):
        claims.verify("t.one", registry={"t.one": entry()}, stated=True, finding=finding, loss=[1.0, 2.0])


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"systems": ["a", "b"], "size": np.int64(3)}, {"systems": ["a", "b"], "size": 3}),
        ({"sizes": np.array([1, 2])}, {"sizes": ["1", "2"]}),
        (None, {}),
    ],
)
def test_settings_are_json(settings, kept):
    result = claims.verify("t.one", registry={"t.one": entry()}, stated=True, settings=settings)
    assert json.loads(json.dumps(result.to_dict()))["settings"] == kept


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("gain_of_the_mixture_percent", ("gain of the mixture", "%")),
        ("gap_nats", ("gap", "nats")),
        ("nats", ("nats", "")),
        ("escape", ("escape", "")),
        ("error of fixed point", ("error of fixed point", "")),
    ],
)
def test_a_unit_is_the_last_word_of_a_name(name, read):
    assert claims.readable(name) == read
