"""Ctrl-C ends a build at once and leaves nothing behind; a second build says for whom it waits."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from mixbook.build import pages, runner, turns
from small_book import FRONT, TOC

SLEEPS = "```{code-cell} python\nimport pathlib, time\n\npathlib.Path('begun').touch()\ntime.sleep(3600)\n```\n"
HOLD = (
    "import sys, pathlib\n"
    f"sys.path.insert(0, {str(pages.BOOK)!r})\n"
    "from mixbook.build import turns\n"
    "turns.take(pathlib.Path(sys.argv[1]))\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)


def _until(true, seconds=120):
    """Wait for something that happens soon; how soon is not what is tested."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("send", "number"),
    [
        pytest.param(os.killpg, signal.SIGINT, id="Ctrl-C"),
        pytest.param(os.kill, signal.SIGINT, id="SIGINT", marks=pytest.mark.rare),
        pytest.param(os.kill, signal.SIGTERM, id="SIGTERM", marks=pytest.mark.rare),
    ],
)
def test_a_build_that_is_stopped_leaves_nothing_behind(book, send, number):
    book.page("part/sleeps", SLEEPS)
    (book.root / "_toc.yml").write_text(TOC + "  - file: part/sleeps\n")
    building = book.start(start_new_session=True)
    _until((book.root / "book" / "part" / "begun").exists)
    below = psutil.Process(building.pid).children(recursive=True)
    send(building.pid, number)
    output, _ = building.communicate(timeout=60)
    assert building.returncode == 128 + number
    assert output.rstrip().endswith("the next build goes on from there")
    assert [word for word in ("FAILED", "wrong", "Traceback", "Aborted") if word in output] == []
    assert below
    assert psutil.wait_procs(below, timeout=10)[1] == []
    if send is os.killpg:  # and what it leaves is right
        book.page("part/sleeps", "```{code-cell} python\nprint(6 * 7)\n```\n")
        built = book.build()
        assert (built.code, built.ran) == (0, {"part/sleeps"}), built.output
        assert "42" in book.html("part/sleeps")


def test_a_run_of_pages_that_is_interrupted_leaves_no_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    both = [pages.Page(name, tmp_path / "book" / f"{name}.md") for name in ("sleeps", "quick")]
    both[0].path.write_text(FRONT % "Sleeps" + SLEEPS)
    both[1].path.write_text(FRONT % "Quick" + "```{code-cell} python\nimport pathlib\n```\n")
    before, kernels = psutil.Process().children(recursive=True), []

    def interrupt(line):
        if line.startswith("[1/2]"):
            _until((tmp_path / "book" / "begun").exists)
            kernels.extend(set(psutil.Process().children(recursive=True)) - set(before))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.bring_up_to_date(both, build=tmp_path / "_build", say=interrupt, jobs=2)
    assert kernels
    assert psutil.wait_procs(kernels, timeout=10)[1] == []


@pytest.fixture
def holder():
    """A process that has its turn below a folder until its input ends."""
    started = []

    def start(folder):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_a_second_build_says_for_whom_it_waits_and_goes_on(book, holder):
    first = holder(book.root / "_build")
    second = book.start()
    said = []
    for line in second.stdout:
        said.append(line)
        if "waiting for" in line:
            first.stdin.close()
    second.wait()
    second.stdout.close()
    output = "".join(said)
    assert f"waiting for process {first.pid}, which has been building or testing the book since 20" in output
    assert output.index("waiting for") < output.index("the other one has ended; going on") < output.index("Pages run")
    assert second.returncode == 0


def test_a_run_of_pages_waits_likewise(tmp_path, holder):
    first, said = holder(tmp_path), []

    def say(line):
        said.append(line)
        first.stdin.close()

    runner.bring_up_to_date([], build=tmp_path, say=say)
    assert said[0].startswith(f"waiting for process {first.pid}, ")
    assert said[1] == "the other one has ended; going on"
    assert not (tmp_path / "executing.json").exists()


def test_a_dead_process_blocks_nobody(tmp_path, holder):
    first = holder(tmp_path)
    first.kill()
    first.wait()
    assert json.loads((tmp_path / "executing.json").read_text())["process"] == first.pid
    said = []
    with turns.turn(tmp_path, said.append), turns.turn(tmp_path, said.append):
        assert json.loads((tmp_path / "executing.json").read_text())["process"] == os.getpid()
    assert said == []
    with turns.turn(tmp_path, said.append):
        pass
    assert said == []
