"""``mixlib generate``: a text goes on, drawn from a mixture of specialists, with the share of each in every token."""

import argparse
import sys
from pathlib import Path

from mixlib.cli._shared import pools
from mixlib.cli._shared import specialists as given
from mixlib.cli._shared.command import (
    STOPPED,
    Command,
    check_file,
    check_folder,
    is_interrupt,
    whole_number,
    write_json,
)
from mixlib.cli._shared.pools import FITTED, RULES
from mixlib.cli._shared.specialists import say

EXPECTED = (ValueError, OSError)  # said in a line; what else cuts a text off ends with its traceback
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

    from mixlib.cli._shared.generation_text import Shown
    from mixlib.federation.generation import Drawing, check_settings
    from mixlib.federation.text.pieces import pieces_along

    settings = {name: getattr(arguments, name) for name in ("temperature", "top_k", "top_p")}
    check_settings(**settings)
    paths = given.named(arguments.specialist) if arguments.specialist else None
    domains = given.domains(arguments.domain)
    pools.check_weights(arguments.weights)
    if arguments.html:
        from mixlib.cli._shared.generation_page import check_size

        check_size(len(paths or domains), arguments.tokens)
    models, tokenizer, validation = _given(arguments, paths, prompt) if paths else _trained(arguments, domains)
    combiner = pools.pool(pools.rule_of(arguments), arguments.weights, models, validation)
    constant = arguments.weights if combiner is None else None
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    if not ids and arguments.tokens:
        given.check_starts(models)
    about = _settings(arguments, models, paths, pools.parameters(combiner, constant, tuple(models)))
    shown = Shown(arguments, tokenizer, tuple(models), prompt, ids)
    drawing = Drawing(models, ids, combiner=combiner, weights=constant, **settings, rng=arguments.seed)
    ended, cut = _drawn(
        drawing,
        arguments.tokens,
        end_tokens=_end_tokens(models),
        until=_until(arguments.stop, tokenizer, shown),
        progress=False if shown.colour else None,  # the text itself is what moves
    )
    why = _said(cut)
    made = drawing.result(ended)
    pieces = pieces_along(tokenizer, made.tokens, ids)
    shown.finish(made, pieces)
    texts = {"prompt": prompt, "text": "".join(pieces), "exact": made.exact} | ({"error": why} if why else {})
    _write(arguments, {"settings": about, **made.to_dict(pieces), **texts}, made, pieces)
    if why:
        say(f"mixlib generate: ended early, after {len(pieces):,} of {arguments.tokens:,} tokens: {why}")
    if cut is None or is_interrupt(cut):
        return STOPPED if cut else 0
    if not isinstance(cut, EXPECTED):
        raise cut
    return 2


def _drawn(drawing, most, **options):
    """Why the text ended, and the error that cut it off or None: what was drawn before is kept."""
    try:
        return drawing.run(most, **options), None
    except BrokenPipeError:  # the reader of our output has seen enough
        raise
    except (KeyboardInterrupt, Exception) as error:
        if not drawing.steps:
            raise
        return "interrupt" if is_interrupt(error) else "error", error


def _said(cut):
    """An error in words, with its kind where it is none that a user's input explains."""
    if cut is None or is_interrupt(cut):
        return cut and "stopped by Ctrl-C"
    return str(cut) if isinstance(cut, EXPECTED) else f"{type(cut).__name__}: {cut}"


def _write(arguments, record, made, pieces):
    if arguments.json:
        write_json(record, arguments.json)
    if arguments.trace:
        from mixlib.federation import write_trace

        seal = write_trace(arguments.trace, made.attribution.records())
        say(f"wrote {arguments.trace}; its seal, for mixlib audit --seal: {seal}")
    if arguments.html:
        from mixlib.cli._shared.generation_page import generation_page
        from mixlib.web.page import write_page

        write_page(arguments.html, generation_page(record, made, pieces))
        say(f"wrote {arguments.html}")


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
    if arguments.weights and arguments.combiner not in (None, *pools.FROM_WEIGHTS):
        raise ValueError(f"--weights: {arguments.combiner} finds its own; leave one of both out")
    for option, path in (("--json", arguments.json), ("--html", arguments.html), ("--trace", arguments.trace)):
        if not path:
            continue
        if path == "-" and option != "--json":
            raise ValueError(f"{option}: - is standard output, where the text goes; name a file")
        check_folder(path)
        if path != "-" and Path(path).is_file() and not arguments.force:
            raise ValueError(f"{path}: is there already; name another with {option}, or add --force to replace it")


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


def _trained(arguments, domains):
    from mixlib.federation import Federation, encode_text, read_texts
    from mixlib.federation.text import corpora

    documents = corpora.from_files(domains) if domains else corpora.installed()
    say(f"training specialists of {', '.join(documents)}; mixlib evaluate --save FOLDER keeps such ones")
    sizes = {"order": arguments.order, "vocabulary": arguments.vocabulary, "budget": BUDGET}
    federation = Federation.train(documents, **sizes, rng=arguments.seed)
    fit = federation.validation
    if arguments.fit:
        fit = encode_text(federation.tokenizer, read_texts([arguments.fit]))
    return dict(zip(federation.domains, federation.specialists, strict=True)), federation.tokenizer, fit


def _end_tokens(models):
    """Tokens by which models say that a document is over."""
    ends = set()
    for model in models.values():
        end = getattr(getattr(getattr(model, "network", None), "config", None), "eos_token_id", None)
        ends |= {end} if isinstance(end, int) else set(end or ())
    return ends


def _until(stops, tokenizer, shown):
    """What shows each token, and tells whether the continuation holds what should end it."""

    def until(steps):
        shown.add(steps[-1])
        text = tokenizer.decode([step.token for step in steps], skip_special_tokens=False) if stops else ""
        return any(stop in text for stop in stops)

    return until


def _settings(arguments, models, paths, parameters):
    about = {n: {"kind": model.kind} | ({"path": str(paths[n])} if paths else {}) for n, model in models.items()}
    names = ("weights", "seed", "temperature", "top_k", "top_p", "tokens", "stop")
    return {
        "specialists": about,
        "combiner": pools.rule_of(arguments),
        "parameters": parameters,
        **{name: getattr(arguments, name) for name in names},
    }


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
