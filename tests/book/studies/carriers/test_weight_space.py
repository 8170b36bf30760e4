"""Where networks and their means lie: fits see what is there, and means of random networks are where geometry says."""

import numpy as np
import pytest
import torch

from mixbook.studies.carriers import weight_space
from mixbook.studies.carriers.merging import networks


def test_a_fit_sees_few_dimensions_where_they_are():
    rng = np.random.default_rng(0)
    parts = networks.split("digits", 0)
    start = networks.beginnings(1, 8, 0)

    def family(moves):
        return {
            name: tensor
            + torch.tensor(np.tensordot(moves, rng.normal(size=(moves.shape[1], *tensor.shape[1:])), 1)).float()
            for name, tensor in start.items()
        }

    low = weight_space.distances(family(rng.normal(size=(40, 3))), parts, directions=3)
    assert low["left"].max() < 0.05
    high = weight_space.distances(family(rng.normal(size=(40, 200))), parts, directions=3)
    assert high["left"].min() > 0.8
    assert weight_space.curve(family(rng.normal(size=(40, 3))), most=5)[[0, 3]] == pytest.approx([1, 0], abs=0.05)


def test_random_networks_have_the_norms_of_trained_ones():
    found, _ = weight_space.families("digits", count=6, steps=5, width=8)
    for name, tensor in found[weight_space.KINDS[0]].items():
        other = found[weight_space.KINDS[3]][name]
        torch.testing.assert_close(tensor.flatten(1).norm(dim=1), other.flatten(1).norm(dim=1))
    _, one = networks.forward(
        found[weight_space.KINDS[0]], torch.randn(4, networks.INPUTS, generator=torch.manual_seed(0))
    )
    _, two = networks.forward(
        found[weight_space.KINDS[1]], torch.randn(4, networks.INPUTS, generator=torch.manual_seed(0))
    )
    torch.testing.assert_close(one, two)  # renamed units compute the same


def test_a_mean_lies_where_it_is_known_to_lie():
    found, parts = weight_space.families("digits", count=20, steps=40, width=8)
    rows = weight_space.distances(found[weight_space.RANDOM], parts, directions=2).mean()
    np.testing.assert_allclose([rows["radius, linear"], rows["radius, karcher"]], [0.5**0.5, 1], atol=0.05)
    assert rows["nearest, linear"] < rows["nearest, karcher"]  # as far from others as a network is
    np.testing.assert_allclose(rows["nearest, karcher"], 1, atol=0.05)
    ways, networks_at = weight_space.along(found[weight_space.OWN], parts, [0.0, 0.5], pairs=2)
    assert networks_at.shape == (4, 2)
    for points in ways.values():
        assert points[0, 1] == pytest.approx(networks_at[::2, 1].mean(), abs=1e-9)
    assert ways["linear"][1, 0] < ways["karcher"][1, 0]


def test_signals_of_alike_networks_stay_in_their_mean():
    found, parts = weight_space.families("digits", count=20, steps=1, width=8)
    one = {name: tensor[:1].expand_as(tensor) for name, tensor in found[weight_space.OWN].items()}
    noise = np.random.default_rng(0).normal(scale=1e-3, size=20)
    alike = {
        name: tensor * (1 + torch.tensor(noise).float().reshape(-1, *[1] * (tensor.ndim - 1)))
        for name, tensor in one.items()
    }
    rows = weight_space.distances(alike, parts, directions=1)
    np.testing.assert_allclose(rows[["variance, linear", "rank, linear"]], 1, atol=0.01)
    apart = weight_space.distances(found[weight_space.OWN], parts, directions=1)
    assert apart["variance, linear"].max() < 0.8
