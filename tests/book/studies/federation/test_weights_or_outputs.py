"""The trials on small text: every number against a second way to get it, and the same numbers every time."""

import numpy as np
import pytest
import torch

from mixbook.studies.federation import weights_or_outputs as trials
from mixlib.federation import Federation, from_files, mixture_combine, perplexity


@pytest.fixture(scope="module")
def documents(folders):
    return from_files(folders)


@pytest.fixture(scope="module")
def result(documents):
    return trials.weight_trials((5,), documents, base_steps=20, fine_steps=8)


def test_the_table_has_all_kinds_and_fits_together(result):
    rows = result.perplexities[5]
    assert np.isfinite(rows).all()
    assert (rows.drop("the scale chosen", level=1) > 1).all()
    for kind in (trials.TUNED, trials.NARROW, trials.SEPARATE):
        assert rows[kind, "best single"] <= rows[kind, "geometric mean of singles"] <= rows[kind, "worst single"]
        assert rows[kind, "output mixture"] <= rows[kind, "geometric mean of singles"]
    for kind in (trials.TUNED, trials.SEPARATE):
        ends = result.lines[kind][0][:, [0, -1]]
        assert ends.min() == pytest.approx(rows[kind, "best single"], rel=1e-5)
        assert ends.max() == pytest.approx(rows[kind, "worst single"], rel=1e-5)
        assert result.lines[kind].shape == (1, 3, len(trials.LINE))
    for kind in trials.BASED:
        scales = result.scales[5][kind]
        assert scales[0] == rows[kind, "untouched base"]
        assert scales[trials.AVERAGE] == pytest.approx(rows[kind, "uniform soup"], rel=1e-4)
        assert rows[kind, "scale chosen on validation"] == scales[rows[kind, "the scale chosen"]]
    assert rows[trials.NARROW, "untouched base"] in [  # the base of one domain is the third specialist of its own
        result.lines[trials.SEPARATE][0][1, -1]
    ]
    assert result.distances[5][trials.TUNED] < result.distances[5][trials.SEPARATE]


def test_the_mixture_of_targets_is_the_mixture(documents):
    text = Federation.train(documents, order=1, vocabulary=trials.VOCABULARY, rng=5)
    models = [trials.GRULanguageModel(text.tokenizer.get_vocab_size(), 4, rng=i) for i in range(3)]
    stream = trials.excerpts(text.test)
    rows = np.stack([m.log_probs(stream.tokens, stream.document_starts) for m in models])
    joint = mixture_combine(rows)[np.arange(len(stream.tokens)), stream.tokens]
    assert trials.mixed(models, stream)["output mixture"] == pytest.approx(perplexity(joint), rel=1e-5)
    assert trials.mixed(models[:1] * 2, stream)["output mixture"] == pytest.approx(
        perplexity(rows[0][np.arange(len(stream.tokens)), stream.tokens]), rel=1e-5
    )


def test_who_shares_more_errs_more_together(result):
    found = result.mistakes[5].xs("correlation", level=1)
    assert found.index.to_list()[0] == "a base"
    assert found["a base"] > found["nothing"]
    assert found.between(-1, 1).all()
    assert (result.mistakes[5].xs("largest of shuffles", level=1) > 0).all()


def test_near_one_base_a_soup_is_a_logarithmic_pool(result):
    rows = result.perplexities[5]
    assert rows[trials.TUNED, "uniform soup"] < rows[trials.TUNED, "worst single"]
    pooled, soup = rows[trials.TUNED, "output logarithmic pool"], rows[trials.TUNED, "uniform soup"]
    assert soup == pytest.approx(pooled, rel=0.25)  # equal to first order in the task vectors


def test_each_domain_is_left_out_once(result):
    unseen = result.unseen[5]
    assert set(unseen.index.get_level_values(1)) == {"sea", "kitchen", "garden"}
    for domain in ("sea", "kitchen", "garden"):
        assert unseen["the domain", domain, "base"] < unseen["nothing", domain, "base"]
        control = unseen["nothing", domain, "mixture of the same text"]
        assert control != unseen["nothing", domain, "output mixture"]


@pytest.mark.rare
def test_the_same_seed_gives_the_same_numbers_on_any_threads(documents, result):
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if threads > 1 else 2)
    again = trials.weight_trials((5,), documents, base_steps=20, fine_steps=8)
    torch.set_num_threads(threads)
    assert again.perplexities.equals(result.perplexities)
    assert again.unseen.equals(result.unseen)
    assert again.mistakes.equals(result.mistakes)


def test_the_left_out_domain_is_not_in_training(documents, monkeypatch):
    text = Federation.train(documents, order=1, vocabulary=trials.VOCABULARY, rng=5)
    heard, further = [], []
    monkeypatch.setattr(trials, "trained", lambda text, stream, steps, seed: heard.append(stream.tokens) or model(text))
    monkeypatch.setattr(trials, "going_on", lambda base, stream, *_: further.append(stream.tokens) or model(text))
    base = model(text)
    trials.on_unseen_domains(text, base, [base] * 3, (0, 0), 5)
    for left_out, tokens in enumerate(heard):
        others = [s.tokens for i, s in enumerate(text.training) if i != left_out]
        together = np.concatenate(others)
        np.testing.assert_array_equal(tokens, together)
        users_and_control = further[4 * left_out : 4 * left_out + 4]
        for seen, expected in zip(users_and_control, [*others, together, together], strict=True):
            np.testing.assert_array_equal(seen, expected)


def model(text):
    return trials.GRULanguageModel(text.tokenizer.get_vocab_size(), 4)


def test_barriers_are_bumps_over_the_chord():
    bump = np.exp([[1.0, 1.7, 2.0, 2.5, 3.0], [3.0, 2.0, 1.0, 2.0, 3.0]])
    np.testing.assert_allclose(trials.barriers(bump), [0.2, 0.0], atol=1e-12)


def test_apartness_of_states():
    a, b = {"x": torch.tensor([3.0, 0.0])}, {"x": torch.tensor([0.0, 3.0])}
    assert trials.apartness(a, b) == pytest.approx(2**0.5)
    assert trials.apartness(a, a) == 0
