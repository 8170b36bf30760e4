"""Pools against direct formulas in probability space, at the limits of floating point, and on bad input."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, logsumexp

from mixlib.federation import log_linear_combine, mixture_combine, perplexity, product_combine
from mixlib.federation.pools import check_log_probs

POOLS = [mixture_combine, log_linear_combine, product_combine]


def rows(*shape, seed=0, scale=2.0):
    return log_softmax(scale * np.random.default_rng(seed).normal(size=shape), axis=-1)


def direct(combine, p, w):
    if combine is mixture_combine:
        return np.einsum("n,n...->...", w, p)
    exponents = w if combine is log_linear_combine else len(w) * w
    raw = np.prod(p ** exponents.reshape(-1, *[1] * (p.ndim - 1)), axis=0)
    return raw / raw.sum(-1, keepdims=True)


@pytest.mark.parametrize("combine", POOLS)
@pytest.mark.parametrize("shape", [(2, 5), (3, 4, 7), (4, 2, 3, 6), (1, 3, 2)])
@pytest.mark.parametrize("weighted", [False, True])
def test_matches_the_formula_in_probability_space(combine, shape, weighted):
    lp = rows(*shape)
    w = np.random.default_rng(1).dirichlet(np.ones(shape[0]))
    expected = direct(combine, np.exp(lp), w if weighted else np.full(shape[0], 1 / shape[0]))
    np.testing.assert_allclose(np.exp(combine(lp, w if weighted else None)), expected, rtol=1e-12)


@pytest.mark.parametrize("combine", POOLS)
def test_weights_by_position_equal_one_call_a_position(combine):
    lp = rows(3, 4, 6)
    w = np.random.default_rng(2).dirichlet(np.ones(3), size=4).T
    expected = np.stack([combine(lp[:, t], w[:, t]) for t in range(4)])
    np.testing.assert_allclose(combine(lp, w), expected, rtol=1e-12)


@pytest.mark.parametrize("combine", POOLS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_torch_in_torch_out(combine, dtype):
    lp = torch.log_softmax(torch.tensor(rows(3, 4, 9)), -1).to(dtype)
    out = combine(lp)
    assert isinstance(out, torch.Tensor)
    assert out.dtype == dtype
    assert out.shape == (4, 9)
    expected = combine(torch.log_softmax(lp.double(), -1).numpy())
    half = torch.finfo(dtype).bits < 32  # the input itself is off by its rounding
    np.testing.assert_allclose(out.double().numpy(), expected, rtol=0.02 if half else 1e-5, atol=0.02 if half else 1e-5)


def test_half_input_is_computed_in_single_precision():
    lp = torch.log_softmax(torch.tensor(rows(3, 50, 40)), -1).to(torch.bfloat16)
    expected = torch.logsumexp(lp.float() - np.log(3), 0)
    assert torch.equal(mixture_combine(lp), expected.to(torch.bfloat16))


@pytest.mark.parametrize("combine", POOLS)
def test_keeps_numpy_dtype(combine):
    for dtype in (np.float16, np.float32, np.float64):
        assert combine(rows(2, 3, 4).astype(dtype)).dtype == dtype


@pytest.mark.parametrize("combine", POOLS)
def test_a_list_of_arrays_is_a_stack(combine):
    lp = rows(3, 4, 5)
    np.testing.assert_array_equal(combine(list(lp)), combine(lp))


def test_agreeing_specialists_are_reproduced_or_sharpened():
    lp = rows(1, 6)[0]
    same = np.stack([lp] * 3)
    np.testing.assert_allclose(mixture_combine(same), lp)
    np.testing.assert_allclose(log_linear_combine(same), lp)
    np.testing.assert_allclose(product_combine(same), log_softmax(3 * lp))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_tails_keep_their_value(dtype):
    lp = np.array([[0.0, -1e4, -1e4], [0.0, -1e4, -1e4 - 5]], dtype=dtype)
    out = mixture_combine(lp)
    np.testing.assert_allclose(out[1], -1e4, rtol=1e-6)
    np.testing.assert_allclose(out[2], np.logaddexp(-1e4, -1e4 - 5) - np.log(2), rtol=1e-6)
    np.testing.assert_allclose(product_combine(lp)[1], -2e4, rtol=1e-6)
    np.testing.assert_allclose(log_linear_combine(lp)[2], -1e4 - 2.5, rtol=1e-6)


def test_excluded_outcomes():
    with np.errstate(divide="ignore"):
        lp = np.log([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(np.exp(mixture_combine(lp)), [0.5, 0.25, 0.25])
        np.testing.assert_allclose(np.exp(product_combine(lp)), [1, 0, 0])
        np.testing.assert_allclose(np.exp(log_linear_combine(lp)), [1, 0, 0])
        np.testing.assert_allclose(np.exp(log_linear_combine(lp, [1, 0])), [0.5, 0.5, 0], atol=0)
        np.testing.assert_allclose(np.exp(mixture_combine(lp, [1, 0])), [0.5, 0.5, 0], atol=0)


@pytest.mark.parametrize("library", [np.asarray, torch.tensor])
def test_disjoint_supports_have_a_mixture_but_no_product(library):
    lp = np.log(np.array([[[0.5, 0.5], [1, 1e-300]], [[0.5, 0.5], [1e-300, 1]]]))
    lp[lp < -600] = -np.inf
    np.testing.assert_allclose(np.exp(np.asarray(mixture_combine(library(lp)))), 0.5)
    for combine in (product_combine, log_linear_combine):
        with pytest.raises(ValueError, match=r"position \(1,\) no outcome .* no mass"):
            combine(library(lp))


@pytest.mark.parametrize("combine", [log_linear_combine, product_combine])
def test_temperatures_divide_the_exponents(combine):
    lp, w, temperatures = rows(3, 4, 6), np.array([0.2, 0.3, 0.5]), np.array([0.5, 1, 4])
    votes = (w if combine is log_linear_combine else 3 * w) / temperatures
    expected = log_softmax(np.einsum("n,ntv->tv", votes, lp), axis=-1)
    np.testing.assert_allclose(combine(lp, w, temperatures=temperatures), expected, rtol=1e-12)
    with pytest.raises(ValueError, match="temperatures: expected positive"):
        combine(lp, temperatures=[1, -1, 1])


@pytest.mark.parametrize("combine", POOLS)
def test_no_positions_give_an_empty_result(combine):
    assert combine(np.zeros((3, 0, 5), np.float32)).shape == (0, 5)


@pytest.mark.parametrize("combine", POOLS)
@pytest.mark.parametrize(
    ("lp", "message"),
    [
        (np.array([[0.0, np.nan]]), "NaN"),
        (np.array([[0.5, 0.5], [0.5, 0.5]]), "a probability above 1"),
        (np.array([[-1.0, -1.0], [-1.0, -1.0]]), "sums to probability 0.735"),
        (np.array([[0.0, np.inf]]), "a probability above 1"),
        (np.full((2, 3), -np.inf), "sums to probability 0"),
        (np.array([[0, 0]]), "floating dtype, got int64"),
        (np.zeros(3), r"\(N, \.\.\., V\)"),
        (np.zeros((0, 3)), "at least one"),
        ([np.zeros((2, 1)), np.zeros((3, 1))], r"specialist 1 is ndarray float64 \(3, 1\)"),
        ([np.zeros((2, 1)), np.zeros((2, 1), np.float32)], "specialist 1 is ndarray float32"),
        ([np.zeros((2, 1)), torch.zeros((2, 1))], "specialist 1 is Tensor"),
        ("abc", "got str"),
        ([], "got list"),
    ],
)
def test_bad_log_probs_are_named(combine, lp, message):
    with pytest.raises(ValueError, match=message) as error:
        combine(lp)
    assert str(error.value).startswith("log_probs")


@pytest.mark.parametrize("combine", POOLS)
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5, 0.6], "sums to 1.1"),
        ([-0.1, 1.1], "negative"),
        ([np.nan, 1], "NaN"),
        ([1.0], "expected 2"),
        ([0.3, 0.3, 0.4], "expected 2"),
        (np.full((2, 4), 0.5), r"\(2, 3\)"),
    ],
)
def test_bad_weights_are_named(combine, weights, message):
    with pytest.raises(ValueError, match=message) as error:
        combine(rows(2, 3, 5), weights)
    assert str(error.value).startswith("weights")


def test_one_bad_row_of_a_small_input_is_found():
    lp = rows(2, 300, 5)
    lp[1, 217, 3] -= 1
    with pytest.raises(ValueError, match="sums to probability"):
        mixture_combine(lp)


def test_a_large_unnormalised_input_is_found():
    lp = rows(2, 1100, 2048).astype(np.float32)
    mixture_combine(lp)
    with pytest.raises(ValueError, match="sums to probability"):
        mixture_combine(lp - np.float32(0.01))


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 8))
def test_bounds_of_the_mixture(seed, n, v):
    lp = rows(n, v, seed=seed, scale=4.0)
    mixed = mixture_combine(lp)
    assert (mixed >= lp.max(0) - np.log(n) - 1e-12).all()  # at most N times worse than the best
    assert (mixed >= lp.mean(0) - 1e-12).all()  # Jensen
    assert (mixed <= lp.max(0) + 1e-12).all()
    for combine in POOLS:
        np.testing.assert_allclose(logsumexp(combine(lp), axis=-1), 0, atol=1e-9)


def test_perplexity():
    assert perplexity(np.log([0.25, 0.25])) == pytest.approx(4)
    assert perplexity(torch.log(torch.tensor([0.5, 0.125]))) == pytest.approx(4)
    assert perplexity([0.0, -np.inf]) == np.inf
    assert perplexity([-1e6]) == np.inf
    assert perplexity(torch.full((10,), -1.0, dtype=torch.bfloat16)) == pytest.approx(np.e)
    for bad, message in [
        ([], "empty"),
        ([np.nan], "NaN"),
        ([0.1], "above 1"),
        (np.array([1]), "floating dtype, got int64"),
    ]:
        with pytest.raises(ValueError, match=message):
            perplexity(bad)


@pytest.mark.parametrize("kind", [np.asarray, torch.tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_every_row_of_a_large_input_is_checked(kind, dtype):
    lp = rows(3, 700, 600, seed=3).astype(dtype)
    combines = [
        *POOLS,
        lambda x: mixture_combine(x, temperatures=[1, 2, 0.5]),
        check_log_probs,
        list_of(log_linear_combine),
    ]
    for value, message in [(0.5, "above 1"), (np.nan, "NaN"), (-0.01, "sums to probability 1\\.9")]:
        broken = lp.copy()
        broken[1, 333, 7] = value
        for combine in combines:
            with pytest.raises(ValueError, match=f"log_probs: .*{message}"):
                combine(kind(broken))
    assert combines[3](kind(lp)).shape == (700, 600)


def list_of(combine):
    return lambda log_probs: combine(list(log_probs))


def test_a_large_input_is_checked_whatever_its_layout():
    lp = rows(2, 600, 1000, seed=4)
    for layout in (lp, np.asfortranarray(lp), lp[:, ::-1, ::-1], np.broadcast_to(lp[:1], (2, 600, 1000))):
        log_linear_combine(layout)
        broken = np.array(layout)
        broken[1, 599] -= 0.1
        with pytest.raises(ValueError, match=r"sums to probability 0\.904"):
            log_linear_combine(np.asfortranarray(broken))
    with pytest.raises(ValueError, match=r"sums to probability 0\.904"):
        torch.func.grad(lambda x: product_combine(x).sum())(torch.tensor(broken))
    excluded = lp.copy()
    excluded[0, 5] = -np.inf
    with pytest.raises(ValueError, match="sums to probability 0"):
        product_combine(excluded)


@pytest.mark.parametrize(("dtype", "slack"), [(np.float64, 1e-6), (np.float32, 1e-3), (np.float16, 2e-2)])
def test_rows_may_miss_the_sum_of_one_by_the_rounding_of_their_dtype_alone(dtype, slack):
    rows = np.log(np.array([[0.25, 0.75], [0.5, 0.5]]))
    log_linear_combine((rows + slack / 4).astype(dtype))
    with pytest.raises(ValueError, match="not 1"):
        log_linear_combine((rows - 3 * slack).astype(dtype))
