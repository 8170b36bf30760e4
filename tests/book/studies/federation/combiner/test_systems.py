"""Specialists of several makes on a small federation: the table, the domains, and the guard of the one path."""

import numpy as np
import pytest

from mixbook.studies.federation.combiner import systems
from mixlib.federation import Federation, from_files, mixture_combine, perplexity, product_combine


@pytest.fixture(scope="module")
def federations(folders):
    documents = from_files(folders)
    return {seed: Federation.train(documents, order=3, vocabulary=400, budget=6_000, rng=seed) for seed in (0, 1)}


@pytest.fixture(scope="module")
def scored(federations):
    return systems.systems(federations, makes=("4-grams", "unigram caches"))


def test_the_four_rows_are_those_of_the_pools(federations, scored):
    frame, federation = scored["4-grams"].perplexities(), federations[1]
    assert list(frame) == ["mixture", "best single", "worst single", "product"]
    alone = [perplexity(row) for row in federation.target_log_probs(federation.test)]
    np.testing.assert_allclose(frame.loc[1, ["best single", "worst single"]], [min(alone), max(alone)], rtol=1e-5)
    rows = [(federation.log_probs(t), t) for t in federation.test.documents()]
    for name, pool in (("mixture", mixture_combine), ("product", product_combine)):
        pooled = np.concatenate([pool(r)[np.arange(len(t)), t] for r, t in rows])
        assert frame.loc[1, name] == pytest.approx(perplexity(pooled), rel=1e-5)


def test_steps_are_differences_of_losses(scored):
    system = scored["4-grams"]
    steps, rows = system.steps(), system.four()
    loss = {name: -np.concatenate(rows[name]).mean() for name in rows}
    assert steps.loc["product over worst single", "difference"] == pytest.approx(loss["product"] - loss["worst single"])
    assert steps.loc["best single over mixture", "difference"] == pytest.approx(loss["best single"] - loss["mixture"])
    assert (steps["low"] < steps["difference"]).all()


def test_the_excess_splits_at_the_logarithmic_pool(scored):
    system = scored["unigram caches"]
    excess, frame = system.excess(), system.perplexities()
    np.testing.assert_allclose(excess.sum(axis=1), np.log(frame["product"] / frame["mixture"]))
    np.testing.assert_allclose(  # rounding apart, the power of a pool of three
        excess["disagreement"], [np.log(_logarithmic(system, i) / frame["mixture"][i]) for i in (0, 1)]
    )
    lengths = [len(row) for row in system.rows["mixture"]]
    mean = np.average(excess["overcounting"] - excess["disagreement"], weights=lengths)
    assert system.overcounted_more()["difference"].item() == pytest.approx(mean)


def _logarithmic(system, seed):
    return perplexity(system.rows["logarithmic pool"][seed])


def test_the_domains_are_told_apart(federations, scored):
    system = scored["4-grams"]
    maps, abroad = system.by_domain(), system.abroad()
    assert (maps.idxmin() == maps.columns).all()
    assert len(abroad) == 6
    assert (abroad["low"] > 0).all()
    assert system.documents_lost().tolist() == [1.0, 1.0]
    values = []
    for federation in federations.values():
        sea = [t for t, home in zip(federation.test.documents(), federation.test_domains, strict=True) if home == "sea"]
        garden = federation.specialists[federation.domains.index("garden")]
        values.append(perplexity(np.concatenate([garden.target_log_probs(t, (0,)) for t in sea])))
    assert maps.loc["garden", "sea"] == pytest.approx(np.mean(values), rel=1e-5)


def test_frequencies_know_no_order_and_no_domain(federations):
    federation = federations[0]
    found = systems.frequencies(federation)
    assert list(found) == list(federation.domains)
    assert all(value > 10 for value in found.values())


def test_the_guard_accepts_the_uniform_mixture_alone():
    specialists = np.log([[0.5, 0.2, 1e-30], [0.1, 0.2, 0.7]])
    mixture = np.log([0.3, 0.2, 0.35])
    assert systems.made_by_mixture(specialists, mixture).tolist() == [True] * 3
    assert systems.made_by_mixture(specialists, mixture.astype(np.float32)).tolist() == [True] * 3
    weighted = np.log([0.46, 0.2, 0.07])  # weights .9 and .1; where both say the same no weights can be seen
    assert systems.made_by_mixture(specialists, weighted).tolist() == [False, True, False]
    assert not systems.made_by_mixture(specialists, specialists.sum(axis=0)).any()
