"""Specialists that a server answers for: its ``/v1/completions`` with ``logprobs``, as vLLM and llama.cpp offer it."""

import hashlib

import numpy as np

from mixlib.arrays import floats, whole
from mixlib.federation.models.base import ROWS, InBlocks, check_rows, check_text
from mixlib.federation.models.completions import read
from mixlib.federation.models.http_json import Refused, Server
from mixlib.federation.models.truncated import TopK, mixture_bounds, mixture_target_bounds
from mixlib.simplex import check_weights

__all__ = ["ServedModel", "mixture_perplexity_bounds"]

PROBE = "Mixing: 12 parts, one kernel.\n\tif (a != b) { return; }"  # cut by the server and by the tokenizer
PATH = "/v1/completions"
HALF = -0.69  # a log-probability above it is that of the most probable token


class ServedModel(InBlocks):
    r"""Language model behind an OpenAI-compatible server: it sends the ``k`` most probable tokens, and bounds the rest.

    One request a token asks for one greedy token with ``logprobs``; the answer is a :class:`TopK`, from which
    :func:`mixture_bounds` says what a mixture can be. Rows of :meth:`log_probs` are its estimate: the missing
    probability in equal parts on the tokens that were not sent.

    The prompt is sent as token numbers; as text, which the server cuts itself, where it refuses these.

    Parameters
    ----------
    url : str
        Of the server, ``http://host:port``, with or without ``/v1``.
    tokenizer : tokenizers.Tokenizer
        That of the served model, and of all specialists that it is mixed with.
    name : None or str, default=None
        The model's name there; ``None`` takes the only one that the server lists.
    k : int, default=20
        Tokens to ask for. More make narrower bounds; vLLM sends 20 unless started with ``--max-logprobs``.
    start : None or sequence of int, default=None
        Tokens before a document; ``None`` takes those that the server itself puts before a text, if it says so.
    timeout : float, default=60.0
        Seconds to wait for one answer.
    retries : int, default=2
        How often to ask again after a connection that failed, or an answer that the server is busy or broken.
    key : None or str, default=None
        Sent as ``Authorization: Bearer``.

    Attributes
    ----------
    vocabulary : int
        Tokens ``V`` of the tokenizer.
    requests : int
        Predictions asked for so far.

    Raises
    ------
    ValueError
        If the address is none, the server sends no logprobs, cuts text into other tokens than ``tokenizer``, or lists
        several models and none is named.
    ConnectionError, TimeoutError
        If nobody answers there, also when asked again.

    Examples
    --------
    >>> from mixlib.federation import ServedModel, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    >>> model = ServedModel("http://127.0.0.1:9", tokenizer, retries=0)  # nobody is there
    Traceback (most recent call last):
    ...
    ConnectionError: http://127.0.0.1:9: nobody answers (Connection refused); start the server, or correct the address
    >>> model = ServedModel("http://127.0.0.1:8080", tokenizer)  # doctest: +SKIP
    >>> model.top_k([1, 2, 3]).log_probs.shape, model.following().next().tokens.shape  # doctest: +SKIP
    ((3, 20), (20,))
    >>> [rows.shape for rows in model.log_prob_blocks([1, 2, 3], rows=2)]  # doctest: +SKIP
    [(2, 258), (1, 258)]
    """

    kind = "served"

    def __init__(self, url, tokenizer, *, name=None, k=20, start=None, timeout=60.0, retries=2, key=None):
        self.tokenizer, self.k = tokenizer, whole(k, "k", 1)
        self.vocabulary = max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1
        self.server = Server(url, timeout=timeout, retries=retries, key=key)
        self.name = self._listed() if name is None else name
        self.start = self._agreed_start() if start is None else [int(token) for token in start]
        self.requests, self._as_text, self._answers, self._by_text = 0, None, {}, None

    def top_k(self, tokens, document_starts=(0,)):
        """What the server sends for every position of a text, one :class:`TopK` of leading shape ``(T,)``."""
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        sent = [self._sent(document[:t]) for document in np.split(tokens, starts[1:]) for t in range(len(document))]
        least = min(len(one.tokens) for one in sent)  # a narrower answer is all that fits into one array
        best = [np.argsort(-one.log_probs)[:least] for one in sent]
        rows = [(one.tokens[b], one.log_probs[b].astype(np.float32)) for one, b in zip(sent, best, strict=True)]
        return TopK(*(np.stack(part) for part in zip(*rows, strict=True)), self.vocabulary)

    def log_prob_blocks(self, tokens, document_starts=(0,), rows=ROWS):
        """Yield the rows of :meth:`log_probs` in blocks of ``rows``; the last may be shorter."""
        check_rows(rows)
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        begins = np.repeat(starts, np.diff(starts, append=len(tokens)))
        for low in range(0, len(tokens), rows):
            block = [self._sent(tokens[begins[t] : t]) for t in range(low, min(low + rows, len(tokens)))]
            estimates = np.stack([mixture_bounds([one]).estimate for one in block])
            yield (estimates - np.logaddexp.reduce(estimates, axis=1, keepdims=True)).astype(np.float32)

    def following(self):
        """A text that grows: ``next()`` gives its :class:`TopK`, ``hear(token)`` goes on."""
        return _Following(self)

    def _sent(self, history):
        """The answer after ``history``; each is asked for once."""
        key = hashlib.sha256(np.asarray(history, dtype=np.int64).tobytes()).digest()
        if key not in self._answers:
            self._answers[key] = self._ask([*self.start, *map(int, history)])
        return self._answers[key]

    def _ask(self, ids):
        if not ids:
            raise ValueError(
                f"{self.server.url}: cannot predict the first token of a text, for a server needs something before it; "
                f"give the prompt some words, or start=, the tokens that stood before documents in training"
            )
        found = self._answered(ids)
        if found is None:  # the most probable token is part of a character: have it take a whole one, it tells as much
            whole = self._one()[-1]
            found = self._answered(ids, logit_bias={str(whole): 100})
            named = [one for one in found[1] if one.log_prob > HALF] if found else []
            if not found or any(whole == one.number or self._text_of(whole) == one.text for one in named):
                raise ValueError(
                    f"{self.server.url}: sends no logprobs of the one token that it is asked for where the most "
                    f"probable one is part of a character; current llama-server does, and vLLM"
                )
        return self._top(*found)

    def _answered(self, ids, **more):
        """What the server says of the token after ``ids``, which it is sent as they are where it takes them."""
        asked = {"model": self.name, "max_tokens": 1, "temperature": 0, "logprobs": self.k} | more
        asked |= {"return_tokens_as_token_ids": True}  # of vLLM: texts of tokens need not differ
        self.requests += 1
        if self._as_text is not True:
            try:
                answer, self._as_text = self.server.post(PATH, asked | {"prompt": ids}), False
                return read(answer, self.server.url, len(ids))
            except Refused as refusal:
                if self._as_text is False:  # it took others before: what it refuses is something else
                    raise self._explained(refusal, ids) from None
                first = refusal
        try:
            text = self.tokenizer.decode(ids, skip_special_tokens=False)
            answer, self._as_text = self.server.post(PATH, asked | {"prompt": text}), True
        except Refused as refusal:
            raise self._explained(refusal if self._as_text else first, ids) from None
        return read(answer, self.server.url, None)

    def _explained(self, refusal, ids):
        """The refusal, with what was asked and, where the server's words tell, what to do."""
        said = str(refusal).lower()
        fix = ""
        if "logprob" in said:
            fix = f"; ask for fewer (k, --logprobs), or start it with more (vLLM: --max-logprobs {self.k})"
        elif "context" in said:
            fix = "; give it shorter documents, or start it with a longer context (llama-server: -c)"
        return Refused(f"{refusal}, when asked for {self.k} logprobs after {len(ids)} tokens{fix}")

    def _top(self, where, named):
        """The most probable of the tokens that stand at ``where`` in an answer, by number, as many as are sure."""
        url, tokens, log_probs = self.server.url, [], []
        for number, text, value in sorted(named, key=lambda one: -one.log_prob)[: self.k]:
            if number is None:
                number = self._number_of(text)
            elif text and text != (own := self._text_of(number)) and "\ufffd" not in own:
                raise ValueError(
                    f"{url}: its token {number} is {text!r} and this tokenizer's {own!r}; give that of the model"
                )
            if number is None:  # a text that several tokens have: below it nothing is sure to be among the first
                break
            if not 0 <= number < self.vocabulary:
                raise ValueError(
                    f"{url}: sent token {number}, of {self.vocabulary:,} here; give the tokenizer of the model"
                )
            tokens.append(number)
            log_probs.append(value)
        if not tokens:
            raise ValueError(f"{url}: names its most probable token by a text that several have, so it cannot be told")
        try:
            return TopK(np.array(tokens), np.array(log_probs, dtype=np.float32), self.vocabulary)
        except ValueError as error:
            raise ValueError(f"{url}: sent {where}, which cannot be: {error}") from None

    def _one(self):
        """A token that ends a whole character, whatever stands before it."""
        return self.tokenizer.encode("a", add_special_tokens=False).ids

    def _text_of(self, number):
        """What a token adds to a text: alone, some would lose the space that they begin with."""
        if not 0 <= number < self.vocabulary:
            return ""
        before = self._one()
        texts = [self.tokenizer.decode(ids, skip_special_tokens=False) for ids in (before, [*before, number])]
        return texts[1][len(texts[0]) :]

    def _number_of(self, text):
        """The one token that reads so; None if there are several."""
        if self._by_text is None:
            self._by_text = {}
            for number in range(self.vocabulary):
                self._by_text.setdefault(self._text_of(number), []).append(number)
        found = self._by_text.get(text, [])
        if not found and text and "\ufffd" not in text:
            raise ValueError(
                f"{self.server.url}: sent the token {text!r}, which this tokenizer does not have; give its own one"
            )
        return found[0] if len(found) == 1 else None

    def _listed(self):
        """The name of the only model that the server lists."""
        try:
            names = [entry["id"] for entry in self.server.get("/v1/models")["data"]]
        except (Refused, KeyError, TypeError):
            return "default"  # llama-server takes any name
        if len(names) != 1:
            listed = ", ".join(map(str, names)) or "none"
            raise ValueError(f"{self.server.url}: lists the models {listed}; name one, as {self.server.url}#NAME")
        return names[0]

    def _agreed_start(self):
        """What the server puts before a text; nothing where it is silent, a ValueError if it cuts text otherwise."""
        own = self.tokenizer.encode(PROBE, add_special_tokens=False).ids
        asked = {"content": PROBE, "add_special": True}  # llama-server
        asked |= {"model": self.name, "prompt": PROBE, "add_special_tokens": True}  # vLLM
        try:
            theirs = self.server.post("/tokenize", asked)["tokens"]
        except (Refused, KeyError, TypeError):
            return []
        at = len(theirs) - len(own)
        for begin in (at, at - 1):  # some put a token behind a text too
            if begin >= 0 and theirs[begin : begin + len(own)] == own:
                return theirs[:begin]
        raise ValueError(
            f"{self.server.url}: cuts {PROBE[:20]!r}... into {len(theirs)} tokens ({theirs[:6]}...), this tokenizer "
            f"into {len(own)} ({own[:6]}...); specialists of different tokens cannot be combined"
        )


class _Following:
    def __init__(self, model):
        self.model, self.tokens = model, []

    @property
    def mute(self):
        """Whether nothing stands before the next token, so that the server has no prediction."""
        return not (self.model.start or self.tokens)

    def next(self):
        return self.model._sent(self.tokens)

    def hear(self, token):
        self.tokens.append(token)


def mixture_perplexity_bounds(specialists, log_probs, stream, weights=None):
    r"""Bounds of a mixture's perplexity on a text, where some specialists are served and send only their top k.

    Parameters
    ----------
    specialists : dict of str to model
        Those with ``top_k(tokens, document_starts)`` are bounded; of the others ``log_probs`` is exact.
    log_probs : array (N, T)
        What each specialist gave the tokens that came, float64; of served ones their estimate, which is not used.
    stream : Stream
        The text.
    weights : None or array (N,), default=None
        Weights on the simplex; ``None`` means ``1 / N`` each.

    Returns
    -------
    tuple of float
        The least and the most that the perplexity of the mixture can be.

    Raises
    ------
    ValueError
        If weights leave the simplex, or ``log_probs`` has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import Stream, mixture_perplexity_bounds
    >>> text = Stream(np.array([0, 1]), np.array([0]))
    >>> least, most = mixture_perplexity_bounds({"sea": None, "land": None}, np.log([[0.5, 0.2], [0.5, 0.3]]), text)
    >>> round(least, 2), round(most, 2)
    (2.83, 2.83)
    """
    n, log_probs = len(specialists), floats(log_probs, "log_probs")
    weights = check_weights(weights, n, like=np.zeros(n))
    if log_probs.shape != (n, len(stream.tokens)):
        raise ValueError(f"log_probs: expected shape {(n, len(stream.tokens))}, got {log_probs.shape}")
    ends = np.zeros((2, len(stream.tokens)))
    for model, row, weight in zip(specialists.values(), log_probs, weights, strict=True):
        if hasattr(model, "top_k"):
            bounds = mixture_target_bounds([model.top_k(stream.tokens, stream.document_starts)], stream.tokens)
            ends += weight * np.exp([bounds.lower, bounds.upper])
        else:
            ends += weight * np.exp(row)
    with np.errstate(divide="ignore", over="ignore"):
        low, high = np.exp(-np.log(ends).mean(axis=1))
    return float(high), float(low)
