"""Snow, brine in sand, and the pictures of media: what is known of them exactly, and what bounds them."""

import numpy as np
import pytest

from mixlib.domains import conduction
from mixlib.kernels import Spatial, hashin_shtrikman

PAIR = np.array([[conduction.ICE], [conduction.AIR]])


def conducting(mask, contrast=20.0):
    return np.where(mask, contrast, 1.0)


def test_snow_without_ice_is_air():
    assert conduction.snow(0) == conduction.AIR


def test_snow_of_300_kg_by_hand():
    assert conduction.snow(300.0) == pytest.approx(0.225 - 0.0369 + 0.024)
    assert conduction.ice_share(300.0) == pytest.approx(0.32715, abs=1e-5)


def test_snow_lies_between_the_bounds_for_isotropic_media():
    density = np.linspace(100, 550, 50)
    share = conduction.ice_share(density)
    lower, upper = hashin_shtrikman(np.stack([share, 1 - share], axis=-1), PAIR)
    assert np.all(lower[:, 0] < conduction.snow(density))
    assert np.all(conduction.snow(density) < upper[:, 0])


def test_archie_is_a_power_of_the_porosity():
    np.testing.assert_allclose(conduction.archie([0.25, 1.0], 2.0), [0.0625, 1.0])


def test_round_grains_block_less_than_theory_has_it_and_cement_more():
    of_spheres = 1.5  # Bruggeman's exponent for insulating spheres of all sizes
    assert 1 < conduction.LOOSE_SAND < of_spheres < min(conduction.SANDSTONE)
    assert max(conduction.SANDSTONE) <= 2


@pytest.mark.parametrize("share", [0, 0.1, 0.35, 0.5, 0.8, 1])
@pytest.mark.parametrize("name", conduction.fields())
def test_every_arrangement_has_the_share_asked_for(name, share):
    assert conduction.fill(conduction.fields()[name], share).mean() == pytest.approx(share)


def test_a_larger_share_keeps_what_a_smaller_one_filled():
    for field in conduction.fields().values():
        assert np.all(conduction.fill(field, 0.6)[conduction.fill(field, 0.3)])


def test_islands_and_holes_are_mirror_symmetric():
    for name in ("round islands", "round holes"):
        mask = conduction.fill(conduction.fields()[name], 0.35)
        assert np.array_equal(mask, mask[::-1])
        assert np.array_equal(mask, mask[:, ::-1])


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_beyond_the_picture_is_refused(share):
    with pytest.raises(ValueError, match="share: got"):
        conduction.fill(np.zeros((2, 2)), share)


@pytest.mark.parametrize(("name", "arrangement"), [("across", "series"), ("along", "parallel")])
def test_layers_are_bracketed_without_a_gap(name, arrangement):
    image = conducting(conduction.fill(conduction.fields()[f"layers {name} the current"], 0.35))
    exact = Spatial(arrangement)([0.35, 0.65], np.array([[20.0], [1.0]]))[0]
    np.testing.assert_allclose(conduction.bracket(image), exact, rtol=1e-9)


@pytest.mark.parametrize("axis", [0, 1])
def test_finer_pixels_narrow_the_bracket_from_both_sides(axis):
    for name in ("random grains", "clusters", "round islands", "streaks along the current"):
        image = conducting(conduction.fill(conduction.fields(20, rng=3)[name], 0.4))
        lower, upper = zip(
            *(conduction.bracket(np.kron(image, np.ones((n, n))), axis=axis) for n in (1, 2, 4)), strict=True
        )
        assert lower[0] < lower[1] < lower[2] < upper[2] < upper[1] < upper[0]


@pytest.mark.parametrize("contrast", [3.0, 100.0])
def test_the_middle_of_the_bracket_is_exact_for_the_checkerboard(contrast):
    board = np.kron([[1.0, contrast], [contrast, 1.0]], np.ones((4, 4)))
    lower, upper = conduction.bracket(board)
    assert lower < upper * 0.98
    np.testing.assert_allclose(np.sqrt(lower * upper), np.sqrt(contrast), rtol=1e-10)
