"""The systems of known information are what they claim to be."""

import numpy as np
import pytest
from scipy.stats import kstest

from mixlib.information import systems


def test_dyadic_and_triadic_agree_on_every_pair():
    for axis in range(3):
        pair = [system.sum(axis=axis) for system in (systems.dyadic(), systems.triadic())]
        entropies = [-np.sum(p[p > 0] * np.log2(p[p > 0])) for p in pair]
        assert entropies == pytest.approx([3, 3])


def test_agreeing_bits_run_from_independence_to_copies():
    np.testing.assert_allclose(systems.agreeing_bits(0, 3), 1 / 8)
    np.testing.assert_allclose(systems.agreeing_bits(1, 3), systems.copy(3))
    np.testing.assert_allclose(systems.agreeing_bits(0.3, 3).sum(axis=(0, 1)), 0.5)


def test_a_gate_is_a_channel_on_independent_bits():
    transition = systems.deterministic((2, 2), lambda a, b: a & b)
    bits = systems.independent([0.5, 0.5], [0.5, 0.5])
    np.testing.assert_allclose(systems.channel(bits, transition), systems.and_gate())


def test_random_channels_are_seeded_and_sharpness_makes_them_deterministic():
    soft, again = (systems.random_channel((3, 2), 4, rng=1) for _ in range(2))
    np.testing.assert_array_equal(soft, again)
    np.testing.assert_allclose(soft.sum(-1), 1)
    sharp = systems.random_channel((30, 20), 4, sharpness=100, rng=1)
    assert np.mean(sharp.max(-1) > 0.99) > 0.8 > 0.1 > np.mean(soft.max(-1) > 0.99)
    joint = systems.channel(np.full((3, 2), 1 / 6), soft)
    np.testing.assert_allclose(joint.sum(axis=-1), 1 / 6)


def test_signal_to_noise_of_the_mean():
    cov = systems.mean_with_noise(3, 0.2, 4.0)
    signal = systems.equicorrelated(3, 0.2).sum() / 9
    assert cov[3, 3] == pytest.approx(signal * 1.25)
    assert cov[0, 3] == pytest.approx((1 + 2 * 0.2) / 3)


def test_samples_have_the_frequencies_of_the_joint():
    joint = systems.channel(systems.independent([0.2, 0.8], [0.5, 0.5]), systems.random_channel((2, 2), 3, rng=1))
    samples = systems.sample(joint, 20000, rng=2)
    counts = np.zeros(joint.shape)
    np.add.at(counts, tuple(samples.T), 1)
    np.testing.assert_allclose(counts / 20000, joint, atol=0.015)
    np.testing.assert_array_equal(
        systems.sample(joint, 5, rng=3), systems.sample(joint, 5, rng=np.random.default_rng(3))
    )


def test_gaussian_samples_have_the_covariance():
    cov = systems.sum_with_noise(2, 0.5)
    samples = systems.sample_gaussian(cov, 20000, rng=4)
    np.testing.assert_allclose(np.cov(samples, rowvar=False), cov, atol=0.08)
    np.testing.assert_allclose(samples.mean(axis=0), 0, atol=0.03)


def test_sign_lifted_bits_are_standard_normal_with_these_signs():
    bits = systems.sample(systems.parity(3), 20000, rng=5)
    lifted = systems.sign_lift(bits, rng=6)
    np.testing.assert_array_equal(lifted > 0, bits == 1)
    assert max(kstest(column, "norm").statistic for column in lifted.T) < 0.015
    np.testing.assert_allclose(np.cov(lifted, rowvar=False), np.eye(3), atol=0.04)


def test_bad_channels_are_named():
    with pytest.raises(ValueError, match=r"transition: shape \(2, 3\) does not extend the shape \(2, 2\)"):
        systems.channel(np.full((2, 2), 0.25), np.full((2, 3), 1 / 3))
    with pytest.raises(ValueError, match="transition: a row is negative or does not sum to 1"):
        systems.channel(np.full((2, 2), 0.25), np.full((2, 2, 3), 0.5))


def test_bad_sources_of_samples_are_named():
    with pytest.raises(ValueError, match=r"system: sums to 1\.2 or has negative entries; pass a joint mass function"):
        systems.sample(np.full((2, 2), 0.3), 10)
    with pytest.raises(ValueError, match="bits: expected 0 and 1, got values from 0 to 2"):
        systems.sign_lift(np.arange(3))
