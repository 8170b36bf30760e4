"""Plans are optimal, radii are those of Cohen et al., and only what belongs to the training set is trained on."""

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import binom, norm

from mixbook.studies.carriers.augmentation import certificates


def test_partners_are_the_optimal_assignment():
    train = np.random.default_rng(0).normal(size=(3, 8, 2))
    partner = certificates.partners(train)
    for a in range(3):
        for b in range(3):
            cost = np.square(train[a][:, None] - train[b]).sum(axis=-1)
            assert sorted(partner[a, b]) == list(range(8))
            best = cost[linear_sum_assignment(cost)].sum() if a != b else 0
            assert cost[np.arange(8), partner[a, b]].sum() == pytest.approx(best)


def test_a_radius_is_the_bound_of_clopper_and_pearson():
    correct = np.array([True, True, True, False, True])
    found = certificates.radius(correct, np.array([1000, 900, 520, 1000, 0]), 1000, 0.5)
    assert found[0] == pytest.approx(0.5 * norm.ppf(certificates.ALPHA ** (1 / 1000)))  # every vote: alpha = p^n
    share = norm.cdf(found[1] / 0.5)
    assert binom.sf(899, 1000, share) == pytest.approx(certificates.ALPHA)
    assert (found[2:] == 0).all()  # near a tie, wrong, never chosen


def test_a_half_space_has_the_radius_of_its_distance():
    """The smoothed half-space is certified up to the distance from its border, less the price of sampling."""
    parameters = [
        torch.tensor(x)[None] for x in ([[1.0, -1.0]], [[0.0, 0.0]], [[5.0, -5.0], [-5.0, 5.0]], [[0.0, 0.0]])
    ]
    inputs = torch.tensor([[[0.3], [0.8], [-0.5]]])
    labels = torch.tensor([[0, 0, 0]])
    found = certificates.certify(parameters, inputs, labels, 0.5, 5000, torch.Generator().manual_seed(0))[0]
    assert (found <= [0.3, 0.8, 0.0]).all()
    np.testing.assert_allclose(found, [0.3, 0.8, 0], atol=0.06)


@pytest.mark.parametrize("name", [certificates.MOONS, certificates.DIGITS])
def test_the_three_sets_share_no_input(name):
    train, (validation, _), (test, labels) = certificates.data(name, 1)
    flat = [np.round(x.reshape(-1, x.shape[-1]), 9) for x in (train, validation, test)]
    rows = [set(map(tuple, x)) for x in flat]
    assert len(set.union(*rows)) == sum(map(len, rows))
    assert (np.bincount(labels) == len(labels) / len(train)).all()


@pytest.mark.parametrize("term", certificates.TERMS)
def test_networks_of_every_term_learn(term, monkeypatch):
    monkeypatch.setattr(certificates, "STEPS", 60)
    parameters = certificates.train(certificates.MOONS, (0,), ("Mixup", "geodesic"), term)
    inputs, labels = certificates.data(certificates.MOONS, 0)[2]
    flat = [p.flatten(0, 2) for p in parameters]
    x = torch.tensor(inputs, dtype=torch.float32).expand(len(flat[0]), -1, -1)
    right = (certificates.forward(flat, x).argmax(dim=-1).numpy() == labels).mean(axis=1)
    assert right.shape == (6,)
    assert right.min() > 0.7
    # the ways differ in the second batch alone, so a share of it that differs gives other networks
    assert len({round(float(p), 6) for p in flat[0].sum(dim=(1, 2))}) == 6
