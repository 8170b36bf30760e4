"""Every public function that takes arrays, with the odd and bad ones: the same result, or a ValueError that names them.

The functions are found from the public names and what their docstrings say of parameters; each has an example below.
"""

import inspect
import re
import warnings
from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch

import mixlib
from mixlib import carriers, federation, information, instruments, kernels, merging, simplex

RNG = np.random.default_rng(0)
MODULES = (mixlib, simplex, kernels, carriers, instruments, information, federation, merging)
LOGITS = RNG.normal(size=(3, 4, 5))
LOG_PROBS = LOGITS - np.log(np.exp(LOGITS).sum(-1, keepdims=True))
TARGETS, GATE = np.array([0, 4, 2, 1]), np.array([0.2, 0.3, 0.5])
PARTS, SHARES = RNG.uniform(0.5, 2, (3, 2)), np.array([0.2, 0.3, 0.5])
SAMPLES = RNG.normal(size=(60, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.5], [0, 0, 1]])
COV = np.array([[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]])
LAWS = np.array([[0.0], [1.0]]), np.array([[[1.0]], [[2.0]]])
QUANTILES = np.sort(RNG.normal(size=(2, 9)), axis=-1)
GRID = np.linspace(-4, 4, 41)
WATER = {"elements": np.array([[2.0, 0, 2], [0, 2, 1]]), "standard_potentials": np.array([0.0, 0, -2e5])}

EXAMPLES = {
    "hull_escape": {"mixture": np.array([1.5, 1.2]), "parts": PARTS},
    "interaction_share": {
        "kernel": lambda w, p: (p**2).sum(-2),
        "parts": RNG.random((30, 2, 1)),
        "points": 16,
        "scrambles": 2,
    },
    "o_information": {"samples": SAMPLES, "error": None},
    "o_information_sweep": {"samples": SAMPLES, "orders": (3,)},
    "local_o_information": {"samples": SAMPLES},
    "target_information": {"samples": SAMPLES, "target": 0, "error": None},
    "target_sweep": {"samples": SAMPLES, "target": 0},
    **{
        name: {"samples": SAMPLES}
        for name in (
            "co_information",
            "double_redundancy",
            "dynamic_o_information",
            "mutual_information",
            "phi_id",
            "transfer_entropy",
        )
    },
    "from_covariance": {"cov": COV},
    "from_pmf": {"pmf": np.array([[0.1, 0.2], [0.3, 0.4]])},
    "williams_beer": {"pmf": np.array([[[0.1, 0.2], [0.1, 0.1]], [[0.2, 0.1], [0.1, 0.1]]])},
    "check_weights": {"weights": GATE, "n": 3, "like": PARTS},
    "effective_conductivity": {"image": RNG.uniform(1, 2, (6, 6))},
    "equilibrium": {"amounts": np.array([2.0, 1.0, 0.5]), **WATER, "temperature": 2000.0},
    "hashin_shtrikman": {"weights": SHARES, "parts": PARTS},
    "fisher_rao_geodesic": {"a": (LAWS[0][0], LAWS[1][0]), "b": (LAWS[0][1], LAWS[1][1]), "t": 0.3},
    "linear_pool_moments": {"points": LAWS, "weights": np.array([0.4, 0.6])},
    "logarithmic_pool": {"points": LAWS, "weights": np.array([0.4, 0.6])},
    "check": {"kernel": kernels.Linear(), "carrier": carriers.Euclidean(), "parts": PARTS, "weights": SHARES},
    "degroot": {"trust": np.array([[0.2, 0.3, 0.5]] * 3), "opinions": PARTS},
    "chordal_mean": {"matrices": carriers.Orthogonal().sample(2, 3, rng=0), "weights": np.array([0.4, 0.6])},
    "karcher_coefficients": {"gram": COV, "weights": GATE},
    "from_density": {"grid": GRID, "density": np.exp(-(GRID**2) / 2), "n_levels": 16},
    "density_barycenter": {
        "grid": GRID,
        "densities": np.exp(-((GRID - np.array([[-1.0], [2.0]])) ** 2) / 2),
        "weights": np.array([0.4, 0.6]),
    },
    "to_density": {"quantiles": QUANTILES, "grid": GRID},
    "free_support_barycenter": {
        "points": carriers.DiscreteMeasure().sample(2, rng=0),
        "weights": np.array([0.4, 0.6]),
        "masses": np.array([0.1, 0.2, 0.1, 0.2, 0.2, 0.2]),
        "starts": 1,
    },
    "wasserstein_barycenter": {
        "histograms": np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.0, 0.3]]),
        "weights": np.array([0.4, 0.6]),
        "cost": np.subtract.outer(np.arange(4.0), np.arange(4.0)) ** 2,
    },
    "profile": {
        "kernel": kernels.Linear(),
        "correlations": np.array([0.1]),
        "signal_to_noise": np.array([1.0]),
        "n_samples": 50,
        "weights": np.array([0.4, 0.6]),
    },
    "mixture_from_logits": {"logits": LOGITS, "weights": GATE, "temperatures": np.array([1, 2, 0.5])},
    "mixture_target_log_prob": {"logits": LOGITS, "targets": TARGETS, "weights": GATE},
    "mixture_combine": {"log_probs": LOG_PROBS, "weights": GATE, "temperatures": np.array([1, 2, 0.5])},
    "log_linear_combine": {"log_probs": LOG_PROBS, "weights": GATE, "temperatures": np.array([1, 2, 0.5])},
    "product_combine": {"log_probs": LOG_PROBS, "weights": GATE, "temperatures": np.array([1, 2, 0.5])},
    "perplexity": {"log_probs": LOG_PROBS[0]},
    "attribute": {"log_probs": LOG_PROBS, "targets": TARGETS, "weights": GATE},
    "attribute_targets": {"target_log_probs": LOG_PROBS[..., 0], "targets": TARGETS, "joint": LOG_PROBS[0, :, 1]},
    "log_probs_along": {"combiner": federation.FixedShare(3), "log_probs": LOG_PROBS[..., 0]},
    "weights_along": {"combiner": federation.FixedShare(3), "log_probs": LOG_PROBS[..., 0]},
    "FixedShare": {"n": 3, "prior": GATE},
    "BayesPosterior": {"n": 3, "prior": GATE},
    "GeometricMixing": {"n": 3, "start": GATE},
    "Predictions": {"log_probs": LOG_PROBS[..., 0], "entropies": -LOG_PROBS[..., 1]},
    "TopK": {"tokens": np.array([[0, 2], [1, 3]]), "log_probs": np.log([[0.5, 0.2], [0.4, 0.3]]), "vocabulary": 5},
    "Equilibrium": {**WATER, "temperature": 2000.0},
    "Reactive": {"rates": np.array([2.0]), "activation_energies": np.array([1e4])},
    "mixture_bounds": {"specialists": [federation.TopK.of(row, 3) for row in LOG_PROBS], "weights": GATE},
    "mixture_target_bounds": {
        "specialists": [federation.TopK.of(row, 3) for row in LOG_PROBS],
        "targets": TARGETS,
        "weights": GATE,
    },
    "mixture_perplexity_bounds": {
        "specialists": dict.fromkeys("abc"),
        "log_probs": LOG_PROBS[..., 0],
        "stream": federation.Stream(TARGETS, np.array([0])),
        "weights": GATE,
    },
    "uniform": {"n": 3, "like": PARTS},
    "best_on": {
        "candidates": [federation.FixedShare(3), federation.BayesPosterior(3)],
        "log_probs": LOG_PROBS[..., 0],
    },
}
EXAMPLES |= {
    "karcher_mean": {"vectors": PARTS, "weights": SHARES},
    "effective_rank": {"matrix": PARTS},
    "variance_ratio": {"activations": LOGITS, "merged": LOGITS[0], "weights": SHARES},
}
EXAMPLES |= {f"kernel {name}": {"weights": SHARES, "parts": RNG.uniform(0.5, 2, (3, 3))} for name in kernels.ZOO}
POINTS = {kind.__name__: kind().sample(2, 5, rng=0) for kind in carriers.CARRIERS.values()}
VARIANTS = [carrier for kind in carriers.CARRIERS.values() for carrier in kind.variants()]
KERNELS = {kind.__name__ for kind in kernels.ZOO.values()}  # those that are made from arrays keep them
# advise and compare take dictionaries, tried below; one needs processes of its own; others keep what is mixed later;
# a text can be generated from nothing
ELSEWHERE = {
    "advise",
    "DistributedMixture",
    "soup",
    "compare",
    "generate",
    "softmax_gate",
    "Stream",
    "GaussianPoints",
    "Atoms",
    "Diagnosis",
    "align",
    "diagnose",
    "merge",
    "merge_files",
    "repair",
}


def changed(value, change):
    return tuple(change(part) for part in value) if isinstance(value, tuple) else change(value)


def taking_arrays():
    """Public names whose docstring has a parameter that is an array."""
    for module in MODULES:
        for name in getattr(module, "__all__", None) or ("check_weights", "uniform", "sample"):
            if callable(getattr(module, name)):
                doc = inspect.getdoc(getattr(module, name)) or ""
                found = re.search(r"Parameters\n-+\n(.*?)(\n\n\w+\n-+|\Z)", doc, re.S)
                if found and re.search(r"^\w[\w, ]* : .*(array|DataFrame)", found[1], re.M):
                    yield name


def cases():
    """Name, function and arguments of every example."""
    for name, given in EXAMPLES.items():
        if name.startswith("kernel "):
            kernel = kernels.ZOO[name.removeprefix("kernel ")]
            yield name, kernel(rng=0) if name == "kernel stochastic" else kernel(), given
        else:
            yield name, next(getattr(m, name) for m in MODULES if hasattr(m, name)), given
    for carrier in VARIANTS:
        name, points = carrier.label, carrier.sample(2, 5, rng=0)
        a, b = (changed(points, lambda array, i=i: array[i]) for i in range(2))
        yield f"{name}.mean", carrier.mean, {"points": points, "weights": np.array([0.4, 0.6])}
        yield f"{name}.wrong_mean", carrier.wrong_mean, {"points": points, "weights": np.array([0.4, 0.6])}
        yield f"{name}.distance", carrier.distance, {"a": a, "b": b}
        yield f"{name}.geodesic", carrier.geodesic, {"a": a, "b": b, "t": 0.3}
        yield f"{name}.failure", carrier.failure, {"mean": a, "points": points}


CASES = [
    pytest.param(function, given, argument, id=f"{name}({argument})")
    for name, function, given in cases()
    for argument, value in given.items()
    if argument != "like"  # says only what kind the result has
    and (isinstance(value, np.ndarray) or (isinstance(value, tuple) and isinstance(value[0], np.ndarray)))
]


def test_every_public_function_of_arrays_is_covered():
    known = {name.split(".")[0] for name in (*EXAMPLES, *POINTS)} | KERNELS | ELSEWHERE
    assert not set(taking_arrays()) - known, "write an example for these"
    assert set(taking_arrays()) >= {"hull_escape", "mixture_combine", "from_pmf", "from_density"}


def masked(array):
    where = np.zeros(array.shape, bool)
    where.flat[-1] = True
    return np.ma.array(array, mask=where)


def opened(array):
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def frozen(array):
    array = array.copy()
    array.flags.writeable = False
    return array


REFUSED = {
    "masked": masked,
    "objects": lambda a: np.array([None, *a.reshape(-1)[1:]], dtype=object).reshape(a.shape),
    "text": lambda a: a.astype(str),
    "complex": lambda a: a + 1j,
    "dates": lambda a: np.full(a.shape, np.datetime64("2020-01-01")),
    "nothing": lambda a: a[..., :0],
    "long": lambda a: a.astype(np.longdouble) if a.dtype.kind == "f" else masked(a),
}
SAME = {
    "unmasked": np.ma.array,
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "not contiguous": opened,
    "column by column": np.asfortranarray,
    "backwards": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "read only": frozen,
}
EITHER = {
    "bool": lambda a: a > 0,
    "integers": lambda a: np.round(a).astype(int),
    "half": lambda a: a.astype(np.float16) if a.dtype.kind == "f" else a.astype(np.int8),
    "sparse": lambda a: scipy.sparse.csr_matrix(np.atleast_2d(a)) if a.ndim <= 2 else masked(a),
    "sparse tensor": lambda a: torch.tensor(a).to_sparse(),
    "tensor": torch.tensor,
    "complex tensor": lambda a: torch.tensor(a) + 1j,
    "frame": lambda a: pd.DataFrame(a) if a.ndim == 2 else pd.Series(a) if a.ndim == 1 else masked(a),
    "list": lambda a: a.tolist(),
    "scalar": lambda a: 0.5,
    "text alone": lambda a: "text",
}


def numbers_in(result):
    """Every number of a result, in order."""
    if isinstance(result, (tuple, list)):
        return [number for part in result for number in numbers_in(part)]
    if isinstance(result, dict):
        return numbers_in(list(result.values()))
    if is_dataclass(result):
        return numbers_in([getattr(result, field.name) for field in fields(result)])
    if isinstance(result, pd.DataFrame):
        return numbers_in(result.select_dtypes("number").to_numpy())
    if isinstance(result, federation.Combiner):
        return numbers_in(result.state_dict())
    if isinstance(result, (float, int, np.ndarray, np.generic)):
        return np.ravel(np.asarray(result, dtype=float)).tolist() if np.asarray(result).dtype.kind in "biuf" else []
    return []


def call(function, given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = function(**given)
        return numbers_in(result(SHARES, np.eye(3) + 0.5) if isinstance(result, kernels.Kernel) else result)


def attempt(function, given):
    try:
        return call(function, given), ""
    except ValueError as refusal:
        return None, str(refusal)


@pytest.mark.parametrize(("function", "given", "argument"), CASES)
def test_bad_arrays_are_refused_by_name(function, given, argument):
    for kind, change in REFUSED.items():
        broken = given | {argument: changed(given[argument], change)}
        with pytest.raises(ValueError, match=r"^[\w, ]+: ") as refusal:
            call(function, broken)
        if kind in ("masked", "text", "complex", "dates"):
            assert re.search(rf"\b{argument}\b", str(refusal.value).split(":")[0]), f"{kind}: {refusal.value}"
        if kind == "masked":
            assert "masked" in str(refusal.value)


@pytest.mark.parametrize(("function", "given", "argument"), CASES)
def test_arrays_of_any_layout_give_the_same(function, given, argument):
    exact = call(function, given)
    for kind, change in SAME.items():
        found = call(function, given | {argument: changed(given[argument], change)})
        np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-14, err_msg=kind)


@pytest.mark.parametrize(("function", "given", "argument"), CASES)
def test_whatever_comes_is_taken_or_refused_by_name(function, given, argument):
    for kind, change in EITHER.items():
        odd = given | {argument: changed(given[argument], change)}
        found, refusal = attempt(function, odd)
        if refusal:
            assert re.match(r"[\w, ]+: ", refusal), f"{kind}: {refusal}"
            continue
        if kind in ("list", "frame"):
            np.testing.assert_allclose(found, call(function, given), rtol=1e-12, atol=1e-14, err_msg=kind)
        assert kind not in ("sparse tensor", "complex tensor", "text alone"), f"{kind}: taken"


@pytest.mark.parametrize("kind", ["masked", "text", "complex", "dates", "objects"])
def test_arrays_in_dictionaries_are_read_as_others(kind):
    rows, starts = {name: [-np.arange(1.0, 81)] for name in ("sea alone", "mixture")}, [np.arange(0, 80, 4)]
    rows["mixture"][0] = REFUSED[kind](rows["mixture"][0])
    for function in (federation.advise, lambda *given: federation.compare(*given, "sea alone")):
        with pytest.raises(ValueError, match="log_probs: "):
            function(rows, starts)
