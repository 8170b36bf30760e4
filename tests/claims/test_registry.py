"""The registry of claims: where it is found, and what is refused."""

import json

import pytest

import mixlib.claims as claims
from claim_entry import entry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: a", "not a readable registry"),
        ("a: b", "expected a list"),
        ("- {id: a, part: p}", "claim a lacks statement"),
        ("- 3", "claim number 1 lacks id"),
        (json.dumps([entry(expected="true")]), "expects 'true'"),
        (json.dumps([entry(), entry()]), "stands twice"),
    ],
)
def test_a_bad_registry_is_refused(tmp_path, text, said):
    path = tmp_path / "claims.yml"
    path.write_text(text)
    with pytest.raises(ValueError, match=said) as caught:
        claims.load_registry(path)
    assert str(path) in str(caught.value)


def test_the_nearest_registry_is_found(tmp_path, monkeypatch):
    (tmp_path / "claims.yml").write_text(json.dumps([entry()]))
    (tmp_path / "part").mkdir()
    for folder in (tmp_path, tmp_path / "part"):
        monkeypatch.chdir(folder)
        assert list(claims.load_registry()) == ["t.one"]


def test_a_project_says_where_its_claims_are(tmp_path, monkeypatch):
    for folder, id in (("text", "t.project"), ("nearer", "t.nearer")):
        (tmp_path / folder / "part").mkdir(parents=True)
        (tmp_path / folder / "claims.yml").write_text(json.dumps([entry(id)]))
    (tmp_path / "pyproject.toml").write_text('[tool.mixlib]\nclaims = "text/claims.yml"\n')
    (tmp_path / "nearer" / "pyproject.toml").write_text("[tool.other]\n")
    for folder, id in ((".", "t.project"), ("text/part", "t.project"), ("nearer/part", "t.nearer")):
        monkeypatch.chdir(tmp_path / folder)
        assert list(claims.load_registry()) == [id]


def test_without_a_registry_it_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"no claims\.yml at or above"):
        claims.load_registry()


def test_a_process_can_be_given_its_claims_where_there_is_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mixlib.claims.registry._in_use", {})
    claims.use_registry([entry()])
    assert claims.verify("t.one", stated=True).verdict == "holds"
    claims.use_registry([entry("t.two", "fails")])
    assert list(claims.load_registry()) == ["t.two"]
    with pytest.raises(ValueError, match=r"rows: claim t\.one stands twice"):
        claims.use_registry([entry(), entry()])
    with pytest.raises(ValueError, match="rows: expected a list"):
        claims.use_registry({"t.one": entry()})
