"""Merge methods on tensors small enough to be merged by hand, and their limits."""

import numpy as np
import pytest
import torch

from mixlib.merging import karcher_mean, merge

BASE = torch.tensor([1.0, 1.0, 1.0, 1.0])


def merged(tensors, method, **options):
    base = {"w": options.pop("base")} if "base" in options else None
    return merge([{"w": torch.as_tensor(t)} for t in tensors], method, base=base, **options)["w"]


def draw(k, n=40, common=2.0, seed=0):
    rng = np.random.default_rng(seed)
    return torch.tensor(common * rng.normal(size=n) + rng.normal(size=(k, n)) * rng.uniform(0.5, 2, (k, 1)))


def unit(vector):
    return vector / vector.norm()


def test_restored_norms_keep_the_direction_of_the_mean():
    tensors, weights = draw(3), [0.2, 0.3, 0.5]
    found, plain = (merged(tensors, method, weights=weights) for method in ("linear-norms", "linear"))
    torch.testing.assert_close(unit(found), unit(plain))
    assert found.norm() == pytest.approx(sum(w * float(t.norm()) for w, t in zip(weights, tensors, strict=True)))
    assert found.norm() > 1.01 * plain.norm()


def test_slerp_runs_along_the_arc_and_leans_to_the_longer_vector():
    a, b = torch.tensor([2.0, 0, 0]), torch.tensor([0, 2.0, 0])
    angle = np.pi / 2 * 0.3
    expected = torch.tensor([2 * np.cos(angle), 2 * np.sin(angle), 0])
    torch.testing.assert_close(merged([a, b], "slerp", weights=[0.7, 0.3]), expected.float())
    torch.testing.assert_close(merged([a, 3 * b], "slerp"), torch.tensor([2.0, 6.0, 0]) * 0.5**0.5)
    tensors = torch.stack([2 * unit(t) for t in draw(2)])
    torch.testing.assert_close(merged(tensors, "slerp", weights=[0.7, 0.3]), karcher_mean(tensors, [0.7, 0.3]))
    near = torch.stack([tensors[0], tensors[0] * (1 + 1e-9)])
    torch.testing.assert_close(merged(near, "slerp"), tensors[0])


def test_multi_slerp_projects_the_mean_of_directions():
    tensors, weights = draw(3), [0.2, 0.3, 0.5]
    found = merged(tensors, "multi-slerp", weights=weights)
    chord = sum(w * unit(t) for w, t in zip(weights, tensors, strict=True))
    torch.testing.assert_close(unit(found), unit(chord))
    assert found.norm() == pytest.approx(sum(w * float(t.norm()) for w, t in zip(weights, tensors, strict=True)))
    assert (unit(found) - unit(karcher_mean(tensors, weights))).norm() > 1e-4
    torch.testing.assert_close(merged(tensors[:2], "multi-slerp"), karcher_mean(tensors[:2]))
    base = draw(1, seed=5)[0]
    torch.testing.assert_close(
        merged(tensors, "multi-slerp", base=base), base + merged(tensors - base, "multi-slerp"), atol=1e-12, rtol=0
    )
    torch.testing.assert_close(merged([tensors[0], base], "multi-slerp", base=base), (tensors[0] + base) / 2)


def test_task_arithmetic_leads_from_the_base_over_the_mean_to_the_sum():
    a, b = BASE + torch.tensor([1.0, 0, 0, 2]), BASE + torch.tensor([0, -1.0, 0, 2])
    for scale, expected in [(0, BASE), (1, (a + b) / 2), (2, a + b - BASE), (-1, 2 * BASE - (a + b) / 2)]:
        torch.testing.assert_close(merged([a, b], "task-arithmetic", base=BASE, scale=scale), expected)
    with pytest.raises(ValueError, match="scale: got nan"):
        merged([a, b], "task-arithmetic", base=BASE, scale=float("nan"))


def test_ties_trims_elects_and_averages_those_that_agree():
    a, b, c = BASE + torch.tensor([[4.0, 3, 2, 1], [4, -3, 1, 2], [-1, -2, 3, 4]])
    # with half of the entries left: a 4 3 0 0, b 4 -3 0 0, c 0 0 3 4
    found = merged([a, b, c], "ties", base=BASE, density=0.5, weights=[0.5, 0.25, 0.25])
    torch.testing.assert_close(found, BASE + torch.tensor([4.0, 3, 3, 4]))
    found = merged([a, b, c], "ties", base=BASE, density=0.5, weights=[0.5, 0.25, 0.25], normalize=False, scale=2)
    torch.testing.assert_close(found, BASE + 2 * torch.tensor([3.0, 1.5, 0.75, 1]))
    whole = merged([a, b, c], "ties", base=BASE, density=1, weights=[0.25, 0.25, 0.5])
    torch.testing.assert_close(whole, BASE + torch.tensor([4.0, -7 / 3, 2.25, 2.75]))
    assert (merged([a], "ties", base=BASE, density=0.2) != BASE).sum() == 1  # at least one entry stays
    torch.testing.assert_close(merged([BASE + 1, BASE - 1], "ties", base=BASE), BASE)  # no sign has the majority


def test_dare_drops_the_share_and_keeps_the_expectation():
    base, tuned = torch.zeros(20000), torch.ones(20000)
    found = merged([tuned], "dare", base=base, density=0.25)
    assert set(found.tolist()) == {0.0, 4.0}
    assert float(found.mean()) == pytest.approx(1, abs=0.05)  # four standard errors
    assert torch.equal(found, merged([tuned], "dare", base=base, density=0.25, rng=0))
    assert not torch.equal(found, merged([tuned], "dare", base=base, density=0.25, rng=1))
    both = merged([tuned, tuned], "dare", base=base, density=0.25)
    assert set(both.tolist()) == {0.0, 2.0, 4.0}  # each model has a draw of its own
    states, bases = ({name: tensor.clone() for name in ("one", "two")} for tensor in (tuned, base))
    drawn = merge([states], "dare", base=bases)
    assert not torch.equal(drawn["one"], drawn["two"])
    alone = merge([{"two": tuned}], "dare", base={"two": base})
    assert torch.equal(alone["two"], drawn["two"])  # streamed or at once, the same


def test_dare_elects_signs_when_asked_to():
    a, b = BASE + torch.tensor([[4.0, 3, 2, 1], [4, -1, 1, 2]])
    whole = merged([a, b], "dare", base=BASE, density=1, consensus="ties")
    torch.testing.assert_close(whole, merged([a, b], "ties", base=BASE, density=1))
    summed = merged([a, b], "dare", base=BASE, density=1, consensus="ties", normalize=False)
    torch.testing.assert_close(summed, BASE + torch.tensor([4.0, 1.5, 1.5, 1.5]))


@pytest.mark.parametrize("method", ["linear-norms", "multi-slerp", "karcher"])
def test_models_that_balance_out_are_refused(method):
    angles = 2 * np.pi / 3 * np.arange(3)
    with pytest.raises(ValueError, match="w: they balance out"):
        merged(np.stack([np.cos(angles), np.sin(angles)], axis=1), method)


def test_opposite_models_have_no_arc():
    with pytest.raises(ValueError, match="w: antipodal"):
        merged([BASE, -BASE], "slerp")


@pytest.mark.parametrize("method", ["linear", "linear-norms", "slerp", "multi-slerp", "karcher"])
def test_zeros_and_numbers_are_no_directions(method):
    zero = torch.zeros(4)
    assert torch.equal(merged([zero, zero], method), zero)
    torch.testing.assert_close(merged([BASE, zero], method), BASE / 2)
    assert merged([torch.tensor(-1.0), torch.tensor(2.0)], method) == 0.5


@pytest.mark.parametrize("method", ["ties", "dare"])
@pytest.mark.parametrize("density", [0.0, -0.5, 1.5, float("nan")])
def test_a_density_is_a_share(method, density):
    with pytest.raises(ValueError, match="density: got"):
        merged([BASE], method, base=BASE, density=density)


def test_options_of_dare_are_named():
    for option, message in ({"consensus": "mean"}, "consensus: got 'mean'"), ({"rng": -1}, "rng: got -1"):
        with pytest.raises(ValueError, match=message):
            merged([BASE], "dare", base=BASE, **option)
