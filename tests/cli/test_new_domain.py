"""A new domain: what is written, what is refused, that nothing is left half done, and that the suite passes at once."""

import ast
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import rotation
from forked import run_script
from mixbook.build.pages import ROOT, read
from mixlib import hull_escape, simplex
from mixlib.cli import main
from mixlib.cli._shared import edits
from mixlib.domains import Domain
from mixlib.kernels import ZOO
from small_book import copy_project, environment

# who follows book/extend.md has a domain called coffee, and then these tests are to pass as well
NAME = next(name for name in ("coffee", "tea", "cocoa") if not (ROOT / "book" / "domains" / f"{name}.md").exists())
TITLE, CLAIM = NAME.capitalize(), f"{NAME}.between-its-parts"
COMMAND = (NAME, "--kernel", "multiplicative-synergistic", "--title", TITLE)
FILES = (f"mixlib/domains/{NAME}.py", f"book/domains/{NAME}.md", f"tests/domains/test_{NAME}.py")


@pytest.fixture
def thin(tmp_path, monkeypatch):
    """What the command reads of a project, without anything else; the working folder is one below its root."""
    for name in ("_toc.yml", "book/claims.yml", "mixlib/domains/taste.py", "tests/domains/test_taste.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "book" / "_templates" / "domain", tmp_path / "book" / "_templates" / "domain")
    (tmp_path / "book" / "kernels").mkdir()
    monkeypatch.chdir(tmp_path / "book" / "kernels")
    return tmp_path


def tree(root):
    """Every file with its content, every folder with None."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None for path in root.rglob("*")
    }


def test_it_writes_five_things_and_keeps_every_line_of_the_others(thin, capsys):
    before = tree(thin)
    assert main(["new-domain", *COMMAND]) == 0
    after = tree(thin)
    changed = {name for name in after if after[name] is not None and after[name] != before.get(name)}
    assert changed == {*FILES, "book/claims.yml", "_toc.yml"}
    said = capsys.readouterr().out
    assert all(f"wrote {name}" in said for name in FILES)
    for name in ("book/claims.yml", "_toc.yml"):
        old, new = before[name].decode().splitlines(), after[name].decode().splitlines()
        start = next(n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
        more = len(new) - len(old)
        assert new[:start] + new[start + more :] == old, f"{name}: more than one block came in"
    rows = yaml.safe_load(after["book/claims.yml"])
    place = [row["id"] for row in rows].index(CLAIM)
    assert rows[place - 1]["part"] == rows[place]["part"] == "domains"
    assert rows[place + 1]["part"] != "domains"
    parts = {part["caption"]: part["chapters"] for part in yaml.safe_load(after["_toc.yml"])["parts"]}
    assert parts["Domains"][-1] == {"file": f"domains/{NAME}"}
    captions = list(parts)
    assert captions.index("Domains") == captions.index("Federation") - 1


def test_a_second_one_stands_behind_the_first_and_both_go_again(thin, capsys):
    before = tree(thin)
    assert main(["new-domain", *COMMAND]) == 0
    one = tree(thin)
    assert main(["new-domain", f"{NAME}-pot", "--kernel", "reactive"]) == 0
    contents = (thin / "_toc.yml").read_text()
    assert f"      - file: domains/{NAME}\n      - file: domains/{NAME}-pot\n" in contents
    assert (thin / "mixlib" / "domains" / f"{NAME}_pot.py").is_file()
    assert f"# {TITLE} pot\n" in (thin / "book" / "domains" / f"{NAME}-pot.md").read_text()
    assert main(["new-domain", f"{NAME}-pot", "--remove"]) == 0
    assert tree(thin) == one
    assert main(["new-domain", NAME, "--remove"]) == 0
    assert tree(thin) == before


@pytest.mark.parametrize("kernel", ZOO)
def test_the_example_of_every_kernel_meets_its_known_value_and_its_verdict(thin, kernel):
    assert main(["new-domain", NAME, "--kernel", kernel]) == 0
    check_example(thin, kernel)


def check_example(root, kernel):
    spec = importlib.util.spec_from_file_location(f"{NAME}_by_{kernel}", root / FILES[0])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    domain = module.DOMAIN
    assert isinstance(domain, Domain)
    assert type(domain.kernel) is ZOO[kernel]
    assert domain.tolerance < np.abs(domain.known).max() / 10
    np.testing.assert_allclose(domain.mixture(), domain.known, rtol=0, atol=domain.tolerance)
    row = yaml.safe_load((root / "book" / "claims.yml").read_text())
    expected = next(entry["expected"] for entry in row if entry["page"] == f"domains/{NAME}")
    rule, parts = domain.mean_kernel(), domain.nearby(50)
    escape = hull_escape(rule(simplex.sample(2, 50, rng=0), parts), rule(np.eye(2), parts[:, None])).distance
    assert expected == ("holds" if escape.max() < 1e-9 else "fails")
    for name in FILES:
        assert "<<" not in (root / name).read_text().replace("<<../", "")


def test_a_kernel_without_an_example_gets_the_one_for_comparison_and_says_that_it_proves_nothing(thin):
    path = thin / "book" / "_templates" / "domain" / "kernels.yml"
    path.write_text(path.read_text().replace("reactive:", "another:"))
    assert main(["new-domain", NAME, "--kernel", "reactive"]) == 0
    assert 'route="definition"' in (thin / FILES[0]).read_text()
    check_example(thin, "reactive")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["taste"], "'taste' is taken: mixlib/domains/taste.py exists"),
        (["sound"], "claims for domains/sound (sound.chord"),
        (["class"], "a word of Python"),
        (["3x"], "begin with a small letter"),
        (["Coffee"], "begin with a small letter"),
        (["../x"], "begin with a small letter"),
        ([NAME, "--kernel", "linaer"], "did you mean linear"),
        ([NAME, "--kernel", "synergistic"], "did you mean multiplicative-synergistic"),
        ([NAME, "--kernel", "zzz"], "The kernels are "),
        ([NAME, "--title", 'a "b"'], "--title: got"),
        ([NAME, "--title", "x" * 41], "--title: got"),
        ([NAME, "--remove"], f"there is no {FILES[1]}"),
        ([NAME, "--remove", "--kernel", "linear"], "goes with the name alone"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(thin, capsys, arguments, said):
    before = tree(thin)
    assert main(["new-domain", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert tree(thin) == before


def test_the_same_name_twice_is_refused(thin, capsys):
    assert main(["new-domain", *COMMAND]) == 0
    before = tree(thin)
    assert main(["new-domain", NAME]) == 2
    assert f"'{NAME}' is taken" in capsys.readouterr().err
    assert main(["new-domain", f"{NAME[0]}-{NAME[1:]}"]) == 2  # another file, and the same name of its claim
    assert f"has a claim {CLAIM}" in capsys.readouterr().err
    assert tree(thin) == before


def test_without_a_project_it_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new-domain", NAME]) == 2
    assert "the installed library has no pages; get the project's source" in capsys.readouterr().err
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(("error", "step"), [(OSError("disk full"), 1), (OSError("full"), 5), (KeyboardInterrupt(), 3)])
@pytest.mark.parametrize("where", ["half", "place"])
@pytest.mark.parametrize("remove", [False, True])
def test_a_failure_on_the_way_leaves_all_as_it_was(thin, monkeypatch, error, step, where, remove):
    if remove:
        assert main(["new-domain", *COMMAND]) == 0
        if where == "half" or step > 2:
            step = 1 + step % 2  # two files are rewritten, three deleted
    before, calls = tree(thin), []

    def failing(original):
        def call(*arguments, **options):
            calls.append(arguments)
            if len(calls) == step:
                raise error
            return original(*arguments, **options)

        return call

    owner, name = (Path, "write_text") if where == "half" else (edits.os, "replace")
    monkeypatch.setattr(owner, name, failing(getattr(owner, name)))
    assert main(["new-domain", NAME, "--remove"] if remove else ["new-domain", *COMMAND]) in (2, 130)
    assert len(calls) == step
    assert tree(thin) == before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("where", "step"), [("half", 1), ("half", 3), ("place", 1), ("place", 3)])
def test_a_signal_leaves_all_or_nothing_and_is_handed_on(thin, monkeypatch, name, where, step):
    number, heard, calls = getattr(signal, name), [], []
    before, own = tree(thin), signal.signal(number, lambda number, frame: heard.append(number))
    owner, function = (Path, "write_text") if where == "half" else (edits.os, "replace")
    original = getattr(owner, function)

    def interrupted(*arguments, **options):
        calls.append(arguments)
        if len(calls) == step:
            os.kill(os.getpid(), number)
            assert heard == []
        return original(*arguments, **options)

    monkeypatch.setattr(owner, function, interrupted)
    try:
        code = main(["new-domain", *COMMAND])
        assert heard == [number]
    finally:
        signal.signal(number, own)
    assert (code, tree(thin) == before) == ((130, True) if where == "half" else (0, False))
    if where == "place":
        assert main(["new-domain", NAME, "--remove"]) == 0  # which it would refuse of a part
        assert tree(thin) == before


def test_a_signal_that_nobody_listens_to_stops_nothing(thin, monkeypatch):
    def interrupted(*arguments, **options):
        os.kill(os.getpid(), signal.SIGHUP)
        return original(*arguments, **options)

    own, original = signal.signal(signal.SIGHUP, signal.SIG_IGN), Path.write_text  # as nohup does
    monkeypatch.setattr(Path, "write_text", interrupted)
    try:
        assert main(["new-domain", *COMMAND]) == 0
    finally:
        signal.signal(signal.SIGHUP, own)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_ended_leaves_nothing_half_written(thin, number):
    before = tree(thin)
    code = (
        "import os, pathlib, signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # nohup's is none
        "from mixlib.cli import main\noriginal = pathlib.Path.write_text\n"
        "def slow(path, *given, **named):\n    print('writing', flush=True)\n    sys.stdin.readline()\n"
        "    return original(path, *given, **named)\n"
        "pathlib.Path.write_text = slow\nsys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "new-domain", *COMMAND]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=thin, env=environment() | {"PYTHONPATH": str(ROOT)}, **pipes)
    assert process.stdout.readline() == "writing\n"
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "writing\n"  # the first file is complete
    process.send_signal(number)
    process.communicate("\n" * 9)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert tree(thin) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (FILES[0], "1.0", "1.5", f"{FILES[0]} was changed"),
        (FILES[1], f"# {TITLE}", "# Mine", f"{FILES[1]} was changed"),
        (FILES[2], None, None, f"{FILES[2]} is gone"),
        (
            "book/claims.yml",
            "a mixture lies between its parts",
            "a mixture is stronger",
            f"{CLAIM} was",
        ),
        ("_toc.yml", f"- file: domains/{NAME}", "- file: domains/mine", "_toc.yml: its line was changed or is gone"),
    ],
)
def test_what_somebody_has_changed_is_named_and_stays(thin, capsys, name, old, new, said):
    assert main(["new-domain", *COMMAND]) == 0
    path = thin / name
    if old is None:
        path.unlink()
    else:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
    before = tree(thin)
    assert main(["new-domain", NAME, "--remove"]) == 2
    assert said in capsys.readouterr().err
    assert tree(thin) == before


def test_a_claim_of_ones_own_on_the_page_is_a_change_too(thin, capsys):
    assert main(["new-domain", *COMMAND]) == 0
    path = thin / "book" / "claims.yml"
    path.write_text(path.read_text() + f"\n- {{id: {NAME}.strong, page: domains/{NAME}}}\n")
    assert main(["new-domain", NAME, "--remove"]) == 2
    assert f"{NAME}.strong belongs to its page too" in capsys.readouterr().err


def test_it_stands_in_quotes_in_all_code_so_that_it_hides_no_name_of_it(thin):
    assert main(["new-domain", *COMMAND]) == 0
    cells = [cell.source for cell in read((thin / FILES[1]).read_text()).cells if cell.cell_type == "code"]
    for code in (*cells, (thin / FILES[2]).read_text()):
        nodes = list(ast.walk(ast.parse(code)))
        assert NAME not in {getattr(node, key, None) for node in nodes for key in ("id", "name", "attr", "asname")}
    assert len(cells) > 5


# ---- in a copy of the whole project, before any editing

FINDINGS = """
import json, os, sys
sys.path[:0] = [os.getcwd(), os.path.abspath("book")]
from mixbook.build import findings, pages, runner
listed = [page for page in pages.table_of_contents() if page.name in sys.argv[1:]]
runs = runner.bring_up_to_date(listed, say=lambda line: None)
found = findings.collect(listed, runs)
new = findings.new_pages(found)
wrong = [str(one) for one in [*runs.errors, *found.mistakes]]
print(json.dumps({"wrong": wrong, "new": sorted(new), "lines": found.lines}))
"""
LAWS = (
    "test_a_domain_says_what_it_is",
    "test_kernel_and_carrier_exist_and_take_the_parts",
    "test_the_mixture_is_the_known_one",
    "test_a_batch_of_weights_is_the_stack_of_its_instances",
    "test_three_instruments_run",
)
READERS = (  # what reads domains, contents, registry or pages, and neither other pages nor the site; an audit runs all
    FILES[1],
    FILES[2],
    *(f"tests/domains/test_laws.py::{law}[{NAME}]" for law in LAWS),
    f"tests/book/show/test_knobs.py::test_it_names_all_knobs_and_what_is_known[{NAME}]",
    f"tests/book/studies/kernels/test_three_knobs.py::test_domains_keep_the_contract[{NAME}]",
    *(f"tests/book/test_{name}.py" for name in ("cards", "cells", "citations", "claims_registry", "fairness", "front")),
    *(f"tests/book/test_{name}.py" for name in ("contract", "costs", "journal", "reference", "typed_numbers")),
    "tests/book/test_lint.py::test_the_book_and_the_small_book_have_no_mistakes",
    "tests/book/test_lint.py::test_the_registry_and_the_settings_agree",
    "tests/test_docstrings.py::test_all_public_names_are_documented[mixlib.domains]",
    "tests/test_docstrings.py::test_functions_of_domains_have_an_example",
    "tests/test_import_order.py::test_imports_run_down_and_never_in_a_circle",
    "tests/test_registry.py",
    "tests/claims/test_registry.py",
    "tests/cli/test_new_domain.py::test_it_writes_five_things_and_keeps_every_line_of_the_others",
)
SELF = "tests/cli/test_new_domain.py::test_in_a_copy"
NOT_HERE = (  # on all pages, or on a book of three pages, which has no new domain
    SELF,
    "tests/book/test_contract.py::test_the_build_and_the_linter_check_it",
    "tests/book/test_costs.py::test_the_processor_time_of_a_page_is_that_of_its_process",
    "tests/book/test_fairness.py::test_every_verdict_of_the_book_has_enough_evidence_and_its_finding",
)


@pytest.fixture
def copy(tmp_path):
    """The project with the runs of its pages, and without the site."""
    project = copy_project(tmp_path)
    if (ROOT / "_build" / "executed").is_dir():
        shutil.copytree(ROOT / "_build" / "executed", tmp_path / "_build" / "executed")
    return project


def new_domain(project):
    code, said = run_script(project.root, ("mixlib/__main__.py", "new-domain", *COMMAND), environment(), hidden=ROOT)
    assert code == 0, said


def done_in(project, *command):
    """What a command printed, which takes the time that it needs on a busy machine."""
    command = [sys.executable, *command]
    done = subprocess.run(command, cwd=project.root, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


def findings_of(project, *names):
    path = project.root / "found.py"
    path.write_text(FINDINGS)
    said = done_in(project, path.name, *names)
    path.unlink()
    return json.loads(said.splitlines()[-1])


def test_in_a_copy_all_that_reads_a_domain_passes_at_once_and_no_other_finding_moves(copy):
    before = findings_of(copy, "kernels/three-knobs")  # which goes through all domains
    new_domain(copy)
    after = findings_of(copy, "kernels/three-knobs", f"domains/{NAME}")
    assert before["wrong"] == after["wrong"] == []
    assert after["new"] == [f"domains/{NAME}"]
    assert after["lines"][f"claim {CLAIM}: verdict"] == "fails"
    assert {key: text for key, text in after["lines"].items() if key in before["lines"]} == before["lines"]
    tested = copy.pytest(*READERS, *(f"--deselect={name}" for name in NOT_HERE), processor_seconds=300)
    assert tested.code == 0, tested.output
    done_in(copy, "-m", "ruff", "check", ".")
    done_in(copy, "-m", "ruff", "format", "--check", "mixlib", "tests")
    assert f"page domains/{NAME}: new, nobody has accepted its" in done_in(
        copy, "book/mixbook", "page", f"domains/{NAME}"
    )
    html = copy.html(f"domains/{NAME}")
    assert f"{TITLE}</a>" in html  # in the contents beside the page
    assert f'id="claim-{CLAIM}"' in html


@pytest.mark.skipif(not rotation.whole, reason="takes as long as all tests do; `make audit` runs it")
def test_in_a_copy_the_whole_test_command_passes_at_once(copy):
    new_domain(copy)
    said = done_in(copy, "-m", "pytest", "-n", "2", f"--deselect={SELF}")
    assert f"page domains/{NAME} is new, and its findings are not accepted yet: make accept" in said
