"""Pytest and builds in a fork of a process that has already imported what they need: a start costs seconds."""

import contextlib
import gc
import math
import multiprocessing
import os
import runpy
import signal
import sys
from multiprocessing import forkserver

import pytest

HEAVY = [
    *("hypothesis", "nbmake.pytest_items", "numba", "pandas", "pytest", "scipy.optimize", "scipy.stats", "torch"),
    *("filelock", "jupyter_book.cli.main", "myst_nb.sphinx_ext", "sphinx.builders.html", "sphinx.ext.napoleon"),
    *("sphinx_book_theme", "sphinx_copybutton", "sphinx_design", "sphinxcontrib.bibtex"),
    *("feedgen.feed", "fontTools.ttLib", "matplotlib.figure", "PIL.ImageFont", "psutil"),
]
LONGEST = 240  # seconds; nothing takes a tenth of it on a machine without other work
WAITING = 5  # how much longer a second of the processor may take on a machine that others use
NOT_ITS_OWN = 99  # an exit code that is neither green nor red


def start_server():
    """Start the server of forks, of which a process has one, unless it runs.

    Where several files are tested it has to start before a test of another file starts it with the library loaded:
    every copy of the project would then be given the library of this checkout, and no break would be seen.
    """
    multiprocessing.set_forkserver_preload(HEAVY)
    forkserver.ensure_running()


def run_pytest(folder, arguments, environment, hidden=None, processor_seconds=None):
    """Run it in ``folder``, modules of a folder ``hidden`` not to be found; returns the exit code and the output.

    A run that takes more ``processor_seconds`` is killed, or more than `LONGEST` where none are given; the code is then
    negative. Seconds of the processor don't depend on what else the machine does.
    """
    return _forked(folder, _pytest, arguments, environment, hidden, processor_seconds)


def run_script(folder, command, environment, hidden):
    """The same for a Python file below ``folder`` and its arguments."""
    return _forked(folder, _script, command, environment, hidden)


def _forked(folder, work, argument, environment, hidden, processor_seconds=None):
    start_server()
    log = folder / "forked.log"
    given = str(folder), work, argument, environment, hidden and str(hidden), str(log), processor_seconds
    process = multiprocessing.get_context("forkserver").Process(target=_run, args=given)
    process.start()
    process.join(WAITING * processor_seconds + LONGEST if processor_seconds else LONGEST)
    if process.exitcode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with what it has started
        process.join()
    return process.exitcode, log.read_text(encoding="utf-8", errors="replace")


def _run(folder, work, argument, environment, hidden, log, processor_seconds):
    os.setsid()
    if processor_seconds:
        import resource  # which Windows lacks

        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(processor_seconds), math.ceil(processor_seconds)))
    with open(log, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    gc.freeze()  # an extension of Sphinx looks at all objects that the collector of garbage knows
    os.environ.clear()
    os.environ.update(environment)
    if hidden:
        sys.path[:] = [path for path in sys.path if "site-packages" in path or not path.startswith(hidden)]
    sys.path.insert(0, folder)
    os.chdir(folder)
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in environment
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
