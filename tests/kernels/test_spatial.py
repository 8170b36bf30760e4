"""The spatial kernel: bounds, exact cases, and the finite-volume solver."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from mixlib import simplex
from mixlib.kernels.spatial import ARRANGEMENTS, Spatial, effective_conductivity, hashin_shtrikman

PAIR = np.array([[1.0], [9.0]])


def wide_parts(*shape):
    rng = np.random.default_rng(44)
    return np.exp(rng.uniform(-8, 8, shape))


@pytest.mark.parametrize(
    ("arrangement", "by_hand"), [("parallel", 5.0), ("series", 1.8), ("geometric", 3.0), ("bruggeman", 3.0)]
)
def test_two_equal_shares_by_hand(arrangement, by_hand):
    np.testing.assert_allclose(Spatial(arrangement)(None, PAIR), [by_hand], rtol=1e-13)


def test_bruggeman_in_space_is_the_root_of_its_quadratic():
    w, a, b = 0.3, 2.0, 50.0
    half = (3 * w - 1) * a + (2 - 3 * w) * b
    by_hand = (half + math.sqrt(half**2 + 8 * a * b)) / 4
    np.testing.assert_allclose(Spatial(dimension=3)([w, 1 - w], np.array([[a], [b]])), [by_hand], rtol=1e-13)


@pytest.mark.parametrize("dimension", [2, 3])
def test_bruggeman_is_self_consistent_over_many_decades(dimension):
    weights, parts = simplex.sample(5, 100, rng=1), wide_parts(100, 5, 3) ** 2
    mixture = Spatial(dimension=dimension)(weights, parts)[:, None]
    residual = weights[..., None] * (parts - mixture) / (parts + (dimension - 1) * mixture)
    np.testing.assert_allclose(residual.sum(1), 0, atol=1e-13)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_every_arrangement_lies_between_series_and_parallel(arrangement, dimension):
    weights, parts = simplex.sample(4, 200, rng=2), wide_parts(200, 4, 3)
    mixture = Spatial(arrangement, dimension)(weights, parts)
    assert np.all(mixture >= Spatial("series")(weights, parts) * (1 - 1e-12))
    assert np.all(mixture <= Spatial("parallel")(weights, parts) * (1 + 1e-12))


@pytest.mark.parametrize("dimension", [2, 3])
def test_bruggeman_lies_between_the_bounds_and_these_between_the_wider_ones(dimension):
    weights, parts = simplex.sample(4, 200, rng=3), wide_parts(200, 4, 3)
    lower, upper = hashin_shtrikman(weights, parts, dimension=dimension)
    chain = [
        Spatial("series")(weights, parts),
        lower,
        Spatial("bruggeman", dimension)(weights, parts),
        upper,
        Spatial("parallel")(weights, parts),
    ]
    for smaller, larger in pairwise(chain):
        assert np.all(smaller <= larger * (1 + 1e-10))
        assert np.any(smaller < larger * 0.9)


def test_two_phase_bounds_are_the_known_formula():
    w, (a, b) = 0.3, PAIR[:, 0]
    lower, upper = hashin_shtrikman([1 - w, w], PAIR)
    np.testing.assert_allclose(lower, a + w / (1 / (b - a) + (1 - w) / (3 * a)), rtol=1e-13)
    np.testing.assert_allclose(upper, b + (1 - w) / (1 / (a - b) + w / (3 * b)), rtol=1e-13)


def test_a_part_of_weight_zero_does_not_widen_the_bounds():
    pair = hashin_shtrikman([0.5, 0.5], PAIR)
    more = hashin_shtrikman([0.5, 0.0, 0.5], np.array([[1.0], [1e6], [9.0]]))
    np.testing.assert_allclose(more, pair, rtol=1e-13)


def test_in_the_plane_turning_phases_into_their_inverses_inverts_the_mixture():
    weights, parts = simplex.sample(3, 50, rng=4), wide_parts(50, 3, 2)
    for arrangement in ("geometric", "bruggeman"):
        kernel = Spatial(arrangement)
        np.testing.assert_allclose(kernel(weights, 1 / parts), 1 / kernel(weights, parts), rtol=1e-10)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_derivatives_are_those_of_the_formula(arrangement, dimension):
    rng = np.random.default_rng(44)
    parts = torch.tensor(rng.uniform(0.1, 5, (2, 3, 2)), requires_grad=True)
    logits = torch.tensor(rng.normal(size=3), requires_grad=True)
    kernel = Spatial(arrangement, dimension)
    assert torch.autograd.gradcheck(lambda a, p: kernel(torch.softmax(a, -1), p), (logits, parts))


def test_layers_are_exact_along_and_across_the_current():
    layers = wide_parts(12)
    picture = np.tile(layers[:, None], (1, 7))
    shares, parts = np.full(12, 1 / 12), layers[:, None]
    np.testing.assert_allclose(effective_conductivity(picture, axis=0), Spatial("series")(shares, parts)[0], rtol=1e-9)
    along = Spatial("parallel")(shares, parts)[0]
    np.testing.assert_allclose(effective_conductivity(picture, axis=1), along, rtol=1e-9)
    np.testing.assert_allclose(effective_conductivity(picture.T, axis=0), along, rtol=1e-9)


def test_a_single_pixel_and_a_uniform_picture_conduct_as_they_are():
    np.testing.assert_allclose(effective_conductivity([[3.0]]), 3.0)
    np.testing.assert_allclose(effective_conductivity(np.full((5, 9), 3.0), axis=1), 3.0)


def checkerboard(size, contrast):
    """The mirror cell of the endless board: from the middle of one square to the middle of the next."""
    return np.kron([[1.0, contrast], [contrast, 1.0]], np.ones((size // 2, size // 2)))


@pytest.mark.parametrize("contrast", [2.0, 10.0])
def test_the_checkerboard_converges_to_the_geometric_mean_at_the_rate_of_its_corners(contrast):
    exact = Spatial("geometric")(None, np.array([[1.0], [contrast]]))[0]
    errors = np.array([abs(effective_conductivity(checkerboard(n, contrast)) / exact - 1) for n in (16, 32, 64, 128)])
    # u grows from a corner as r^a, tan(pi a / 4) = contrast^(-1/2), and the energy errs by h^(2 a)
    rate = 8 / np.pi * math.atan(contrast**-0.5)
    assert errors[-1] < {2.0: 1e-3, 10.0: 0.02}[contrast]
    np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:])[-1], rate, atol=0.1)


def test_a_board_of_many_squares_conducts_nearly_the_same_both_ways():
    board = np.kron(np.indices((12, 12)).sum(0) % 2, np.ones((8, 8))) * 3.0 + 1.0
    along, across = (effective_conductivity(board, axis=axis) for axis in (0, 1))
    np.testing.assert_allclose(along, across, rtol=1e-9)
    np.testing.assert_allclose(along, 2.0, rtol=0.05)


def test_any_picture_lies_between_series_and_parallel():
    rng = np.random.default_rng(44)
    picture = np.where(rng.random((20, 30)) < 0.4, 1.0, 50.0)
    for axis in (0, 1):
        assert 1 / (1 / picture).mean() < effective_conductivity(picture, axis=axis) < picture.mean()


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"arrangement": "random"}, "arrangement: got 'random'"), ({"dimension": 1}, "dimension: got 1")],
)
def test_bad_fields_are_named(fields, message):
    with pytest.raises(ValueError, match=message):
        Spatial(**fields)


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_bad_conductivities_are_named(bad):
    with pytest.raises(ValueError, match=r"parts: smallest value .* must be > 0"):
        Spatial()(None, np.array([[1.0], [bad]]))
    with pytest.raises(ValueError, match=r"parts: smallest value .* must be > 0"):
        hashin_shtrikman(None, np.array([[1.0], [bad]]))
    with pytest.raises(ValueError, match=r"image: smallest value .* must be > 0"):
        effective_conductivity([[1.0, bad]])


@pytest.mark.parametrize(
    ("image", "axis", "message"),
    [
        (np.ones(3), 0, r"image: got shape \(3,\)"),
        (np.ones((0, 3)), 0, r"image: got shape \(0, 3\)"),
        ([[1.0, math.nan]], 0, "image: holds NaN"),
        (np.ones((2, 2)), 2, "axis: got 2"),
    ],
)
def test_bad_pictures_are_named(image, axis, message):
    with pytest.raises(ValueError, match=message):
        effective_conductivity(image, axis=axis)


def test_bad_bounds_are_named():
    with pytest.raises(ValueError, match="dimension: got 4"):
        hashin_shtrikman(None, PAIR, dimension=4)
