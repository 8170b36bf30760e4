"""``mixlib seam``: the salient terms that pages or text files share, all pairs ranked."""

import argparse
import sys
from pathlib import Path

from mixlib.cli._shared.command import (
    Command,
    check_file,
    check_folder,
    enumerated,
    plain_table,
    whole_number,
    write_json,
)

TERMS, TOP, OF_A_PAIR = 20, 20, 5
METHOD = """\
method:
  Of Markdown and MyST (.md, .markdown, .mdown, .myst, .qmd, .rmd) and of notebooks (.ipynb) the prose is read: no front
  matter, code, directives, mathematics, addresses; any other ending is plain text. Terms are words of three letters or
  more in lower case, without English stop words, not stemmed; in another language --background tells common ones, and
  what is written without spaces counts as one word. A term that a text has c times and d of n texts have weighs
  (1 + log c) (log((1 + n) / (1 + d)) + 1); the weights of a text are divided by the length of their vector (TF-IDF as
  scikit-learn has it, which does the counting for more than 40 texts). The score of a pair is the cosine, from 0 to 1,
  and a term's share of it the product of its two weights. Shared salient terms are those among the heaviest of both
  texts; longer texts share more of them, whatever they are about: --null says how many a pair would share if terms
  were dealt again.
"""


def add_options(command):
    """Add the options to the parser."""
    command.epilog = METHOD + "\n" + (command.epilog or "")
    command.add_argument(
        "files", type=Path, nargs="+", metavar="file", help="two texts or more; more: all pairs ranked"
    )
    command.add_argument(
        "--background",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="further texts that tell which terms are common, and are in no pair; files compared may be among them",
    )
    command.add_argument(
        "--salient",
        type=whole_number(1),
        default=100,
        metavar="N",
        help="the N heaviest terms of a text are salient (default: %(default)s)",
    )
    command.add_argument(
        "--terms",
        type=whole_number(0),
        metavar="N",
        help=f"shared terms to show, the heaviest first (default: {TERMS}; of more than two files {OF_A_PAIR} a pair)",
    )
    command.add_argument(
        "--top", type=whole_number(1), metavar="N", help=f"of more than two files: pairs to show (default: {TOP})"
    )
    command.add_argument(
        "--null",
        type=whole_number(1),
        metavar="N",
        help="of more than two files: deal the salient terms again N times, for what chance would share",
    )
    command.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="of the dealing (default: 0)")
    command.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, help="a bar (default: on a terminal, after a second)"
    )
    command.add_argument(
        "--json", nargs="?", const="-", metavar="PATH", help="write the result there; without PATH, print it as JSON"
    )


def run(arguments):
    """Read, compare, print."""
    _check(arguments)

    from mixlib.progress import followed
    from mixlib.seams import find_seams, read_prose, shuffle_terms

    paths = [*arguments.files, *arguments.background]
    prose = [read_prose(path) for path in followed(paths, arguments.progress, "reading", "files")]
    names = [str(path) for path in arguments.files]
    seams = find_seams(
        dict(zip(names, prose, strict=False)),
        background=prose[len(names) :],
        salient=arguments.salient,
        progress=arguments.progress,
    )
    null = None
    if arguments.null:
        null = shuffle_terms(seams, rounds=arguments.null, rng=arguments.seed, progress=arguments.progress)
    record = _record(seams, null, arguments)
    if arguments.json == "-":
        write_json(record, "-")
        return 0
    print("\n".join(_one(record) if len(names) == 2 else _many(record)))
    if arguments.json:
        write_json(record, arguments.json)
        print(f"wrote {arguments.json}", file=sys.stderr)
    return 0


def _check(arguments):
    files = arguments.files
    if len(files) < 2:
        raise ValueError(f"file: got one ({files[0]}), expected two or more; name the text to compare it with")
    for argument, given in (("file", files), ("--background", arguments.background)):
        for path in given:
            try:
                check_file(path)
            except ValueError as error:
                raise ValueError(f"{argument}: {error}") from None
    for argument, value in (("--null", arguments.null), ("--top", arguments.top)):
        if value is not None and len(files) == 2:
            raise ValueError(f"{argument}: got {value}, but two files have one pair; name three files or more")
    where = [path.resolve() for path in files]
    if twice := [path for path, place in zip(files, where, strict=True) if where.count(place) > 1]:
        raise ValueError(f"file: {twice[0]} stands twice; name it once")
    arguments.background = list(  # each text counts once
        {place: path for path in arguments.background if (place := path.resolve()) not in where}.values()
    )
    if arguments.json:
        check_folder(arguments.json)


def _record(seams, null, arguments):
    single = len(seams.names) == 2
    shown = arguments.terms
    if shown is None:
        shown = TERMS if single else OF_A_PAIR
    frame = seams.to_frame()
    pairs = []
    for row in frame.head(arguments.top or TOP).itertuples(index=False):
        pair = {"first": row.first, "second": row.second, "score": float(row.score), "shared": int(row.shared)}
        if null is not None:
            at = seams.names.index(row.first), seams.names.index(row.second)
            pair |= {"shared_by_chance": float(null.mean[at]), "p_value": float(null.p_values[at])}
        terms = seams.terms(row.first, row.second)
        pair["terms_in_both"] = len(terms)
        pair["terms"] = terms.head(shown).to_dict("records")
        pairs.append(pair)
    texts = [
        {"name": name, "words": int(seams.counts[[row]].sum()), "terms": int(seams.counts[[row]].nnz)}
        for row, name in enumerate(seams.names)
    ]
    return {
        "texts": texts,
        "background": [str(path) for path in arguments.background],
        "salient": arguments.salient,
        "n_pairs": len(frame),
        "pairs": pairs,
    }


def _one(record):
    """The lines of a single pair."""
    import pandas as pd

    (pair,) = record["pairs"]
    for text in record["texts"]:
        yield f"{text['name']}: {text['words']:,} words without stop words, {text['terms']:,} terms"
    yield f"score {pair['score']:.3f} (cosine of the weights: 0 nothing in common, 1 the same)"
    yield f"{_counted(pair['shared'], 'shared salient term')}, of the {record['salient']} heaviest of each"
    if short := [text["name"] for text in record["texts"] if text["terms"] <= record["salient"]]:
        yield f"note: all terms of {' and '.join(short)} are salient, as there are no more; --salient asks for fewer"
    yield f"{_counted(pair['terms_in_both'], 'term')} in both"
    if pair["terms"]:
        terms = pd.DataFrame(pair["terms"])
        terms["share"] *= 100
        terms["salient"] = terms["salient"].map({True: "yes", False: ""})
        yield ""
        yield plain_table(terms.rename(columns={"share": "% of the score"}), 1, index=False)
    if not record["background"]:
        yield ""
        yield "note: of two texts alone, rarity tells little; --background names texts that say what is common"


def _counted(number, thing):
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _many(record):
    """The lines of a ranking."""
    import pandas as pd

    yield f"{record['n_pairs']:,} pairs of {len(record['texts'])} texts, {record['salient']} salient terms of each"
    yield ""
    rows = []
    for pair in record["pairs"]:
        row = {"score": pair["score"], "shared": pair["shared"]}
        if "p_value" in pair:
            row |= {"by chance": pair["shared_by_chance"], "p": pair["p_value"]}
        heaviest = enumerated(term["term"] for term in pair["terms"])
        rows.append(row | {"first": pair["first"], "second": pair["second"], "heaviest": heaviest})
    yield plain_table(pd.DataFrame(rows), 3, index=False)
    if record["n_pairs"] > len(rows):
        yield f"and {record['n_pairs'] - len(rows):,} more pairs; --top shows them"


COMMAND = Command(
    summary="score the salient terms that pages or text files share, and rank all pairs",
    examples=(
        "mixlib seam taste.md smell.md",
        "mixlib seam book/domains/*.md --null 200",
        "mixlib seam taste.md smell.md --background book/*/*.md --terms 50 --json seam.json",
    ),
    add_options=add_options,
    run=run,
)
