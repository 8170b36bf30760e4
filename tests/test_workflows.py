"""The workflows: nothing runs there that a person cannot run here, and nothing may more than it needs."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mixbook.__main__ import COMMANDS
from mixbook.build import repository, reverify

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
FILES = sorted((GITHUB / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PINNED = re.compile(r"uses: ([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)(?: .*)?")
PROGRAMS = {"make", "python", "python3", "gh"}

each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def read(path):
    """A workflow; YAML 1.1 takes its key ``on`` for true."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def steps(path):
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def commands(path):
    return [step["run"] for step in steps(path) if "run" in step]


def unknown(command):
    """What of a command is not there for a person who has cloned the project."""
    words = shlex.split(command)
    if words[0] not in PROGRAMS:
        yield words[0]
    if words[0] == "make":
        yield from (f"make {word}" for word in words[1:] if "=" not in word and word not in TARGETS)
    if "book/mixbook" in words:
        yield from {words[words.index("book/mixbook") + 1]} - {*COMMANDS}
    made = ("_build", "dist")  # by the steps before
    paths = (word.rpartition("=")[2] for word in words if "/" in word)
    yield from (path for path in paths if not path.startswith(made) and not (ROOT / path).exists())


def linters(folder):
    """What ``make lint`` runs over workflows, and its answers."""
    beside = Path(sys.executable).parent  # named one by one: a folder that git ignores would be left out
    files = [str(path) for path in sorted((folder / "workflows").glob("*.yml"))]
    for program, *arguments in (
        ("actionlint", "-shellcheck=", "-pyflakes=", *files),
        ("zizmor", "--offline", "--quiet", "--no-progress", "--pedantic", *files, *map(str, folder.glob("*.yml"))),
    ):
        found = shutil.which(program, path=beside)
        yield subprocess.run([found, *arguments], capture_output=True, text=True, check=False)


def test_the_linters_find_nothing():
    for done in linters(GITHUB):
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_linters_find_what_is_wrong(tmp_path):
    text, path = (
        (GITHUB / "workflows" / "preview.yml").read_text(encoding="utf-8"),
        tmp_path / "workflows" / "wrong.yml",
    )
    path.parent.mkdir()
    path.write_text(text.replace("runs-on", "run-on"))
    assert 'unexpected key "run-on"' in next(linters(tmp_path)).stdout
    path.write_text(
        text.replace("on: pull_request\n", "on: pull_request_target\n").replace("{contents: read}", "write-all")
    )
    _, security = linters(tmp_path)
    assert {"dangerous-triggers", "excessive-permissions"} <= {*re.findall(r"\[([\w-]+)\]", security.stdout)}, (
        security.stderr
    )


@each
def test_every_command_is_one_that_a_person_can_run_here(path):
    for command in commands(path):
        assert len(command.strip().splitlines()) == 1
        assert not re.search(r"[|;&><`]|\$[({]", command), "one command, without a shell around it"
        assert list(unknown(command)) == []


def test_a_command_that_is_not_here_is_seen():
    assert list(unknown("make book NEWEST=1")) == []
    assert list(unknown("make nothing")) == ["make nothing"]
    assert list(unknown("python book/mixbook sing")) == ["sing"]
    assert list(unknown("curl tests/none.py")) == ["curl", "tests/none.py"]


@each
def test_actions_are_pinned_to_a_commit_with_its_version(path):
    used = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_an_action_is_pinned_to_one_commit_everywhere():
    pins = {found.groups() for path in FILES for found in PINNED.finditer(path.read_text(encoding="utf-8"))}
    assert len({action for action, _, _ in pins}) == len(pins) >= 8


@each
def test_nothing_is_allowed_but_by_name_and_nothing_runs_for_ever(path):
    workflow = read(path)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["group"]
    for name, job in workflow["jobs"].items():
        assert int(job["timeout-minutes"]) <= 350, name
        assert isinstance(job["permissions"], dict), name
        writes = {right for right, how in job["permissions"].items() if how == "write"}
        assert len(writes - {"id-token"}) <= 1, name
        # what may write runs nothing that a stranger sent: no page, no package of the project
        if writes:
            assert not any(step.get("run", "").startswith(("make", "python ")) for step in job["steps"]), name


def test_what_strangers_send_is_built_without_any_right():
    for path in FILES:
        workflow = read(path)
        assert "pull_request_target" not in workflow["on"]
        assert "workflow_run" not in workflow["on"]
        if "pull_request" in workflow["on"]:
            built = [
                job for job in workflow["jobs"].values() if any("checkout" in s.get("uses", "") for s in job["steps"])
            ]
            assert built
            assert all(job["permissions"] == {"contents": "read"} for job in built)
    for step in (step for path in FILES for step in steps(path) if "checkout" in step.get("uses", "")):
        assert step["with"]["persist-credentials"] == "false"


def test_every_python_that_the_package_takes_is_tried():
    wanted = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tried = read(GITHUB / "workflows" / "test.yml")["jobs"]["book"]["strategy"]["matrix"]["python"]
    assert tried == wanted


def test_runs_are_kept_under_a_hash_of_the_code_and_nothing_kept_is_released():
    for path in FILES:
        for step in steps(path):
            if "actions/cache" in step.get("uses", ""):
                assert {"'mixlib/**'", "'book/**'", "'requirements.txt'"} <= {
                    *re.findall(r"'[^']+'", step["with"]["key"])
                }
    released = steps(GITHUB / "workflows" / "release.yml")
    assert not any("cache" in step.get("uses", "") or "cache" in step.get("with", {}) for step in released)


def test_a_release_begins_with_a_look_at_its_tag():
    build = read(GITHUB / "workflows" / "release.yml")["jobs"]["build"]
    first = next(step for step in build["steps"] if "run" in step)
    assert first["run"] == 'python3 book/mixbook tag "$TAG"'
    assert build["env"]["TAG"] == "${{ github.ref_name }}"


@pytest.mark.parametrize("name", ["links", "verify"])
def test_one_issue_tells_of_all_jobs_of_a_scheduled_check_and_is_closed_when_all_are_green(name):
    jobs = read(GITHUB / "workflows" / f"{name}.yml")["jobs"]
    tell, others = jobs.pop("tell"), sorted(jobs)
    assert sorted([tell["needs"]] if isinstance(tell["needs"], str) else tell["needs"]) == others
    told, closed = (step for step in tell["steps"] if "mixbook issue" in step.get("run", ""))
    assert re.findall(r"needs\.(\w+)\.result == 'success'", closed["if"]) == [*jobs]
    assert closed["run"].endswith('--title "$TITLE" --close')
    assert " || " not in closed["if"]
    assert sorted(re.findall(r"needs\.(\w+)\.result (?:!= 'success'|== 'failure')", told["if"])) == others
    assert " && " not in told["if"]
    # each report that a job leaves arrives where the issue reads it
    kept = {}
    for job in jobs.values():
        (upload,) = (step for step in job["steps"] if "upload-artifact" in step.get("uses", ""))
        assert upload["if"] == "${{ !cancelled() }}"
        kept[upload["with"]["name"]] = upload["with"]["path"]
    fetched = {
        step["with"]["name"]: step["with"]["path"]
        for step in tell["steps"]
        if "download-artifact" in step.get("uses", "")
    }
    reports = [word for word in told["run"].split() if word.endswith(".md")]
    assert kept.keys() == fetched.keys()
    for artifact, folder in fetched.items():
        read_ones = [report for report in reports if report.rpartition("/")[0] == folder]
        assert read_ones
        if kept[artifact].endswith(".md"):
            assert [Path(report).name for report in read_ones] == [Path(kept[artifact]).name]
    assert len(reports) == len({*reports})


def test_the_reports_of_the_weekly_check_are_those_that_make_leaves():
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = (GITHUB / "workflows" / "verify.yml").read_text(encoding="utf-8")
    assert f"_build/{reverify.REPORT}" in text
    assert "--report _build/audit/mutants.md" in make
    assert '"_build" / "audit" / "tests.md"' in (ROOT / "conftest.py").read_text(encoding="utf-8")
    assert "path: _build/audit," in text
    assert "_build/reports/audit/tests.md _build/reports/audit/mutants.md" in text


def test_each_push_is_tested_once():
    workflow = read(GITHUB / "workflows" / "test.yml")
    assert workflow["on"]["push"] == {"branches": ["**"]}
    assert "pull_request" in workflow["on"]
    own = "github.event.pull_request.head.repo.full_name != github.repository"
    for job in workflow["jobs"].values():  # a branch of this repository had the run of its push
        assert job["if"] == f"github.event_name != 'pull_request' || {own}"
    assert "${{ github.ref }}" in workflow["concurrency"]["group"]
    assert workflow["concurrency"]["cancel-in-progress"] == "${{ github.ref != 'refs/heads/main' }}"


def test_the_form_for_an_error_asks_for_what_the_link_fills_in():
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / repository.FORM).read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in form["body"]}
    assert fields["claim"]["type"] == "input"
    address = repository.Repository("o", "n").report("omega.sign-is-hull")
    assert f"template={repository.FORM}" in address
    assert "claim=omega.sign-is-hull" in address


def test_newer_actions_and_packages_come_by_themselves():
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip"}
