"""The kernels for GPUs next to the processor's paths, as the page compares them."""

import pytest

from mixbook.studies.federation.gpu import agreement

SIZE = [(2, 2, 40)]


def test_without_triton_nothing_is_compared_and_that_is_said(monkeypatch):
    monkeypatch.setattr(agreement.importlib.util, "find_spec", lambda name: None)
    assert agreement.differences(SIZE).empty
    assert agreement.how() == "not run, since Triton is not installed here"


def test_kernels_agree_and_a_wrong_one_does_not(monkeypatch):
    pytest.importorskip("triton")
    gaps = agreement.differences(SIZE)
    assert len(gaps) == 6
    assert (gaps["largest difference"] <= gaps["tolerance"]).all()
    path, call = next(iter(agreement.CALLS.items()))

    def wrong(*given, **options):
        return call(*given, **options) + (0.05 if options else 0)

    monkeypatch.setitem(agreement.CALLS, path, wrong)
    gaps = agreement.differences(SIZE).set_index("path")
    assert (gaps["largest difference"] > gaps["tolerance"])[path].all()
