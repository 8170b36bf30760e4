"""``mixlib evaluate``: specialists on text domains, and every way to pool them."""

import sys
from pathlib import Path

from mixlib.commands.command import add_command, check_folder, plain_table, write_json


def add(commands):
    """Add the command to the parser."""
    command = add_command(
        commands,
        "evaluate",
        run,
        "train specialists on text domains and score every way to pool them",
        "mixlib evaluate --domain poems=~/poems --domain code=~/src --seeds 0 1 2 --json results.json",
    )
    command.add_argument(
        "--domain",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a folder or text file of one domain; repeat it, at least twice, and the same name adds a path "
        "(default: prose, Python and C++ from what is installed)",
    )
    command.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], metavar="N", help="default: 0 1 2")
    command.add_argument("--order", type=int, default=4, metavar="N", help="longest n-gram (default: 4)")
    command.add_argument("--vocabulary", type=int, default=2048, metavar="N", help="tokens (default: 2048)")
    command.add_argument(
        "--json",
        metavar="PATH",
        default="evaluation.json",
        help="where the results go, - for standard output (default: %(default)s)",
    )
    command.add_argument(
        "--trace",
        metavar="PATH",
        default="attribution.jsonl",
        help="where the attribution of every token goes, as JSON lines (default: %(default)s)",
    )


def run(arguments):
    """Train, score, and write the results."""
    domains = {}
    for item in arguments.domain:
        name, found, path = item.partition("=")
        if not (name and found and path):
            raise ValueError(f"--domain: expected NAME=PATH, got {item!r}")
        domains.setdefault(name, []).append(Path(path).expanduser())
    for path in (arguments.json, arguments.trace):
        check_folder(path)

    from mixlib.federation import evaluate

    result = evaluate(
        domains or None,
        arguments.seeds,
        order=arguments.order,
        vocabulary=arguments.vocabulary,
        progress=lambda line: print(line, file=sys.stderr, flush=True),
    )
    result.write_trace(arguments.trace)
    if arguments.json == "-":
        write_json(result.to_dict(), "-")
    else:
        result.to_json(arguments.json)
        print("Perplexity on held-out mixed text")
        print(plain_table(result.to_frame(), 1))
        print("\nExcess log-loss of the product over the mixture (nats a token)")
        print(plain_table(result.excess_frame(), 3))
    written = [path for path in (arguments.json, arguments.trace) if path != "-"]
    print(f"wrote {' and '.join(written)}", file=sys.stderr)
    return 0
