"""Routing against the rules that it is compared with, and six domains that share no file."""

import numpy as np
import pytest

from mixbook.studies.federation.cost.costs import SHARE, cpu_times, routing, six_domains
from mixlib.federation import FixedShare, from_files, log_probs_along, mixture_combine, perplexity, weights_along
from mixlib.federation.text.specialists import Federation, stream_of


@pytest.fixture(scope="module")
def domains(folders):
    return from_files(folders)


def test_rules_cost_what_they_ask_for(domains):
    said = []
    routes = routing(domains, seeds=(0, 1), budget=3000, documents=2, progress=said.append)
    frame = routes.frame
    assert said == ["routing, 1 of 2 seeds", "routing, 2 of 2 seeds"]
    assert np.isfinite(frame["perplexity"]).all()
    asks = routes.mean("all")["asks"]
    exact = {("best so far", 2): 2, ("by lot", 1): 1, ("by lot", 2): 2, ("one model", 1): 1}
    exact |= {(rule, 3): 3 for rule in ("mixture", "fixed-share", "best one")}
    assert asks[list(exact)].to_dict() == exact
    others = asks.drop(list(exact))
    assert set(others.index) == {(rule, k) for rule in ("keywords", "directory") for k in (1, 2)}
    assert all(k < asked < 3 for (_, k), asked in others.items())


def test_perplexities_are_those_of_the_test_text(domains):
    routes = routing(domains, seeds=(3,), budget=3000, documents=8)
    found = {key: routes.scores(*key, system="all")[3] for key in routes.log_probs["all"]}
    federation = Federation.train(domains, budget=3000, rng=3)
    test = federation.test
    given = federation.target_log_probs(test)
    rows = np.concatenate([federation.log_probs(tokens) for tokens in test.documents()], axis=1)
    mixed = mixture_combine(rows)[np.arange(len(test.tokens)), test.tokens]
    assert found["mixture", 3] == pytest.approx(perplexity(mixed), rel=1e-5)
    followed = log_probs_along(FixedShare(3, SHARE), given, test.document_starts)
    assert found["fixed-share", 3] == pytest.approx(perplexity(followed), rel=1e-12)
    leader = weights_along(FixedShare(3, SHARE), given, test.document_starts).argmax(axis=0)
    assert found["best one", 3] == pytest.approx(perplexity(given[leader, np.arange(len(leader))]), rel=1e-12)
    one = federation.pooled().target_log_probs(test.tokens, test.document_starts)
    assert found["one model", 1] == pytest.approx(perplexity(one), rel=1e-12)
    assert found["by lot", 1] > found["by lot", 2] > found["mixture", 3]
    against = routes.against(("mixture", 0), [("fixed-share", 0), ("by lot", -1)], resamples=200)
    expected = np.log(found["fixed-share", 3] / found["mixture", 3])
    assert against.loc[("all", "fixed-share", 0), "difference"] == pytest.approx(expected)
    assert against.loc[("all", "by lot", -1), "difference"] == pytest.approx(
        np.log(found["by lot", 2] / found["mixture", 3])
    )


def test_a_smaller_system_has_its_own_specialists_and_documents(domains):
    routes = routing(domains, seeds=(0,), systems={"two": (0, 2)}, budget=3000, documents=1)
    federation = Federation.train(domains, budget=3000, rng=0)
    firsts = [federation.test_domains.index(federation.domains[i]) for i in (0, 2)]
    text = stream_of([federation.test.documents()[i] for i in sorted(firsts)])
    given = np.stack([federation.specialists[i].target_log_probs(text.tokens, text.document_starts) for i in (0, 2)])
    followed = log_probs_along(FixedShare(2, SHARE), given, text.document_starts)
    assert routes.scores("fixed-share", 2, system="two")[0] == pytest.approx(perplexity(followed), rel=1e-12)


def test_cpu_times_are_of_every_part(domains):
    federation = Federation.train(domains, budget=3000, rng=0)
    times = cpu_times({"n-gram": federation.specialists}, federation.test.tokens[:200], rounds=2)
    assert list(times.columns) == ["one specialist", "all", "pooling"]
    assert (times >= 0).all(axis=None)


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
