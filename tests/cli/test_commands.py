"""Commands by presence: what every file of the folder says of itself, and that one more file is one more command."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

import mixlib.cli
from mixlib.cli import COMMANDS, main
from mixlib.cli._shared.command import Command

ROOT = Path(__file__).parents[2]
GREET = """
from mixlib.cli._shared.command import Command


def run(arguments):
    print("hello", arguments.whom)
    return 0


COMMAND = Command(
    summary="greet somebody",
    examples=("mixlib greet-loudly Ada",),
    add_options=lambda parser: parser.add_argument("whom", help="a name"),
    run=run,
)
"""


@pytest.fixture(params=COMMANDS)
def name(request):
    return request.param


def options(name):
    parser = argparse.ArgumentParser()
    COMMANDS[name].add_options(parser)
    return parser._actions


def test_there_are_commands():
    assert {"audit", "evaluate", "o-information", "verify"} <= set(COMMANDS)


def test_it_says_what_it_does(name):
    command = COMMANDS[name]
    assert isinstance(command, Command)
    assert command.summary == command.summary.strip().rstrip(".")
    assert command.summary[0].islower()
    assert "\n" not in command.summary
    assert command.examples
    assert all(f"mixlib {name}" in example for example in command.examples)
    assert all(option.help for option in options(name))
    assert any("--json" in option.option_strings for option in options(name))


def test_its_help_has_its_summary_and_an_example(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert f"example:\n  mixlib {name}" in out
    assert " ".join(COMMANDS[name].summary.split()[1:4]) in " ".join(out.split())


def test_one_more_file_is_one_more_command(tmp_path, monkeypatch, capsys):
    (tmp_path / "greet_loudly.py").write_text(GREET)
    monkeypatch.setattr(mixlib.cli, "__path__", [*mixlib.cli.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "mixlib.cli.greet_loudly", raising=False)
    assert main(["greet-loudly", "Ada"]) == 0
    assert capsys.readouterr().out == "hello Ada\n"
    assert main(["greet-softly"]) == 2
    assert "'greet-loudly'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "greet somebody" in capsys.readouterr().out
    del sys.modules["mixlib.cli.greet_loudly"]


def loaded_after(*arguments):
    """The modules that a fresh interpreter has after a line with these arguments."""
    script = f"import sys\nfrom mixlib.cli import main\ntry: main({list(arguments)})\nexcept SystemExit: pass\n"
    script += "print(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stderr.split())


def test_a_command_leaves_the_others_alone_and_help_what_is_heavy():
    files = {f"mixlib.cli.{name.replace('-', '_')}" for name in COMMANDS}
    assert loaded_after("verify", "--help") & files == {"mixlib.cli.verify"}
    after_help = loaded_after("--help")
    assert files <= after_help
    assert not {"torch", "numpy", "pandas", "scipy", "numba", "yaml", "importlib.metadata"} & after_help
