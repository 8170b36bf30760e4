"""Run the pages that are out of date, several at once, through nbmake; the build and the tests both come here."""

import concurrent.futures
import datetime
import json
import logging
import os
import re
import time
import uuid

import nbformat
from nbclient.exceptions import DeadKernelError
from nbmake.nb_run import NotebookRun

from mixbook.build import costs, footprint, num, stopping, texts
from mixbook.build.located import Mistake
from mixbook.build.pages import BOOK, ROOT, code_digest, dumps, has_code
from mixbook.build.store import Run, Store
from mixbook.build.turns import turn

BUILD = ROOT / "_build"
IMPORTED_FROM = [str(ROOT), str(BOOK)]  # where pages find the library and the code of the book
NOTHING_SEEN = {"files": [], "claims": {}, "distributions": [], "gpu": False, "cpu_seconds": 0.0}
DIED = "let it need less memory and not end the process; `make live` runs the page cell by cell"
SLOW = "make it faster, or set mixing_seconds_a_cell in _config.yml"
TIMEOUT = 1800  # seconds a cell may take: ten times the slowest one, for machines with other work
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# kernels warn of networks, though these live on this machine, and complain when they are ended
KERNEL_CONFIG = 'c.IPKernelApp.log_level = "CRITICAL"\n'
logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # what they have to say, a Mistake says


def bring_up_to_date(
    pages, *, build=BUILD, jobs=None, say=print, seconds_a_cell=TIMEOUT, taken=frozenset(), fresh=False
):
    """Find or make a run for each page; one with errors is a run too, but is not kept.

    Parameters
    ----------
    pages : list of Page
    build : path
        The folder for everything that a build leaves.
    jobs : int, optional
        Pages run at once; by default one more than there are processors, since each waits for its kernel to start and
        to end.
    say : callable
        Takes a line of progress.
    seconds_a_cell : float
        A cell that takes longer is a mistake.
    taken : set of str
        Keys of runs that were made elsewhere, with other packages maybe, and that count nevertheless.
    fresh : bool
        Run all pages, whatever there is.

    Returns
    -------
    Outcome
    """
    build.mkdir(parents=True, exist_ok=True)
    store = Store(build / "executed", say=say)
    with turn(build, say):
        claims = claim_fingerprints()
        outcomes = {page.name: None if fresh else _found(page, store, claims, taken) for page in pages}
        stale = [page for page in pages if outcomes[page.name] is None]
        if len(stale) < len(pages):
            say(f"{len(pages) - len(stale)} of {len(pages)} pages are up to date")
        stale = costs.longest_first(stale, store)
        reasons = {page.name: "asked for" if fresh else store.why(page, claims) for page in stale}
        _kernel_environment(build)
        others = stopping.children()
        with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count() + 1) as pool:
            running = {
                pool.submit(_run, page, store, claims, reasons[page.name], say, seconds_a_cell): page for page in stale
            }
            try:
                for done, future in enumerate(concurrent.futures.as_completed(running), 1):
                    page = running[future]
                    outcome = outcomes[page.name] = future.result()
                    say(f"[{done}/{len(stale)}] {page.name}: {outcome.facts['seconds']:.1f} s")
                    for error in outcome.errors:
                        say(f"{error.trace}\nFAILED at {error}".lstrip())
            except BaseException:  # Ctrl-C in a test run: no kernel may work on for a result that nobody awaits
                pool.shutdown(wait=False, cancel_futures=True)
                stopping.end_children(spare=others)
                raise
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


def _found(page, store, claims, taken):
    """The run of a page that counts, or None; where its words were not true of another text, only with that text."""
    run = store.find(page, claims, taken)
    return None if run and run.facts.get("otherwise") and not texts.other(page) else run


def _run(page, store, claims, reason, say, seconds_a_cell):
    say(f"running {page.name} ({reason})")
    notebook = page.notebook()
    runs = has_code(notebook)
    known = _project_hashes() if runs else {}
    started = time.perf_counter()
    if runs:
        notebook, seen, told, errors = _execute(page, notebook, store.folder.parent, seconds_a_cell)
    else:
        seen, told, errors = NOTHING_SEEN, {}, []
    facts = {
        "code": code_digest(notebook),
        "seen": seen,
        "stamp": footprint.stamp(ROOT, seen, claims, known),
        "numbers": {key: value for key, (value, error) in told.items() if not error},
        "seconds": round(time.perf_counter() - started, 3),
        "where": footprint.where() | {"gpu": footprint.gpu() if seen["gpu"] else None},
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    if errors and (why := texts.other(page)):
        words, errors = texts.apart(notebook, errors)
        facts["otherwise"] = {"why": why, "words": words}
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


def _execute(page, notebook, build, seconds_a_cell):
    """Run the cells, each of them whatever became of the others.

    Returns the notebook, what it touched, the numbers of its prose (each with what stood against it), and its errors.
    The first and the last cell are ours: they watch what the page touches, and are taken out again.
    """
    new_cell, blank = nbformat.v4.new_code_cell, notebook
    numbers = [(number.expression, number.place) for number in num.numbers_of(notebook) if number.place is not None]
    path = build / "running" / f"{page.name}.ipynb"
    begun = path.with_suffix(".begun")
    before = new_cell(
        f"import os, sys\nos.chdir({str(page.path.parent)!r})\nsys.path[:0] = {IMPORTED_FROM!r}\n"
        f"os.environ['PYTHONPATH'] = {os.pathsep.join(IMPORTED_FROM)!r}\n"  # for processes that the page starts
        f"from mixbook.build import kernel\nkernel.begin({list(dict.fromkeys(numbers))!r})\ndel kernel, os, sys\n"
        # which cell was begun last is known even where the kernel dies in it
        f"get_ipython().events.register('pre_run_cell', lambda info: print(end='.', file=open({str(begun)!r}, 'a')))"
    )
    after = new_cell(f"import sys\nsys.modules['mixbook.build.kernel'].end({str(ROOT)!r})")
    watched = nbformat.from_dict({**notebook, "cells": [before, *notebook.cells, after]})
    watched.metadata["execution"] = {**notebook.metadata.get("execution", {}), "allow_errors": True}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(watched), encoding="utf-8")
    begun.unlink(missing_ok=True)
    try:
        result = NotebookRun(path, seconds_a_cell).execute()
    except Exception as error:  # nbmake keeps no outputs then
        index = _code_cell(blank, len(begun.read_text()) - 1 if begun.exists() else 0)
        died = isinstance(error, DeadKernelError)
        what = "the process of the page died in this cell" if died else f"{type(error).__name__}: {error}"
        return blank, NOTHING_SEEN, {}, [Mistake.at(page.where(index), what, DIED, index)]
    finally:
        path.unlink(missing_ok=True)
        begun.unlink(missing_ok=True)
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
        index = min(max(result.error.failing_cell_index - 1, _code_cell(blank, 0)), len(cells) - 1)
        slow = "timed out" in result.error.summary
        errors = [error for error in errors if error.cell != index]  # that of being interrupted
        what = f"this cell takes more than {seconds_a_cell:g} s" if slow else result.error.summary.rstrip(".:")
        fix = SLOW if slow else "mend the cell or what it calls"
        errors.append(Mistake.at(page.where(index), what, fix, index))
    for count, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    data = next((output.data for output in after.outputs if "data" in output), {})
    seen, told = data.get(footprint.MIME), json.loads(data.get(footprint.NUMBERS, "{}"))
    # a name that a failed cell should have defined is missing for a reason that is told
    wrong = num.unshown(page, blank, told)
    errors += [mistake for number, mistake in wrong if not (errors and "NameError" in mistake.what)]
    if seen is None and not errors:
        errors = [
            _mistake(page, _code_cell(blank, 0), "the kernel does not tell what the page used", str(after.outputs))
        ]
    return result.nb, seen or NOTHING_SEEN, told, errors


def _code_cell(notebook, number):
    """The index of a code cell, counted from 0 among those with code in them."""
    found = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    return found[min(max(number, 0), len(found) - 1)] if found else 0


def plain(text):
    """Text without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _project_hashes():
    files = [path for folder in ("mixlib", "book") for path in (ROOT / folder).rglob("*") if path.is_file()]
    names = (path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts)
    return {name: footprint.file_hash(ROOT / name) for name in names}
