"""Build the book: jupyter-book with the project's settings, as ``python book/mixbook build``; ``make book`` types that.

What jupyter-book would end with in a traceback of its own, a file of settings that it cannot read, is looked for first.
"""

from jupyter_book.cli.main import main as jupyter_book

from mixbook.build import channel, execution, lint
from mixbook.build.pages import ROOT


def main(options):
    """Lint the files, then run what is out of date (``--fresh``: all) and write the site; other ``options`` go on."""
    execution.fresh = "--fresh" in options
    options = [option for option in options if option != "--fresh"]
    if reason := channel.unwritable():
        return reason
    channel.add(*lint.at_start())
    if lint.stops():
        for ledger in ("claims.json", "html/claims.json"):  # an old one must not pass for that of this build
            (ROOT / "_build" / ledger).unlink(missing_ok=True)
        channel.stop("Nothing was run")
    settings = ["--config", str(ROOT / "_config.yml"), "--toc", str(ROOT / "_toc.yml"), "--path-output", str(ROOT)]
    try:
        jupyter_book(["build", str(ROOT / "book"), *settings, "-W", "--keep-going", *options])
    except Exception as error:
        channel.foresee_not(error)
        channel.stop("The site was not built")
