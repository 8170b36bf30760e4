"""Try a sample of all mutants of the library. Run: python tests/mutation --sample 300"""

import argparse
import itertools
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "book"), str(ROOT / "tests" / "support")]

import rotation  # noqa: E402 - found there
from mixbook.build import runner  # noqa: E402

os.environ.update(runner.THREADS)

import audit_report  # noqa: E402
import mutants  # noqa: E402
import reach  # noqa: E402
import trial  # noqa: E402
from small_book import copy_project  # noqa: E402

MOST = 20  # seconds of the processor, green, for the tests of one mutant: the cheapest ones, if all take longer

NEW = 10  # for a test file that is not known yet


def main():
    """The command."""
    parser = argparse.ArgumentParser(prog="python tests/mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="how many mutants to try (default 300)")
    parser.add_argument(
        "--seed", default=rotation.seed(), help="what draws them; by default the content of the sources"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="only modules with this in their path")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many at a time (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what became of each mutant")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write who was not noticed, as Markdown")
    parser.add_argument("--old-reach", action="store_true", help="do not measure again which test reaches what")
    parser.add_argument("--again", type=Path, metavar="FILE", help="try those again that nobody noticed in such a file")
    arguments = parser.parse_args()
    library = mutants.Library(ROOT, arguments.only)
    if arguments.again:
        drawn = list(_unnoticed(library, arguments.again))
        print(f"{len(drawn)} mutants of {arguments.again} that were not noticed", flush=True)
    else:
        drawn = list(itertools.islice(library.in_order(arguments.seed), arguments.sample))
        print(f"{len(drawn)} of {len(library)} mutants, drawn with --seed={arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        projects = SimpleQueue()
        for number in range(arguments.jobs):
            projects.put(copy_project(Path(folder, str(number))))
        known = _reach(projects, arguments.old_reach)
        explained, trials = trial.explanations(), []

        def follow(mutant):
            project = projects.get()
            try:
                found = _tried(project, mutant, known, explained)
            finally:
                projects.put(project)
            trials.append(found)
            print(f"{len(trials)}/{len(drawn)} {found}", flush=True)
            if arguments.json:
                arguments.json.write_text(json.dumps([one.to_dict() for one in trials], indent=1), encoding="utf-8")

        with ThreadPoolExecutor(arguments.jobs) as pool:
            list(pool.map(follow, drawn))
        killers = sorted({one.by for one in trials if one.by})
        green = trial.quietly(projects.get(), killers, 3600) if killers else None
    print(trial.summary(trials))
    if green and green.code != 0:
        print(f"These tests are red without a mutant too:\n{green.output}")
    if arguments.report:
        red = green.output if green and green.code != 0 else ""
        audit_report.write(arguments.report, audit_report.of_mutants(trial.summary(trials), red))
    return 0 if trial.enough(trials) and not (green and green.code) else 1


def _unnoticed(library, path):
    for row in json.loads(path.read_text(encoding="utf-8")):
        if row["fate"] not in trial.NOTICED:
            key = tuple(row[name] for name in ("module", "function", "before", "after"))
            yield from [mutant for mutant in library.of(*key[:2]) if mutant.key == key][:1]


def _tried(project, mutant, known, explained):
    if mutant.key in explained:
        return trial.Trial(mutant, trial.EXPLAINED)
    tests, seconds = [], 0
    for test in known.tests_of(mutant):
        spent = known.seconds.get(test, NEW)
        if seconds + spent > MOST:
            break
        tests.append(test)
        seconds += spent
    limit = trial.limit_of(seconds, compiled=mutant.module in known.names.compiled)
    return trial.try_out(project, mutant, tests, limit)


def _reach(projects, old):
    """Which tests reach what, measured at most once for the same sources."""
    folder = ROOT / "_build" / "mutation"
    kept, stamp, project = folder / "reach.json", rotation.seed(), projects.get()
    if not kept.is_file() or not (old or json.loads(kept.read_text(encoding="utf-8"))["stamp"] == stamp):
        print("Running the tests under coverage, to see which of them reach what: some minutes", flush=True)
        seconds, reached = reach.measured(project, project.root / "reach")  # its own: two runs must not write to one
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"stamp": stamp, "seconds": seconds, "reached": reached}), encoding="utf-8")
    projects.put(project)
    found = json.loads(kept.read_text(encoding="utf-8"))
    there = {test: spent for test, spent in found["seconds"].items() if (project.root / test.split("::")[0]).is_file()}
    return reach.Reach(reach.Names(project.root), there, found["reached"])


if __name__ == "__main__":
    sys.exit(main())
