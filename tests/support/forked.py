"""Pytest in a fork of a process that has already imported what most test modules need: a start costs seconds."""

import multiprocessing
import os
import sys
from multiprocessing import forkserver

import pytest

HEAVY = ["hypothesis", "nbmake.pytest_items", "numba", "pandas", "pytest", "scipy.optimize", "scipy.stats", "torch"]
LONGEST = 120  # seconds; no guard takes a tenth of it
NOT_ITS_OWN = 99  # an exit code that is neither green nor red


def start_server():
    """Start the server of forks, of which a process has one, before a test starts it with the library loaded.

    Every copy of the project would then be given the library of this checkout, and no break would be seen.
    """
    multiprocessing.set_forkserver_preload(HEAVY)
    forkserver.ensure_running()


def run_pytest(folder, arguments, environment, hidden):
    """Run it in ``folder``, modules of the folder ``hidden`` not to be found; returns the exit code and the output."""
    processes = multiprocessing.get_context("forkserver")
    log = folder / "pytest.log"
    process = processes.Process(target=_run, args=(str(folder), arguments, environment, str(hidden), str(log)))
    process.start()
    process.join(LONGEST)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode, log.read_text(encoding="utf-8")


def _run(folder, arguments, environment, hidden, log):
    with open(log, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = [folder, *(path for path in sys.path if "site-packages" in path or not path.startswith(hidden))]
    os.chdir(folder)
    if "mixlib" in sys.modules:
        print("the server of forks has loaded the library; a copy of the project must load its own")
        sys.exit(NOT_ITS_OWN)
    sys.exit(pytest.main(arguments))
