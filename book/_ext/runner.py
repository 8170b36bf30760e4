"""Run the pages that are out of date, several at once, through nbmake; the build and the tests both come here."""

import concurrent.futures
import datetime
import os
import re
import time
import uuid

import filelock
import nbformat
from nbclient.exceptions import DeadKernelError
from nbmake.nb_run import NotebookRun

import footprint
from located import Mistake
from pages import BOOK, ROOT, code_digest, dumps, has_code
from store import Run, Store

BUILD = ROOT / "_build"
NOTHING_SEEN = {"files": [], "claims": {}, "distributions": [], "gpu": False}
DIED = "find the cell that ends its process (memory?) by running the page in Jupyter"
TIMEOUT = 600  # seconds a cell may take
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# the warning is about kernels that are reached over a network; these live on this machine
KERNEL_CONFIG = 'c.IPKernelApp.log_level = "ERROR"\n'


def bring_up_to_date(pages, *, build=BUILD, jobs=None, say=print):
    """Find or make a run for each page; one with errors is a run too, but is not kept.

    Parameters
    ----------
    pages : list of Page
    build : path
        The folder for everything that a build leaves.
    jobs : int, optional
        Pages run at once; by default one for each processor.
    say : callable
        Takes a line of progress.

    Returns
    -------
    Outcome
    """
    build.mkdir(parents=True, exist_ok=True)
    store = Store(build / "executed", say=say)
    with filelock.FileLock(build / "executing.lock"):
        claims = claim_fingerprints()
        outcomes = {page.name: store.find(page, claims) for page in pages}
        stale = [page for page in pages if outcomes[page.name] is None]
        if len(stale) < len(pages):
            say(f"{len(pages) - len(stale)} of {len(pages)} pages are up to date")
        # the longest first, so that none is left to run alone at the end; before the first run, the one of most code
        stale.sort(key=lambda page: (store.seconds(page), page.path.stat().st_size), reverse=True)
        reasons = {page.name: store.why(page, claims) for page in stale}
        _kernel_environment(build)
        with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            running = {pool.submit(_run, page, store, claims, reasons[page.name], say): page for page in stale}
            for done, future in enumerate(concurrent.futures.as_completed(running), 1):
                page = running[future]
                outcome = outcomes[page.name] = future.result()
                say(f"[{done}/{len(stale)}] {page.name}: {outcome.facts['seconds']:.1f} s")
                for error in outcome.errors:
                    say(f"{error.trace}\nFAILED at {error}")
    return Outcome(outcomes, [page.name for page in stale])


class Outcome(dict):
    """Page name to Run; ``ran`` names the pages that were executed."""

    def __init__(self, outcomes, ran):
        super().__init__(outcomes)
        self.ran = ran

    @property
    def errors(self):
        """The Mistakes of all pages."""
        return [error for run in self.values() for error in run.errors]


def claim_fingerprints():
    """Claim id to a hash of its entry in the registry."""
    from mixlib.claims import fingerprint, load_registry

    return {id: fingerprint(entry) for id, entry in load_registry(BOOK / "claims.yml").items()}


def _run(page, store, claims, reason, say):
    say(f"running {page.name} ({reason})")
    notebook = page.notebook()
    known = _project_hashes()
    started = time.perf_counter()
    if has_code(notebook):
        notebook, seen, errors = _execute(page, notebook, store.folder.parent)
    else:
        seen, errors = NOTHING_SEEN, []
    facts = {
        "code": code_digest(notebook),
        "seen": seen,
        "stamp": footprint.stamp(ROOT, seen, claims, known),
        "seconds": round(time.perf_counter() - started, 3),
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    if not errors:
        return store.add(page, notebook, facts)
    # never kept, and never the same as another: Sphinx reads the page again after each such run
    notebook.metadata["mixing_book"] = {**facts, "key": uuid.uuid4().hex}
    return Run(notebook, tuple(errors))


def _mistake(page, index, what, trace):
    """What stopped the cell with this index, and where."""
    line = re.search(r"In\[\d+\], line (\d+)", trace)
    place = page.where(index, int(line[1]) if line else 1)
    return Mistake.at(place, what, "mend the cell or what it calls", index, trace)


def _kernel_environment(build):
    """Numbers must not depend on the reader's own IPython profile, nor on how many processors there are."""
    config = build / "ipython" / "profile_default" / "ipython_kernel_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(KERNEL_CONFIG, encoding="utf-8")
    os.environ.update(THREADS, PYTHONHASHSEED="0", IPYTHONDIR=str(build / "ipython"))


def _execute(page, notebook, build):
    """Run the cells, each of them whatever became of the others; returns the notebook, what it touched and its errors.

    The first and the last cell are ours: they watch what the page touches, and are taken out again.
    """
    new_cell, blank = nbformat.v4.new_code_cell, notebook
    before = new_cell(
        f"import os, sys\nos.chdir({str(page.path.parent)!r})\nsys.path[:0] = [{str(ROOT)!r}, {str(BOOK / '_ext')!r}]\n"
        "import kernel\nkernel.begin()\ndel sys.path[1], kernel, os, sys"
    )
    after = new_cell(f"import sys\nsys.modules['kernel'].end({str(ROOT)!r})")
    watched = nbformat.from_dict({**notebook, "cells": [before, *notebook.cells, after]})
    watched.metadata["execution"] = {**notebook.metadata.get("execution", {}), "allow_errors": True}
    path = build / "running" / f"{page.name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(watched), encoding="utf-8")
    try:
        result = NotebookRun(path, TIMEOUT).execute()
    except DeadKernelError as error:  # nbmake keeps no outputs then
        return blank, NOTHING_SEEN, [Mistake.at(page.where(_first_code(blank)), str(error), DIED, _first_code(blank))]
    finally:
        path.unlink(missing_ok=True)
    *cells, after = result.nb.cells[1:]
    result.nb.cells = cells
    result.nb.metadata.pop("execution")
    errors = [
        _mistake(page, index, f"{output.ename}: {output.evalue}".split("\n")[0], plain("\n".join(output.traceback)))
        for index, cell in enumerate(cells)
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    ]
    if result.error is not None:  # a cell that took too long, or a kernel that could not start
        index = min(max(result.error.failing_cell_index - 1, _first_code(blank)), len(cells) - 1)
        errors.append(_mistake(page, index, result.error.summary.rstrip(".:"), plain(result.error.trace)))
    for count, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    seen = next((output.data[footprint.MIME] for output in after.outputs if "data" in output), None)
    if seen is None and not errors:
        errors = [_mistake(page, _first_code(blank), "the kernel does not tell what the page used", str(after.outputs))]
    return result.nb, seen or NOTHING_SEEN, errors


def _first_code(notebook):
    return next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")


def plain(text):
    """Text without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _project_hashes():
    files = [path for folder in ("mixlib", "book") for path in (ROOT / folder).rglob("*") if path.is_file()]
    names = (path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts)
    return {name: footprint.file_hash(ROOT / name) for name in names}
