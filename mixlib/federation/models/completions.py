"""Answers of ``/v1/completions`` about one token: those that they name with logprobs, or what is wrong with them."""

from numbers import Real
from typing import NamedTuple

__all__ = []  # for the modules of this library

LOWEST = -9999.0  # what servers write for probability 0, or less
NUMBERED = "token_id:"  # vLLM's names of tokens, where asked for
ROUNDED = 1e-6  # how far above 0 a log-probability may be rounded
FIELD = "choices[0].logprobs"


class Named(NamedTuple):
    """A token as a server names it: by number, by text, or by both."""

    number: int | None
    text: str | None
    log_prob: float


def read(answer, url, asked):
    """The tokens that an answer names and where they stand in it; None if it names none, of a part of a character.

    ``asked`` is how many tokens the server was sent, None where it was sent text.

    Raises
    ------
    ValueError
        If it is no such answer, has no logprobs or impossible ones, or is about another text.
    """
    try:
        (choice,), usage = answer["choices"], answer.get("usage") or {}
        given = choice.get("logprobs")
        where, items = (FIELD, []) if given is None else _items(given)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise ValueError(f"{url}: its answer is none of /v1/completions; is it an OpenAI-compatible server?") from None
    if asked is not None and usage.get("prompt_tokens", asked) != asked:
        raise ValueError(f"{url}: was sent {asked} tokens and read {usage['prompt_tokens']}; it reads another text")
    # llama-server sends no logprobs of a part of a character, or goes on to its last part
    if usage.get("completion_tokens", 1) != 1 or (not items and "\ufffd" in str(choice.get("text"))):
        return None
    if not items:
        raise ValueError(
            f"{url}: sent no logprobs; vLLM and llama-server send them when asked, llama-cpp-python when started "
            f"with --logits_all true"
        )
    for field, one in items:
        if not isinstance(one.log_prob, Real) or isinstance(one.log_prob, bool) or not one.log_prob <= ROUNDED:
            raise ValueError(f"{url}: sent {field} as {one.log_prob!r}; a log-probability is a number of at most 0")
    return where, [Named(one.number, one.text, _clean(one.log_prob)) for _, one in items]


def _items(logprobs):
    """Where the tokens of the one position of an answer stand, and each with its own field."""
    if "content" in logprobs:  # llama-server
        where = f"{FIELD}.content[0].top_logprobs"
        listed = enumerate(logprobs["content"][0]["top_logprobs"])
        return where, [
            (f"{where}[{i}].logprob", Named(one.get("id"), one["token"], one["logprob"])) for i, one in listed
        ]
    where = f"{FIELD}.top_logprobs[0]"
    top = (logprobs.get("top_logprobs") or [None])[0] or {}
    if top and all(name.startswith(NUMBERED) for name in top):
        named = [Named(int(name.removeprefix(NUMBERED)), None, value) for name, value in top.items()]
    else:
        named = [Named(None, name, value) for name, value in top.items()]
    return where, [(f"{where}[{name!r}]", one) for name, one in zip(top, named, strict=True)]


def _clean(value):
    return min(float(value), 0.0) if value > LOWEST else -float("inf")
