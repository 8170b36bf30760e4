"""``mixlib evaluate``: specialists trained on text domains, or given ones on given text, and every way to pool them."""

import time
from pathlib import Path

from mixlib.cli._shared import specialists as given
from mixlib.cli._shared.command import Command, check_folder, check_report, plain_table, whole_number, write_json
from mixlib.cli._shared.specialists import say
from mixlib.web.page import whole


def add_options(command):
    """Add the options to the parser."""
    command.add_argument(
        "--domain",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a folder or text file of one domain; repeat it, at least twice, and the same name adds a path "
        "(default: prose, Python and C++ from what is installed; C instead of C++ without torch)",
    )
    command.add_argument(
        "--seeds", type=whole_number(0), nargs="+", default=[0, 1, 2], metavar="N", help="default: 0 1 2"
    )
    command.add_argument("--order", type=whole_number(1), default=4, metavar="N", help="longest n-gram (default: 4)")
    command.add_argument(
        "--vocabulary", type=whole_number(256), default=2048, metavar="N", help="tokens (default: 2048)"
    )
    command.add_argument(
        "--save",
        metavar="FOLDER",
        help="write the first seed's specialists there, a folder each, and its held-out text, for --specialist",
    )
    command.add_argument(
        "--gru",
        type=whole_number(1),
        metavar="STEPS",
        help="with --save: also train a recurrent network on each domain, so long",
    )
    command.add_argument(
        "--specialist",
        action="append",
        default=[],
        metavar="[NAME=]FOLDER|URL",
        help="train nothing, score this one: a folder that --save wrote, a local Hugging Face model, or an "
        "OpenAI-compatible server, http://host:port[#MODEL]; repeat it, at least twice; all must share one tokenizer",
    )
    command.add_argument(
        "--text",
        action="append",
        default=[],
        metavar="PATH",
        help="what to score given specialists on: a file is one document, a folder gives its files; repeatable",
    )
    command.add_argument("--fit", metavar="PATH", help="validation text for given specialists: adds fitted weights")
    given.add_options(command)
    command.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="PATH",
        default="evaluation.json",
        help="where the results go; without PATH, standard output instead of the tables (default: %(default)s)",
    )
    command.add_argument(
        "--trace",
        metavar="PATH",
        default="attribution.jsonl",
        help="where the attribution of every token goes, as JSON lines (default: %(default)s)",
    )
    command.add_argument(
        "--report",
        metavar="PATH",
        help="also write all of it as a page that stands alone, with figures, intervals and what to use",
    )
    command.add_argument("--force", action="store_true", help="replace results that are there already")


def run(arguments):
    """Train or load, score, and write the results."""
    if arguments.specialist and (arguments.domain or arguments.save):
        raise ValueError("--specialist: is given what --domain and --save make; leave those out")
    if bool(arguments.specialist) != bool(arguments.text):
        missing, given = ("--text", "--specialist") if arguments.specialist else ("--specialist", "--text")
        raise ValueError(f"{missing}: is missing; {given} needs it")
    if arguments.gru is not None and not arguments.save:
        raise ValueError("--gru: the networks would be lost; add --save FOLDER")
    if arguments.gru is not None:
        from mixlib.federation import GRULanguageModel  # noqa: F401 - says before the work begins what is missing
    _check_outputs(arguments)
    return (_given if arguments.specialist else _trained)(arguments)


def _check_outputs(arguments):
    """Say before the work begins what its results could not be written to, or would replace."""
    if arguments.trace == "-":
        raise ValueError("--trace: - is standard output, where the results go; name a file")
    if arguments.report:
        check_report(arguments.report)
    outputs = {"--json": arguments.json, "--trace": arguments.trace}
    outputs |= {"--report": arguments.report} if arguments.report else {}
    for option, path in outputs.items():
        check_folder(path)
        if path != "-" and Path(path).is_file() and not arguments.force:
            raise ValueError(f"{path}: is there already; name another with {option}, or add --force to replace it")
    inputs = {Path(path).expanduser().resolve() for path in (*arguments.text, arguments.fit) if path}
    files = [Path(path).resolve() for path in outputs.values() if path != "-" and not Path(path).is_char_device()]
    if len({*files, *inputs}) < len(files) + len(inputs):
        raise ValueError(f"{', '.join(outputs)}: expected different files, other than the text")
    if save := arguments.save and Path(arguments.save):
        if not save.is_dir():
            check_folder(save)
        elif any(save.iterdir()) and not arguments.force:
            raise ValueError(f"{save}: holds files already; name another folder with --save, or add --force")


def _trained(arguments):
    domains = given.domains(arguments.domain)

    from mixlib.federation import evaluate

    result = evaluate(
        domains or None, arguments.seeds, order=arguments.order, vocabulary=arguments.vocabulary, progress=say
    )
    say("comparing the rules on documents drawn anew")
    with whole(arguments.trace) as part:
        result.write_trace(part)
    tables = {
        "Perplexity on held-out mixed text": plain_table(result.to_frame(), 1),
        "Excess log-loss of the product over the mixture (nats a token)": plain_table(result.excess_frame(), 3),
    }
    _write(arguments, result.to_dict(), tables, lambda pages, _: pages.trained_page(result))
    if arguments.save:
        say(f"training the specialists of seed {arguments.seeds[0]} once more, to save them")
        _save(arguments, domains)
    return 0


def _save(arguments, domains):
    """Train the first seed's specialists once more, which gives the same ones, and write them."""
    from mixlib.federation import Federation, save_federation
    from mixlib.federation.text import corpora

    documents = corpora.from_files(domains) if domains else corpora.installed()
    federation = Federation.train(
        documents, order=arguments.order, vocabulary=arguments.vocabulary, rng=arguments.seeds[0]
    )
    folder = Path(arguments.save)
    saved = save_federation(folder, federation)
    if arguments.gru is not None:
        from mixlib.federation import GRULanguageModel, save_specialist

        size = federation.tokenizer.get_vocab_size()
        for name, text in zip(federation.domains, federation.training, strict=True):
            model = GRULanguageModel(size, rng=arguments.seeds[0])
            say(f"training a recurrent model of {name}")
            model.fit(text.tokens, text.document_starts, steps=arguments.gru, rng=arguments.seeds[0])
            saved.append(save_specialist(folder / f"{name}-gru", model, federation.tokenizer))
    options = " ".join(f"--specialist {path}" for path in saved)
    files = "--json given.json --trace given.jsonl"
    say(f"wrote {folder}; try: mixlib evaluate {options} --text {folder / 'held_out'} {files}")


def _given(arguments):
    from mixlib.federation import TraceWriter, check_tokenizers, encode_text, read_texts, score_text

    began = time.perf_counter()
    paths = given.named(arguments.specialist)
    served = any(map(given.is_served, paths.values()))
    texts = read_texts(arguments.text)
    validation = read_texts([arguments.fit]) if arguments.fit else []
    models, tokenizer, tokenizers = given.load(paths, arguments, say)
    given.check_starts(models)
    check_tokenizers(tokenizers, "\n".join(texts))
    stream, fit = encode_text(tokenizer, texts), encode_text(tokenizer, validation) if validation else None
    with whole(arguments.trace) as part, TraceWriter(part) as trace:
        scores = score_text(models, stream, fit=fit, trace=trace, progress=True)
    settings = {
        "specialists": {name: {"path": str(path), "kind": models[name].kind} for name, path in paths.items()},
        "text": arguments.text,
        "fit": arguments.fit,
        "device": arguments.device,
        "precision": arguments.precision,
        "trace_seal": trace.seal,
        "seconds": round(time.perf_counter() - began, 1),
    }
    title = f"Perplexity on {scores.tokens:,} tokens in {scores.documents:,} documents"
    record, tables = {"settings": settings, **scores.to_dict()}, {title: plain_table(scores.to_frame(), 2)}
    if served:
        from mixlib.federation import mixture_perplexity_bounds

        alone = [scores.log_probs[f"{name} alone"] for name in models]
        low, high = mixture_perplexity_bounds(models, alone, stream)
        record["mixture_bounds"] = [low, high]
        tables["Some specialists send only their top k; at their estimate above, the mixture lies within"] = (
            f"{low:,.2f} to {high:,.2f}"
        )
    _write(arguments, record, tables, lambda pages, record: pages.given_page(scores, record))
    return 0


def _write(arguments, record, tables, page):
    seal = record["settings"]["trace_seal"]
    write_json(record, arguments.json)
    if arguments.report:
        from mixlib.cli._shared import evaluation_page
        from mixlib.web.page import write_page

        write_page(arguments.report, page(evaluation_page, record))
    if arguments.json != "-":
        print("\n\n".join(f"{title}\n{table}" for title, table in tables.items()))
        print(f"\n{record['advice']['sentence']}")
    written = [path for path in (arguments.json, arguments.trace, arguments.report) if path not in ("-", None)]
    *first, last = written
    listed = f"{', '.join(first)} and {last}" if first else last
    say(f"wrote {listed}; the seal of the trace, for mixlib audit --seal: {seal}")


COMMAND = Command(
    summary="train specialists on text domains, or take given ones, and score every way to pool them",
    examples=(
        "mixlib evaluate --domain poems=~/poems --domain code=~/src --seeds 0 1 2 --json results.json",
        "mixlib evaluate --seeds 0 --save specialists",
        "mixlib evaluate --specialist specialists/prose --specialist specialists/python --text specialists/held_out "
        "--json given.json --trace given.jsonl",
        "mixlib evaluate --specialist models/own --specialist big=http://127.0.0.1:8000 --text texts --report out.html",
    ),
    add_options=add_options,
    run=run,
)
