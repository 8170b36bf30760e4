"""Sphinx extension: run what is out of date before the pages are read, and give each page its outputs.

Sphinx itself never executes anything: ``read_executed`` is the reader of every page (``nb_custom_formats``), and takes
the outputs from the runs that ``runner`` found or made.
"""

import shutil
import time

import psutil
from sphinx.errors import ExtensionError
from sphinx_external_toc.parsing import parse_toc_yaml

from mixbook.build import (
    channel,
    citations,
    downloads,
    findings,
    front,
    journal,
    num,
    pages,
    runner,
    status,
    take,
    texts,
    turns,
)
from mixbook.build.cards import with_cards
from mixbook.build.citations import with_references
from mixbook.build.footprint import file_hash
from mixbook.build.ledger import claims_of, flipped, mistakes_of, scoreboard, write_claims
from mixbook.build.resources import Peak, peak_memory
from mixbook.build.social import FOLDER as PICTURES
from mixbook.build.store import Store
from mixlib.claims import WORDS, load_registry

UNFINISHED = "unfinished"  # a file that exists while a build is under way, and stays when it fails

_runs = {}  # digest of a page's code -> its Run
_peak = Peak()
fresh = False  # whether this build runs all pages, whatever was run before; `build --fresh` sets it
_registry = {}  # the claims of the book
_report = None  # what gives the address where an error in a claim is reported
_without_run = False  # whether a page may be shown that has no run


def setup(app):
    app.add_config_value("mixing_jobs", None, "")
    app.add_config_value("mixing_only", "", "")  # the one page to build, or all
    app.add_config_value("mixing_library", "", "")
    app.add_config_value("mixing_seconds_a_cell", runner.TIMEOUT, "")
    app.add_role("num", num.show)
    app.connect("config-inited", forget_an_unfinished_build)
    app.connect("builder-inited", execute, priority=100)
    app.connect("env-get-outdated", out_of_date)
    app.connect("env-before-read-docs", leave_others)
    app.connect("env-updated", remember)
    app.connect("html-page-context", describe_run)
    app.connect("build-finished", finish, priority=900)  # the others may still find something wrong
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def say(line):
    """Progress and results, which a quiet build shows too."""
    print(line, flush=True)


def read_executed(text):
    """The reader of all pages: the notebook with the outputs of its run."""
    notebook = pages.read(text)
    run = _runs.get(pages.code_digest(notebook))
    if run is None and _without_run:
        return with_references(num.filled(notebook, {}))
    if run is None:
        raise ExtensionError("the code of a page was changed while the book was being built; build the book again")
    shown = with_references(num.filled(run.onto(notebook), run.facts.get("numbers", {})))
    return with_cards(shown, _registry, _report)


def forget_an_unfinished_build(app, config):
    """Start Sphinx afresh after a build that was interrupted or had warnings: its state can't be trusted."""
    turns.take(runner.BUILD, say)  # until this process ends
    if config.mixing_only:
        return
    marker = runner.BUILD / UNFINISHED
    if marker.exists():
        say("notice: the last build did not finish well; every page is written anew")
        (pages.Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
        for copied in ("_static", "_sources"):  # a full disk can leave a file in the place of a folder
            path = pages.Path(app.outdir) / copied
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    pages.write_atomically(marker, "")
    for ledger in _ledgers(app):  # an old one must not pass for that of this build
        ledger.unlink(missing_ok=True)


def execute(app):
    """Bring all pages up to date and collect their claims, whatever went wrong on some of them."""
    try:
        _execute(app)
    except Exception as error:
        channel.foresee_not(error)
        channel.stop("The site was not built")


def _execute(app):
    global _registry, _report
    _registry = load_registry(pages.BOOK / "claims.yml")
    _report = app.mixing_repository and app.mixing_repository.report
    only, seconds = app.config.mixing_only, app.config.mixing_seconds_a_cell
    listed = [page for page in pages.table_of_contents() if only in ("", page.name)]
    with peak_memory(into=_peak):
        outcome = runner.bring_up_to_date(
            listed, jobs=app.config.mixing_jobs, say=say, seconds_a_cell=seconds, taken=take.taken(), fresh=fresh
        )
    app.mixing_outcome = outcome
    _runs.update({run.facts["code"]: run for run in outcome.values()})
    app.mixing_claims = claims_of(listed, outcome)
    app.mixing_findings = findings.collect(listed, outcome)
    of_claims = mistakes_of(listed, outcome, other_text=app.mixing_findings.other_text())
    channel.add(*outcome.errors, *of_claims, *app.mixing_findings.mistakes)
    if only:
        _show_others_as_they_are(app)
        return
    used = {name for run in outcome.values() for name in run.facts["seen"]["distributions"]}
    for ledger in _ledgers(app):
        write_claims(app.mixing_claims, ledger, used, app.mixing_findings.by_page())
    say("writing the site")


def _show_others_as_they_are(app):
    """Where a page is built alone, links and the ledger need the others: with their last outputs, or without any."""
    global _without_run
    _without_run = True
    # the index for the search stays that of the last whole build
    app.builder.load_indexer, app.builder.dump_search_index = lambda names: None, lambda: None
    store, known = Store(runner.BUILD / "executed", say=say), dict(app.mixing_outcome)
    listed = pages.table_of_contents()
    for page in listed:
        run = store.newest(page)
        if page.name not in known and run and run.facts["code"] == pages.code_digest(page.notebook()):
            known[page.name] = _runs[run.facts["code"]] = run
    app.mixing_claims = claims_of([page for page in listed if page.name in known], known)


def leave_others(app, env, names):
    """Read one page alone, once the others are known; where none is read, nor gone, the references stay as they are."""
    if not names and not app.mixing_gone:
        citations.keep(env)
    only = app.config.mixing_only
    if only and only in env.all_docs:
        names[:] = [name for name in names if name == only or citations.lists_all(pages.text_of(name))]


def _ledgers(app):
    return runner.BUILD / "claims.json", pages.Path(app.outdir) / "claims.json"


def out_of_date(app, env, added, changed, removed):
    """Pages whose run is another than the one that Sphinx read, and pages that show the ledger, or all."""
    app.mixing_gone = removed
    if getattr(env, "mixing_look", None) != _look(app):
        return sorted(env.found_docs)
    known = getattr(env, "mixing_keys", {})
    sources = _sources() != getattr(
        env, "mixing_sources", None
    )  # a list of references holds each source as it was read
    shown = _shown(app)
    stale = [name for name in shown if known.get(name) != shown[name] or app.config.mixing_only]
    if stale or getattr(env, "mixing_claims_digest", None) != _claims_digest(app):
        stale += [name for name in app.mixing_outcome if shows_ledger(name)]
    stale += [name for name in env.found_docs if sources and citations.has_list(pages.text_of(name))]
    return sorted(set(stale) & env.found_docs)


def remember(app, env):
    """Note what Sphinx has read, for the next build."""
    env.mixing_keys = _shown(app)
    env.mixing_claims_digest, env.mixing_look, env.mixing_sources = _claims_digest(app), _look(app), _sources()
    before, env.mixing_contents = getattr(env, "mixing_contents", None), _contents()
    # every page shows the contents, and the pages before and after it
    return sorted(env.found_docs) if before not in (None, env.mixing_contents) else []


def _shown(app):
    """Page name to what it shows: its run, the words of its claims, and how settled it is."""
    told, settled = {name: [] for name in app.mixing_outcome}, status.statuses()
    for claim in app.mixing_claims:
        told.get(claim["page"], []).append([claim.get(key) for key in (*WORDS, "otherwise")])
    return {
        name: (run.key, pages.digest(told[name]), str(settled.get(name))) for name, run in app.mixing_outcome.items()
    }


def describe_run(app, name, template, context, doctree):
    """Tell the template when the numbers were computed, and the reader what is otherwise with this text."""
    run = getattr(app, "mixing_outcome", {}).get(name)
    context["mixing_run"] = run.facts if run is not None else None
    if run is not None and (note := texts.note(run.facts)):
        context["body"] = context["body"].replace("</h1>", f"</h1>{note}", 1)


def shows_ledger(name):
    """Whether the page holds one of the ledger's directives."""
    text = pages.text_of(name)
    return any(f"{{{name}}}" in text for name in ("ledger", "scoreboard", "findings", "journal", "statuses"))


def finish(app, exception):
    """Write what the site offers for download, and say how it went."""
    if exception is not None or app.builder.format != "html":
        return
    site, only = pages.Path(app.outdir), app.config.mixing_only
    shown = [page for page in pages.table_of_contents() if only in ("", page.name)]
    downloads.write_changed(shown, app.mixing_outcome, site, app.config.mixing_library, runner.BUILD / "offered.json")
    if only:
        say(f"{findings.report(app.mixing_findings, of=only)}\nOpen {site / only}.html")
        return
    _remove_former_pages(site, app.env.found_docs)
    if not app._warncount:
        (runner.BUILD / UNFINISHED).unlink(missing_ok=True)
    _peak.sample()
    say(f"\n{summary(app)}\n\n{findings.report(app.mixing_findings)}")


def _remove_former_pages(site, names):
    """Sphinx leaves the files of a page that is no longer in the book."""
    for source in (site / "_sources").rglob("*.md"):
        name = source.relative_to(site / "_sources").with_suffix("").as_posix()
        if name not in names:
            picture, notebook = site / PICTURES / f"{name}.png", site / "_notebooks" / f"{name}.ipynb"
            for path in (source, site / f"{name}.html", notebook, picture):
                path.unlink(missing_ok=True)


def summary(app):
    """The scoreboard, what was run, time, memory, and where the site is."""
    ran, total = app.mixing_outcome.ran, len(app.mixing_outcome)
    seconds = time.time() - psutil.Process().create_time()
    score = "\n".join(f"  {count:4d}  {word}" for word, count in scoreboard(app.mixing_claims).items())
    flips = sum(map(flipped, app.mixing_claims))
    score += f"\n  {flips:4d}  not as expected" if flips else ""
    return (
        f"Verdicts on {len(app.mixing_claims)} claims\n{score}\n"
        f"Pages run: {len(ran)} of {total}" + (f" ({', '.join(sorted(ran))})" if ran else "") + "\n"
        f"Time: {seconds:.1f} s    Peak memory: {_peak.bytes / 2**30:.2f} GiB\n"
        f"Open {pages.Path(app.outdir) / 'index.html'}"
    )


def _look(app):
    """What all pages share: style, templates, the code that makes the site, and where its repository is."""
    files = (path for name in ("_static", "_templates", "mixbook/build") for path in (pages.BOOK / name).rglob("*.*"))
    shared = {str(path): file_hash(path) for path in files if "__pycache__" not in path.parts}
    return pages.digest([shared, str(app.mixing_repository)])


def _sources():
    return file_hash(pages.BOOK / "references.bib")


def _contents():
    return pages.digest(parse_toc_yaml(pages.TOC).as_json())


def _claims_digest(app):
    shown = [{**claim, "verified_at": None} for claim in app.mixing_claims]
    return pages.digest([shown, journal.read(), front.thumbnails_of(app.mixing_outcome)])
