"""Small inputs take a path without a compiler: choose the one or the other for all inputs."""

from contextlib import contextmanager

import pytest

from mixlib.compiled import Compiled

LIMITS = (
    "mixlib.federation.combiners.geometric_mixing",
    "mixlib.federation.audit.disagreement",
    "mixlib.federation.fused.inputs",
    "mixbook.studies.federation.regimes.tempered",
    "mixlib.information.sweeps.base",
)


@contextmanager
def everything(compiled):
    """Within, all inputs take the path of large ones, or of small ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compiled, "is_worth", lambda self, work: compiled)
        for module in LIMITS:
            patch.setattr(f"{module}.SMALL", -1 if compiled else float("inf"))
        yield
