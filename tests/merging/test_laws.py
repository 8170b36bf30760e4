"""Laws that every merge method obeys, found by its being there."""

import re
import warnings
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from mixlib import merging, simplex
from mixlib.merging import METHODS, Method, merge

ROOT = Path(__file__).parents[2]
K = 2  # every method takes two models
SHAPES = {"weight": (6, 5), "bias": (6,), "scale": ()}

pytestmark = pytest.mark.parametrize("name", list(METHODS))


def random_state(seed, dtype=torch.float32):
    rng = np.random.default_rng(seed)
    state = {name: torch.tensor(rng.normal(size=shape), dtype=dtype) for name, shape in SHAPES.items()}
    return state | {"steps": torch.tensor(seed)}


def near(state, seed, size=0.1):
    """A fine-tuned neighbour of a state."""
    other = random_state(seed, state["weight"].dtype)
    return {n: t + size * other[n] if t.is_floating_point() else t + 1 for n, t in state.items()}


@pytest.fixture
def base():
    return random_state(0)


@pytest.fixture
def states(base):
    return [near(base, seed) for seed in range(1, K + 1)]


def dropping_nothing(name):
    """Options with which a method keeps all that it could drop."""
    return {"density": 1} if "density" in [field.name for field in fields(METHODS[name])] else {}


def assert_same(left, right, rtol=1e-5, atol=1e-6):
    assert list(left) == list(right)
    for key in left:
        torch.testing.assert_close(left[key], right[key], rtol=rtol, atol=atol)


def test_a_method_says_what_it_is(name):
    kind = METHODS[name]
    assert issubclass(kind, Method)
    assert kind.formula.strip()
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert kind.reference in keys
    assert getattr(merging, kind.__name__) is kind


def test_equal_models_give_that_model(name, base):
    same = near(base, 1)
    assert_same(merge([dict(same)] * K, name, base=same), same)


def test_the_order_of_models_does_not_matter(name, base, states):
    draws = "rng" in [field.name for field in fields(METHODS[name])]  # of each place among the models its own
    weights, options = simplex.sample(K, rng=0), dropping_nothing(name) if draws else {}
    merged = merge(states, name, weights=weights, base=base, **options)
    assert_same(merge(states[::-1], name, weights=weights[::-1], base=base, **options), merged)


def test_all_weight_on_a_model_gives_it(name, base, states):
    found = merge(states, name, weights=[0, 1], base=base, **dropping_nothing(name))
    assert_same(found, states[1] | {"steps": base["steps"]})


def test_four_models_are_merged_as_well_or_refused(name, base):
    states = [near(base, seed) for seed in range(1, 5)]
    if name == "slerp":
        with pytest.raises(ValueError, match="state_dicts: slerp takes two models, got 4"):
            merge(states, name, base=base)
        return
    merged = merge(states, name, base=base)
    apart = max(float((s["weight"] - base["weight"]).norm()) for s in states)
    assert 0 < float((merged["weight"] - base["weight"]).norm()) < 3 * apart


@pytest.mark.parametrize("factor", [4.0, -1.0])
def test_it_grows_with_the_models(name, base, states, factor):
    def times(state):
        return {n: factor * t if t.is_floating_point() else t for n, t in state.items()}

    merged = merge(states, name, base=base)
    assert_same(merge([times(s) for s in states], name, base=times(base)), times(merged), atol=1e-5)


def test_the_order_of_tensors_is_that_of_the_first_and_changes_no_number(name, base, states):
    turned = dict(reversed(states[0].items()))
    merged = merge([turned, states[1]], name, base=base)
    assert list(merged) == list(turned)
    assert_same({n: merged[n] for n in states[0]}, merge(states, name, base=base))


def test_an_elementwise_method_merges_pieces_as_it_merges_the_whole(name, base, states):
    if not METHODS[name].elementwise:
        pytest.skip("depends on whole tensors")
    weights = [0.3, 0.7]
    merged = merge(states, name, weights=weights, base=base)["weight"]
    for row in range(len(merged)):
        ours, start = [state["weight"][row] for state in states], base["weight"][row]
        torch.testing.assert_close(METHODS[name]().tensor(ours, weights, start), merged[row], rtol=0, atol=0)


def test_coefficients_from_lengths_and_cosines_are_those_of_the_merged_tensor(name, states):
    method, tensors = METHODS[name](), [state["weight"] for state in states]
    flat = np.array([tensor.numpy().ravel() for tensor in tensors], dtype=float)
    lengths = np.linalg.norm(flat, axis=1)
    found = method.coefficients(lengths, flat @ flat.T / np.outer(lengths, lengths), np.array([0.3, 0.7]))
    if found is None:
        pytest.skip("is no combination that these decide")
    expected = method.tensor(tensors, np.array([0.3, 0.7])).ravel()
    np.testing.assert_allclose(found @ flat, expected, rtol=1e-5, atol=1e-6)


def test_nothing_given_is_changed(name, base, states):
    before = [{n: t.clone() for n, t in state.items()} for state in (base, *states)]
    merge(states, name, base=base)
    for old, new in zip(before, (base, *states), strict=True):
        assert_same(new, old, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_a_dtype_stays_and_half_precision_is_rounded_once(name, dtype):
    base = random_state(0, dtype)
    states = [near(base, seed) for seed in range(1, K + 1)]
    merged = merge(states, name, base=base)
    assert {t.dtype for n, t in merged.items() if n != "steps"} == {dtype}

    def wide(state):
        return {n: t.float() if t.is_floating_point() else t for n, t in state.items()}

    if dtype != torch.float64:
        exact = merge([wide(s) for s in states], name, base=wide(base))
        assert_same(merged, {n: t.to(dtype) if t.is_floating_point() else t for n, t in exact.items()}, 0, 0)


def test_counters_are_those_of_the_base(name, base, states):
    assert merge(states, name, base=base)["steps"] == base["steps"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: {n: t for n, t in s.items() if n != "bias"}, "'bias' is float32 .* and missing in model 2"),
        (lambda s: s | {"bias": torch.zeros(7)}, r"'bias' is float32 \(6,\) in model 1 and float32 \(7,\)"),
        (lambda s: s | {"bias": s["bias"].double()}, "float32 .* and float64"),
    ],
)
def test_models_that_differ_are_refused_by_name(name, base, states, change, message):
    with pytest.raises(ValueError, match=message):
        merge([states[0], change(states[1])], name, base=base)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("weights", [[0.3, 0.7], [1.0, 0.0]])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_refused_with_its_model_and_tensor(name, bad, weights, dtype):
    base = random_state(0, dtype)
    states = [near(base, seed) for seed in range(1, K + 1)]
    for place, key in ((-1, "weight"), (0, "bias")):
        broken = {n: t.clone() for n, t in states[1].items()}
        broken[key].view(-1)[place] = bad
        with pytest.raises(ValueError, match=rf"^{key}: model 2 holds NaN or infinity; every entry must be finite"):
            merge([states[0], broken], name, weights=weights, base=base)
    if METHODS[name].needs_base:
        base["weight"][0, 0] = bad
        with pytest.raises(ValueError, match=r"^weight: the base holds NaN or infinity"):
            merge(states, name, weights=weights, base=base)


def test_options_are_of_their_type(name, base, states):
    for option in fields(METHODS[name]):
        wrong = {float: ["abc", True, None, np.nan, np.inf, [1.0]], bool: ["maybe", 1, None]}.get(option.type, [])
        for value in wrong:
            with pytest.raises(ValueError, match=rf"^{option.name}: got {re.escape(repr(value))}, expected "):
                merge(states, name, base=base, **{option.name: value})


def test_what_leaves_the_range_of_a_dtype_is_said_and_nothing_else(name, base, states):
    if "scale" in [field.name for field in fields(METHODS[name])]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ValueError, match=r"weight: the merge leaves the range of float32; take a smaller"):
                merge(states, name, base=base, scale=1e300, **dropping_nothing(name))
    near_the_end = {n: torch.full_like(t, 65_000) for n, t in states[0].items() if n != "steps"}
    half = {n: t.half() for n, t in near_the_end.items()}
    assert_same(merge([half, half], name, base=half), half)


def test_bad_weights_and_options_are_named(name, base, states):
    with pytest.raises(ValueError, match="weights: sums to 2"):
        merge(states, name, weights=[1, 1], base=base)
    with pytest.raises(ValueError, match=r"colour: is no option of the method"):
        merge(states, name, base=base, colour=1)
    if METHODS[name].needs_base:
        with pytest.raises(ValueError, match=f"base: {name} needs"):
            merge(states, name)
