"""Diagnostics of merges: known ranks, ratios and angles, and what merges do to them."""

import numpy as np
import pytest
import torch

from mixlib.merging import diagnose, effective_rank, merge, variance_ratio


def test_the_effective_rank_is_the_rank_of_equal_singular_values():
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.normal(size=(6, 3)))[0] for _ in range(2))
    assert effective_rank(left @ right.T) == pytest.approx(3)
    assert effective_rank(5 * left[:, :1] @ right[:, :1].T) == pytest.approx(1)
    shares = np.array([0.7, 0.2, 0.1])
    assert effective_rank(left * shares @ right.T) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert effective_rank(np.zeros((2, 3))) == 0
    batch = np.stack([np.eye(3), np.diag([1.0, 1, 0])])
    np.testing.assert_allclose(effective_rank(batch), [3, 2])
    torch.testing.assert_close(effective_rank(torch.tensor(batch)), torch.tensor([3.0, 2.0]).double())
    assert effective_rank(torch.eye(2, dtype=torch.bfloat16)) == pytest.approx(2, abs=1e-5)


def test_the_variance_ratio_of_averaged_strangers_is_one_over_their_number():
    rng = np.random.default_rng(1)
    models = rng.normal(size=(4, 5000, 10)) + 3.0
    assert variance_ratio(models, models.mean(axis=0)) == pytest.approx(1 / 4, rel=0.05)
    assert variance_ratio(models, models[1]) == pytest.approx(1, rel=0.05)
    assert variance_ratio(list(models), 2 * models[0], weights=[1, 0, 0, 0]) == pytest.approx(4)
    batch = variance_ratio(torch.tensor(models[None]), torch.tensor(models[None, 0]))
    assert batch.shape == (1,)


def state(seed, rows=6):
    rng = np.random.default_rng(seed)
    return {
        "w": torch.tensor(rng.normal(size=(rows, 5))),
        "b": torch.tensor(rng.normal(size=rows)),
        "zero": torch.zeros(3),
        "steps": torch.tensor(seed),
    }


def test_equal_models_are_not_moved():
    found = diagnose([state(0), state(0)], state(0)).to_frame()
    assert list(found.index) == ["w", "b"]  # what is zero everywhere has no length, and counters are none
    assert np.allclose(found["norm"], 1)
    assert np.allclose(found[["distance", "angle"]], 0)
    assert found.loc["w", "effective_rank"] == pytest.approx(found.loc["w", "rank_before"])
    assert found.loc["w", "spectrum"] == pytest.approx(0, abs=1e-12)
    assert np.isnan(found.loc["b", "spectrum"])


def test_orthogonal_models_shrink_by_the_root_of_two_and_karcher_does_not():
    one, other = torch.zeros(2, 4, 4).double()
    one[0], other[1] = torch.ones(4), torch.ones(4)
    models = [{"w": one}, {"w": other}]
    linear, karcher = (diagnose(models, merge(models, method)) for method in ("linear", "karcher"))
    assert linear.norm == pytest.approx(0.5**0.5)
    assert karcher.norm == pytest.approx(1)
    assert linear.angle == pytest.approx(np.pi / 4)
    assert karcher.angle == pytest.approx(np.pi / 4)
    assert linear.rank_before == pytest.approx(1)
    assert linear.effective_rank == pytest.approx(1)  # one direction in, half of each row out
    assert linear.distance == pytest.approx(0.5**0.5)


def test_distances_are_from_the_base_where_there_is_one():
    base = {"w": torch.eye(2)}
    moved = {"w": 3 * torch.eye(2)}
    assert diagnose([moved], base, base=base).distance == 0
    assert diagnose([moved], moved, base=base).distance == pytest.approx(2 / 3)
    assert diagnose([moved], base).spectrum == pytest.approx(2 / 3)
    assert diagnose([base, moved], moved, weights=[0.75, 0.25]).norm == pytest.approx(2)
    flat = {"w": torch.diag(torch.tensor([1.0, 0.0]))}
    assert diagnose([flat, base], base, weights=[0.75, 0.25]).rank_before == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: effective_rank(np.ones(3)), r"matrix: got shape \(3,\)"),
        (lambda: effective_rank(np.array([[np.nan]])), "matrix: holds NaN"),
        (lambda: variance_ratio(np.ones((2, 3, 4)), np.ones((3, 5))), r"merged: got shape \(3, 5\)"),
        (lambda: variance_ratio(np.ones((2, 1, 4)), np.ones((1, 4))), "merged: got one sample"),
        (lambda: variance_ratio(np.ones((2, 3, 4)), np.ones((3, 4))), "activations: no unit"),
        (lambda: variance_ratio(np.ones((2, 3, 4)), np.ones((3, 4)), [1, 1]), "weights: sums to 2"),
        (lambda: diagnose([], state(0)), "state_dicts: empty"),
        (lambda: diagnose([state(0, rows=4)], state(0)), "state_dicts: 'w' is float64"),
    ],
)
def test_what_cannot_be_diagnosed_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
