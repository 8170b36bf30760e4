"""``rng`` means one thing everywhere: a Generator, an int seed, or None for seed 0."""

import inspect
import pkgutil
import re
from importlib import import_module

import numpy as np
import pytest

import mixlib
from mixlib import carriers, federation, instruments, kernels, simplex
from mixlib.arrays import generator, seed_of
from mixlib.information import o_information, o_information_sweep, systems

SAMPLES = np.random.default_rng(0).normal(size=(60, 4)) @ np.triu(np.ones((4, 4)))
LOSSES = {"a": [np.log(np.random.default_rng(1).uniform(0.1, 1, 60))], "b": [np.log(np.full(60, 0.5))]}
TEXT = np.array([0, 1, 2] * 9)


def gru(rng):
    model = federation.GRULanguageModel(3, 4, rng=rng)
    return model.fit(TEXT, steps=2, rng=rng).target_log_probs(TEXT)


CASES = {
    "simplex.sample": lambda rng: simplex.sample(3, 4, rng=rng),
    "kernels.Stochastic": lambda rng: kernels.Stochastic(rng=rng, draws=9)([0.5, 0.5], np.eye(2)),
    "instruments.interaction_share": lambda rng: (
        instruments.interaction_share(lambda w, p: (p**3).prod(-2), points=8, scrambles=3, rng=rng).share
    ),
    "information.o_information": lambda rng: o_information(SAMPLES, rng=rng).standard_error,
    "information.o_information_sweep": lambda rng: (
        o_information_sweep(SAMPLES, orders=3, error="bootstrap", resamples=5, rng=rng)
        .to_frame()["standard_error"]
        .to_numpy()
    ),
    "systems.sample": lambda rng: systems.sample(systems.parity(3), 9, rng=rng),
    "systems.sample_gaussian": lambda rng: systems.sample_gaussian(np.eye(2), 3, rng=rng),
    "systems.sign_lift": lambda rng: systems.sign_lift(np.eye(2), rng=rng),
    "systems.random_channel": lambda rng: systems.random_channel((2,), 3, rng=rng),
    "federation.compare": lambda rng: federation.compare(LOSSES, [[0, 20, 40]], "b", resamples=50, rng=rng).to_numpy(
        float
    ),
    "federation.GRULanguageModel": gru,
}
CASES |= {
    f"carriers.{name}.sample": lambda rng, name=name: np.concatenate(
        [np.ravel(part) for part in np.atleast_1d(getattr(carriers, name)().sample(3, rng=rng))]
    )
    for name in ("Euclidean", "Quantile")
}


@pytest.mark.parametrize("name", CASES)
def test_none_is_seed_0_and_a_seed_its_generator(name):
    draw = CASES[name]
    by_none, by_seed, other = draw(None), draw(0), draw(5)
    np.testing.assert_array_equal(by_none, by_seed)
    np.testing.assert_array_equal(draw(None), by_none)
    assert not np.array_equal(other, by_seed)
    one, two = (draw(np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("bad", [-1, 0.5, "0", True])
def test_what_is_no_source_of_chance_is_named(name, bad):
    with pytest.raises(ValueError, match=r"rng: got .*, expected a numpy Generator or a seed"):
        CASES[name](bad)


def public():
    """Every public function and method of the library that may be given ``rng``."""
    for module in [mixlib.__name__, *(m.name for m in pkgutil.walk_packages(mixlib.__path__, "mixlib.") if m.ispkg)]:
        names = getattr(import_module(module), "__all__", ())
        for name in names:
            value = getattr(import_module(module), name)
            if inspect.isclass(value):
                yield from ((f"{name}.{key}", part) for key, part in vars(value).items() if callable(part))
            elif inspect.isfunction(value):
                yield name, value


def test_it_is_optional_and_documented_alike():
    wrong = []
    for name, function in public():
        parameter = inspect.signature(function).parameters.get("rng")
        if parameter is None or name.startswith("_"):
            continue
        if parameter.default not in (None, 0):
            wrong.append(f"{name}: default {parameter.default}")
        said = re.search(r"^\s*rng : (.*)$", inspect.getdoc(function) or "", re.MULTILINE)
        if said and not all(word in said[1] for word in ("int", "Generator")):
            wrong.append(f"{name}: {said[0].strip()}")
    assert not wrong, "\n".join(wrong)


def test_the_reader_of_seeds():
    assert generator(None).random() == generator(0).random() == np.random.default_rng(0).random()
    going_on = np.random.default_rng(1)
    assert generator(going_on) is going_on
    assert (seed_of(None), seed_of(7), seed_of(np.int64(7))) == (0, 7, 7)
    assert seed_of(np.random.default_rng(2)) == seed_of(np.random.default_rng(2)) != seed_of(going_on)
    with pytest.raises(ValueError, match="rng: got"):
        seed_of(-1)
