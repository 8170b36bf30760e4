"""The command line, ``mixlib COMMAND``: one file of this folder a command, found by its being there."""

import argparse
import re
import sys
import warnings

from mixlib import __version__
from mixlib.cli._shared.command import STOPPED, is_interrupt
from mixlib.extras import explained
from mixlib.registry import Registry

COMMANDS = Registry(__name__, constant="COMMAND")


def main(argv=None):
    """Run one command; its exit status: 0, 1 for a bad finding, 2 for bad input (said without a traceback)."""
    try:
        arguments = _parser(sys.argv[1:] if argv is None else argv).parse_args(argv)
    except _UsageError as error:
        print(error, file=sys.stderr)
        return 2
    if hasattr(sys.stdout, "reconfigure"):  # a name that the terminal has no letters for is shown escaped
        sys.stdout.reconfigure(errors="backslashreplace")

    def say(message, *_, **__):
        print(f"mixlib {arguments.command}: {message}", file=sys.stderr)

    try:
        with warnings.catch_warnings():
            warnings.showwarning = say  # without the place in the library that it comes from
            return arguments.run(arguments)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error):
            raise
        state = getattr(arguments, "checkpoint", None)
        say(f"stopped; the same command goes on from {state}" if state else "stopped")
        return STOPPED
    except ImportError as error:
        say(explained(error, f"mixlib {arguments.command}"))
        return 2
    except (ValueError, OSError) as error:
        named = isinstance(error, OSError) and error.filename is not None and error.strerror
        say(f"{error.filename}: {error.strerror}" if named else error)
        return 2


class _UsageError(ValueError):
    """Options that are none, or values that they don't take."""


class _Parser(argparse.ArgumentParser):
    """Says in one line which option is wrong, as typed, and where the right ones stand."""

    def error(self, message):
        message = re.sub(r"^argument (.+?): ", r"\1: ", message)
        raise _UsageError(f"{self.prog}: {message} (see {self.prog} --help)")


def _parser(argv):
    parser = _Parser(
        prog="mixlib",
        description="Mixtures as parts, weights and a kernel: combine language models, check the account of every "
        "token, measure how the columns of a table share information, merge checkpoints.",
        epilog="mixlib COMMAND --help tells the options of a command and shows examples.",
    )
    parser.add_argument("--version", action="version", version=f"mixlib {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    asked = argv[0] if argv and argv[0] in COMMANDS else None  # then the files of the others are left alone
    for name in [asked] if asked else COMMANDS:
        COMMANDS[name].add(name, commands)
    return parser
