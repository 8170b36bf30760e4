"""The reader of arrays and whole numbers, and every option that counts something."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import mixlib
from mixlib import (
    carriers,
    federation,
    instruments,
    interaction_share,
    kernels,
    o_information,
    o_information_sweep,
    simplex,
)
from mixlib.arrays import finite, flag, floating, floats, generator, integers, native, numbers, one_kind, real, whole

SAMPLES = np.random.default_rng(0).normal(size=(60, 3))
TABLE = np.random.default_rng(0).normal(size=(40, 4))


def test_numbers_keep_their_dtype_and_order_of_bytes_changes():
    big = np.array([1.5, 2.5], ">f8")
    assert native(big, "x").dtype == np.float64
    assert native(big, "x").tolist() == [1.5, 2.5]
    assert numbers([1, 2], "x").dtype.kind == "i"
    assert floats(torch.tensor([1.5], dtype=torch.bfloat16), "x").tolist() == [1.5]
    assert native("as it is", "x") == "as it is"
    same = np.ones(3)
    assert native(same, "x") is same


@pytest.mark.parametrize("value", [[[1], [1, 2]], ["a"], [None], [1j], {"a": 1}, "text"])
def test_what_holds_no_numbers_is_refused(value):
    with pytest.raises(ValueError, match="x: "):
        floats(value, "x")


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_arrays_that_may_be_floating_finite_or_whole(kind):
    good, counts = kind([[1.0, 2.0]]), kind([0, 4])
    assert floating(good, "x") is good
    assert finite(good, "x") is good
    assert integers(counts, "x", 5).tolist() == [0, 4]
    with pytest.raises(ValueError, match=r"x: expected a floating dtype, got int64 of shape \(2,\); divide them"):
        floating(counts, "x", "divide them")
    for bad, text in ((np.nan, "nan"), (-np.inf, "-inf")):
        with pytest.raises(ValueError, match=rf"x: holds NaN or infinity, first {text} at \(1, 0\) of shape \(2, 2\)"):
            finite(kind([[0.0, 1.0], [bad, np.nan]]), "x")
        with pytest.raises(ValueError, match="x: holds NaN or infinity, one number"):
            finite(kind(bad), "x")
    for bad, text in (
        (good, "integers, got dtype float"),
        (kind([0, 5, -1]), r"holds 5, expected 0 \.\. 4"),
        (kind([0, -1]), r"holds -1, expected 0 \.\. 4"),
    ):
        with pytest.raises(ValueError, match=f"x: .*{text}"):
            integers(bad, "x", 5)


def test_lists_are_read_only_where_they_may_be():
    assert floating([1, 2], "x", lists=True).dtype == np.float64
    assert integers([], "x", 5).size == 0
    with pytest.raises(ValueError, match="x: expected a NumPy array or torch tensor, got list"):
        floating([1.0], "x")


@pytest.mark.parametrize("value", [2.0, 2.5, True, np.True_, "2", None, [2], np.nan, 1, 9])
def test_whole_numbers_only(value):
    with pytest.raises(ValueError, match=r"k: got .*, expected a whole number, from 2 to 8"):
        whole(value, "k", 2, 8)


def test_whole_numbers_of_every_kind():
    assert [whole(value, "k", 2) for value in (2, np.int64(3), np.uint8(4), torch.tensor(5))] == [2, 3, 4, 5]


@pytest.mark.parametrize("rng", [2.5, -1, True, "seed", object()])
def test_seeds(rng):
    for call in (generator, lambda rng: simplex.sample(3, rng=rng), lambda rng: o_information(SAMPLES, rng=rng)):
        with pytest.raises(ValueError, match="rng: "):
            call(rng)


def test_kinds_do_not_mix():
    one_kind(a=np.ones(2), b=np.ones(3))
    with pytest.raises(ValueError, match="c: is of torch, but a of NumPy"):
        one_kind(a=np.ones(2), b=np.ones(3), c=torch.ones(2))


SEED = re.compile(r"default_rng\((0 if rng is None else )?rng\)")
COUNTS = {
    "bins": lambda n: o_information(np.abs(SAMPLES), estimator="plugin", bins=n, error=None),
    "k": lambda n: o_information(SAMPLES, estimator="ksg", k=n, error=None),
    "resamples": lambda n: o_information(SAMPLES, resamples=n),
    "null": lambda n: o_information(SAMPLES, null=n),
    "top": lambda n: o_information_sweep(SAMPLES, top=n),
    "draws": lambda n: kernels.Stochastic(draws=n),
    "dimension": lambda n: kernels.Spatial(dimension=n),
    "k of gates": lambda n: kernels.top_k_gate(n),
    "n": lambda n: simplex.uniform(n),
    "n of samples": lambda n: simplex.sample(n),
    "n of shares": federation.FixedShare,
    "n of products": federation.GeometricMixing,
    "n of entropies": federation.EntropyWeights,
    "n of routers": federation.Router,
    "k of routers": lambda n: federation.Router(5, n),
    "k of rows": lambda n: federation.TopK.of(TABLE, n),
    "vocabulary": federation.CacheModel,
    "order": lambda n: federation.KneserNey(10, n),
    "points": lambda n: interaction_share(kernels.Linear(), points=n),
    "scrambles": lambda n: interaction_share(kernels.Linear(), scrambles=n),
    "n_parts": lambda n: interaction_share(kernels.Linear(), n_parts=n),
    "n_samples": lambda n: instruments.profile(kernels.Linear(), n_samples=n),
    "n_levels": lambda n: carriers.from_density(np.linspace(0, 1, 5), np.ones(5), n),
    "max_rounds": lambda n: carriers.Gaussian(max_rounds=n),
}


@pytest.mark.parametrize("name", list(COUNTS))
@pytest.mark.parametrize("value", [2.5, "2", -1, True])
def test_every_count_is_whole(name, value):
    with pytest.raises(ValueError, match=rf"{name.split()[0]}: "):
        COUNTS[name](value)


@pytest.mark.parametrize("value", [2, 0.5, -1e300, 10**400, np.float32(2), np.int64(3), torch.tensor(0.5), np.array(2)])
def test_a_number_is_taken_from_any_library(value):
    assert real(value, "scale") is value


@pytest.mark.parametrize(
    "value", ["2", True, np.True_, None, np.nan, -np.inf, 1j, [1.0], np.ones(1), torch.tensor(True)]
)
def test_what_is_no_number_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^scale: got .*, expected a finite number$"):
        real(value, "scale")


def test_a_number_may_have_to_fit_and_a_flag_is_true_or_false():
    with pytest.raises(ValueError, match=r"^share: got 2, expected at most 1$"):
        real(2, "share", "at most 1", lambda share: share <= 1)
    assert flag(np.False_, "normalize") == flag(False, "normalize") == False  # noqa: E712
    for value in ("maybe", 1, None):
        with pytest.raises(ValueError, match=rf"^normalize: got {value!r}, expected true or false$"):
            flag(value, "normalize")


def test_every_module_reads_seeds_by_one_function():
    root = Path(mixlib.__file__).parent
    direct = [path.name for path in root.rglob("*.py") if SEED.search(path.read_text(encoding="utf-8"))]
    assert direct == ["arrays.py"]


@pytest.mark.parametrize("columns", [3, 4])
def test_neighbours_of_tied_values_are_refused_unless_ties_are_broken(columns):
    tied = np.random.default_rng(1).integers(0, 3, (200, columns)).astype(float)
    with pytest.raises(ValueError, match=r"scores: False .*column 0.*too many equal"):
        o_information(tied, estimator="ksg", scores=False)
    assert np.isfinite(o_information(tied, estimator="ksg", error=None).omega)
    mostly = np.random.default_rng(2).normal(size=(200, columns))
    mostly[:20] = 0.5
    with pytest.raises(ValueError, match="samples: more than k = 3 are equal"):
        o_information(mostly, estimator="ksg", scores=False, error=None)
