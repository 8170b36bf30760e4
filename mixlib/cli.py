"""The command line: ``mixlib evaluate | verify | o-information``."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

DEFAULT_CLAIMS = Path("_build/html/claims.json")


def main(argv=None):
    """Run one command and return its exit status: 0, 1 if claims differ, 2 for bad input (said in one line)."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except (ValueError, OSError, ImportError) as error:
        print(f"mixlib {arguments.command}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _parser():
    parser = argparse.ArgumentParser(prog="mixlib", description="Mixtures as parts, weights and a kernel.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for add in (_add_evaluate, _add_verify, _add_o_information):
        add(commands)
    return parser


def _add(commands, name, run, summary, example):
    command = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _add_evaluate(commands):
    command = _add(
        commands,
        "evaluate",
        _evaluate,
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


def _evaluate(arguments):
    domains = {}
    for item in arguments.domain:
        name, found, path = item.partition("=")
        if not (name and found and path):
            raise ValueError(f"--domain: expected NAME=PATH, got {item!r}")
        domains.setdefault(name, []).append(Path(path).expanduser())
    for path in (arguments.json, arguments.trace):
        if path != "-" and not Path(path).absolute().parent.is_dir():
            raise ValueError(f"{path}: its folder does not exist; make it first")

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
        print(json.dumps(result.to_dict(), indent=2))
    else:
        result.to_json(arguments.json)
        print("Perplexity on held-out mixed text")
        print(_text(result.to_frame(), 1))
        print("\nExcess log-loss of the product over the mixture (nats a token)")
        print(_text(result.excess_frame(), 3))
    written = [path for path in (arguments.json, arguments.trace) if path != "-"]
    print(f"wrote {' and '.join(written)}", file=sys.stderr)
    return 0


def _add_verify(commands):
    command = _add(
        commands,
        "verify",
        _verify,
        "list the claims with their verdicts; exit status 1 if one differs from the expected",
        f"mixlib verify {DEFAULT_CLAIMS}",
    )
    command.add_argument("claims", nargs="?", default=DEFAULT_CLAIMS, type=Path, help="default: %(default)s")
    command.add_argument("--json", action="store_true", help="print counts and differing claims as JSON")


def _verify(arguments):
    try:
        text = arguments.claims.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"{arguments.claims}: no such file; build the book first (make book)") from None
    try:
        claims = json.loads(text)["claims"]
        rows = [(c["id"], c["verdict"], c["expected"], c["page"]) for c in claims]
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{arguments.claims}: is not a claims.json of the book ({error})") from None
    differing = [row for row in rows if row[1] not in ("pending", row[2])]
    counts = dict(Counter(row[1] for row in rows))
    if arguments.json:
        keys = ("id", "verdict", "expected", "page")
        print(
            json.dumps(
                {"counts": counts, "differing": [dict(zip(keys, row, strict=True)) for row in differing]}, indent=2
            )
        )
    else:
        width = max((len(row[0]) for row in rows), default=0)
        for row in rows:
            mark = "  <- differs" if row in differing else ""
            print(f"{row[0]:<{width}}  {row[1]:<14}  expected {row[2]:<14}{mark}".rstrip())
        print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
        print(f"{len(differing)} of {len(rows)} differ from what was expected")
    return 1 if differing else 0


def _add_o_information(commands):
    command = _add(
        commands,
        "o-information",
        _o_information,
        "estimate total correlation, its dual and O-information from a table of samples",
        "mixlib o-information samples.csv --estimator gaussian --units bits",
    )
    command.add_argument("samples", type=Path, help=".csv or .npy; one row a sample, one column a variable")
    command.add_argument("--estimator", default="gaussian", help="gaussian (default) or plugin (discrete values)")
    command.add_argument("--units", default="nats", choices=("nats", "bits"))
    command.add_argument("--columns", metavar="A,B,...", help="use these columns only, by name (or number in .npy)")
    command.add_argument("--json", action="store_true", help="print the result as JSON")


def _o_information(arguments):
    table = _table(arguments.samples)
    if arguments.columns:
        wanted = arguments.columns.split(",")
        known = {str(name): name for name in table.columns}
        missing = [name for name in wanted if name not in known]
        if missing:
            raise ValueError(f"--columns: {', '.join(missing)} not among {', '.join(known)}")
        table = table[[known[name] for name in wanted]]
    text = [str(name) for name, kind in table.dtypes.items() if kind.kind not in "fiub"]
    if text:
        raise ValueError(
            f"{arguments.samples}: column {', '.join(text)} is not numeric; choose numeric ones with --columns"
        )

    from mixlib.information import o_information

    result = o_information(table.to_numpy(), arguments.estimator, units=arguments.units)
    names = {"tc": "TC", "dtc": "DTC", "omega": "Omega", "s_information": "S"}
    values = {label: float(getattr(result, field)) for field, label in names.items()}
    if arguments.json:
        record = {field: values[label] for field, label in names.items()}
        record |= {"standard_error": float(result.standard_error), "units": arguments.units}
        record |= {"gradient": dict(zip(map(str, table.columns), map(float, result.gradient), strict=True))}
        record |= {"estimator": arguments.estimator, "samples": len(table)}
        print(json.dumps(record, indent=2))
        return 0
    print(f"{len(table)} samples of {', '.join(map(str, table.columns))} ({arguments.estimator}, {arguments.units})")
    for label, value in values.items():
        print(f"{label:<6}{value:10.4f}" + (f"  +- {result.standard_error:.4f}" if label == "Omega" else ""))
    return 0


def _table(path):
    import numpy as np
    import pandas as pd

    if not path.is_file():
        raise ValueError(f"{path}: no such file")
    match path.suffix.lower():
        case ".csv":
            head = pd.read_csv(path, header=None, nrows=1)
            named = any(isinstance(value, str) for value in head.iloc[0])
            return pd.read_csv(path, header=0 if named else None)
        case ".npy":
            array = np.load(path, allow_pickle=False)
            if array.ndim != 2:
                raise ValueError(f"{path}: expected an array (samples, variables), got shape {array.shape}")
            return pd.DataFrame(array)
        case other:
            raise ValueError(f"{path}: expected .csv or .npy, got {other or 'no suffix'}")


def _text(frame, digits):
    return frame.to_string(float_format=lambda value: f"{value:,.{digits}f}", na_rep="")


if __name__ == "__main__":
    sys.exit(main())
