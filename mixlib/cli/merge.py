"""``mixlib merge``: one checkpoint from several, or from a model and its adapter, safetensors in and out."""

import argparse
import sys
from pathlib import Path

from mixlib.cli._shared.command import Command, check_folder, in_words, plain_table, write_json

YAML = (".yml", ".yaml")
IN_RECIPE = ("method", "weights", "base", "dtype", "shard_size", "vocabulary", "scale", "density", "option")


def add_options(command):
    """Add the options to the parser."""
    command.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="a .safetensors file, a folder as save_pretrained writes it, a folder of a LoRA adapter, MODEL+ADAPTER; "
        "or one YAML file that describes the merge, mixlib's own or mergekit's",
    )
    command.add_argument(
        "-o", "--out", required=True, metavar="PATH", help="where the result goes: a .safetensors file, or a folder"
    )
    how = command.add_argument_group("merge")
    how.add_argument("--method", help="linear (default), karcher, slerp, ties and others; a wrong name lists all")
    how.add_argument(
        "--weights", type=float, nargs="+", metavar="W", help="one a model, together 1 (default: the same for each)"
    )
    how.add_argument("--base", metavar="MODEL", help="what the models were fine-tuned from, for task vectors, adapters")
    how.add_argument("--scale", type=float, metavar="S", help="how far to go along the mean of the task vectors")
    how.add_argument(
        "--density", type=float, metavar="SHARE", help="of the entries of a task vector, those that are kept"
    )
    how.add_argument(
        "--option", action="append", metavar="NAME=VALUE", help="another option of the method; may be repeated"
    )
    how.add_argument("--vocabulary", choices=("refuse", "union"), help="where tokenizers differ (default: refuse)")
    result = command.add_argument_group("result")
    result.add_argument("--dtype", help="float32, float16, bfloat16 or float64 (default: that of the models)")
    result.add_argument(
        "--shard-size", metavar="SIZE", help="most that a file may have, such as 5GB (default: one file)"
    )
    result.add_argument(
        "--diagnose",
        action="store_true",
        help="also say what the merge did: length, distance travelled, angle and rank of its tensors; takes long",
    )
    result.add_argument("--force", action="store_true", help="replace what is there")
    result.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, help="a bar (default: on a terminal, after a second)"
    )
    result.add_argument(
        "--json", nargs="?", const="-", metavar="PATH", help="write what was done there; without PATH, print it as JSON"
    )


def run(arguments):
    """Merge, and say what was written."""
    if arguments.json:
        check_folder(arguments.json)

    from mixlib.merging.files.streamed import run
    from mixlib.merging.files.writing import in_units

    recipe = _recipe(arguments)
    done = run(recipe, arguments.out, overwrite=arguments.force, progress=arguments.progress)
    for note in done.notes:
        print(f"mixlib merge: {note}", file=sys.stderr)
    record, diagnosis = done.to_dict(), None
    if arguments.diagnose:
        from mixlib.merging.files.diagnosed import diagnose_files

        diagnosis = diagnose_files(recipe, done.path, arguments.progress)
        record["diagnosis"] = diagnosis.to_dict(orient="index")
    if arguments.json == "-":
        write_json(record, "-")
        return 0
    files = f"{len(done.files)} files" if len(done.files) > 1 else "one file"
    print(
        f"{done.path}: {_count(len(done.models), 'model')} merged by {done.method}, {_count(done.tensors, 'tensor')}, "
        f"{_count(done.parameters, 'number')}, {in_units(done.bytes)} in {files}, {in_words(done.seconds)}"
    )
    print(f"the merge is described in {done.recipe}")
    if diagnosis is not None:
        print(f"\nof its tensors\n{plain_table(diagnosis.describe().loc[['min', '50%', 'max']], 3)}")
    if arguments.json:
        write_json(record, arguments.json)
        print(f"wrote {arguments.json}", file=sys.stderr)
    return 0


def _recipe(arguments):
    from mixlib.merging.files.described import read_recipe
    from mixlib.merging.files.recipe import Recipe

    first = arguments.models[0]
    if Path(first).suffix.lower() in YAML:
        given = [name for name in IN_RECIPE if getattr(arguments, name) is not None]
        if given:
            raise ValueError(f"--{given[0].replace('_', '-')}: is said in {first}; change it there")
        if len(arguments.models) > 1:
            raise ValueError(f"{arguments.models[1]}: {first} names the models; give it alone")
        return read_recipe(first)
    options = {name: getattr(arguments, name) for name in ("scale", "density") if getattr(arguments, name) is not None}
    return Recipe.of(
        arguments.models,
        method=arguments.method or "linear",
        weights=arguments.weights,
        base=arguments.base,
        dtype=arguments.dtype,
        shard_size=arguments.shard_size,
        vocabulary=arguments.vocabulary or "refuse",
        options=options | dict(map(_option, arguments.option or ())),
    )


def _count(number, thing):
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _option(item):
    import yaml

    name, found, value = item.partition("=")
    if not (name and found):
        raise ValueError(f"--option: expected NAME=VALUE, got {item!r}")
    return name.replace("-", "_"), yaml.safe_load(value)


COMMAND = Command(
    summary="merge checkpoints into one, safetensors in and out, tensor by tensor",
    examples=(
        "mixlib merge A B --method karcher --weights .3 .7 -o out.safetensors",
        "mixlib merge tuned other-tuned --base base --method ties --density .2 -o merged --shard-size 5GB",
        "mixlib merge adapter --base model -o merged",
        "mixlib merge recipe.yml -o merged",
    ),
    add_options=add_options,
    run=run,
)
