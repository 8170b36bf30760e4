"""Specialists behind a server: a real one on the loopback address, which answers in the words of three kinds."""

import json
import socket

import numpy as np
import pytest

import mixlib.federation.models.http_json as http_json
from completions_server import LLAMA_CPP_PYTHON, LLAMA_SERVER, VLLM, WORDS, CompletionsServer
from mixlib.federation import (
    KneserNey,
    ServedModel,
    Stream,
    TopK,
    encode_text,
    generate,
    mixture_combine,
    mixture_perplexity_bounds,
    perplexity,
    score_text,
    train_tokenizer,
)

SEA = ["wave tide gull salt reef, the tide é takes the wave. " * 12]
LAND = ["hill path oak barn stone: the path goes up the hill. " * 12]
START = 0  # "!", which no text here has


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(SEA + LAND, 290)


@pytest.fixture(scope="module")
def local(tokenizer):
    streams = {"sea": encode_text(tokenizer, SEA), "land": encode_text(tokenizer, LAND)}
    return {name: KneserNey(290, 3).fit(s.tokens, s.document_starts) for name, s in streams.items()}


@pytest.fixture(scope="module")
def text(tokenizer):
    return encode_text(tokenizer, ["the tide takes the hill", "gull é barn"])


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(http_json, "PAUSE", 0.001)


@pytest.fixture(params=WORDS)
def words(request):
    return request.param


def serve(local, tokenizer, words=VLLM, **options):
    return CompletionsServer(local["land"], tokenizer, words, start=[START], **options)


def test_it_sends_the_most_probable_tokens(local, tokenizer, text, words):
    with serve(local, tokenizer, words) as server:
        model = ServedModel(server.url, tokenizer, k=7, start=[START])
        sent = model.top_k(text.tokens, text.document_starts)
    exact = local["land"].log_probs(text.tokens, text.document_starts)
    assert isinstance(sent, TopK)
    at = np.take_along_axis(exact, sent.tokens, axis=-1)
    np.testing.assert_allclose(sent.log_probs, at, atol=1e-6)
    k = sent.tokens.shape[1]
    np.testing.assert_allclose(np.sort(at, axis=1), np.sort(exact, axis=1)[:, -k:], atol=1e-6)
    assert k == 7 or words == LLAMA_CPP_PYTHON  # which names tokens by texts that several have
    assert model.requests == len(text.tokens) - 1  # two documents begin alike, and no question is asked twice
    assert all(request.get("prompt") for _, request, _ in server.asked if request)


def test_all_tokens_sent_are_the_model_itself(local, tokenizer, text):
    with serve(local, tokenizer, most=290) as server:
        model = ServedModel(server.url, tokenizer, k=290, start=[START])
        rows = model.log_probs(text.tokens, text.document_starts)
        exact = local["land"].log_probs(text.tokens, text.document_starts)
        np.testing.assert_allclose(rows, exact, atol=2e-6)
        options = {"most": 12, "weights": [0.4, 0.6], "rng": 3}
        served = generate({"sea": local["sea"], "land": model}, text.tokens[:3], **options)
        own = generate(local, text.tokens[:3], **options)
        np.testing.assert_array_equal(served.tokens, own.tokens)
        np.testing.assert_allclose(served.shares, own.shares, atol=1e-5)
        assert served.exact


def test_the_mixture_lies_within_the_bounds(local, tokenizer, text, words):
    with serve(local, tokenizer, words) as server:
        given = {"sea": local["sea"], "land": ServedModel(server.url, tokenizer, k=5, start=[START])}
        scores = score_text(given, text)
        rows = np.stack([scores.log_probs[f"{name} alone"] for name in given])
        low, high = mixture_perplexity_bounds(given, rows, text)
        drawn = generate(given, text.tokens[:4], most=25, rng=0)
    exact = np.stack([model.log_probs(text.tokens, text.document_starts) for model in local.values()])
    true = perplexity(mixture_combine(exact)[np.arange(len(text.tokens)), text.tokens])
    assert low < true < high
    assert low < scores.perplexities["mixture"] < high
    whole = np.concatenate([text.tokens[:4], drawn.tokens])
    at = np.stack([model.log_probs(whole)[np.arange(4, 29), drawn.tokens].astype(float) for model in local.values()])
    shares = np.exp(at) / np.exp(at).sum(axis=0)
    assert (drawn.least - 1e-6 <= shares).all()
    assert (shares <= drawn.most + 1e-6).all()
    known = drawn.most - drawn.least < 1e-6
    np.testing.assert_allclose(drawn.shares[known], shares[known], atol=1e-5)


def test_the_server_says_what_stands_before_a_text(local, tokenizer):
    for words, start in ((VLLM, [START]), (LLAMA_SERVER, [START]), (LLAMA_CPP_PYTHON, [])):
        with serve(local, tokenizer, words) as server:
            assert ServedModel(server.url, tokenizer).start == start


def test_without_a_start_the_first_token_cannot_be_asked_for(local, tokenizer):
    with CompletionsServer(local["land"], tokenizer) as server:
        model = ServedModel(f"{server.url}/v1/", tokenizer)
        assert model.start == []
        with pytest.raises(ValueError, match="cannot predict the first token"):
            model.top_k([5, 6])
        given = {"sea": local["sea"], "land": model}
        assert len(generate(given, [5, 6], most=2).tokens) == 2
        with pytest.raises(ValueError, match="give the prompt some words"):
            generate(given, most=2)


def test_one_name_is_taken_and_of_several_one_is_asked_for(local, tokenizer):
    with serve(local, tokenizer, names=("first", "second")) as server:
        with pytest.raises(ValueError, match="lists the models first, second; name one"):
            ServedModel(server.url, tokenizer)
        ServedModel(server.url, tokenizer, name="second").top_k([1, 2])
        assert server.asked[-1][1]["model"] == "second"
    with serve(local, tokenizer, names=("only",), trouble=lambda n, path: None) as server:
        model = ServedModel(server.url, tokenizer, key="secret")
        assert model.name == "only"
        assert server.asked[0][2]["Authorization"] == "Bearer secret"


def test_busy_and_broken_answers_are_asked_for_again(local, tokenizer, monkeypatch):
    def trouble(number, path):
        return (503, b'{"error":{"message":"Loading model"}}') if number in (1, 4, 5) else None

    waited = []
    monkeypatch.setattr(http_json.time, "sleep", waited.append)
    with serve(local, tokenizer, trouble=trouble) as server:
        model = ServedModel(server.url, tokenizer)
        model.top_k([1, 2])
        assert waited == [http_json.PAUSE, http_json.PAUSE, 2 * http_json.PAUSE]
        assert len(server.asked) == 2 + 1 + 2 + 2
    with serve(local, tokenizer, trouble=lambda n, path: (503, b'{"error":{"message":"Loading model"}}')) as server:
        with pytest.raises(ConnectionError, match=r"answers 503 \(Loading model\)"):
            ServedModel(server.url, tokenizer)
        assert len(server.asked) == 3


def test_nobody_there_and_nobody_answering_in_time(local, tokenizer):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionError, match=r"nobody answers .*refused"):
        ServedModel(f"http://127.0.0.1:{port}", tokenizer)
    with (
        serve(local, tokenizer, trouble=lambda n, path: 0.5) as server,
        pytest.raises(TimeoutError, match=r"within 0\.05"),
    ):
        ServedModel(server.url, tokenizer, timeout=0.05, retries=1)


def test_a_server_that_went_away_in_between_is_found_again(local, tokenizer):
    with serve(local, tokenizer) as server:
        model = ServedModel(server.url, tokenizer)
        model.server.connection.sock.shutdown(socket.SHUT_RDWR)  # as a server closes a connection nobody used
        assert model.top_k([1]).tokens.shape == (1, 20)


def answering(**changes):
    """Replaces parts of an answer to ``/v1/completions``, None takes them out."""
    choice = {"index": 0, "text": "a", "logprobs": {"top_logprobs": [{"token_id:5": -0.1}]}} | changes
    body = json.dumps({"choices": [{k: v for k, v in choice.items() if v is not None}]}).encode()
    return lambda number, path: (200, body) if path == "/v1/completions" else None


def content(**item):
    return {"content": [{"top_logprobs": [{"id": 70, "token": "e", "bytes": [101], "logprob": -0.1} | item]}]}


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (answering(logprobs=None), "sent no logprobs; vLLM and llama-server send them"),
        (answering(logprobs={"content": []}), "its answer is none of /v1/completions"),
        (answering(logprobs={"top_logprobs": None}), "sent no logprobs"),
        (answering(logprobs={"top_logprobs": [{"token_id:290": -0.1}]}), "sent token 290, of 290 here"),
        (answering(logprobs={"top_logprobs": [{"token_id:x": -0.1}]}), "none of /v1/completions"),
        (answering(logprobs={"top_logprobs": [{"weather": -0.1}]}), "sent the token 'weather', which this tokenizer"),
        (answering(logprobs={"top_logprobs": [{"token_id:5": 0.5}]}), r"top_logprobs\[0\]\['token_id:5'\] as 0.5; "),
        (answering(logprobs={"top_logprobs": [{"token_id:5": float("nan")}]}), r"\['token_id:5'\] as nan; a log-prob"),
        (answering(logprobs=content(logprob=None)), r"content\[0\].top_logprobs\[0\].logprob as None; a log-prob"),
        (answering(logprobs=content(logprob="-1")), r"top_logprobs\[0\].logprob as '-1'; a log-probability is"),
        (
            answering(logprobs={"top_logprobs": [{"token_id:5": -0.1, "token_id:6": -0.2}]}),
            r"sent choices\[0\].logprobs.top_logprobs\[0\], which cannot be: log_probs: sum to probability 1.72",
        ),
        (answering(logprobs={"top_logprobs": [{"token_id:5": -1.0, "token_id:6": -9.0}]}), "send the most probable"),
        (answering(logprobs=content(token="weather")), "its token 70 is 'weather' and this tokenizer's"),
        (lambda n, path: (200, b"<html>") if "comp" in path else None, "answers no JSON"),
        (lambda n, path: (200, b"[]") if "comp" in path else None, "answers no JSON object"),
        (lambda n, path: (200, b'{"choices":[]}') if "comp" in path else None, "none of /v1/completions"),
        (lambda n, path: (401, b'{"error":"Unauthorized"}') if "comp" in path else None, "wants a key"),
        (lambda n, path: (404, b"") if "comp" in path else None, r"answers 404 \(nothing\)"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(local, tokenizer, trouble, message):
    with serve(local, tokenizer, trouble=trouble) as server:
        model = ServedModel(server.url, tokenizer, retries=0)
        with pytest.raises(ValueError, match=message) as refusal:
            model.top_k([1])
        assert str(refusal.value).startswith(server.url)
        assert "\n" not in str(refusal.value)


def test_a_token_beyond_the_first_k_is_not_taken_for_one_of_them(local, tokenizer):
    """vLLM adds the token that it drew, which need not be among them."""
    sent = {"token_id:9": -9.0, "token_id:5": -0.7, "token_id:6": -0.8}
    with serve(local, tokenizer, trouble=answering(logprobs={"top_logprobs": [sent]})) as server:
        assert ServedModel(server.url, tokenizer, k=2).top_k([1]).tokens.tolist() == [[5, 6]]


def test_below_a_text_that_several_tokens_have_nothing_is_sure(local, tokenizer):
    a, b = (tokenizer.decode([number]) for number in (70, 71))
    several = tokenizer.decode([120])
    assert several == tokenizer.decode([121])
    sent = {a: -0.5, several: -1.5, b: -3.0}
    with serve(local, tokenizer, trouble=answering(logprobs={"top_logprobs": [sent]})) as server:
        assert ServedModel(server.url, tokenizer).top_k([1]).tokens.tolist() == [[70]]
    first = serve(local, tokenizer, trouble=answering(logprobs={"top_logprobs": [{several: -0.5, b: -1.5}]}))
    with first as server, pytest.raises(ValueError, match="by a text that several have"):
        ServedModel(server.url, tokenizer).top_k([1])


def test_more_than_one_token_or_another_prompt_is_refused(local, tokenizer):
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    body = {"choices": [{"logprobs": {"top_logprobs": [{"token_id:5": -0.1}]}}], "usage": usage}
    with serve(local, tokenizer, trouble=lambda n, p: (200, json.dumps(body).encode()) if "comp" in p else None) as s:
        model = ServedModel(s.url, tokenizer)
        with pytest.raises(ValueError, match="no logprobs of the one token that it is asked for"):
            model.top_k([1])
        usage["prompt_tokens"] = 3
        with pytest.raises(ValueError, match="was sent 1 tokens and read 3"):
            model.top_k([1])


def test_other_tokens_are_found_before_anything_is_asked(local, tokenizer):
    other = train_tokenizer(["mixing parts, one kernel"], 270)
    for words in (VLLM, LLAMA_SERVER):
        with serve(local, tokenizer, words) as server, pytest.raises(ValueError, match="of different tokens cannot be"):
            ServedModel(server.url, other)


def test_more_tokens_than_the_server_sends_is_in_its_words_with_the_fix(local, tokenizer):
    said = r"max allowed: 20\), when asked for 21 logprobs after 1 tokens; ask for fewer .*--max-logprobs 21\)"
    with serve(local, tokenizer) as server:
        model = ServedModel(server.url, tokenizer, k=21)
        with pytest.raises(ValueError, match=said):
            model.top_k([1])


def test_numbers_that_it_took_before_are_not_sent_as_text(local, tokenizer):
    """What it refuses later is something else, such as a text that is too long, which other tokens would hide."""
    late = lambda n, path: (400, b'{"error":"exceeds the context size"}') if n > 3 else None  # noqa: E731
    with serve(local, tokenizer, trouble=late) as server:
        model = ServedModel(server.url, tokenizer)
        model.top_k([1])
        with pytest.raises(
            ValueError, match=r"context size\), when asked for 20 logprobs after 3 tokens; give it shorter"
        ):
            model._sent([5, 6])
        assert all(isinstance(request["prompt"], list) for path, request, _ in server.asked if "comp" in path)


def test_a_part_of_a_character_is_asked_for_with_a_whole_one_taken(local, tokenizer):
    """As llama-server wants it; a server whose logprobs heed what it is made to take is found out."""
    tide = tokenizer.encode("tide ").ids
    with serve(local, tokenizer, LLAMA_SERVER) as server:
        exact = KneserNey(290, 3).fit(np.array([*tide, *tokenizer.encode("é").ids] * 9))
        server.model = exact
        sent = ServedModel(server.url, tokenizer, k=3)._sent(tide)
        assert server.asked[-1][1]["logit_bias"] == {str(tokenizer.encode("a").ids[0]): 100}
        row = exact.log_probs(np.array([*tide, 0]))[-1]
        np.testing.assert_allclose(sent.log_probs, np.sort(row)[:-4:-1], atol=1e-6)
        server.logprobs = lambda row, best, request: content(token="", id=tokenizer.encode("a").ids[0])
        with pytest.raises(ValueError, match="the most probable one is part of a character"):
            ServedModel(server.url, tokenizer, k=3)._sent(tide)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "timeout: expected seconds above 0, at most 86,400, got 0;"),
        ({"timeout": 1e300}, "timeout: expected seconds"),
        ({"timeout": float("nan")}, "timeout: expected seconds"),
        ({"retries": -1}, "retries: got -1, expected a whole number, 0 or more"),
    ],
)
def test_waits_that_are_none(tokenizer, options, message):
    with pytest.raises(ValueError, match=message):
        ServedModel("http://127.0.0.1:9", tokenizer, **options)


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://host", "http://", "http://host:port", "http://h/?a=1", 7])
def test_addresses_that_are_none(tokenizer, url):
    with pytest.raises(ValueError, match=r"url: expected http://host:port, got "):
        ServedModel(url, tokenizer)


def test_a_transformer_served_is_the_transformer(tmp_path, tokenizer):
    """Its own tokenizer and start token, as a folder of Hugging Face has them."""
    pytest.importorskip("transformers", reason="the extra hf is not installed")
    from mixlib.federation import from_pretrained
    from own_text import write_model

    write_model(tmp_path / "gpt")
    own = from_pretrained(tmp_path / "gpt")
    stream = Stream(np.array([5, 9, 40, 7]), np.array([0, 2]))
    with CompletionsServer(own, own.tokenizer, LLAMA_SERVER, start=[own.start]) as server:
        sent = ServedModel(server.url, own.tokenizer, k=6).top_k(stream.tokens, stream.document_starts)
    exact = own.log_probs(stream.tokens, stream.document_starts)
    np.testing.assert_allclose(sent.log_probs, np.take_along_axis(exact, sent.tokens, axis=-1), atol=1e-5)
    np.testing.assert_allclose(sent.log_probs.min(axis=1), np.sort(exact, axis=1)[:, -6], atol=1e-5)
