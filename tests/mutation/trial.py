"""Try mutants: write one into a copy of the project, run the tests that can notice it, and put the source back.

Compiled functions need nothing of their own: their code is kept under a hash of the sources, and each run of tests is
a process of its own (a fork, see ``forked.py``).
"""

import dataclasses
import os
import re

import scipy.stats
import yaml

from mixbook.build.pages import ROOT

GOAL = 0.85  # of the mutants that nobody has explained
ODDS = 1e-3  # at which a suite at the goal may be called worse
KILLED, SURVIVED, TIMED_OUT, EXPLAINED, UNREACHED = "killed", "SURVIVED", "timed out", "explained", "NOT REACHED"
SLOW = "not tried, its tests take too long"
NOTICED, NOT_COUNTED = (KILLED, TIMED_OUT), (EXPLAINED, SLOW)
BASIS, TIMES, COMPILING = 20, 2, 60  # seconds of the processor: for any run, for each of its green ones, to compile
OPTIONS = ["-x", "--tb=no", "--hypothesis-profile=mutants"]
EXPLANATIONS = ROOT / "tests" / "mutation" / "explained.yml"


@dataclasses.dataclass(frozen=True)
class Trial:
    """What became of a mutant, and ``by`` which test."""

    mutant: object
    fate: str
    by: str = ""

    def __str__(self):
        return f"{self.fate}: {self.mutant}{f'  [{self.by}]' if self.by else ''}"

    def to_dict(self):
        """As JSON can hold it."""
        mutant = {name: value for name, value in vars(self.mutant).items() if name != "source"}
        return mutant | {"fate": self.fate, "by": self.by}


def explanations(path=EXPLANATIONS):
    """Key of a mutant to why no test can notice it."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return {(row["module"], row["function"], row["before"], row["after"]): row["why"] for row in rows}


def limit_of(seconds, *, compiled):
    """How many seconds of the processor to wait for tests that take ``seconds`` without a mutant."""
    return BASIS + TIMES * seconds + compiled * COMPILING


def try_out(project, mutant, tests, limit, *, warm=False):
    """Run ``tests``, ids or files, on a mutant in a copy of the project, for ``limit`` seconds of the processor.

    Those that take longer are run without the mutant, and on it a second time: they may have waited for a compiler.
    """
    if not tests:
        return Trial(mutant, UNREACHED)
    path = project.root / mutant.module
    original, state = path.read_bytes(), path.stat()
    try:
        path.write_text(mutant.source, encoding="utf-8")
        run = quietly(project, tests, limit)
    finally:
        path.write_bytes(original)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    if run.code == 0:
        return Trial(mutant, SURVIVED)
    if run.code < 0 and warm:
        return Trial(mutant, TIMED_OUT)
    if run.code != 1:  # 1: a test failed; others: none ran
        green = quietly(project, tests, limit)
        gone = set(re.findall(r"^ERROR: not found: \S+?/(tests/.+)$", green.output, re.MULTILINE))
        if gone & set(tests):  # renamed since somebody saw what it reaches
            return try_out(project, mutant, [test for test in tests if test not in gone], limit)
        if green.code < 0:
            return Trial(mutant, SLOW)
        if run.code < 0:
            return try_out(project, mutant, tests, limit, warm=True)
        if green.code != 0:
            raise RuntimeError(f"the tests of {mutant} do not run without it either:\n{green.output}")
    by = re.search(r"^(?:FAILED|ERROR) ([^\s[]+)", run.output, re.MULTILINE)  # without its parameters
    return Trial(mutant, KILLED, by[1] if by else "")


def quietly(project, tests, seconds):
    """Run tests where nothing but their end counts."""
    return project.pytest(*OPTIONS, *tests, processor_seconds=seconds, PYTHONDONTWRITEBYTECODE="1")


def enough(trials):
    """Whether a suite that notices a share `GOAL` of all mutants would notice no more than this, once in a while."""
    noticed, counted = count(trials)
    return scipy.stats.binom.cdf(noticed, counted, GOAL) > ODDS


def count(trials):
    """How many were noticed, and of how many: those that are explained or not tried count as none."""
    counted = [trial for trial in trials if trial.fate not in NOT_COUNTED]
    return sum(trial.fate in NOTICED for trial in counted), len(counted)


def summary(trials):
    """The share that was noticed with its 95% interval, and what was not, for people."""
    noticed, counted = count(trials)
    low, high = scipy.stats.binomtest(noticed, counted).proportion_ci(method="wilson") if counted else (0, 1)
    lines = [str(trial) for trial in trials if trial.fate in (SURVIVED, UNREACHED, SLOW)]
    explained = sum(trial.fate == EXPLAINED for trial in trials)
    lines.append(
        f"{noticed} of {counted} mutants noticed: {noticed / max(counted, 1):.1%} (95%: {low:.1%} to {high:.1%}), "
        f"{explained} explained"
    )
    return "\n".join(lines)
