"""Orthogonal merge: cases with a known answer, and what a rotation of the base keeps."""

import numpy as np
import pytest
import torch
from scipy.stats import special_ortho_group

from mixlib.merging import METHODS, merge, orthogonal

ORTHOGONAL = METHODS["orthogonal"]


def turned(d, *planes):
    """A rotation by angles in planes of coordinates: (i, j, angle)."""
    rotation = torch.eye(d, dtype=torch.float64)
    for i, j, angle in planes:
        c, s = np.cos(angle), np.sin(angle)
        rotation[[i, i, j, j], [i, j, i, j]] = torch.tensor([c, s, -s, c])
    return rotation


@pytest.fixture
def base():
    return torch.tensor(np.random.default_rng(0).normal(size=(7, 5)))


def merged(base, *matrices, weights=None, **options):
    weights = np.full(len(matrices), 1 / len(matrices)) if weights is None else np.array(weights)
    return ORTHOGONAL(**options).tensor(list(matrices), weights, base, "w")


def close(one, other, atol=1e-10):
    torch.testing.assert_close(one, other, rtol=0, atol=atol)


@pytest.mark.parametrize("chart", ["cayley", "log"])
def test_rotations_in_planes_apart_compose(base, chart):
    one, two = turned(5, (0, 1, 0.7)), turned(5, (2, 4, -1.1))
    found = merged(base, base @ one, base @ two, magnitude="linear", scale=2, chart=chart)
    close(found, base @ one @ two)


def test_rotations_in_one_plane_add_their_angles_in_the_logarithm(base):
    one, two = turned(5, (0, 1, 0.4)), turned(5, (0, 1, 1.8))
    for magnitude in ("mean", "linear"):  # of one direction, both are the same
        found = merged(base, base @ one, base @ two, weights=[0.75, 0.25], magnitude=magnitude, chart="log")
        close(found, base @ turned(5, (0, 1, 0.75 * 0.4 + 0.25 * 1.8)))
    # and the tangents of half angles in the Cayley transform
    half = 0.75 * np.tan(0.2) + 0.25 * np.tan(0.9)
    found = merged(base, base @ one, base @ two, weights=[0.75, 0.25])
    close(found, base @ turned(5, (0, 1, 2 * np.arctan(half))))


def test_the_mean_length_makes_up_for_directions_that_differ(base):
    one, two = turned(5, (0, 1, 0.6)), turned(5, (2, 3, 0.6))
    shared = 0.6 / 2**0.5  # of both planes, where the plain mean has 0.3
    found = merged(base, base @ one, base @ two, chart="log")
    close(found, base @ turned(5, (0, 1, shared), (2, 3, shared)))
    plain = merged(base, base @ one, base @ two, chart="log", magnitude="linear")
    close(plain, base @ turned(5, (0, 1, 0.3), (2, 3, 0.3)))


def test_angles_between_rows_and_their_lengths_stay(base):
    matrices = [base @ torch.tensor(special_ortho_group.rvs(5, random_state=seed)) for seed in (1, 2, 3)]
    found = merged(base, *matrices, weights=[0.2, 0.5, 0.3])
    close(found @ found.T, base @ base.T)
    plain = METHODS["linear"]().tensor(matrices, [0.2, 0.5, 0.3])
    assert float(torch.linalg.norm(plain)) < 0.8 * float(torch.linalg.norm(base))


def test_one_model_comes_back_and_scale_leads_from_the_base_to_it(base):
    other = base + 0.3 * torch.tensor(np.random.default_rng(1).normal(size=base.shape))
    for chart in ("cayley", "log"):
        close(merged(base, other, chart=chart), other)
        close(merged(base, other, scale=0, chart=chart), base)
    further = merged(base, base @ turned(5, (0, 1, 0.3)), scale=3, chart="log")
    close(further, base @ turned(5, (0, 1, 0.9)))


def test_what_no_rotation_explains_is_merged_linearly(base):
    stretched = [base * 1.5, base * 0.7]  # the nearest rotation of each is none
    close(merged(base, *stretched, weights=[0.25, 0.75]), base * (0.25 * 1.5 + 0.75 * 0.7))
    close(merged(base, *stretched, residual=0), base)


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_few_rows_turn_as_little_as_possible(rows):
    base = torch.tensor(np.random.default_rng(2).normal(size=(rows, 5)))
    close(merged(base, base, base), base)
    one, two = turned(5, (0, 1, 0.3)), turned(5, (0, 1, 0.5))
    found = merged(base, base @ one, base @ two)
    close(found @ found.T, base @ base.T)  # still a rotation: no residual was needed
    rotation = orthogonal._rotation(base, base @ one)
    assert torch.trace(rotation) >= torch.trace(one) - 1e-9  # the turn itself is among the choices
    close(rotation @ rotation.T, torch.eye(5, dtype=torch.float64))


def test_a_reflection_is_a_rotation_and_a_residual(base):
    mirror = torch.diag(torch.tensor([1.0, 1, 1, 1, -1], dtype=torch.float64))
    close(merged(base, base @ mirror), base @ mirror)
    # it gives up the direction that counts least
    uneven = torch.diag(torch.tensor([5.0, 4, 3, 2, 1], dtype=torch.float64))
    close(merged(uneven, uneven @ mirror, residual=0), uneven)
    close(torch.zeros(3, 3).double(), merged(torch.zeros(3, 3).double(), torch.zeros(3, 3).double()))


def test_vectors_are_merged_linearly_and_kernels_as_matrices(base):
    vectors = [torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])]
    close(merged(torch.zeros(2), *vectors, scale=2), torch.ones(2))
    rng = np.random.default_rng(3)
    kernels = [torch.tensor(rng.normal(size=(4, 2, 3, 3))) * 0.1 for _ in range(3)]
    found = merged(kernels[0], kernels[0] + kernels[1], kernels[0] + kernels[2])
    flat = merged(*(k.reshape(4, 18) for k in (kernels[0], kernels[0] + kernels[1], kernels[0] + kernels[2])))
    close(found, flat.reshape(4, 2, 3, 3))


def test_where_the_chart_ends_an_error_names_the_tensor(base):
    half = turned(5, (0, 3, np.pi))
    with pytest.raises(ValueError, match=r"plane of 'w' by a half turn.*chart='log'"):
        merged(base, base @ half)
    with pytest.raises(ValueError, match=r"plane of 'w' by a half turn.*no single logarithm"):
        merged(base, base @ half, chart="log")
    nearly = turned(5, (0, 3, np.pi - 5e-4))
    close(merged(base, base @ nearly, chart="log", scale=0.5), base @ turned(5, (0, 3, np.pi / 2 - 2.5e-4)))
    with pytest.raises(ValueError, match="chart='log'"):
        merged(base, base @ nearly)


def test_rotations_that_cancel_have_no_direction(base):
    there, back = base @ turned(5, (0, 1, 0.5)), base @ turned(5, (0, 1, -0.5))
    with pytest.raises(ValueError, match=r"rotations of 'w' cancel.*magnitude='linear'"):
        merged(base, there, back)
    close(merged(base, there, back, magnitude="linear"), base)


def test_options_are_checked(base):
    for options, message in (({"chart": "exp"}, "chart: got 'exp'"), ({"magnitude": "max"}, "magnitude: got 'max'")):
        with pytest.raises(ValueError, match=message):
            merge([{"w": base}], "orthogonal", base={"w": base}, **options)
