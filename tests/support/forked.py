"""Pytest and builds in a fork of a process that has already imported what they need: a start costs seconds."""

import gc
import multiprocessing
import os
import runpy
import sys
from multiprocessing import forkserver

import pytest

HEAVY = [
    *("hypothesis", "nbmake.pytest_items", "numba", "pandas", "pytest", "scipy.optimize", "scipy.stats", "torch"),
    *("filelock", "jupyter_book.cli.main", "myst_nb.sphinx_ext", "sphinx.builders.html", "sphinx.ext.napoleon"),
    *("sphinx_book_theme", "sphinx_copybutton", "sphinx_design", "sphinxcontrib.bibtex"),
]
LONGEST = 240  # seconds; nothing takes a tenth of it on a machine without other work
NOT_ITS_OWN = 99  # an exit code that is neither green nor red


def start_server():
    """Start the server of forks, of which a process has one, before a test starts it with the library loaded.

    Every copy of the project would then be given the library of this checkout, and no break would be seen.
    """
    multiprocessing.set_forkserver_preload(HEAVY)
    forkserver.ensure_running()


def run_pytest(folder, arguments, environment, hidden):
    """Run it in ``folder``, modules of the folder ``hidden`` not to be found; returns the exit code and the output."""
    return _forked(folder, _pytest, arguments, environment, hidden)


def run_script(folder, command, environment, hidden):
    """The same for a Python file below ``folder`` and its arguments."""
    return _forked(folder, _script, command, environment, hidden)


def _forked(folder, work, argument, environment, hidden):
    log = folder / "forked.log"
    given = str(folder), work, argument, environment, str(hidden), str(log)
    process = multiprocessing.get_context("forkserver").Process(target=_run, args=given)
    process.start()
    process.join(LONGEST)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode, log.read_text(encoding="utf-8")


def _run(folder, work, argument, environment, hidden, log):
    with open(log, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    gc.freeze()  # an extension of Sphinx looks at all objects that the collector of garbage knows
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = [folder, *(path for path in sys.path if "site-packages" in path or not path.startswith(hidden))]
    os.chdir(folder)
    if "mixlib" in sys.modules:
        print("the server of forks has loaded the library; a copy of the project must load its own")
        sys.exit(NOT_ITS_OWN)
    sys.exit(work(argument))


def _pytest(arguments):
    return pytest.main(arguments)


def _script(command):
    path, *arguments = command
    sys.path[0], sys.argv[:] = os.path.dirname(os.path.abspath(path)), [path, *arguments]
    runpy.run_path(path, run_name="__main__")
