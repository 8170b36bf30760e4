"""What this machine's processor needs: for the paths next to its roofs, and for combining next to predicting."""

import math
from functools import partial
from time import process_time

import numpy as np
import pandas as pd
import torch
from torch import nn

from mixbook.studies.federation.gpu.agreement import CALLS, arguments
from mixbook.studies.federation.gpu.traffic import PATHS, moved
from mixlib.federation import Federation, GRULanguageModel, mixture_combine, product_combine
from mixlib.federation.text import corpora

CHARACTERS, BUDGET = 1_500_000, 300_000  # of text, and training tokens of an n-gram specialist
WIDTH, LAYERS, HEADS = 512, 8, 8  # of the transformer
SMALL, LARGE = 2**11, 2**15  # tokens in the vocabulary
LOOKS_UP = "stored table"  # of a row for each last token: it computes nothing, so it is no part of the criterion


def roofs(positions, specialists, outcomes):
    """Milliseconds of each path next to copying its bytes and to one exponential a logit, on one thread, in float32.

    Returns
    -------
    pandas.DataFrame
        A row a path; ``attrs`` has the measured ``bytes_a_second`` and ``exponentials_a_second``.
    """
    rng = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(specialists, positions, outcomes, generator=rng)
    targets = torch.randint(outcomes, (positions,), generator=rng)
    room, few = torch.empty_like(logits), torch.randn(2**15, generator=rng)
    powers = torch.empty_like(few)
    calls = {"copy": lambda: room.copy_(logits), "exp": lambda: [torch.exp(few, out=powers) for _ in range(32)]}
    taken = in_turn(calls | {path: partial(CALLS[path], *arguments(path, logits, targets)) for path in PATHS})
    copied, raised = 2 * 4 * logits.numel() / taken.pop("copy"), 32 * few.numel() / taken.pop("exp")
    rows = pd.DataFrame({"measured": pd.Series(taken) * 1e3}).rename_axis("path")
    rows.insert(0, "copying as many bytes", 1e3 * moved(positions, specialists, outcomes, 4)["least"] / copied)
    rows.insert(1, "as many exponentials", 1e3 * logits.numel() / raised)
    rows.attrs = {"bytes_a_second": copied, "exponentials_a_second": raised}
    return rows


def combining(seeds, positions=256):
    """CPU microseconds a token of one specialist (the mean of three), and of the two ways to combine three of them.

    Of a combiner the quicker of two forms counts: the library's, which checks every row, and torch's plain one. A seed
    draws the stretch of text that the n-grams read, and text and weights of the networks.

    Returns
    -------
    pandas.DataFrame
        A row a kind of specialist and seed: columns ``tokens`` of the vocabulary, ``specialist``, ``mixture``,
        ``product``.
    """
    trained, rows = Federation.train(corpora.installed(CHARACTERS), vocabulary=SMALL, budget=BUDGET, rng=0), {}
    for seed in seeds:
        text = trained.test.tokens[seed * positions : (seed + 1) * positions]
        ngrams = [partial(one.log_probs, text) for one in trained.specialists]
        for name, predict in ({"n-gram": ngrams} | networks(seed, positions)).items():
            log_probs = np.stack([one() for one in predict] * (3 // len(predict)))
            tensor = torch.tensor(log_probs)
            taken = in_turn(
                {("specialist", i): one for i, one in enumerate(predict)}
                | {("mixture", "library"): partial(mixture_combine, log_probs)}
                | {("mixture", "plain"): lambda x=tensor: torch.logsumexp(x, 0) - math.log(3)}
                | {("product", "library"): partial(product_combine, log_probs)}
                | {("product", "plain"): lambda x=tensor: torch.log_softmax(x.sum(0), -1)}
            )
            taken = pd.Series(taken) * 1e6 / log_probs.shape[1]
            each = {"specialist": taken["specialist"].mean()}
            each |= {way: taken[way].min() for way in ("mixture", "product")}
            rows[name, seed] = {"tokens": log_probs.shape[-1]} | each
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["specialists", "seed"])


def networks(seed, positions):
    """Name to a list of one function without arguments, which predicts every token of a text: (T, V).

    A network takes the same time whatever its weights are, so these are as they were drawn.
    """
    rng = np.random.default_rng(seed)
    drawn, stored = rng.integers(LARGE, size=positions), np.full((SMALL, SMALL), -np.log(SMALL), dtype=np.float32)
    few = drawn[: positions // 4]  # of the networks with many tokens, which take long
    return {
        "GRU": [partial(GRULanguageModel(SMALL, rng=seed).log_probs, drawn % SMALL)],
        "GRU with many tokens": [partial(GRULanguageModel(LARGE, rng=seed).log_probs, few)],
        "transformer with many tokens": [transformer(seed, few)],
        LOOKS_UP: [lambda: stored[drawn % SMALL]],
    }


def transformer(seed, tokens):
    """A function that runs a decoder with random weights over the tokens and returns log-probabilities (T, V)."""
    torch.manual_seed(seed)
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, dropout=0.0, batch_first=True, norm_first=True)
    network = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False).eval()
    embedding, head = nn.Embedding(LARGE, WIDTH), nn.Linear(WIDTH, LARGE)
    given, mask = torch.tensor(tokens)[None], nn.Transformer.generate_square_subsequent_mask(len(tokens))

    @torch.no_grad()
    def predict():
        return head(network(embedding(given), mask=mask, is_causal=True))[0].log_softmax(-1).numpy()

    return predict


def in_turn(calls, seconds=0.3, least=3):
    """The least CPU seconds of each call: three rounds or more, after one that compiles, in which they take turns."""
    best, spent, rounds = dict.fromkeys(calls, math.inf), 0.0, -1
    while rounds < least or spent < seconds:
        for name, call in calls.items():
            start = process_time()
            call()
            taken = process_time() - start
            if rounds >= 0:
                best[name], spent = min(best[name], taken), spent + taken
        rounds += 1
    return best
