"""Shared by the tests of the library: they are about compiled code, ``test_small_inputs.py`` is about the rest."""

import pytest

from paths import everything


@pytest.fixture(scope="session", autouse=True)
def _compiled_for_small_inputs_too():
    with everything(compiled=True):
        yield
