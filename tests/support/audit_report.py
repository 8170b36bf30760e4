"""What ``make audit`` leaves for an issue: the names of what failed, as Markdown."""

WRONG = ("failed", "error")


def of_tests(stats, status):
    """Tests that failed, each with the last line of its error, from what pytest counted; ``status`` is its own."""
    reports = [report for outcome in WRONG for report in stats.get(outcome, ())]
    passed = len(stats.get("passed", ()))
    lines = [f"{len(reports)} tests failed, {passed} passed." if reports else f"All {passed} tests passed."]
    if status not in (0, 1):
        lines = [f"The tests did not come to their end (pytest's status is {int(status)}): {lines[0]}"]
    return listed(lines[0], (f"{report.nodeid}: {_last_line(report.longrepr)}" for report in reports))


def of_mutants(summary, red=""):
    """Mutants that nobody noticed, from the summary of a trial, and tests that are red without one."""
    *unnoticed, count = summary.splitlines()
    text = listed(f"{count}.", unnoticed)
    return f"{text}\nTests that are red without a mutant, too:\n\n```\n{red}\n```\n" if red else text


def listed(head, items):
    """A line and a list below it, its items in code spans, so that nothing in them is taken for markup."""
    rows = [f"- `{item.replace('`', chr(39))}`" for item in items]
    return "\n".join([head, *(["", *rows] if rows else [])]) + "\n"


def write(path, text):
    """Write a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _last_line(error):
    crash = getattr(error, "reprcrash", None)
    lines = str(crash.message if crash else error).strip().splitlines() or ["no message"]
    return lines[0] if crash else lines[-1]
