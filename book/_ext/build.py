"""Build the book: jupyter-book with the project's settings. ``make book`` calls this file.

What jupyter-book would end with in a traceback of its own, a file of settings that it cannot read, is looked for first.
"""

import stopping

stopping.install()  # before anything that takes long to import

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def main(options):
    import channel
    import lint

    channel.add(*lint.mistakes())
    if lint.stops():
        for ledger in ("claims.json", "html/claims.json"):  # an old one must not pass for that of this build
            (ROOT / "_build" / ledger).unlink(missing_ok=True)
        channel.stop("Nothing was run")
    from jupyter_book.cli.main import main as jupyter_book

    settings = ["--config", str(ROOT / "_config.yml"), "--toc", str(ROOT / "_toc.yml"), "--path-output", str(ROOT)]
    try:
        jupyter_book(["build", str(ROOT / "book"), *settings, "-W", "--keep-going", *options])
    except Exception as error:
        channel.foresee_not(error)
        channel.stop("The site was not built")


if __name__ == "__main__":
    main(sys.argv[1:])
