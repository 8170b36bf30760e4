"""What the README shows of the library runs as it stands there."""

import re
import tomllib
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_runs():
    (example,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = {}
    exec(compile(example, str(README), "exec"), names)
    assert abs(names["pool"].sum() - 1) < 1e-12
    assert names["samples"].shape == (1000, 3)


def test_the_extras_that_it_installs_are_declared():
    text = README.read_text(encoding="utf-8")
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {extra for group in re.findall(r"'\.\[([\w,]+)\]'", text) for extra in group.split(",")}
    assert named == set(project["optional-dependencies"]) - {"book", "test"}


def test_torch_is_the_pinned_one():
    (version,) = re.findall(r"torch==(\S+) --index-url https://download\.pytorch\.org/whl/cpu", README.read_text())
    assert f"torch=={version} " in (README.parent / "requirements.txt").read_text()
