"""Run the pages that are out of date, several at once, through nbmake; the build and the tests both come here."""

import concurrent.futures
import datetime
import os
import re
import time

import filelock
import nbformat
from nbmake.nb_run import NotebookRun

import footprint
from pages import BOOK, ROOT, code_digest, dumps, has_code
from store import Run, Store

BUILD = ROOT / "_build"
TIMEOUT = 600  # seconds a cell may take
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# the warning is about kernels that are reached over a network; these live on this machine
KERNEL_CONFIG = 'c.IPKernelApp.log_level = "ERROR"\n'


class PageError(Exception):
    """A page whose run failed; ``result`` is what nbmake returned, with the place as ``page.md:line``."""

    def __init__(self, page, place, result):
        self.page, self.place, self.result = page, place, result
        super().__init__(f"{place}: {result.error.summary}\n{result.error.trace}")


def bring_up_to_date(pages, *, build=BUILD, jobs=None, say=print):
    """Find or make a run for each page.

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
                if isinstance(outcome, Run):
                    say(f"[{done}/{len(stale)}] {page.name}: {outcome.facts['seconds']:.1f} s")
                else:
                    say(f"[{done}/{len(stale)}] {page.name}: FAILED at {outcome.place}")
    return Outcome(outcomes, [page.name for page in stale])


class Outcome(dict):
    """Page name to Run or PageError; ``ran`` names the pages that were executed."""

    def __init__(self, outcomes, ran):
        super().__init__(outcomes)
        self.ran = ran

    @property
    def errors(self):
        return [outcome for outcome in self.values() if isinstance(outcome, PageError)]


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
        result = _execute(page, notebook, store.folder.parent)
        if result.error is not None:
            return PageError(page, _place(page, result.error), result)
        notebook, seen = result.nb, result.seen
    else:
        seen = {"files": [], "claims": {}, "distributions": [], "gpu": False}
    facts = {
        "code": code_digest(notebook),
        "seen": seen,
        "stamp": footprint.stamp(ROOT, seen, claims, known),
        "seconds": round(time.perf_counter() - started, 3),
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    return store.add(page, notebook, facts)


def _place(page, error):
    line = re.search(r"In\[\d+\], line (\d+)", re.sub(r"\x1b\[[0-9;]*m", "", error.trace))
    return page.where(max(error.failing_cell_index, 0), int(line[1]) if line else 1)


def _kernel_environment(build):
    """Numbers must not depend on the reader's own IPython profile, nor on how many processors there are."""
    config = build / "ipython" / "profile_default" / "ipython_kernel_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(KERNEL_CONFIG, encoding="utf-8")
    os.environ.update(THREADS, PYTHONHASHSEED="0", IPYTHONDIR=str(build / "ipython"))


def _execute(page, notebook, build):
    """Run the cells between two of ours, which watch what they touch and are taken out again."""
    new_cell = nbformat.v4.new_code_cell
    before = new_cell(
        f"import os, sys\nos.chdir({str(page.path.parent)!r})\nsys.path[:0] = [{str(ROOT)!r}, {str(BOOK / '_ext')!r}]\n"
        "import kernel\nkernel.begin()\ndel sys.path[1], kernel, os, sys"
    )
    after = new_cell(f"import sys\nsys.modules['kernel'].end({str(ROOT)!r})")
    notebook.cells = [before, *notebook.cells, after]
    path = build / "running" / f"{page.name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(notebook), encoding="utf-8")
    result = NotebookRun(path, TIMEOUT).execute()
    path.unlink(missing_ok=True)
    if result.error is not None:
        result.error.failing_cell_index -= 1
        return result
    result.seen = result.nb.cells[-1].outputs[0].data[footprint.MIME]
    result.nb.cells = result.nb.cells[1:-1]
    for count, cell in enumerate((cell for cell in result.nb.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    return result


def _project_hashes():
    files = [path for folder in ("mixlib", "book") for path in (ROOT / folder).rglob("*") if path.is_file()]
    names = (path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts)
    return {name: footprint.file_hash(ROOT / name) for name in names}
