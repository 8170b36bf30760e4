"""Text that a mixture goes on with: drawn with its probabilities, accounted for exactly, ended where asked."""

import json

import numpy as np
import pytest
from scipy.stats import chisquare
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from mixlib.federation import (
    BayesPosterior,
    CacheModel,
    EntropyWeights,
    FixedShare,
    GeometricMixing,
    GRULanguageModel,
    KneserNey,
    Router,
    TopK,
    attribute,
    generate,
    train_tokenizer,
)
from mixlib.federation.generation import drawn_from
from mixlib.federation.text.pieces import pieces_along

V, DRAWS = 12, 6000
RNG = np.random.default_rng(0)
SEEN = {"sea": RNG.integers(0, 8, 400) ** 2 % V, "land": RNG.integers(3, V, 400), "air": RNG.integers(0, V, 90)}


class WithoutMemory:
    """A specialist that always says the same, so that draws are independent."""

    vocabulary = V

    def __init__(self, seen):
        self.row = np.log((np.bincount(seen, minlength=V) + 0.5) / (len(seen) + V / 2))

    def following(self):
        return self

    def next(self):
        return self.row

    def hear(self, token):
        pass


@pytest.fixture(scope="module")
def without_memory():
    return {name: WithoutMemory(seen) for name, seen in SEEN.items()}


@pytest.fixture(scope="module")
def specialists():
    kinds = KneserNey(V, 3), CacheModel(V), GRULanguageModel(V, 4)
    return {name: kind.fit(seen) for kind, (name, seen) in zip(kinds, SEEN.items(), strict=True)}


def mixture(specialists, weights):
    return weights @ np.exp([model.row for model in specialists.values()])


@pytest.mark.parametrize(
    "settings",
    [{}, {"temperature": 0.5}, {"temperature": 2.0}, {"top_k": 4}, {"top_p": 0.6}, {"top_k": 7, "top_p": 0.8}],
)
def test_tokens_come_as_often_as_the_mixture_says(without_memory, settings):
    weights = np.array([0.5, 0.3, 0.2])
    drawn = generate(without_memory, weights=weights, most=DRAWS, rng=1, **settings)
    m = mixture(without_memory, weights)
    q = m ** (1 / settings.get("temperature", 1.0))
    order = np.argsort(-q)
    q[order[settings.get("top_k", V) :]] = 0
    q /= q.sum()
    while q[order].cumsum()[np.count_nonzero(q) - 2] >= settings.get("top_p", 1.0):  # without its last it would do
        q[order[np.count_nonzero(q) - 1]] = 0
    q /= q.sum()
    counts = np.bincount(drawn.tokens, minlength=V)
    assert counts[q == 0].sum() == 0
    assert chisquare(counts[q > 0], DRAWS * q[q > 0]).pvalue > 1e-3
    np.testing.assert_allclose(np.exp(drawn.drawn), q[drawn.tokens], rtol=1e-5)


def test_a_share_is_how_often_that_specialist_had_said_it(without_memory):
    """By the other way to draw from a mixture: first who speaks, then what."""
    weights = np.array([0.5, 0.3, 0.2])
    rows = np.exp([model.row for model in without_memory.values()])
    rng = np.random.default_rng(2)
    who = rng.choice(3, size=200_000, p=weights)
    what = np.array([rng.choice(V, size=200_000, p=row / row.sum()) for row in rows])[who, np.arange(200_000)]
    text = generate(without_memory, weights=weights, most=200, temperature=1.5, rng=3)
    for token in np.unique(text.tokens):
        often = np.bincount(who[what == token], minlength=3) / (what == token).sum()
        np.testing.assert_allclose(text.shares[:, text.tokens == token][:, 0], often, atol=0.03)


@pytest.mark.parametrize("make", [FixedShare, BayesPosterior, EntropyWeights, Router], ids=lambda kind: kind.__name__)
def test_shares_are_those_of_scoring_the_text_again(specialists, make):
    """Whole text through each model at once, and the combiner along it: the same weights and shares."""
    prompt = np.array([3, 4, 0, 1])
    text = generate(specialists, prompt, most=40, combiner=make(3), rng=4)
    whole = np.concatenate([prompt, text.tokens])
    rows = np.stack([model.log_probs(whole) for model in specialists.values()])
    combiner = make(3)
    combiner.reset()
    weights = np.zeros((3, len(whole)))
    for t, token in enumerate(whole):
        chosen = combiner.chosen
        combiner.predict(rows[chosen, t])
        weights[:, t] = combiner.state
        combiner.update(rows[chosen, t, token].astype(float))
    weights /= weights.sum(axis=0)
    account = attribute(rows[:, 4:].astype(float), text.tokens, weights[:, 4:])
    np.testing.assert_allclose(text.attribution.weights, weights[:, 4:], atol=1e-5)
    np.testing.assert_allclose(text.shares, account.responsibilities, atol=1e-5)
    np.testing.assert_allclose(text.attribution.joint, account.joint, atol=1e-5)
    assert np.abs(text.attribution.residual).max() < 1e-12
    assert text.exact


def test_a_text_that_grows_is_the_text_as_a_whole(specialists):
    text = generate(specialists, [1], most=30, rng=0)
    whole = np.concatenate([[1], text.tokens])
    for row, model in zip(text.attribution.specialists, specialists.values(), strict=True):
        np.testing.assert_allclose(row, model.log_probs(whole)[np.arange(1, 31), text.tokens], atol=2e-5)


def test_a_seed_repeats_and_zero_is_the_most_probable(specialists):
    first, again, other = (generate(specialists, most=20, rng=seed).tokens for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    coldest = generate(specialists, most=20, temperature=0, rng=7)
    np.testing.assert_array_equal(coldest.tokens, generate(specialists, most=20, top_k=1, rng=8).tokens)
    assert (coldest.drawn == 0).all()


def test_it_ends_where_asked(specialists):
    free = generate(specialists, most=50, rng=1)
    assert (free.ended, len(free.tokens)) == ("length", 50)
    end = int(free.tokens[9])
    at = free.tokens.tolist().index(end)
    ended = generate(specialists, most=50, end_tokens=[end], rng=1)
    assert (ended.ended, ended.tokens.tolist()) == ("end token", free.tokens[: at + 1].tolist())
    pair = free.tokens[5:7].tolist()
    stopped = generate(specialists, most=50, until=lambda steps: [s.token for s in steps[-2:]] == pair, rng=1)
    assert (stopped.ended, len(stopped.tokens)) == ("stop", 7)
    assert len(generate(specialists, [1], most=0).tokens) == 0
    assert generate(specialists, [1], most=0).to_dict()["tokens"] == []


class Sends:
    """A specialist that sends its k most probable tokens."""

    def __init__(self, model, k):
        self.model, self.k, self.vocabulary, self.tokens = model, k, model.vocabulary, []

    def following(self):
        return Sends(self.model, self.k)

    def next(self):
        return TopK.of(self.model.log_probs(np.array([*self.tokens, 0]))[-1], self.k)

    def hear(self, token):
        self.tokens.append(token)


def test_shares_of_what_was_not_sent_lie_within_their_bounds(specialists):
    sent = dict(zip("ab", (Sends(model, 4) for model in specialists.values()), strict=False))
    text = generate(sent, most=60, weights=[0.6, 0.4], rng=0)
    rows = [one.model.log_probs(text.tokens)[np.arange(60), text.tokens].astype(float) for one in sent.values()]
    joint = np.array([[0.6], [0.4]]) * np.exp(rows)
    true = joint / joint.sum(axis=0)
    assert (text.least <= true + 1e-6).all()
    assert (true <= text.most + 1e-6).all()
    known = text.most - text.least < 1e-6
    assert 0 < known.mean() < 1
    assert not text.exact
    assert len(text.to_dict()["tokens"][0]["share_bounds"]["a"]) == 2
    whole = generate({name: Sends(one.model, V) for name, one in sent.items()}, most=60, weights=[0.6, 0.4], rng=0)
    assert whole.exact


def test_its_record_is_json(specialists):
    record = generate(specialists, [1, 2], most=3).to_dict(["a", "b", "c"])
    assert json.loads(json.dumps(record, allow_nan=False))["tokens"][1]["text"] == "b"
    for token in record["tokens"]:
        assert sum(token["shares"].values()) == pytest.approx(1)


def test_pieces_join_to_the_text():
    tokenizer = train_tokenizer(["wave after wave"], 258)
    text = "wave 🌊 é after wave\x80"
    ids = tokenizer.encode(text).ids
    pieces = pieces_along(tokenizer, ids)
    assert "".join(pieces) == text
    assert len(pieces) == len(ids)
    assert "🌊" in pieces
    assert pieces_along(tokenizer, ids[:-1])[-1] == "\ufffd"  # cut within a character
    spaced = Tokenizer(models.WordLevel({"▁a": 0, "▁b": 1}, unk_token="▁a"))
    spaced.pre_tokenizer, spaced.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    assert pieces_along(spaced, [1, 0], prompt=[0]) == [" b", " a"]


def test_drawing_settings_keep_what_they_say():
    probs = np.array([0.4, 0.1, 0.1, 0.4])
    assert (drawn_from(probs, 1.0, 3, 1.0) > 0).tolist() == [True, True, False, True]
    assert (drawn_from(probs, 1.0, None, 0.8) > 0).tolist() == [True, False, False, True]
    assert (drawn_from(probs, 0, None, 1.0) > 0).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"specialists": {"a": CacheModel(3)}}, "at least 2"),
        ({"specialists": {"a": CacheModel(3), "b": CacheModel(4)}}, "different size"),
        ({"prompt": [V]}, "prompt: "),
        ({"prompt": [[1]]}, "prompt: expected tokens"),
        ({"weights": [1, 1, 1]}, "weights: "),
        ({"weights": [1, 0, 0], "combiner": FixedShare(3)}, "not both"),
        ({"combiner": FixedShare(2)}, "is for 2 specialists"),
        ({"combiner": GeometricMixing(3)}, "no mixture"),
        ({"temperature": -1}, "temperature: "),
        ({"temperature": np.nan}, "temperature: "),
        ({"top_k": 0}, "top_k: "),
        ({"top_p": 0}, "top_p: "),
        ({"most": -1}, "most: "),
    ],
)
def test_bad_settings_are_named(specialists, options, message):
    with pytest.raises(ValueError, match=message):
        generate(**{"specialists": specialists, "most": 3} | options)


def test_nothing_possible_is_said():
    class Never:
        vocabulary = 2

        def log_probs(self, tokens):
            return np.full((len(tokens), 2), -np.inf)

    with pytest.raises(ValueError, match="none of positive weight"):
        generate({"a": Never(), "b": Never()}, most=1)


def test_the_lowest_temperatures_take_the_most_probable_token_and_warn_of_nothing():
    for temperature in (1e-3, 1e-300, 5e-324):
        assert drawn_from(np.array([0.2, 0.0, 0.5, 0.3]), temperature, None, 1.0).round(12).tolist() == [0, 0, 1, 0]
