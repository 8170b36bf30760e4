"""Fused mixtures against float64 formulas: every backend, dtype and shape, the edges, and what they refuse."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, logsumexp

from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob
from mixlib.federation.fused import chunked, compiled

BACKENDS = ["compiled", "torch"]
ERROR = {np.float32: 1e-5, np.float64: 1e-13, np.float16: 2e-3}  # of the value, or of 1 if that is more


def reference(logits, weights, temperatures=None):
    """The mixture in float64, log-probs (..., V)."""
    x = np.asarray(logits, dtype=float)
    n, spread = len(x), (1,) * (x.ndim - 1)
    x = x / (np.ones(n) if temperatures is None else np.asarray(temperatures)).reshape(n, *spread)
    with np.errstate(divide="ignore"):
        w = np.log(np.full(n, 1 / n) if weights is None else np.asarray(weights, dtype=float))
    w = w.reshape(w.shape + (1,) * (x.ndim - w.ndim))
    with np.errstate(invalid="ignore"):
        return logsumexp(log_softmax(x, axis=-1) + w, axis=0)


def error(found, exact):
    """The largest error over the value, or over 1; infinite where only one of the two is."""
    found = np.asarray(found, dtype=float)
    assert found.shape == exact.shape
    with np.errstate(invalid="ignore"):
        gaps = np.where(found == exact, 0, np.abs(found - exact) / np.maximum(1, np.abs(exact)))
    return np.nan_to_num(gaps, nan=np.inf).max(initial=0)


def check(logits, weights=None, temperatures=None, backend="auto", seed=0):
    """All three functions on these logits, of which rows may be permuted or shifted without a change."""
    kind, dtype = type(logits), logits.dtype
    to = torch.tensor if kind is torch.Tensor else np.asarray
    plain = logits.double().numpy() if kind is torch.Tensor else logits
    limit = 8e-3 if dtype == torch.bfloat16 else ERROR[np.dtype(str(dtype).removeprefix("torch.")).type]
    options = {"weights": weights, "temperatures": temperatures, "backend": backend}
    exact = reference(plain, weights, temperatures)
    full = mixture_from_logits(logits, **options)
    targets = np.random.default_rng(seed).integers(0, plain.shape[-1], plain.shape[1:-1])
    at = mixture_target_log_prob(logits, to(targets), **options)
    for found in (full, at):
        assert isinstance(found, kind)
        assert found.dtype == dtype
    full, at = (found.double() if kind is torch.Tensor else found for found in (full, at))
    assert error(full, exact) <= limit
    assert error(at, np.take_along_axis(exact, targets[..., None], axis=-1)[..., 0]) <= limit
    return exact


def backend_and_array(backend, logits):
    return torch.tensor(logits) if backend == "torch" else logits


SHAPES = [
    (1, 1, 2),
    (3, 7, 2),
    (64, 3, 33),
    (2, 3, 511),
    (5, 2, 512),
    (3, 2, 1025),
    (2, 2, 3, 40),
    (3, 9),
    (8, 1, 20_000),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_error_against_float64(backend, dtype, shape):
    rng = np.random.default_rng(0)
    logits = (rng.choice([1, 4, 12]) * rng.normal(size=shape)).astype(dtype)
    logits = backend_and_array(backend, logits)
    fixed, along = rng.dirichlet(np.ones(shape[0])), rng.dirichlet(np.ones(shape[0]), size=shape[1:-1])
    along = np.moveaxis(along, -1, 0)
    for weights in (None, fixed, along):
        for temperatures in (None, rng.uniform(0.5, 2, shape[0])):
            exact = check(logits, weights, temperatures, backend)
    np.testing.assert_allclose(logsumexp(exact, axis=-1), 0, atol=1e-12)


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5), st.integers(2, 1200), st.floats(0.1, 300))
def test_any_size_and_range(seed, n, rows, columns, scale):
    rng = np.random.default_rng(seed)
    logits = (scale * rng.normal(size=(n, rows, columns))).astype(np.float32)
    logits[rng.random(logits.shape) < 0.1] = -np.inf
    logits[:, :, rng.integers(columns)] = 0.0
    check(logits, rng.dirichlet(np.full(n, 0.3), size=rows).T, rng.uniform(0.3, 3, n))
    log_probs = log_softmax(logits.astype(float), axis=-1).astype(np.float32)
    assert error(mixture_combine(log_probs), reference(log_probs, None)) <= 1e-5


@pytest.mark.parametrize(("n", "columns"), [(8, 131_072), (2, 262_144)])
def test_long_rows(n, columns):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(n, 1, columns)).astype(np.float32)
    check(logits)
    log_probs = log_softmax(logits.astype(float), axis=-1).astype(np.float32)
    assert error(mixture_combine(log_probs), logsumexp(log_probs.astype(float), axis=0) - np.log(n)) <= 1e-5


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("backend", BACKENDS)
def test_half_precision_in_and_out(dtype, backend):
    check((3 * torch.randn(3, 40, 999)).to(dtype), backend=backend)
    if backend == "compiled" and dtype == torch.float16:
        check((3 * torch.randn(3, 4, 99)).to(dtype).numpy())


def edges():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(3, 4, 1500))
    far, rising, masked, disjoint, shifted = (base.copy() for _ in range(5))
    far[:, :, 5] = -1e4
    far[1, :, 7:900] -= 150  # under the range of float32, in the middle of a block
    rising += np.linspace(0, 4000, 1500)  # each block's reference is far below its maximum
    masked[:, :, :700] = -np.inf  # the first block has nothing at all
    masked[2, 1, :1499] = -np.inf
    for i in range(3):
        disjoint[i, :, np.arange(1500) % 3 != i] = -np.inf
    shifted += np.array([1e4, -1e4, 300]).reshape(3, 1, 1)
    return {"far": far, "rising": rising, "masked": masked, "disjoint": disjoint, "shifted": shifted}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(edges()))
def test_edges(backend, dtype, name):
    logits = backend_and_array(backend, edges()[name].astype(dtype))
    for weights in (None, [0.2, 0.8, 0], [0, 1, 0], [1 - 2e-30, 1e-30, 1e-30]):
        check(logits, weights, backend=backend)
        check(logits, weights, [0.5, 1, 3], backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_log_probabilities_far_down(backend):
    with np.errstate(divide="ignore"):
        lp = np.log(np.array([[[0.5, 0.5, 0, 0]], [[0.25, 0.25, 0.5, 0]]], dtype=np.float32))
    lp[:, 0, 3] = -1e4, -120
    for weights, last in [(None, -120 - np.log(2)), ([1, 0], -1e4), ([0, 1], -120)]:
        found = mixture_combine(backend_and_array(backend, lp), weights, backend=backend)
        np.testing.assert_allclose(np.asarray(found)[0, 3], last, rtol=1e-6)
        assert error(found, logsumexp(lp.astype(float), axis=0, b=np.reshape(weights or [0.5, 0.5], (2, 1, 1)))) <= 1e-5


@pytest.mark.parametrize("backend", BACKENDS)
def test_layout_does_not_matter(backend):
    rng = np.random.default_rng(3)
    plain = rng.normal(size=(3, 6, 700)).astype(np.float32)
    exact = mixture_from_logits(plain)
    layouts = [
        np.asfortranarray(plain),
        np.ascontiguousarray(plain.transpose(1, 2, 0)).transpose(2, 0, 1),
        np.repeat(plain, 2, axis=1)[:, ::2],
        np.repeat(plain, 2, axis=2)[..., ::2],
        plain[:, ::-1].copy()[:, ::-1],
        np.ascontiguousarray(plain[..., ::-1])[..., ::-1],
    ]
    for layout in layouts[: 4 if backend == "torch" else 6]:
        given = torch.from_numpy(layout) if backend == "torch" else layout
        np.testing.assert_allclose(mixture_from_logits(given, backend=backend), exact, atol=1e-6)
        np.testing.assert_allclose(mixture_from_logits(list(given), backend=backend), exact, atol=1e-6)
        lp = torch.log_softmax(given, -1) if backend == "torch" else log_softmax(given, axis=-1)
        np.testing.assert_allclose(mixture_combine(lp, backend=backend), exact, atol=1e-5)
    one = np.broadcast_to(plain[0], (3, 6, 700))
    np.testing.assert_allclose(mixture_from_logits(one), log_softmax(plain[0], axis=-1), atol=1e-5)


@pytest.mark.parametrize("rule", [mixture_from_logits, mixture_combine])
@pytest.mark.parametrize("batch", [(0,), (2, 0)])
def test_no_positions_give_an_empty_result(rule, batch):
    for empty in (np.zeros((3, *batch, 5), np.float32), torch.zeros((3, *batch, 5), dtype=torch.float16)):
        for weights in (None, np.full((3, *batch), 1 / 3)):
            found = rule(empty, weights)
            assert tuple(found.shape) == (*batch, 5)
            assert found.dtype == empty.dtype
        assert tuple(mixture_target_log_prob(empty, np.zeros(batch, int)).shape) == batch


def test_temperatures_of_log_probabilities_renormalise():
    rng = np.random.default_rng(4)
    lp = log_softmax(rng.normal(size=(3, 5, 9)), axis=-1)
    found = mixture_combine(lp, [0.2, 0.3, 0.5], temperatures=[0.5, 1, 4])
    powers = np.exp(lp) ** (1 / np.array([0.5, 1, 4])).reshape(3, 1, 1)
    exact = np.einsum("n,ntv->tv", [0.2, 0.3, 0.5], powers / powers.sum(-1, keepdims=True))
    np.testing.assert_allclose(np.exp(found), exact, rtol=1e-12)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_share_the_rows(threads, monkeypatch):
    logits = np.random.default_rng(5).normal(size=(3, 11, 600)).astype(np.float32)
    log_probs = log_softmax(logits.astype(float), axis=-1).astype(np.float32)
    targets = np.arange(11)
    monkeypatch.setattr(compiled.config, "NUMBA_NUM_THREADS", 1)
    alone = mixture_from_logits(logits), mixture_combine(log_probs), mixture_target_log_prob(logits, targets)
    monkeypatch.setattr(compiled.config, "NUMBA_NUM_THREADS", threads)
    monkeypatch.setattr(compiled, "TASK", 1)
    shared = mixture_from_logits(logits), mixture_combine(log_probs), mixture_target_log_prob(logits, targets)
    for a, b in zip(alone, shared, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_do_not_depend_on_the_chunks(backend, monkeypatch):
    logits = torch.randn(3, 13, 50).to(torch.bfloat16)
    whole = mixture_from_logits(logits, backend=backend)
    monkeypatch.setattr(chunked, "CHUNK", 120)
    monkeypatch.setattr(compiled, "COPIED", 600)
    assert torch.equal(mixture_from_logits(logits, backend=backend), whole)


@pytest.mark.parametrize("layout", ["stacked", "list", "outcomes first"])
def test_no_array_of_the_size_of_the_input(layout):
    logits = np.random.default_rng(6).normal(size=(3, 128, 16384)).astype(np.float32)
    given = {
        "stacked": logits,
        "list": list(logits),
        "outcomes first": np.ascontiguousarray(logits.transpose(0, 2, 1)).transpose(0, 2, 1),
    }[layout]
    mixture_from_logits(logits[:, :2])
    tracemalloc.start()
    found = mixture_from_logits(given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - found.nbytes < 8 * 2**20 < logits.nbytes


def with_entry(value, everywhere=False, dtype=np.float32):
    logits = np.zeros((3, 2, 4, 600), dtype)
    logits[1, 1, 2, slice(None) if everywhere else 599] = value
    return logits


@pytest.mark.parametrize("weights", [None, [1, 0, 0]])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("value", "everywhere", "message"),
    [
        (np.nan, False, "NaN"),
        (np.nan, True, "NaN"),
        (-np.nan, True, "NaN"),
        (np.inf, False, r"\+inf"),
        (-np.inf, True, "nothing but -inf"),
    ],
)
def test_logits_without_a_distribution_are_named(value, everywhere, message, backend, weights):
    logits = backend_and_array(backend, with_entry(value, everywhere))
    place = r"logits: at position \(1, 2\) specialist 1 holds "
    with pytest.raises(ValueError, match=place + message):
        mixture_from_logits(logits, weights, backend=backend)
    with pytest.raises(ValueError, match=place + message):
        mixture_target_log_prob(logits, np.zeros((2, 4), int), weights, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("value", [np.nan, np.inf, 200.0, 0.5, -np.inf])
def test_a_single_bad_row_of_large_log_probabilities_is_found(value, backend):
    lp = np.full((3, 900, 1000), -np.log(1000), dtype=np.float32)
    mixture_combine(backend_and_array(backend, lp), backend=backend)
    lp[2, 777, 5 if value > -np.inf else slice(None)] = value
    message = "NaN" if np.isnan(value) else "above 1" if value > 0 else "sums to probability 0"
    with pytest.raises(ValueError, match=message):
        mixture_combine(backend_and_array(backend, lp), [0.5, 0.5, 0], backend=backend)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "fast"}, "backend: got 'fast', expected one of auto, compiled, torch, triton"),
        ({"backend": "torch"}, "backend: 'torch' takes torch tensors, got ndarray"),
        ({"backend": "triton"}, "backend: 'triton' takes torch tensors"),
        ({"weights": [0.5, 0.6]}, "weights: sums to 1.1"),
        ({"weights": np.full((2, 4), 0.5)}, r"weights: expected shape \(2,\) or \(2, 3\)"),
        ({"temperatures": [1.0]}, r"temperatures: expected shape \(2,\)"),
        ({"temperatures": [1.0, 0.0]}, "temperatures: expected positive"),
        ({"temperatures": [1.0, np.nan]}, "temperatures: expected positive"),
    ],
)
def test_bad_options_are_named(options, message):
    for call in (mixture_from_logits, lambda x, **o: mixture_target_log_prob(x, [0, 1, 2], **o)):
        with pytest.raises(ValueError, match=message):
            call(np.zeros((2, 3, 5)), **options)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([0, 1], r"expected integers of shape \(3,\).*got int64 of shape \(2,\)"),
        ([0.0, 1, 2], "got float64"),
        ([0, 1, 5], "targets: 5 is no outcome of 5"),
        ([0, -1, 2], "targets: -1 is no outcome"),
        (torch.tensor([0, 1, 9]), "targets: 9 is no outcome"),
    ],
)
def test_bad_targets_are_named(targets, message):
    with pytest.raises(ValueError, match=message):
        mixture_target_log_prob(np.zeros((2, 3, 5)), targets)


def test_what_a_backend_lacks_is_said(monkeypatch):
    meta, here = torch.zeros((2, 3, 5), device="meta"), torch.zeros((2, 3, 5))
    from mixlib.federation.fused import inputs

    with pytest.raises(ValueError, match="'compiled' runs on processors, got arrays on meta"):
        inputs.choose("compiled", meta)
    assert inputs.choose("auto", meta) is chunked
    assert inputs.choose("auto", here) is compiled
    monkeypatch.setattr(inputs.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="'triton' is not installed; pip install triton"):
        inputs.choose("triton", here)
    monkeypatch.setattr(inputs.importlib.util, "find_spec", lambda name: name)
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    with pytest.raises(ValueError, match="'triton' runs on CUDA devices, got cpu"):
        inputs.choose("triton", here)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rule", [mixture_from_logits, mixture_combine])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_a_result_goes_where_it_is_wanted(rule, backend, dtype):
    logits = torch.log_softmax(torch.randn(3, 2, 4, 1000), -1).to(dtype)
    for x in (logits, logits.numpy()) if backend == "compiled" else (logits,):
        alone, out = rule(x, backend=backend), x[0] * 0
        assert rule(x, backend=backend, out=out) is out
        np.testing.assert_allclose(out, alone, rtol=1e-6)


@pytest.mark.parametrize("offset", [0, 1])  # in floats, from the start of a line of memory
@pytest.mark.parametrize("rule", [mixture_from_logits, mixture_combine])
def test_large_results_are_written_whole(rule, offset):
    logits = log_softmax(np.random.default_rng(0).normal(size=(3, 70, 4099)), axis=-1).astype(np.float32)
    for columns in (4096, 4099):
        given = log_softmax(logits[..., :columns], axis=-1)
        room = np.full(70 * columns + 64, 7, np.float32)
        first = -room.ctypes.data % 64 // 4 + offset
        out = room[first : first + 70 * columns].reshape(70, columns)
        rule(given, out=out)
        assert error(out, reference(given, None)) <= 1e-5
        assert np.all(room[:first] == 7)
        assert np.all(room[first + 70 * columns :] == 7)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ([0.0], "out: expected ndarray as logits, got list"),
        (torch.zeros(3, 5), "out: expected ndarray as logits, got Tensor"),
        (np.zeros((3, 4)), r"out: expected .*\(3, 5\).*got \(\(3, 4\)"),
        (np.zeros((3, 5), np.float32), "out: expected .*float64.*got .*float32"),
        (np.zeros((5, 3)).T, "not contiguous"),
        (np.broadcast_to(np.zeros(5), (3, 5)), "not contiguous"),
    ],
)
def test_a_place_that_does_not_fit_is_named(out, message):
    logits = np.zeros((2, 3, 5))
    with pytest.raises(ValueError, match=message):
        mixture_from_logits(logits, out=out)


def test_a_place_among_the_inputs_or_in_a_graph_is_refused():
    for logits in (np.zeros((2, 3, 5)), torch.zeros(2, 3, 5)):
        with pytest.raises(ValueError, match="out: shares memory with logits"):
            mixture_from_logits(logits, out=logits[1])
    with pytest.raises(ValueError, match="cannot take part in gradients"):
        mixture_from_logits(torch.zeros(2, 3, 5, requires_grad=True), out=torch.zeros(3, 5))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor])
@pytest.mark.parametrize("rows", [1, 5000])
def test_the_ends_of_the_range_raise_no_warning(kind, rows):
    logits = np.tile(np.array([[[1.7e308, -1.7e308]], [[0.0, 1.0]]]), (1, rows, 1))
    found = mixture_target_log_prob(kind(logits), kind(np.ones(rows, dtype=int)), [1.0, 0.0])
    assert np.all(np.asarray(found) == -np.inf)
    with pytest.raises(ValueError, match="temperatures: expected positive finite numbers"):
        mixture_from_logits(kind(logits), temperatures=[1e-310, 1.0])
