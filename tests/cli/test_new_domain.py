"""A new domain: what is written, what is refused, that nothing is left half done, and that the suite passes at once."""

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

from forked import run_script
from mixbook.build.pages import ROOT
from mixlib import hull_escape, simplex
from mixlib.cli import main
from mixlib.cli._shared import edits
from mixlib.domains import Domain
from mixlib.kernels import ZOO
from small_book import copy_project, environment

COFFEE = ("coffee", "--kernel", "multiplicative-synergistic", "--title", "Coffee")
FILES = ("mixlib/domains/coffee.py", "book/domains/coffee.md", "tests/domains/test_coffee.py")


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
    assert main(["new-domain", *COFFEE]) == 0
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
    place = [row["id"] for row in rows].index("coffee.between-its-parts")
    assert rows[place - 1]["part"] == rows[place]["part"] == "domains"
    assert rows[place + 1]["part"] != "domains"
    parts = {part["caption"]: part["chapters"] for part in yaml.safe_load(after["_toc.yml"])["parts"]}
    assert parts["Domains"][-1] == {"file": "domains/coffee"}
    captions = list(parts)
    assert captions.index("Domains") == captions.index("Federation") - 1


def test_a_second_one_stands_behind_the_first_and_both_go_again(thin, capsys):
    before = tree(thin)
    assert main(["new-domain", *COFFEE]) == 0
    one = tree(thin)
    assert main(["new-domain", "cold-brew", "--kernel", "reactive"]) == 0
    contents = (thin / "_toc.yml").read_text()
    assert "      - file: domains/coffee\n      - file: domains/cold-brew\n" in contents
    assert (thin / "mixlib" / "domains" / "cold_brew.py").is_file()
    assert "# Cold brew\n" in (thin / "book" / "domains" / "cold-brew.md").read_text()
    assert main(["new-domain", "cold-brew", "--remove"]) == 0
    assert tree(thin) == one
    assert main(["new-domain", "coffee", "--remove"]) == 0
    assert tree(thin) == before


@pytest.mark.parametrize("kernel", ZOO)
def test_the_example_of_every_kernel_meets_its_known_value_and_its_verdict(thin, kernel):
    assert main(["new-domain", "coffee", "--kernel", kernel]) == 0
    check_example(thin, kernel)


def check_example(root, kernel):
    spec = importlib.util.spec_from_file_location(f"coffee_by_{kernel}", root / FILES[0])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    domain = module.DOMAIN
    assert isinstance(domain, Domain)
    assert type(domain.kernel) is ZOO[kernel]
    assert domain.tolerance < np.abs(domain.known).max() / 10
    np.testing.assert_allclose(domain.mixture(), domain.known, rtol=0, atol=domain.tolerance)
    row = yaml.safe_load((root / "book" / "claims.yml").read_text())
    expected = next(entry["expected"] for entry in row if entry["page"] == "domains/coffee")
    rule, parts = domain.mean_kernel(), domain.nearby(50)
    escape = hull_escape(rule(simplex.sample(2, 50, rng=0), parts), rule(np.eye(2), parts[:, None])).distance
    assert expected == ("holds" if escape.max() < 1e-9 else "fails")
    for name in FILES:
        assert "<<" not in (root / name).read_text().replace("<<../", "")


def test_a_kernel_without_an_example_gets_the_one_for_comparison_and_says_that_it_proves_nothing(thin):
    path = thin / "book" / "_templates" / "domain" / "kernels.yml"
    path.write_text(path.read_text().replace("reactive:", "another:"))
    assert main(["new-domain", "coffee", "--kernel", "reactive"]) == 0
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
        (["coffee", "--kernel", "linaer"], "did you mean linear"),
        (["coffee", "--kernel", "synergistic"], "did you mean multiplicative-synergistic"),
        (["coffee", "--kernel", "zzz"], "The kernels are "),
        (["coffee", "--title", 'a "b"'], "--title: got"),
        (["coffee", "--title", "x" * 41], "--title: got"),
        (["coffee", "--remove"], "there is no book/domains/coffee.md"),
        (["coffee", "--remove", "--kernel", "linear"], "goes with the name alone"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(thin, capsys, arguments, said):
    before = tree(thin)
    assert main(["new-domain", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert tree(thin) == before


def test_the_same_name_twice_is_refused(thin, capsys):
    assert main(["new-domain", *COFFEE]) == 0
    before = tree(thin)
    assert main(["new-domain", "coffee"]) == 2
    assert "'coffee' is taken" in capsys.readouterr().err
    assert main(["new-domain", "cof-fee"]) == 2  # another file, and the same name of its claim
    assert "has a claim coffee.between-its-parts" in capsys.readouterr().err
    assert tree(thin) == before


def test_without_a_project_it_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new-domain", "coffee"]) == 2
    assert "the installed library has no pages; get the project's source" in capsys.readouterr().err
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(("error", "step"), [(OSError("disk full"), 1), (OSError("full"), 5), (KeyboardInterrupt(), 3)])
@pytest.mark.parametrize("where", ["half", "place"])
@pytest.mark.parametrize("remove", [False, True])
def test_a_failure_on_the_way_leaves_all_as_it_was(thin, monkeypatch, error, step, where, remove):
    if remove:
        assert main(["new-domain", *COFFEE]) == 0
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
    assert main(["new-domain", "coffee", "--remove"] if remove else ["new-domain", *COFFEE]) in (2, 130)
    assert len(calls) == step
    assert tree(thin) == before


def test_an_interruption_waits_while_files_go_to_their_places(thin, monkeypatch):
    original, sent = os.replace, []

    def interrupted(*arguments):
        if not sent:
            sent.append(os.kill(os.getpid(), signal.SIGINT))
        return original(*arguments)

    monkeypatch.setattr(edits.os, "replace", interrupted)
    assert main(["new-domain", *COFFEE]) == 130
    assert sent
    assert main(["new-domain", "coffee", "--remove"]) == 0  # which it would refuse of a part


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (FILES[0], "1.0", "1.5", "mixlib/domains/coffee.py was changed"),
        (FILES[1], "# Coffee", "# My coffee", "book/domains/coffee.md was changed"),
        (FILES[2], None, None, "tests/domains/test_coffee.py is gone"),
        (
            "book/claims.yml",
            "a mixture lies between its parts",
            "a mixture is stronger",
            "coffee.between-its-parts was",
        ),
        ("_toc.yml", "- file: domains/coffee", "- file: domains/tea", "_toc.yml: its line was changed or is gone"),
    ],
)
def test_what_somebody_has_changed_is_named_and_stays(thin, capsys, name, old, new, said):
    assert main(["new-domain", *COFFEE]) == 0
    path = thin / name
    if old is None:
        path.unlink()
    else:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
    before = tree(thin)
    assert main(["new-domain", "coffee", "--remove"]) == 2
    assert said in capsys.readouterr().err
    assert tree(thin) == before


def test_a_claim_of_ones_own_on_the_page_is_a_change_too(thin, capsys):
    assert main(["new-domain", *COFFEE]) == 0
    path = thin / "book" / "claims.yml"
    path.write_text(path.read_text() + "\n- {id: coffee.strong, page: domains/coffee}\n")
    assert main(["new-domain", "coffee", "--remove"]) == 2
    assert "coffee.strong belongs to its page too" in capsys.readouterr().err


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
READERS = (  # tests that read registry, contents, domains or pages, and run none of the other pages
    "book/domains/coffee.md",
    "tests/domains/test_coffee.py",
    *(f"tests/domains/test_laws.py::{law}[coffee]" for law in LAWS),
    "tests/book/show/test_knobs.py",
    "tests/book/studies/kernels/test_three_knobs.py::test_domains_keep_the_contract[coffee]",
    *(f"tests/book/test_{name}.py" for name in ("cells", "claims_registry", "contract", "costs", "front", "journal")),
    "tests/book/test_typed_numbers.py",
    "tests/book/test_lint.py::test_the_book_and_the_small_book_have_no_mistakes",
    "tests/book/test_lint.py::test_the_registry_and_the_settings_agree",
    *(f"tests/test_{name}.py" for name in ("docstrings", "import_order", "readme", "registry")),
)


@pytest.mark.rare
def test_the_suite_passes_at_once_and_no_other_finding_moves(tmp_path):
    project = copy_project(tmp_path)
    before = findings_of(project, "kernels/three-knobs")  # which goes through all domains
    code, said = run_script(tmp_path, ("mixlib/__main__.py", "new-domain", *COFFEE), environment(), hidden=ROOT)
    assert code == 0, said
    after = findings_of(project, "kernels/three-knobs", "domains/coffee")
    assert before["wrong"] == after["wrong"] == []
    assert after["new"] == ["domains/coffee"]
    assert after["lines"]["claim coffee.between-its-parts: verdict"] == "fails"
    assert {key: text for key, text in after["lines"].items() if key in before["lines"]} == before["lines"]
    tested = project.pytest(*READERS, processor_seconds=300)
    assert tested.code == 0, tested.output
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "."], ["format", "--check", "mixlib", "tests"]):
        done = subprocess.run([*ruff, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    shown = [sys.executable, "book/mixbook", "page", "domains/coffee"]
    done = subprocess.run(shown, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "page domains/coffee: new, nobody has accepted its" in done.stdout
    html = project.html("domains/coffee")
    assert "Coffee</a>" in html  # in the contents beside the page
    assert 'id="claim-coffee.between-its-parts"' in html


def findings_of(project, *names):
    path = project.root / "found.py"
    path.write_text(FINDINGS)
    command = [sys.executable, "found.py", *names]  # takes the time that it needs, on a busy machine too
    done = subprocess.run(command, cwd=project.root, env=environment(), capture_output=True, text=True, check=False)
    path.unlink()
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])
