"""The kernels for GPUs, interpreted on the processor where there is no GPU, against those for processors."""

import os

import numpy as np
import pytest
import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
if DEVICE == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"  # read when triton is imported
pytest.importorskip("triton", reason="the kernels for GPUs need triton, which has no build for this platform")

from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob  # noqa: E402
from mixlib.federation.fused import on_gpu  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the interpreter takes logarithms of 0 by NumPy
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 2e-2}


def draw(n, rows, columns, dtype=torch.float32, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return (3 * torch.randn(n, rows, columns, generator=rng)).to(dtype).to(DEVICE)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("n", "rows", "columns", "dtype"),
    [*((3, 2, 100, dtype) for dtype in TOLERANCE), (1, 1, 2, torch.float32), (5, 1, 5000, torch.bfloat16)],
)
def test_same_results_as_on_processors(n, rows, columns, dtype, whole, monkeypatch):
    if not whole:
        monkeypatch.setattr(on_gpu, "WHOLE", 0)
    logits = draw(n, rows, columns, dtype)
    logits[:, 0, 0] = -torch.inf
    logits[0, 0, 1] = -1e4
    log_probs = torch.log_softmax(logits, -1)
    rng = np.random.default_rng(0)
    targets = torch.randint(0, columns, (rows,), device=DEVICE)
    each = rng.dirichlet(np.ones(n), size=rows).T  # the interpreter takes its time: not every pair of these
    for weights, temperatures in ((None, None), ([1.0] + [0.0] * (n - 1), None), (each, rng.uniform(0.5, 2, n))):
        options = {"weights": weights, "temperatures": temperatures}
        for call, given in (
            (mixture_from_logits, (logits,)),
            (mixture_from_logits, (list(logits),)),
            (mixture_combine, (log_probs,)),
            (mixture_target_log_prob, (logits, targets)),
        ):
            found = call(*given, **options, backend="triton")
            exact = call(*([x.cpu() for x in g] if isinstance(g, list) else g.cpu() for g in given), **options)
            assert found.dtype == dtype
            torch.testing.assert_close(found.cpu(), exact, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


def test_layout_does_not_matter():
    logits = draw(2, 3, 300)
    exact = mixture_from_logits(logits, backend="triton")
    across = logits.permute(2, 1, 0).contiguous().permute(2, 1, 0)
    assert torch.equal(mixture_from_logits(across, backend="triton"), exact)
    assert torch.equal(mixture_from_logits(list(across), backend="triton"), exact)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("value", "message"), [(np.nan, "NaN"), (np.inf, r"\+inf"), (-np.inf, "nothing but -inf")])
def test_logits_without_a_distribution_are_named(value, message, whole, monkeypatch):
    if not whole:
        monkeypatch.setattr(on_gpu, "WHOLE", 0)
    logits = draw(3, 2, 40)
    logits[2, 1, slice(None) if value == -np.inf else 7] = value
    for call in (mixture_from_logits, lambda x, **o: mixture_target_log_prob(x, [0, 1], **o)):
        with pytest.raises(ValueError, match=rf"logits: at position \(1,\) specialist 2 holds {message}"):
            call(logits, backend="triton")


def test_rows_that_are_not_normalised_are_found():
    log_probs = torch.log_softmax(draw(2, 3, 40), -1)
    log_probs[1, 2] -= 1
    with pytest.raises(ValueError, match=r"sums to probability 0\.36"):
        mixture_combine(log_probs, backend="triton")


def test_the_result_goes_where_it_is_told():
    logits = draw(2, 3, 300)
    out = torch.empty_like(logits[0])
    assert mixture_from_logits(logits, backend="triton", out=out) is out
    assert torch.equal(out, mixture_from_logits(logits, backend="triton"))


def test_no_positions():
    assert tuple(mixture_from_logits(draw(2, 0, 5), backend="triton").shape) == (0, 5)
    assert tuple(mixture_combine(draw(2, 0, 5), backend="triton").shape) == (0, 5)


def test_gradients():
    logits, gate = draw(2, 2, 9, torch.float64).requires_grad_(), torch.zeros(2, dtype=torch.float64, device=DEVICE)
    gate.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, g: mixture_from_logits(x, g.softmax(0), backend="triton"), (logits, gate))
