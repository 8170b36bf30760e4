"""What it costs to ask specialists: six of them on real text, of whom only some are asked for each token."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

from mixbook.studies.federation.cost.keyword_router import KeywordRouter
from mixbook.studies.federation.cost.lru_directory import LRUDirectory
from mixlib.federation.combiners import FixedShare, Predictions, Router, log_probs_along, weights_along
from mixlib.federation.evaluation.significance import compare
from mixlib.federation.pools import mixture_combine, perplexity
from mixlib.federation.text import corpora
from mixlib.federation.text.specialists import Federation, stream_of
from mixlib.progress import followed

CHARACTERS = 4_000_000  # of each of the three kinds of text, so that every half of it has enough
KEPT = 900_000  # characters of a half
BUDGET = 150_000  # training tokens of a specialist
DOCUMENTS = 4  # test documents of a domain
DOUBTS = (0.6, 0.3, 0.15)
SHARE = 0.05  # of all that follow the text, so that they differ in whom they ask and in nothing else
SYSTEMS = {"six": (0, 1, 2, 3, 4, 5), "three": (0, 2, 4), "other three": (1, 3, 5)}  # of six_domains, by number
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


@dataclass(frozen=True)
class Routing:
    """Rules that ask some specialists for each token, on the same mixed text.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a system, seed, rule and setting: ``asks`` (specialists a token, on average) and ``perplexity``.
    log_probs : dict of str to dict of (rule, setting) to list of array (T,)
        By system: log-probabilities of the tokens that came, one array a seed.
    document_starts : dict of str to list of array
        By system, one array a seed.
    federation : Federation
        Of the last seed.
    """

    frame: pd.DataFrame
    log_probs: dict
    document_starts: dict
    federation: Federation

    def mean(self, system):
        """Asks and perplexity of every rule and setting in one system, means over seeds, and the deviation."""
        grouped = self.frame[self.frame["system"] == system].groupby(["rule", "setting"], sort=False)
        means = grouped[["asks", "perplexity"]].mean()
        return means.assign(sd=grouped["perplexity"].std())

    def scores(self, rule, setting, system="six"):
        """Perplexity of one rule by seed."""
        frame = self.frame.set_index(["system", "rule", "setting", "seed"]).sort_index()
        return frame.loc[(system, rule, setting), "perplexity"]

    def against(self, reference, rows, resamples=5_000):
        """Log-loss of rules minus that of ``reference``, with 95% interval, one row a system and rule.

        A rule that asks all but ``m`` is ``(rule, -m)``, for systems differ in size: the mixture of all is
        ``("mixture", 0)``. See :func:`mixlib.federation.compare`.
        """
        found = {}
        for system, log_probs in self.log_probs.items():
            n = max(setting for rule, setting in log_probs if rule == "mixture")
            keys = {row: (row[0], row[1] if row[1] > 0 else n + row[1]) for row in (reference, *rows)}
            chosen = {row: log_probs[key] for row, key in keys.items()}
            frame = compare(chosen, self.document_starts[system], reference, resamples=resamples)
            found[system] = frame.set_axis(pd.MultiIndex.from_tuples(frame.index))
        return pd.concat(found, names=["system", "rule", "setting"])


def routing(domains=None, seeds=(0, 1, 2), *, systems=None, budget=BUDGET, documents=DOCUMENTS, progress=None):
    """Perplexity on mixed text against how many specialists are asked for a token, over several seeds.

    Rules, by the past of the document alone; the ``setting`` is how many they ask, unless said otherwise:

    - ``"best so far"``: a :class:`mixlib.federation.Router` that asks the ``k`` best so far; one alone would stay the
      first that was asked, since nobody else is heard.
    - ``"one, or all"``: one that asks the best, and all when others hold more weight than a doubt, the setting; of
      more than three.
    - ``"keywords"``: a :class:`KeywordRouter`, and the uniform mixture of those asked.
    - ``"directory"``: an :class:`LRUDirectory` with ``k`` places; these two for ``k`` up to :func:`few`.
    - ``"by lot"``: the mixture of ``k`` drawn for each token; nothing is learned.
    - ``"mixture"`` and ``"fixed-share"``: of all. ``"best one"``: of all, only the leader by fixed-share is believed.
    - ``"one model"``: trained on the text of all domains of the largest system, one question a token.

    Parameters
    ----------
    domains : dict of str to list of Document, optional
        :func:`six_domains` by default.
    seeds : sequence of int
    systems : dict of str to sequence of int, optional
        Federations made of some of the specialists, tested on the documents of their domains; :data:`SYSTEMS` by
        default, and all specialists where ``domains`` are given.
    budget : int
        Training tokens of a specialist.
    documents : int
        Test documents of each domain, at most 8.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.

    Returns
    -------
    Routing

    Raises
    ------
    ValueError
        As :meth:`mixlib.federation.Federation.train`.
    """
    if systems is None:
        systems = SYSTEMS if domains is None else {"all": range(len(domains))}
    domains = six_domains() if domains is None else domains
    rows, log_probs, starts = [], {name: {} for name in systems}, {name: [] for name in systems}
    for seed in followed(seeds, progress, "routing", "seeds"):
        federation = Federation.train(domains, budget=budget, rng=seed)
        pooled = federation.pooled()
        for system, members in systems.items():
            test = _shortened(federation, documents, members)
            here = test.tokens, test.document_starts
            given = np.stack([federation.specialists[i].target_log_probs(*here) for i in members])
            starts[system].append(test.document_starts)
            rules = _by_rule(Predictions(given, test.document_starts), np.random.default_rng(seed))
            rules |= _by_keywords(federation, members, test, given)
            rules["one model", 1] = 1.0, pooled.target_log_probs(*here)
            for key, (asks, values) in rules.items():
                log_probs[system].setdefault(key, []).append(values)
                rows.append((system, seed, *key, asks, perplexity(values)))
    frame = pd.DataFrame(rows, columns=["system", "seed", "rule", "setting", "asks", "perplexity"])
    return Routing(frame, log_probs, starts, federation)


def cpu_times(makers, tokens, rounds=3):
    """CPU milliseconds a token of the first specialist, of all, and of pooling what they said, one row a kind of model.

    Parameters
    ----------
    makers : dict of str to sequence of model
        Specialists over one vocabulary, by kind.
    tokens : integer array (T,)
        A text to predict, whole distributions.
    rounds : int
        The least of so many counts, of each part.
    """
    rows = {}
    for kind, models in makers.items():
        taken = []
        for _ in range(rounds):
            marks, predicted = [process_time()], []
            for model in models:
                predicted.append(model.log_probs(tokens))
                marks.append(process_time())
            mixture_combine(np.stack(predicted))
            marks.append(process_time())
            taken.append([marks[1] - marks[0], marks[-2] - marks[0], marks[-1] - marks[-2]])
        rows[kind] = 1e3 * np.min(taken, axis=0) / len(tokens)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["one specialist", "all", "pooling"])


def _by_rule(text, rng):
    """Asks and log-probabilities ``(T,)`` of every rule that hears outcomes alone, by (rule, setting)."""
    given, n, out = text.log_probs, len(text.log_probs), {}
    combiners = {("best so far", k): Router(n, k, doubt=1, share=SHARE) for k in range(2, n)}
    combiners |= {("one, or all", doubt): Router(n, 1, doubt=doubt, share=SHARE) for doubt in DOUBTS if n > 3}
    combiners |= {("directory", k): LRUDirectory(n, k) for k in range(1, few(n) + 1)}
    for key, combiner in combiners.items():
        log_probs = log_probs_along(combiner, text)  # counts what it asks
        out[key] = combiner.cost, log_probs
    order = rng.permuted(np.tile(np.arange(n)[:, None], given.shape[1]), axis=0)
    out |= {("by lot", k): (float(k), _mixture_of(given, order < k)) for k in range(1, n)}
    weights = weights_along(FixedShare(n, SHARE), text)
    out["mixture", n] = float(n), _mixture_of(given, order < n)
    out["fixed-share", n] = float(n), np.log((weights * np.exp(given)).sum(axis=0))
    out["best one", n] = float(n), given[weights.argmax(axis=0), np.arange(given.shape[1])]
    return out


def _by_keywords(federation, members, test, given):
    spell = federation.tokenizer.decode
    router = KeywordRouter([spell(federation.training[i].tokens.tolist()) for i in members])
    pieces = [[spell([token]) for token in tokens.tolist()] for tokens in test.documents()]
    out = {}
    for k in range(1, few(len(members)) + 1):
        asked = np.concatenate([router.asked(document, k) for document in pieces], axis=1)
        out["keywords", k] = float(asked.sum(axis=0).mean()), _mixture_of(given, asked)
    return out


def few(n):
    """How many of ``n`` keyword router and directory ask at most: half of them, and of three two."""
    return (n + 1) // 2


def _mixture_of(given, asked):
    """Log-probabilities ``(T,)`` under the uniform mixture of those asked ``(N, T)``."""
    return np.logaddexp.reduce(np.where(asked, given, -np.inf)) - np.log(asked.sum(axis=0))


def _shortened(federation, documents, members):
    """The first so many test documents of each member's domain, in the order of the test."""
    taken = {federation.domains[i]: 0 for i in members}
    chosen = []
    for domain, tokens in zip(federation.test_domains, federation.test.documents(), strict=True):
        if domain in taken and taken[domain] < documents:
            taken[domain] += 1
            chosen.append(tokens)
    return stream_of(chosen)
