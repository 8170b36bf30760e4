"""The Karcher mean of vectors: optimal in the Riemannian sense, exact where it must be, and in any precision."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from mixlib import simplex
from mixlib.merging import karcher, karcher_mean, merge
from mixlib.merging.vectors import BLOCK

N = 3 * BLOCK + 17  # whole blocks and a rest


def draw(k, n=N, common=1.0, seed=0, dtype=float):
    """Vectors of different lengths, at angles that ``common`` makes smaller."""
    rng = np.random.default_rng(seed)
    vectors = common * rng.normal(size=n) + rng.normal(size=(k, n)) * rng.uniform(0.5, 2, (k, 1))
    return vectors.astype(dtype)


def gradient(vectors, mean, weights):
    """Length of the Riemannian gradient at the direction of ``mean``, by the definition, in float64."""
    u = np.asarray(mean, float) / np.linalg.norm(np.asarray(mean, float))
    total = 0
    for vector, weight in zip(np.asarray(vectors, float), weights, strict=True):
        v = vector / np.linalg.norm(vector)
        off = v - (v @ u) * u
        angle = np.arctan2(np.linalg.norm(off), v @ u)
        total = total + weight * angle * off / max(np.linalg.norm(off), 1e-300)
    return np.linalg.norm(total)


@pytest.mark.parametrize("common", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("k", [2, 3, 8])
def test_the_gradient_vanishes_and_the_length_is_the_mean_length(k, common):
    vectors, weights = draw(k, common=common), simplex.sample(k, rng=k)
    mean = karcher_mean(vectors, weights)
    assert gradient(vectors, mean, weights) < 1e-12
    assert np.linalg.norm(mean) == pytest.approx(weights @ np.linalg.norm(vectors, axis=1))
    low = vectors.astype(np.float32)
    assert gradient(low, karcher_mean(low, weights), weights) < 1e-7


def test_the_mean_is_the_minimum_that_an_optimiser_finds():
    vectors, weights = draw(4, n=5, common=0.8, seed=3), [0.1, 0.2, 0.3, 0.4]
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def cost(x):
        return np.sum(weights * np.arccos(units @ x / np.linalg.norm(x)) ** 2)

    found = minimize(cost, units.mean(axis=0), options={"gtol": 1e-10}).x
    mean = karcher_mean(vectors, weights)
    np.testing.assert_allclose(mean / np.linalg.norm(mean), found / np.linalg.norm(found), atol=1e-6)


def test_of_two_vectors_it_goes_along_the_great_circle():
    a, b = np.array([2.0, 0, 0]), np.array([0, 4.0, 0])
    np.testing.assert_allclose(karcher_mean([a, b]), 3 * np.array([1, 1, 0]) / 2**0.5)
    third = np.pi / 2 / 3
    np.testing.assert_allclose(
        karcher_mean([a, b], [2 / 3, 1 / 3]), (2 * 2 + 4) / 3 * np.array([np.cos(third), np.sin(third), 0])
    )


def test_on_a_circle_angles_average():
    angles, weights = np.array([0.1, 0.5, 1.2]), np.array([0.5, 0.2, 0.3])
    mean = karcher_mean(np.stack([np.cos(angles), np.sin(angles)], axis=1), weights)
    np.testing.assert_allclose(mean, [np.cos(weights @ angles), np.sin(weights @ angles)])


def test_it_turns_with_the_vectors_and_grows_with_them():
    vectors = draw(3, n=6)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    np.testing.assert_allclose(karcher_mean(vectors @ turn), karcher_mean(vectors) @ turn)
    np.testing.assert_allclose(karcher_mean(2.5 * vectors), 2.5 * karcher_mean(vectors))
    order, weights = [2, 0, 1], np.array([0.2, 0.3, 0.5])
    np.testing.assert_allclose(karcher_mean(vectors[order], weights[order]), karcher_mean(vectors, weights))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_equal_vectors_and_all_weight_on_one_are_exact(dtype):
    a, b, c = torch.tensor(draw(3)).to(dtype)
    assert torch.equal(karcher_mean([a, a.clone(), a]), a)
    assert torch.equal(karcher_mean([a, b, c], [0, 1, 0]), b)
    near = a.clone()
    near[5] += 1e-2
    assert not torch.equal(karcher_mean([a, near]), a)


def test_half_precision_is_computed_in_float32_and_rounded_once():
    vectors = torch.tensor(draw(3))
    for dtype in (torch.bfloat16, torch.float16):
        low = vectors.to(dtype)
        mean = karcher_mean(low)
        assert mean.dtype == dtype
        assert torch.equal(mean, karcher_mean(low.float()).to(dtype))
    half = vectors.numpy().astype(np.float16)
    assert karcher_mean(half).dtype == np.float16
    np.testing.assert_array_equal(karcher_mean(half), karcher_mean(half.astype(np.float32)).astype(np.float16))


def test_numpy_torch_a_sequence_and_a_batch_agree():
    vectors, weights = draw(3, n=12), np.array([0.2, 0.3, 0.5])
    mean = karcher_mean(vectors, weights)
    np.testing.assert_array_equal(karcher_mean(torch.tensor(vectors), weights).numpy(), mean)
    np.testing.assert_array_equal(karcher_mean([v.reshape(3, 4) for v in vectors], weights).ravel(), mean)
    # products of another layout are summed in another order, on some processors
    np.testing.assert_allclose(karcher_mean(np.asfortranarray(vectors), weights), mean, rtol=1e-14, atol=1e-15)
    batch, shares = np.stack([vectors, vectors[::-1]]), np.stack([weights, weights[::-1]])
    assert karcher_mean(batch[:, None], shares[:, None]).shape == (2, 1, 12)
    np.testing.assert_allclose(karcher_mean(batch, shares), [mean, mean])
    assert karcher_mean(torch.tensor(batch), weights).dtype == torch.float64


@pytest.mark.parametrize("size", [1e-6, 1e-18, 1e18])
def test_small_and_large_vectors_survive_float32(size):
    vectors = draw(3, n=200)
    vectors *= size / np.linalg.norm(vectors, axis=1, keepdims=True)
    mean = karcher_mean(vectors.astype(np.float32))
    np.testing.assert_allclose(mean / size, karcher_mean(vectors / size), rtol=1e-3, atol=1e-6)
    assert np.linalg.norm(mean.astype(float)) == pytest.approx(size, rel=1e-5)


def test_a_zero_vector_counts_for_the_length_alone():
    a = np.array([0.0, 3.0, 4.0])
    np.testing.assert_allclose(karcher_mean([a, np.zeros(3)]), a / 2)
    np.testing.assert_array_equal(karcher_mean([np.zeros(3), np.zeros(3)]), np.zeros(3))


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([[1.0, 2.0], [-2.0, -4.0]], "vectors: number 0 and number 1 are antipodal.*method linear"),
        ([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]], "vectors: they balance out"),
        ([[1.0, np.nan], [1.0, 2.0]], "vectors: number 0 holds NaN"),
        ([[1.0, 0.0], [np.inf, 2.0]], "vectors: number 1 holds NaN"),
    ],
)
def test_vectors_without_a_mean_are_refused(vectors, message):
    for dtype in (np.float64, np.float32):
        with pytest.raises(ValueError, match=message):
            karcher_mean(np.array(vectors, dtype))


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([], "vectors: 0 with no entries"),
        (3.0, "vectors: expected a NumPy array"),
        (np.ones(3), r"vectors: expected shape \(k, n\), got \(3,\)"),
        (np.ones((2, 0)), "vectors: 2 with no entries"),
        (np.ones((2, 0, 3)), r"vectors: got shape \(2, 0, 3\)"),
        (np.ones((2, 3), int), "vectors: expected a floating dtype"),
        ([np.ones(3), np.ones(4)], r"first is NumPy float64 \(3,\).*number 1 NumPy float64 \(4,\)"),
        ([np.ones(3), torch.ones(3)], "number 1 torch float32"),
    ],
)
def test_what_is_no_set_of_vectors_is_named(vectors, message):
    with pytest.raises(ValueError, match=message):
        karcher_mean(vectors)


def test_bad_weights_are_named():
    with pytest.raises(ValueError, match="weights: sums to 2"):
        karcher_mean(np.ones((2, 3)), [1, 1])


def test_vectors_all_over_the_sphere_are_told(monkeypatch):
    monkeypatch.setattr(karcher, "MAX_ROUNDS", 1)
    with pytest.raises(RuntimeError, match="not settled after 1 rounds"):
        karcher_mean(draw(5, n=3, common=0.0, seed=2), simplex.sample(5, rng=0))


def test_a_derivative_stops_and_nothing_is_changed():
    vectors = torch.tensor(draw(2, n=9), requires_grad=True)
    before = vectors.detach().clone()
    assert not karcher_mean(vectors).requires_grad
    assert torch.equal(vectors, before)


def test_in_a_merge_a_tensor_is_one_vector_and_a_number_is_averaged():
    states = [{"w": torch.eye(2)[i].reshape(1, 2), "b": torch.tensor(b)} for i, b in enumerate((-1.0, 3.0))]
    merged = merge(states, "karcher")
    torch.testing.assert_close(merged["w"], torch.full((1, 2), 0.5**0.5))
    assert merged["b"] == 1.0
    with pytest.raises(ValueError, match="w: model 1 and model 2 are antipodal"):
        merge([{"w": torch.ones(2)}, {"w": -torch.ones(2)}], "karcher")
