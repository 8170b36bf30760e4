"""Soups and task vectors: their definitions on small states, and what must hold for any of them."""

import numpy as np
import pytest
import torch

from mixlib.merging import along_line, soup, task_vectors


def state(rng):
    return {"a": torch.tensor(rng.normal(size=(2, 3))), "b": torch.tensor(rng.normal(size=4))}


@pytest.fixture
def states():
    rng = np.random.default_rng(0)
    return [state(rng) for _ in range(3)]


def same(left, right):
    assert left.keys() == right.keys()
    for name in left:
        torch.testing.assert_close(left[name], right[name])


def test_a_soup_is_the_weighted_mean(states):
    a, b, c = states
    same(soup(states), {n: (a[n] + b[n] + c[n]) / 3 for n in a})
    same(soup(states, [0.5, 0, 0.5]), {n: (a[n] + c[n]) / 2 for n in a})
    same(soup([a, a]), a)


def test_task_vectors_lead_from_the_base_over_the_soup_to_the_sum(states):
    base, a, b = states
    same(task_vectors(base, [a, b], 0), base)
    same(task_vectors(base, [a, b], 0.5), soup([a, b]))
    same(task_vectors(base, [a, b], 1), {n: a[n] + b[n] - base[n] for n in a})
    same(task_vectors(base, [a], 2), along_line(base, a, 2))


def test_a_line_has_its_ends_and_its_middle(states):
    a, b, _ = states
    same(along_line(a, b, 0), a)
    same(along_line(a, b, 1), b)
    same(along_line(a, b, 0.5), soup([a, b]))
    same(along_line(a, b, -1), {n: 2 * a[n] - b[n] for n in a})


def test_nothing_given_is_changed(states):
    before = [{n: v.clone() for n, v in s.items()} for s in states]
    soup(states), task_vectors(states[0], states[1:], 2), along_line(*states[:2], 0.3)
    for old, new in zip(before, states, strict=True):
        same(old, new)


def test_bad_states_are_named(states):
    a, b, _ = states
    with pytest.raises(ValueError, match="states: empty"):
        soup([])
    with pytest.raises(ValueError, match="states: empty; a task vector"):
        task_vectors(a, [], 1)
    with pytest.raises(ValueError, match=r"states: 'b' is float64 \(4,\) in model 1 and float32 \(5,\) in model 2"):
        soup([a, b | {"b": torch.zeros(5)}])
    with pytest.raises(ValueError, match=r"states: 'c' is missing in model 1 and float32 \(1,\)"):
        along_line(a, b | {"c": torch.zeros(1)}, 0.5)
    with pytest.raises(ValueError, match="weights: expected 2"):
        soup([a, b], [1, 0, 0])
