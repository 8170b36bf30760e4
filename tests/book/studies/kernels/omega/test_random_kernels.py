"""Random kernels: reproducible, as rough and as nonlinear as asked for, and surveyed by all instruments."""

import numpy as np
import pytest

from mixbook.studies.kernels.omega.random_kernels import random_kernel, survey


def test_a_kernel_is_the_linear_pool_plus_a_field_of_the_parts():
    kernel, again = random_kernel(3), random_kernel(3)
    parts = np.random.default_rng(0).random((4, 5, 2, 1))
    assert kernel(None, parts).shape == (4, 5, 1)
    np.testing.assert_array_equal(kernel(None, parts), again(None, parts))
    np.testing.assert_allclose(kernel([0.5, 0.5], parts), kernel(None, parts))
    # the field does not depend on the weights
    moved = kernel([1.0, 0.0], parts) - kernel([0.0, 1.0], parts)
    np.testing.assert_allclose(moved, parts[..., 0, :] - parts[..., 1, :])
    assert not np.allclose(kernel(None, parts), random_kernel(4)(None, parts))


def test_survey():
    kernels = survey(6, rng=1)
    assert len(kernels) == 6
    assert (kernels["omega"] < 1e-9).all()
    np.testing.assert_allclose(kernels["omega_moved"], kernels["omega"], atol=1e-9)
    assert (kernels["outside_moved"] > 1 - 1e-9).all()
    assert kernels["outside"].between(0, 1).all()
    assert kernels["interaction"].between(-0.05, 1).all()
    assert (kernels["omega_overlap"] > kernels["omega"]).any()
    np.testing.assert_array_equal(survey(6, rng=1), kernels)


def test_smooth_kernels_interact_less_than_rough_ones():
    smooth, rough = (survey(8, roughness=scale, rng=2)["interaction"].mean() for scale in (0.5, 4.0))
    assert smooth < rough


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="roughness, waves: got 0 and 6"):
        random_kernel(roughness=0)
    with pytest.raises(ValueError, match=r"roughness, waves: got 2\.0 and 0"):
        random_kernel(waves=0)
