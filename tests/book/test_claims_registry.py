"""The registry of claims is complete, and pages, registry and bibliography agree."""

import re

import pytest
from pybtex.database import parse_file

from mixbook.build import pages
from mixlib import claims

PARTS = ("instruments", "carriers", "domains", "open-questions", "combiner")

# What the founding documents assert; a claim may be added to the registry, none of these may leave it.
DOCUMENTED = [
    "omega.definition",
    "omega.sign-is-hull",
    "omega.linear-is-redundant",
    "omega.magnitude-is-nonlinearity",
    "omega.zero-balanced",
    "omega.synergy-needs-complementarity",
    "omega.score-estimator",
    "seam.three-knobs",
    "seam.two-regimes",
    "seam.weights-only-linear",
    "seam.carrier-changes-kernel",
    "seam.choose-k-and-carrier",
    "carrier.gaussian-midpoint",
    "carrier.curved-beats-flat",
    "carrier.table",
    "carrier.karcher-merging",
    "carrier.karcher-iterative",
    "carrier.orthogonal-merging",
    "carrier.geodesic-augmentation",
    "carrier.moe-clusters",
    "carrier.dataset-distillation",
    "taste.umami-8x",
    "smell.accord",
    "chemistry.reaction",
    "chemistry.emulsion",
    "light.rgb-white",
    "paint.mud",
    "ml.moe-escapes",
    "ml.mixup",
    "social.degroot-inside",
    "social.polarization",
    "sound.chord",
    "alloy.escapes",
    "bayes.averaging-inside",
    "open.three-components",
    "open.social-reaction",
    "open.odour-midpoint",
    "kb.shared-terms",
    "kb.design-pattern",
    "fed.perplexity-order",
    "fed.best-by-26-percent",
    "fed.average-268",
    "fed.sum-catastrophic-why",
    "fed.sum-always-worse",
    "fed.agreement",
    "fed.cat-dog",
    "fed.jensen",
    "fed.worst-times-n",
    "fed.free-riding",
    "fed.beats-union",
    "fed.weighted",
    "fed.reconciliation",
    "fed.sum-not-auditable",
    "fed.weight-soup",
    "fed.adapters-unknown-user",
    "fed.every-specialist-pays",
]


@pytest.fixture(scope="module")
def registry():
    return claims.load_registry(pages.BOOK / "claims.yml")


@pytest.fixture(scope="module")
def book():
    return {page.name: page for page in pages.table_of_contents()}


def test_every_documented_claim_is_registered_in_order(registry):
    assert len(set(DOCUMENTED)) == len(DOCUMENTED)
    assert [id for id in registry if id in DOCUMENTED] == DOCUMENTED
    assert len(registry) >= 174, "an assertion of the documents has left the registry"


def test_ids_stand_once_in_the_file(registry):
    ids = re.findall(r"^- id: (\S+)$", (pages.BOOK / "claims.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert ids == list(registry)


def test_entries_are_complete(registry):
    for id, entry in registry.items():
        assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", id), id
        assert set(entry) - {"reported_at", *claims.WORDS} == set(claims.FIELDS) - {*claims.WORDS}, id
        assert entry["part"] in PARTS, id
        assert entry["source"]["document"], id
        assert entry["source"]["section"], id
        assert entry["statement"].endswith((".", ".)")), id
        assert re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", entry["page"]), id


def test_parts_stand_together(registry):
    in_order = [PARTS.index(entry["part"]) for entry in registry.values()]
    assert in_order == sorted(in_order)


def test_only_a_larger_scale_excuses_a_failed_reproduction(registry):
    for id, entry in registry.items():
        assert entry["expected"] != "not-reproduced" or entry.get("reported_at"), id


def test_a_claim_is_verified_on_its_page_or_its_page_is_planned(registry, book):
    for id, entry in registry.items():
        page = entry["page"]
        if page in book:
            assert f'"{id}"' in _code(book[page]), f"{page}.md does not verify {id}"
        else:
            assert not (pages.BOOK / f"{page}.md").exists(), f"{page}.md is not in _toc.yml"


def test_pages_verify_only_their_own_claims(registry, book):
    for name in set(book) - {"extend"}:  # that page shows what a wrong call says
        for id in re.findall(r'verify\(\s*"([^"]+)"', _code(book[name])):
            assert registry[id]["page"] == name, f"{name}.md verifies {id}, the registry has {registry[id]['page']}"


def test_citations_resolve(book):
    keys = set(parse_file(str(pages.BOOK / "references.bib"), encoding="utf-8").entries)
    for name, page in book.items():
        for cited in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", page.path.read_text(encoding="utf-8")):
            assert {key.strip() for key in cited.split(",")} <= keys, f"{name}.md cites {cited}"


def _code(page):
    """The code that a page runs, without the code that its prose quotes."""
    return "\n".join(cell.source for cell in page.notebook().cells if cell.cell_type == "code")
