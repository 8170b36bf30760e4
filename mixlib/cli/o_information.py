"""``mixlib o-information``: the columns of a table together, or a sweep over subsets of them."""

import argparse
import os
import re
import signal
import sys
import warnings
from contextlib import contextmanager, nullcontext
from pathlib import Path

from mixlib.cli._shared import signs
from mixlib.cli._shared.command import (
    Command,
    check_folder,
    check_report,
    enumerated,
    in_words,
    plain_table,
    whole_number,
    write_json,
)
from mixlib.cli._shared.terminal import on_a_line
from mixlib.information.estimators import ESTIMATORS

MEASURES = {"tc": "TC", "dtc": "DTC", "omega": "Omega", "s_information": "S"}
TOP = 20
LONG = 10  # seconds, from which on a sweep is announced
SEARCHES = ("exhaustive", "greedy", "annealing")
OF_A_SWEEP = ("top", "search", "checkpoint", "workers")


def add_options(command):
    """Add the options to the parser."""
    command.add_argument(
        "samples",
        type=Path,
        help="a table, one row a sample, one column a variable: .csv, .tsv, .csv.gz, .parquet or .npy, or - for "
        "standard input",
    )
    data = command.add_argument_group("data")
    data.add_argument("--columns", metavar="A,B,...", type=_list, help="these only, by name (number in .npy)")
    data.add_argument(
        "--categories", metavar="A,B,...", type=_list, default=[], help="columns that hold names of states"
    )
    data.add_argument(
        "--drop",
        metavar="WHAT,...",
        type=_list,
        default=[],
        help="leave out rows with missing values (missing), columns that are text, constant, duplicates or row-numbers",
    )
    data.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first line of a text holds names (default: told from what it holds)",
    )
    data.add_argument(
        "--decimal", choices=(".", ","), default=".", help="decimal sign of a text (default: %(default)s)"
    )
    data.add_argument(
        "--missing",
        metavar="SIGN,...",
        type=_list,
        default=[],
        help="in a text, of missing values, besides NA",
    )
    how = command.add_argument_group("estimate")
    how.add_argument(
        "--estimator", default="gaussian", choices=(*ESTIMATORS.names(), "auto"), help="default: %(default)s"
    )
    how.add_argument("--units", default="nats", choices=("nats", "bits"), help="default: %(default)s")
    how.add_argument("--bins", type=whole_number(2), metavar="N", help="plugin: cut continuous columns into N states")
    how.add_argument("--k", type=whole_number(1), metavar="N", help="ksg: how many neighbours (default: 3)")
    how.add_argument(
        "--null",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="shuffle all columns N times, for p-values of total independence",
    )
    how.add_argument(
        "--error", default="auto", choices=("auto", "jackknife", "bootstrap", "none"), help="standard errors"
    )
    how.add_argument(
        "--block", metavar="N", type=_block, help="rows are a series: errors from blocks of N successive rows, or auto"
    )
    how.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="of all that is random (default: 0)")
    sweep = command.add_argument_group("sweep over subsets of the columns")
    sweep.add_argument("--orders", metavar="SIZES", help="of the subsets: 3, 3-5 or all")
    sweep.add_argument(
        "--top",
        type=whole_number(1),
        metavar="N",
        help=f"keep the N most synergistic and redundant subsets (default: {TOP})",
    )
    sweep.add_argument(
        "--search", choices=SEARCHES, help="default: exhaustive; for more subsets than can be measured, greedy"
    )
    sweep.add_argument("--checkpoint", metavar="PATH", help="file for the state; the same command goes on after a kill")
    sweep.add_argument(
        "--workers", type=whole_number(1), metavar="N", help="processes, up to one a processor (default: 1)"
    )
    command.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, help="a bar (default: on a terminal, after a second)"
    )
    command.add_argument(
        "--report",
        metavar="PATH",
        help="write an HTML page there that needs nothing else: tables, a landscape of all subsets, the settings",
    )
    command.add_argument(
        "--json", nargs="?", const="-", metavar="PATH", help="write the result there; without PATH, print it as JSON"
    )


def run(arguments):
    """Read, measure, print."""
    _check(arguments)

    from mixlib.cli._shared.samples_file import name_of, read_samples

    frame, left_out, remarks = read_samples(
        arguments.samples,
        columns=arguments.columns,
        categories=arguments.categories,
        drop=arguments.drop,
        estimator=arguments.estimator,
        header=arguments.header,
        decimal=arguments.decimal,
        missing=arguments.missing,
    )
    for line in remarks:
        print(f"{name_of(arguments.samples)}: {line}", file=sys.stderr)
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    try:
        with _doubts_in_options(name_of(arguments.samples)):
            result, record, lines = _one(frame, arguments) if arguments.orders is None else _sweep(frame, arguments)
    except ValueError as error:
        raise ValueError(_in_options(str(error), name_of(arguments.samples))) from None
    if arguments.json == "-":
        write_json(record | {"left_out": left_out}, "-")
    else:
        print("\n".join(lines))
    if arguments.json not in (None, "-"):
        write_json(record | {"left_out": left_out}, arguments.json)
        print(f"wrote {arguments.json}", file=sys.stderr)
    if arguments.report:
        from mixlib.cli._shared.information_report import write_report

        write_report(
            arguments.report,
            frame,
            result,
            data=name_of(arguments.samples),
            top=_top(arguments),
            settings=_common(arguments),
            remarks=[*remarks, *(f"left out: {line}" for line in left_out)],
        )
        print(f"wrote {arguments.report}", file=sys.stderr)
    return 0


def _check(arguments):
    from mixlib.cli._shared.samples_file import KINDS

    unknown = [kind for kind in arguments.drop if kind not in KINDS]
    if unknown:
        raise ValueError(f"--drop: got {unknown[0]!r}, expected some of {','.join(KINDS)}")
    if arguments.orders is None:
        for name in OF_A_SWEEP:
            if getattr(arguments, name) is not None:
                raise ValueError(f"--{name}: belongs to a sweep; add --orders, for example --orders 3-5")
    elif arguments.block is not None:
        raise ValueError("--block: serves one result; leave out --orders and name a subset with --columns")
    elif not re.fullmatch(r"all|\d+(-\d+)?", arguments.orders):
        raise ValueError(f"--orders: got {arguments.orders!r}, expected a size such as 4, sizes such as 3-5, or all")
    elif "-" in arguments.orders:
        lowest, highest = arguments.orders.split("-")
        if int(lowest) > int(highest):
            raise ValueError(f"--orders: got {arguments.orders}, but the lower size comes first: {highest}-{lowest}")
    if arguments.json:
        check_folder(arguments.json)
    if arguments.checkpoint:
        check_folder(arguments.checkpoint)
    if arguments.report:
        check_report(arguments.report)


def _common(arguments):
    options = {name: getattr(arguments, name) for name in ("bins", "k") if getattr(arguments, name) is not None}
    error = None if arguments.error == "none" else arguments.error
    return {"units": arguments.units, "null": arguments.null, "error": error, "rng": arguments.seed, **options}


def _one(frame, arguments):
    """The result for all columns together, as a record and as lines."""
    from mixlib.information import o_information

    options = _common(arguments)
    if arguments.estimator == "score":
        options["progress"] = arguments.progress
    result = o_information(frame, arguments.estimator, block=arguments.block, **options)
    values = {field: float(getattr(result, field)) for field in MEASURES}
    record = {
        **values,
        "standard_error": float(result.standard_error),
        "units": result.units,
        "gradient": dict(zip(map(str, frame.columns), map(float, result.gradient), strict=True)),
        "estimator": result.estimator,
        "samples": len(frame),
        "p_value": result.p_value,
        "note": result.note,
    }
    names = enumerated(map(on_a_line, frame.columns))
    lines = [f"{len(frame):,} samples of {names} ({result.estimator}, {result.units})"]
    lines += [
        f"{MEASURES[field]:<6}{value:10.4f}" + _spread(result.errors.get(field)) for field, value in values.items()
    ]
    lines.append(f"Omega is {signs.of_one(result)}")
    if result.p_value is not None:
        lines.append(f"p     {result.p_value:10.3g}  of Omega, against {arguments.null} shuffles")
    return result, record, lines + _note(result.note)


def _sweep(frame, arguments):
    """The best subsets, as a record and as lines."""
    from mixlib.information import o_information_sweep

    if frame.shape[1] < 3:
        raise ValueError("--orders: of two columns there is no subset to sweep, and Omega is 0; leave it out for TC")
    top = _top(arguments)
    orders = None if arguments.orders == "all" else arguments.orders
    search = arguments.search or "exhaustive"
    workers = _workers(arguments.workers)
    if search == "exhaustive":
        _announce(frame, orders, workers, arguments)
    with _pool(workers) as executor:
        found = o_information_sweep(
            frame,
            orders=orders,
            top=top,
            search=search,
            estimator=arguments.estimator,
            progress=arguments.progress,
            checkpoint=arguments.checkpoint,
            executor=executor,
            **_common(arguments),
        )
    sides = {"synergistic": found.synergistic(top), "redundant": found.redundant(top)}
    by_order = found.by_order().reset_index() if found.search == "exhaustive" else None
    record = {
        "samples": len(frame),
        "variables": list(map(str, frame.columns)),
        "estimator": found.estimator,
        "units": found.units,
        "orders": list(found.orders),
        "search": found.search,
        "subsets": found.n_subsets,
        "note": found.note,
        **{side: best.to_dict("records") for side, best in sides.items()},
    }
    if by_order is not None:
        record["by_order"] = by_order.to_dict("records")
    lowest, highest = found.orders
    sizes = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
    lines = [
        f"{found.n_subsets:,} subsets of {sizes} among {frame.shape[1]} variables, {len(frame):,} samples "
        f"({found.estimator}, {found.units}, {found.search})"
    ]
    for side, best in sides.items():
        lines += ["", signs.of_best(side, best), *_rows(best)]
    if said := signs.of_all(found, sides):
        lines += ["", said]
    if by_order is not None:
        lines += ["", "All subsets by size", plain_table(by_order, 4, index=False)]
    return found, record, lines + _note(found.note)


def _top(arguments):
    return TOP if arguments.top is None else arguments.top


def _workers(wanted):
    """As many processes as asked for, but no more than there are processors for."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if wanted is not None and wanted > there:
        print(f"--workers: {wanted} asked for, but there are {there} processors, so {there} are used", file=sys.stderr)
    return min(wanted or 1, there)


def _announce(frame, orders, workers, arguments):
    """Say how long a sweep will take, if that is long."""
    from mixlib.information.sweeps.duration import expected_seconds

    options = {name: value for name, value in _common(arguments).items() if name not in ("units", "error")}
    seconds, subsets = expected_seconds(frame, orders, arguments.estimator, **options)
    if seconds / workers > LONG:
        shorter = "fewer --orders, --search greedy" + (", --workers" if workers == 1 else "")
        print(
            f"{subsets:,} subsets will take about {in_words(seconds / workers)} on {workers} "
            f"processor{'s' * (workers > 1)}; shorter: {shorter}",
            file=sys.stderr,
        )


def _pool(workers):
    if workers == 1:
        return nullcontext()

    from concurrent.futures import ProcessPoolExecutor

    # Ctrl-C reaches every process; the workers leave it to this one, which tells them
    return ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))


def _rows(best):
    """A table of subsets, their names last since these may be long."""
    if best.empty:
        return []
    numbers = [("omega", "Omega", ".4f"), ("standard_error", "+-", ".4f"), ("tc", "TC", ".4f"), ("dtc", "DTC", ".4f")]
    numbers += [("p_value", "p", ".2g"), ("q_value", "q", ".2g")]
    columns = [
        [title, *(format(value, style) for value in best[name])] for name, title, style in numbers if name in best
    ]
    if "certain" in best:
        columns.append(["certain", *("yes" if certain else "no" for certain in best["certain"])])
    widths = [max(map(len, column)) for column in columns]
    names = ["variables", *(", ".join(map(on_a_line, subset)) for subset in best["variables"])]
    cells = zip(*columns, names, strict=True)
    return ["  ".join([*map(str.rjust, row, widths), row[-1]]) for row in cells]


def _spread(error):
    return "" if error is None or error != error else f"  +- {error:.4f}"


def _note(note):
    return [f"note: {note}"] if note else []


def _block(text):
    return int(text) if text.isdecimal() else text


def _list(text):
    return [name for name in text.split(",") if name]


@contextmanager
def _doubts_in_options(path):
    """Warnings inside are in the words of the command line."""
    with warnings.catch_warnings():
        shown = warnings.showwarning
        warnings.showwarning = lambda message, *where: shown(_in_options(str(message), path), *where)
        yield


def _in_options(message, path):
    """A message of the library in the words of the command line: its arguments as options."""
    names = "orders|top|search|checkpoint|estimator|bins|k|null|error|block"
    message = re.sub(r"^samples: ", f"{path}: ", message)
    message = re.sub(rf"^({names}): ", r"--\1: ", message)
    message = re.sub(rf"\b({names})=None\b", r"--\1 none", message)
    return re.sub(rf"\b({names})=(['\"]?)([\w-]+)\2", r"--\1 \3", message)


COMMAND = Command(
    summary="estimate total correlation, its dual and O-information from a table of samples",
    examples=(
        "mixlib o-information data.csv --estimator gaussian-copula --units bits",
        "mixlib o-information data.csv --orders 3-5 --top 20 --estimator gaussian-copula --json out.json",
        "mixlib o-information data.csv --orders 3-5 --top 20 --report out.html",
        "mixlib o-information data.csv --orders all --search greedy --top 5 --drop missing,constant",
        "gzip -dc data.tsv.gz | mixlib o-information - --estimator auto",
    ),
    add_options=add_options,
    run=run,
)
