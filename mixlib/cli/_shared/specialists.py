"""Specialists that a command is given: folders and servers by name, read or refused before the work begins."""

import os
import sys
from pathlib import Path

from mixlib.cli._shared.command import seconds, whole_number

SERVED = ("http://", "https://")
KEY = "MIXLIB_API_KEY"  # environment variable that holds what a server wants as a key


def add_options(command):
    """The options of given specialists that commands share."""
    command.add_argument("--device", default="cpu", help="where given neural models run, cuda for one (default: cpu)")
    command.add_argument(
        "--precision",
        choices=("float32", "bfloat16", "float16"),
        default="float32",
        help="of the weights of Hugging Face models (default: %(default)s)",
    )
    command.add_argument(
        "--tokenizer",
        metavar="FOLDER",
        help="of specialists that are served, a folder with tokenizer.json (default: that of the others)",
    )
    command.add_argument(
        "--start",
        metavar="TEXT",
        help="what stands before a text that is sent to a server, such as '<s>' (default: what the server says)",
    )
    command.add_argument(
        "--logprobs",
        type=whole_number(1),
        default=20,
        metavar="K",
        help="most probable tokens that a server is asked for; more make narrower bounds (default: %(default)s)",
    )
    command.add_argument(
        "--timeout",
        type=seconds,
        default=60.0,
        metavar="SECONDS",
        help=f"for one answer of a server (default: 60); what the environment has as {KEY} is sent to it as key",
    )


def named(items):
    """``[NAME=]FOLDER`` or ``[NAME=]URL`` by name; a folder without one is called by its own, a server by its host."""
    paths = {}
    for item in items:
        name, found, path = item.partition("=")
        if item.startswith(SERVED):
            address, _, model = item.partition("#")
            name, path = model or address.partition("://")[2].rstrip("/"), item
        elif Path(item).expanduser().exists() or not found:
            name, path = Path(item).expanduser().resolve().name, item
        if not (name and path):
            raise ValueError(f"--specialist: expected FOLDER, URL or NAME=one of these, got {item!r}")
        check_name("--specialist", name)
        if name in paths:
            raise ValueError(f"--specialist: {name!r} is given twice; write NAME={path} with another name")
        paths[name] = path if path.startswith(SERVED) else Path(path).expanduser()
    if len(paths) < 2:
        raise ValueError(f"--specialist: expected at least 2 to combine, got {', '.join(paths)} alone")
    return paths


def domains(items):
    """The paths of each domain, by name, from what ``--domain`` was given; a name may come again with more."""
    found = {}
    for item in items:
        name, equals, path = item.partition("=")
        if not (name and equals and path):
            raise ValueError(f"--domain: expected NAME=PATH, got {item!r}")
        check_name("--domain", name)
        found.setdefault(name, []).append(Path(path).expanduser())
    return found


def check_name(option, name):
    """Raise a ValueError if a table could not show the name."""
    if not name.isprintable():  # a byte that is no UTF-8 has no place in a table at all
        raise ValueError(f"{option}: the name {name!a} cannot be printed; write NAME=PATH with another one")


def is_served(path):
    """Whether it is the address of a server."""
    return isinstance(path, str)


def load(paths, arguments, say):
    """Models by name and their one tokenizer; all folders are checked before the first is loaded.

    Raises
    ------
    ValueError
        If a folder holds no specialist, or tokenizers differ, as far as can be told without a text.
    """
    from mixlib.federation import ServedModel, check_specialist, load_specialist

    here = {name: path for name, path in paths.items() if not is_served(path)}
    if wrong := [why for path in here.values() if (why := _refused(check_specialist, path))]:
        raise ValueError("; ".join(wrong))
    how = {"device": arguments.device, "precision": arguments.precision}
    loaded = {name: load_specialist(path, **how) for name, path in here.items()}
    tokenizers = {name: one.tokenizer for name, one in loaded.items()}
    served = [name for name in paths if name not in here]
    if arguments.tokenizer:
        tokenizers["--tokenizer"] = _tokenizer(arguments.tokenizer)
    if not tokenizers:
        raise ValueError("--tokenizer: is missing; servers send numbers of tokens, and none of the specialists is here")
    tokenizer = tokenizers.get("--tokenizer") or next(iter(tokenizers.values()))
    start = None
    if arguments.start is not None:
        start = tokenizer.encode(arguments.start, add_special_tokens=False).ids
    models = {name: one.model for name, one in loaded.items()}
    for name in served:
        url, _, model = paths[name].partition("#")
        options = {"name": model or None, "k": arguments.logprobs, "timeout": arguments.timeout}
        models[name] = ServedModel(url, tokenizer, start=start, key=os.environ.get(KEY), **options)
    for name in paths:
        where = f" at {models[name].server.url}" if name in served else ""
        say(f"loaded {name}: {models[name].kind}{where}, {models[name].vocabulary:,} tokens")
    return {name: models[name] for name in paths}, tokenizer, tokenizers


def check_starts(models):
    """Raise a ValueError if a served model would be asked for the first token of a text with nothing before it."""
    for name, model in models.items():
        if getattr(model, "start", None) == []:
            raise ValueError(
                f"--start: {name} at {model.server.url} needs something before the first token of a text; add what "
                f"stood before documents in its training, such as --start '<s>'"
            )


def _tokenizer(folder):
    from tokenizers import Tokenizer

    path = Path(folder).expanduser()
    path = path / "tokenizer.json" if path.is_dir() else path
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the package has no class of its own
        raise ValueError(f"--tokenizer: {path} cannot be read ({' '.join(str(error).split())})") from None


def _refused(check, *arguments):
    try:
        check(*arguments)
    except ValueError as error:
        return str(error)


def say(line):
    """Tell of the work on standard error."""
    print(line, file=sys.stderr, flush=True)
