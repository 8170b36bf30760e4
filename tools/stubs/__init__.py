"""Types for users of the library: stubs that the wheel carries, written from the docstrings when it is built.

The docstrings state the type of every parameter and result, and tests hold them to the signatures; a second statement
in the signatures would be one that nobody compares. This needs the standard library alone, as a build must.
"""

import functools
from pathlib import Path

from setuptools.command.build_py import build_py

from tools.stubs.packages import stubs


class BuildWithStubs(build_py):
    """Builds the package and puts a stub beside each public module."""

    def run(self):
        super().run()
        for name, text in self._stubs().items():
            path = Path(self.build_lib, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def get_outputs(self, include_bytecode=1):
        return super().get_outputs(include_bytecode) + [str(Path(self.build_lib, name)) for name in self._stubs()]

    def _stubs(self):
        return {} if self.editable_mode else _texts(Path.cwd())


@functools.cache  # a build asks twice
def _texts(root):
    return stubs(root)[0]
