"""Routing against the rules that it is compared with, and six domains that share no file."""

import numpy as np
import pytest

from mixbook.studies.federation.cost.costs import SHARE, routing, six_domains
from mixlib.federation import FixedShare, from_files, log_probs_along, mixture_combine, perplexity
from mixlib.federation.text.specialists import Federation, stream_of


@pytest.fixture(scope="module")
def domains(folders):
    return from_files(folders)


def test_rules_cost_what_they_ask_for(domains):
    said = []
    frame = routing(domains, seeds=(0, 1), doubts=(0.4, 0.0), budget=3000, documents=2, progress=said.append)
    assert said == ["routing, 1 of 2 seeds", "routing, 2 of 2 seeds"]
    assert np.isfinite(frame["perplexity"]).all()
    for seed in (0, 1):
        rows = frame[frame["seed"] == seed].groupby("rule")["asks"].apply(list)
        doubtful = rows.pop("one, or all in doubt")
        assert rows.to_dict() == {
            "always k": [1, 2],
            "k at random": [1, 2],
            "fixed-share": [3],
            "mixture": [3],
            "one model": [1],
        }
        assert 1 < doubtful[0] < doubtful[1] == 3
        scores = frame[frame["seed"] == seed].set_index("rule")["perplexity"]
        assert scores["one, or all in doubt"].iloc[1] == pytest.approx(scores["fixed-share"], rel=1e-12)


def test_perplexities_are_those_of_the_test_text(domains):
    frame = routing(domains, seeds=(3,), doubts=(), budget=3000, documents=8).set_index("rule")["perplexity"]
    federation = Federation.train(domains, budget=3000, rng=3)
    test = federation.test
    given = federation.target_log_probs(test)
    rows = np.concatenate([federation.log_probs(tokens) for tokens in test.documents()], axis=1)
    mixed = mixture_combine(rows)[np.arange(len(test.tokens)), test.tokens]
    assert frame["mixture"] == pytest.approx(perplexity(mixed), rel=1e-5)
    followed = log_probs_along(FixedShare(3, SHARE), given, test.document_starts)
    assert frame["fixed-share"] == pytest.approx(perplexity(followed), rel=1e-12)
    one = federation.pooled().target_log_probs(test.tokens, test.document_starts)
    assert frame["one model"] == pytest.approx(perplexity(one), rel=1e-12)
    assert (np.diff(frame["k at random"]) < 0).all()


def test_fewer_documents_are_the_first_of_each_domain(domains):
    federation = Federation.train(domains, budget=3000, rng=0)
    firsts = [federation.test_domains.index(name) for name in federation.domains]
    text = stream_of([federation.test.documents()[i] for i in sorted(firsts)])
    followed = log_probs_along(
        FixedShare(3, SHARE),
        np.stack([s.target_log_probs(text.tokens, text.document_starts) for s in federation.specialists]),
        text.document_starts,
    )
    frame = routing(domains, seeds=(0,), doubts=(), budget=3000, documents=1).set_index("rule")["perplexity"]
    assert frame["fixed-share"] == pytest.approx(perplexity(followed), rel=1e-12)


def test_six_domains_share_no_file():
    domains = six_domains(600_000, 60_000)
    assert list(domains) == [
        "PyTorch prose",
        "other prose",
        "network Python",
        "other Python",
        "PyTorch C++",
        "other C++",
    ]
    for (_, first), (_, second) in zip(list(domains.items())[::2], list(domains.items())[1::2], strict=True):
        assert not {d.source for d in first} & {d.source for d in second}
    for name, documents in domains.items():
        assert {d.domain for d in documents} == {name}
        assert len(documents) == 1 or sum(len(d.text) for d in documents[:-1]) < 60_000
