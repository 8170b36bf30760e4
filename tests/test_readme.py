"""What the README shows of the library runs as it stands there."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_runs():
    (example,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = {}
    exec(compile(example, str(README), "exec"), names)
    assert abs(names["pool"].sum() - 1) < 1e-12
    assert names["samples"].shape == (1000, 3)
