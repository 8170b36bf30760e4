"""What it costs to ask specialists: six of them on real text, of whom only some are asked for each token."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from mixlib.federation.combiners import FixedShare, Predictions, Router, log_probs_along
from mixlib.federation.pools import perplexity
from mixlib.federation.text import corpora
from mixlib.federation.text.specialists import Federation, stream_of
from mixlib.progress import followed

CHARACTERS = 4_000_000  # of each of the three kinds of text, so that every half of it has enough
KEPT = 900_000  # characters of a half
BUDGET = 150_000  # training tokens of a specialist
DOCUMENTS = 3  # test documents of a domain
DOUBTS = (0.6, 0.3, 0.15)
SHARE = 0.05  # of all that follow the text, so that they differ in whom they ask and in nothing else
NETWORK = ("asyncio", "email", "ftplib", "html", "http", "imaplib", "json", "urllib", "wsgiref", "xml", "xmlrpc")
OWN = ("ATen", "c10", "caffe2", "torch")  # folders of PyTorch's headers that are not another project's


def six_domains(characters=CHARACTERS, kept=KEPT, rng=0):
    """The text of every installation, each of its three kinds cut in two by where a file comes from.

    Prose of PyTorch and of the rest; Python for networks and their formats, and the rest; C++ of PyTorch, and of the
    libraries that it brings along. ``kept`` characters of each are used.

    Returns
    -------
    dict of str to list of Document
    """
    torch = Path(find_spec("torch").origin).parent
    halves = {
        "prose": ("PyTorch prose", "other prose", lambda source: (torch / source).exists()),
        "python": ("network Python", "other Python", lambda source: source.split("/")[0].split(".")[0] in NETWORK),
        "c++": ("PyTorch C++", "other C++", lambda source: source.split("/")[0] in OWN),
    }
    domains = {}
    for kind, documents in corpora.installed(characters, rng).items():
        first, second, belongs = halves[kind]
        for name, wanted in ((first, True), (second, False)):
            ours = [replace(d, domain=name) for d in documents if belongs(d.source) == wanted]
            total = np.cumsum([len(d.text) for d in ours])
            domains[name] = ours[: int(np.searchsorted(total, kept)) + 1]
    return domains


def routing(domains=None, seeds=(0, 1, 2), *, doubts=DOUBTS, budget=BUDGET, documents=DOCUMENTS, progress=None):
    """Perplexity on mixed text against how many specialists are asked for a token, over several seeds.

    - ``"always k"``: a :class:`mixlib.federation.Router` that asks the ``k`` best so far, ``k`` = 1 to ``N - 1``.
    - ``"one, or all in doubt"``: one that asks the best, and all when others hold more weight than ``doubt``.
    - ``"k at random"``: the mixture of ``k`` drawn for each token, ``k`` = 1 to ``N - 1``; nothing is learned.
    - ``"mixture"`` and ``"fixed-share"``: of all ``N``.
    - ``"one model"``: trained on the text of all domains, one question a token.

    Parameters
    ----------
    domains : dict of str to list of Document, optional
        :func:`six_domains` by default.
    seeds : sequence of int
    doubts : sequence of float
    budget : int
        Training tokens of a specialist.
    documents : int
        Test documents of each domain, at most 8.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    pandas.DataFrame
        One row a rule and seed: ``seed``, ``rule``, ``asks`` (specialists a token, on average), ``perplexity``.

    Raises
    ------
    ValueError
        As :meth:`mixlib.federation.Federation.train`.
    """
    domains = six_domains() if domains is None else domains
    rows = []
    for seed in followed(seeds, progress, "routing", "seeds"):
        federation = Federation.train(domains, budget=budget, rng=seed)
        test = _shortened(federation, documents)
        text = Predictions(
            np.stack([s.target_log_probs(test.tokens, test.document_starts) for s in federation.specialists]),
            test.document_starts,
        )
        pooled = federation.pooled().target_log_probs(test.tokens, test.document_starts)
        rows += [(seed, "one model", 1.0, perplexity(pooled))]
        rows += [(seed, *row) for row in _by_rule(text, doubts, np.random.default_rng(seed))]
    return pd.DataFrame(rows, columns=["seed", "rule", "asks", "perplexity"])


def _by_rule(text, doubts, rng):
    n = len(text.log_probs)
    routers = [("always k", Router(n, k, doubt=1, share=SHARE)) for k in range(1, n)]
    routers += [("one, or all in doubt", Router(n, 1, doubt=doubt, share=SHARE)) for doubt in doubts]
    for rule, router in routers:
        log_probs = log_probs_along(router, text)
        yield rule, router.cost, perplexity(log_probs)
    order = rng.permuted(np.tile(np.arange(n)[:, None], text.log_probs.shape[1]), axis=0)
    for k in range(1, n + 1):
        asked = np.where(order < k, text.log_probs, -np.inf)
        yield "k at random" if k < n else "mixture", float(k), perplexity(np.logaddexp.reduce(asked) - np.log(k))
    yield "fixed-share", float(n), perplexity(log_probs_along(FixedShare(n, SHARE), text))


def _shortened(federation, documents):
    """The first so many test documents of each domain, in the order of the test."""
    taken = dict.fromkeys(federation.domains, 0)
    chosen = []
    for domain, tokens in zip(federation.test_domains, federation.test.documents(), strict=True):
        taken[domain] += 1
        if taken[domain] <= documents:
            chosen.append(tokens)
    return stream_of(chosen)
