"""``mixlib generate``: a text goes on, drawn from a mixture of specialists, with the share of each in every token."""

import argparse
import sys
from math import exp
from pathlib import Path

from mixlib.cli._shared import specialists as given
from mixlib.cli._shared.command import Command, check_file, check_folder, whole_number, write_json
from mixlib.cli._shared.specialists import say
from mixlib.cli._shared.terminal import coloured, harmless, in_a_line, in_colour

CONSTANT = "mixture"
FITTED = ("em-weights", "learned-gate")  # of the combiners that are mixtures
RULES = ("fixed-share", CONSTANT, "bayes-posterior", "entropy-weights", "router", *FITTED)
BUDGET = 200_000  # training tokens of a specialist: enough to be told apart, read in seconds


def add_options(command):
    """Add the options to the parser."""
    command.add_argument("prompt", nargs="?", default="", help="what to go on from (default: nothing)")
    command.add_argument("--prompt-file", metavar="PATH", help="a text file to go on from, - for standard input")
    command.add_argument(
        "--specialist",
        action="append",
        default=[],
        metavar="[NAME=]FOLDER|URL",
        help="a folder that evaluate --save wrote, a local Hugging Face model, or an OpenAI-compatible server, "
        "http://host:port[#MODEL]; repeat it, at least twice; all must share one tokenizer",
    )
    command.add_argument(
        "--domain",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="train a specialist on this folder or file first; repeat it, at least twice (default, without "
        "--specialist: prose, Python and C++ from what is installed)",
    )
    command.add_argument("--order", type=whole_number(1), default=4, metavar="N", help="longest n-gram (default: 4)")
    command.add_argument(
        "--vocabulary", type=whole_number(256), default=2048, metavar="N", help="tokens (default: 2048)"
    )
    command.add_argument("--tokens", type=whole_number(0), default=100, metavar="N", help="at most (default: 100)")
    command.add_argument(
        "--stop", action="append", default=[], metavar="TEXT", help="end once the text holds this; repeatable"
    )
    command.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="draws the tokens (default: 0)")
    command.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        metavar="T",
        help="of the mixture; 0 takes the most probable token (default: 1)",
    )
    command.add_argument("--top-k", type=whole_number(1), metavar="K", help="draw from so many tokens of the mixture")
    command.add_argument("--top-p", type=float, default=1.0, metavar="P", help="from those that hold so much of it")
    command.add_argument(
        "--combiner",
        choices=RULES,
        metavar="RULE",
        help=f"how weights follow the text: {', '.join(RULES)} (default: fixed-share; mixture, which is constant, with "
        "--weights)",
    )
    command.add_argument(
        "--weights",
        type=float,
        nargs="+",
        metavar="W",
        help="one a specialist, in their order, summing to 1: constant, or where fixed-share and bayes-posterior begin",
    )
    command.add_argument("--fit", metavar="PATH", help=f"text that {' and '.join(FITTED)} learn from")
    given.add_options(command)
    command.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="in the terminal (default: auto)"
    )
    command.add_argument(
        "--table",
        action=argparse.BooleanOptionalAction,
        help="a line a token with all shares (default: where there are no colours)",
    )
    command.add_argument(
        "--json", nargs="?", const="-", metavar="PATH", help="write all of it there; without PATH, print it as JSON"
    )
    command.add_argument(
        "--html", metavar="PATH", help="write a page that stands alone, with the account of each token"
    )
    command.add_argument("--trace", metavar="PATH", help="write the account as JSON lines, for mixlib audit")
    command.add_argument("--force", action="store_true", help="replace results that are there already")


def run(arguments):
    """Load or train, draw, and show."""
    _check(arguments)
    prompt = _prompt(arguments)

    from mixlib.federation import generate
    from mixlib.federation.generation import check_settings, pieces_along

    check_settings(arguments.temperature, arguments.top_k, arguments.top_p)
    paths = given.named(arguments.specialist) if arguments.specialist else None
    _check_weights(arguments.weights)
    models, tokenizer, validation = _given(arguments, paths, prompt) if paths else _trained(arguments)
    if arguments.html:
        from mixlib.cli._shared.generation_page import check_size, generation_page

        check_size(models, arguments.tokens)
    combiner, weights = _rule(arguments, models, validation)
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    if not ids and arguments.tokens:
        given.check_starts(models)
    live = _Live(arguments, tokenizer, tuple(models), prompt, ids)
    made = generate(
        models,
        ids,
        most=arguments.tokens,
        combiner=combiner,
        weights=weights,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        top_p=arguments.top_p,
        end_tokens=_end_tokens(models),
        until=live.until,
        rng=arguments.seed,
        progress=False if live.colour else None,  # the text itself is what moves
    )
    pieces = pieces_along(tokenizer, made.tokens, ids)
    live.finish(made, pieces)
    record = _record(arguments, models, paths, prompt, made, pieces)
    if arguments.json:
        write_json(record, arguments.json)
    if arguments.trace:
        from mixlib.federation import write_trace

        seal = write_trace(arguments.trace, made.attribution.records())
        say(f"wrote {arguments.trace}; its seal, for mixlib audit --seal: {seal}")
    if arguments.html:
        from mixlib.web.page import write_page

        write_page(arguments.html, generation_page(record, made, pieces))
        say(f"wrote {arguments.html}")
    return 0


def _check(arguments):
    """Say before the work begins what is wrong with the line."""
    if arguments.prompt and arguments.prompt_file:
        raise ValueError("--prompt-file: is another text than the one on the line; give one of them")
    if arguments.specialist and arguments.domain:
        raise ValueError("--domain: trains specialists, and --specialist gives them; use one of both")
    if arguments.combiner in FITTED and arguments.specialist and not arguments.fit:
        raise ValueError(f"--combiner: {arguments.combiner} learns from text; add --fit PATH")
    if arguments.fit and arguments.combiner not in FITTED:
        raise ValueError(f"--fit: only {' and '.join(FITTED)} learn from it; add --combiner {FITTED[0]}")
    if arguments.fit:
        check_file(arguments.fit)
    if any(not text for text in arguments.stop):
        raise ValueError("--stop: expected a text, got an empty one")
    if arguments.weights and arguments.combiner not in (None, CONSTANT, "fixed-share", "bayes-posterior"):
        raise ValueError(f"--weights: {arguments.combiner} finds its own; leave one of both out")
    for option, path in (("--json", arguments.json), ("--html", arguments.html), ("--trace", arguments.trace)):
        if not path:
            continue
        if path == "-" and option != "--json":
            raise ValueError(f"{option}: - is standard output, where the text goes; name a file")
        check_folder(path)
        if path != "-" and Path(path).is_file() and not arguments.force:
            raise ValueError(f"{path}: is there already; name another with {option}, or add --force to replace it")


def _check_weights(weights):
    import numpy as np

    from mixlib.simplex import check_weights

    if weights:
        try:
            check_weights(weights, len(weights), like=np.zeros(1))
        except ValueError as error:
            raise ValueError(f"--{error}") from None


def _prompt(arguments):
    if arguments.prompt_file is None:
        return arguments.prompt
    if arguments.prompt_file == "-":
        content = sys.stdin.buffer.read()
    else:
        check_file(arguments.prompt_file)
        content = Path(arguments.prompt_file).read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"--prompt-file: {arguments.prompt_file} is not UTF-8 at byte {error.start}") from None


def _given(arguments, paths, prompt):
    from mixlib.federation import check_tokenizers, encode_text, read_texts

    models, tokenizer, tokenizers = given.load(paths, arguments, say)
    texts = read_texts([arguments.fit]) if arguments.fit else []
    check_tokenizers(tokenizers, "\n".join([prompt, *texts]))
    return models, tokenizer, encode_text(tokenizer, texts) if texts else None


def _trained(arguments):
    from mixlib.federation import Federation, encode_text, read_texts
    from mixlib.federation.text import corpora

    domains = given.domains(arguments.domain)
    documents = corpora.from_files(domains) if domains else corpora.installed()
    say(f"training specialists of {', '.join(documents)}; mixlib evaluate --save FOLDER keeps such ones")
    sizes = {"order": arguments.order, "vocabulary": arguments.vocabulary, "budget": BUDGET}
    federation = Federation.train(documents, **sizes, rng=arguments.seed)
    fit = federation.validation
    if arguments.fit:
        fit = encode_text(federation.tokenizer, read_texts([arguments.fit]))
    return dict(zip(federation.domains, federation.specialists, strict=True)), federation.tokenizer, fit


def _rule(arguments, models, validation):
    """The combiner and the constant weights, one of which is None."""
    from mixlib.federation import Predictions
    from mixlib.federation.combiners import COMBINERS

    name, weights = arguments.combiner or (CONSTANT if arguments.weights else "fixed-share"), arguments.weights
    if weights and len(weights) != len(models):
        raise ValueError(f"--weights: got {len(weights)} for {len(models)} specialists ({', '.join(models)})")
    if name == CONSTANT:
        return None, weights
    kind = COMBINERS[name]
    if name in FITTED:
        say(f"fitting {name} to {len(validation.tokens):,} tokens")
        return kind.for_comparison(len(models), Predictions.of(list(models.values()), validation)), None
    return (kind(len(models), prior=weights) if weights else kind(len(models))), None


def _end_tokens(models):
    """Tokens by which models say that a document is over."""
    ends = set()
    for model in models.values():
        end = getattr(getattr(getattr(model, "network", None), "config", None), "eos_token_id", None)
        ends |= {end} if isinstance(end, int) else set(end or ())
    return ends


class _Live:
    """What is shown: in colour while the text grows, otherwise at its end."""

    def __init__(self, arguments, tokenizer, names, prompt, ids):
        from mixlib.federation.generation import Pieces

        self.arguments, self.tokenizer, self.names, self.prompt = arguments, tokenizer, names, prompt
        self.silent = arguments.json == "-"
        self.colour = not self.silent and in_colour(sys.stdout, arguments.color)
        self.grown = Pieces(tokenizer, ids)
        if self.colour:
            print(harmless(prompt), end="", flush=True)

    def until(self, steps):
        """Whether the continuation holds what should end it; shows its last token."""
        if self.colour:
            step = steps[-1]
            who = max(range(len(self.names)), key=lambda i: step.weights[i] * exp(step.log_probs[i]))
            print(coloured(self.grown.add(step.token), who), end="", flush=True)
        if not self.arguments.stop:
            return False
        text = self.tokenizer.decode([step.token for step in steps], skip_special_tokens=False)
        return any(stop in text for stop in self.arguments.stop)

    def finish(self, made, pieces):
        """Print the text, who carried it and, where asked for, every share."""
        if self.silent:
            return
        print("" if self.colour else harmless(self.prompt) + "".join(map(harmless, pieces)))
        if not pieces:
            print("\nno token was asked for")
            return
        means = made.shares.mean(axis=1)
        legend = [
            f"{coloured(name, i) if self.colour else name} {mean:.0%}"
            for i, (name, mean) in enumerate(zip(self.names, means, strict=True))
        ]
        exact = "" if made.exact else ", at the estimate of those that send only their top k"
        print(f"\nshare of each: {', '.join(legend)}, over {len(pieces)} tokens{exact}; ended by {made.ended}")
        if self.arguments.table or (self.arguments.table is None and not self.colour):
            self._table(made, pieces)

    def _table(self, made, pieces):
        width = max([5, *(len(in_a_line(piece)) for piece in pieces)])
        columns = [max(len(name), 5 if made.exact else 12) for name in self.names]
        print("\n" + "token".ljust(width), *(n.rjust(c) for n, c in zip(self.names, columns, strict=True)))
        for t, piece in enumerate(pieces):
            cells = (_share(made, i, t).rjust(column) for i, column in enumerate(columns))
            print(in_a_line(piece).ljust(width), *cells)


def _share(made, i, t):
    if made.exact or made.most[i, t] - made.least[i, t] < 5e-4:
        return f"{made.shares[i, t]:.3f}"
    return f"{made.least[i, t]:.3f}..{made.most[i, t]:.3f}"


def _record(arguments, models, paths, prompt, made, pieces):
    about = {n: {"kind": model.kind} | ({"path": str(paths[n])} if paths else {}) for n, model in models.items()}
    settings = {
        "specialists": about,
        "combiner": arguments.combiner or (CONSTANT if arguments.weights else "fixed-share"),
        "weights": arguments.weights,
        **{name: getattr(arguments, name) for name in ("seed", "temperature", "top_k", "top_p", "tokens", "stop")},
    }
    texts = {"prompt": prompt, "text": "".join(pieces), "exact": made.exact}
    return {"settings": settings, **texts, **{k: v for k, v in made.to_dict(pieces).items() if k != "prompt"}}


COMMAND = Command(
    summary="continue a text from a mixture of specialists, with the share of each one in every token",
    examples=(
        'mixlib generate "def main(" --tokens 60 --seed 1',
        'mixlib generate "Once" --domain sea=~/sea --domain land=~/land --temperature .8 --top-p .9 --html sea.html',
        'mixlib generate "if (" --specialist specialists/python --specialist specialists/c++ --weights .3 .7 --json',
        'mixlib generate "The" --specialist models/own --specialist big=http://127.0.0.1:8000 --tokenizer models/own',
    ),
    add_options=add_options,
    run=run,
)
