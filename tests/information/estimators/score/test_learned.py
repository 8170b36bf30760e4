"""O-information from learned scores: what must hold exactly, and that training finds what a copula cannot see."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mixlib.information import from_covariance, systems
from mixlib.information.estimators.score import learned
from mixlib.information.estimators.score.learned import score_o_information

COV = systems.equicorrelated(3, 0.6)
GAUSSIAN = np.random.default_rng(1).multivariate_normal(np.zeros(3), COV, 4000)
BITS = np.random.default_rng(2).integers(0, 2, (6000, 2))
PARITY = np.column_stack([BITS, BITS.sum(axis=1) % 2])
NOISE = np.random.default_rng(3).normal(size=(300, 3))


def test_training_finds_parity_which_the_copula_cannot_see():
    result = score_o_information(PARITY, rng=1, steps=800, predictions=2**19, gradient=False, device="cpu")
    start = result.history.iloc[0]
    np.testing.assert_allclose(start[["tc", "dtc", "omega"]].astype(float), 0, atol=0.01)
    assert result.tc == pytest.approx(np.log(2), abs=0.12)
    assert result.dtc == pytest.approx(np.log(4), abs=0.2)
    assert result.omega == pytest.approx(-np.log(2), abs=0.15)
    assert 0 < result.standard_error < 0.15
    losses = result.history[["train_loss", "held_out_loss"]]
    assert np.all(losses.iloc[-1] < -0.4)
    assert np.all(losses.iloc[0] == 0)
    assert result.step == 800


@pytest.mark.rare
def test_variables_of_several_columns_learn_their_own_score():
    # two of the columns share a bit, which is inside the first variable and no information between variables
    table = np.column_stack([PARITY[:, 0], PARITY[:, 1], PARITY[:, 2], BITS[:, 0]])
    result = score_o_information(table, [[0, 1, 3], [2]], rng=1, steps=500, predictions=2**18, device="cpu")
    assert result.tc == pytest.approx(np.log(2), abs=0.15)
    assert result.dtc == pytest.approx(np.log(2), abs=0.15)
    np.testing.assert_array_equal(result.gradient, [0, 0])


def test_without_training_the_gaussian_copula_answers():
    result = score_o_information(np.exp(GAUSSIAN), [[1], [0, 2]], steps=0, device="cpu")
    exact = from_covariance(COV, [[1], [0, 2]])
    assert result.tc == pytest.approx(exact.tc, abs=0.05)
    assert (result.step, result.stopped) == (0, "steps")
    assert min(result.tc_error, result.dtc_error) > 0.005  # of two variables Omega is 0, without error
    assert list(result.history["step"]) == [0]
    assert result.tc == pytest.approx(result.dtc, abs=1e-12)


def test_gaussian_data_keep_close_to_the_closed_form():
    result = score_o_information(GAUSSIAN, rng=3, steps=250, predictions=2**17, gradient=False, device="cpu")
    start = result.history.iloc[0]
    for name in ("tc", "dtc", "omega"):
        assert getattr(result, name) == pytest.approx(start[name], abs=0.01)
    assert np.isnan(result.gradient).all()


@pytest.mark.rare
def test_errors_hold_more_than_the_chance_of_the_integral():
    # 600 rows of a noisy rule: the sample alone moves Omega by about sd(log ratio) / sqrt(T)
    signs = systems.sample(systems.noisy_parity(0.1), 600, rng=1)
    result = score_o_information(
        systems.sign_lift(signs, rng=2), rng=1, steps=400, predictions=2**17, gradient=False, device="cpu"
    )
    assert result.step > 0
    assert result.standard_error > max(2 * result.monte_carlo[2], 0.01)
    for error, name in zip((result.tc_error, result.dtc_error), ("tc", "dtc"), strict=True):
        assert error > 0.01, name
    assert np.isfinite(result.bias).all()


def test_sampling_errors_are_the_spread_over_samples_without_the_chance_in_each_look():
    rng, n, chance = np.random.default_rng(3), 4000, 0.1
    shares = rng.normal([2, 1], [0.3, 0.1], size=(n, 2))  # of TC and DTC, independent
    looks = np.tile(shares, 2) + chance * rng.normal(size=(2, n, 4))
    known = SimpleNamespace(means=lambda: torch.tensor(looks))
    held_out = torch.arange(n // 10)
    sampling, gap = learned._errors_of_shares(known, held_out)
    np.testing.assert_allclose(sampling, np.sqrt(np.array([0.09, 0.01, 0.1]) / n), rtol=0.05)
    spread = np.sqrt(np.array([0.09, 0.01, 0.1]) / len(held_out))
    assert np.all(np.abs(gap) < 4 * spread)
    looks[:, len(held_out) :, 2:] += [0.4, 0.1]  # of what was learned from, more than of what was held out
    learned_by_heart = learned._errors_of_shares(known, held_out)[1]
    np.testing.assert_array_less(np.abs(learned_by_heart - [0.4, 0.1, 0.3]), 4 * spread)


def same(first, second):
    numbers = ("tc", "dtc", "omega", "tc_error", "dtc_error", "standard_error", "step")
    equal = all(getattr(first, name) == getattr(second, name) for name in numbers)
    return equal and first.history.equals(second.history) and np.array_equal(first.gradient, second.gradient)


@pytest.mark.rare
def test_seed_decides_and_monotone_transforms_change_nothing():
    options = {"steps": 80, "predictions": 2**15, "device": "cpu"}
    lifted = (2 * PARITY - 1) * np.abs(np.random.default_rng(4).normal(size=PARITY.shape))
    first = score_o_information(lifted, rng=7, **options)
    assert first.step == 80
    assert same(first, score_o_information(lifted * [1e-3, 1, 1e3] + 5, rng=np.random.default_rng(7), **options))
    assert same(first, score_o_information(np.exp(lifted), rng=7, **options))
    assert not same(first, score_o_information(lifted, rng=8, **options))


def test_columns_outside_the_groups_and_their_order_do_not_matter():
    table = np.column_stack([np.arange(4000), GAUSSIAN])
    options = {"rng": 1, "steps": 0, "device": "cpu"}
    alone = score_o_information(GAUSSIAN[:, [2, 0, 1]], **options)
    within = score_o_information(table, [[3], [1], [2]], **options)
    assert same(alone, within)
    np.testing.assert_allclose(score_o_information(GAUSSIAN, **options).gradient, alone.gradient[[1, 2, 0]], atol=1e-12)


def test_progress_hears_of_every_check_and_time_ends_training():
    lines = []
    options = {"rng": 1, "predictions": 2**15, "gradient": False, "device": "cpu"}
    result = score_o_information(PARITY[:1000], max_seconds=1e-9, progress=lines.append, **options)
    assert result.stopped == "time"
    (last,) = result.history.iloc[1:].itertuples()
    assert lines == [f"learning scores, {last.step} of 3,000 steps: held-out loss {last.held_out_loss:.4f}"]


@pytest.mark.parametrize(
    ("samples", "options", "message"),
    [
        (np.where(NOISE[4, 2] == NOISE, np.nan, NOISE), {}, "samples: nan in row 4, column 2"),
        (np.where(NOISE[4, 2] == NOISE, np.inf, NOISE), {}, "samples: inf in row 4, column 2"),
        (NOISE * [1, 0, 1], {}, "samples: column 1 is constant"),
        (NOISE[:199], {}, "samples: 199 rows are too few to learn scores from, at least 200 .*transposed"),
        (NOISE[:, 0], {}, r"samples: expected real numbers of shape \(T, N\).*got shape \(300,\)"),
        (NOISE.astype(str), {}, "samples: expected real numbers"),
        (NOISE[:, [0, 1, 0]] ** [1, 1, 3], {}, "samples: columns 0 and 2 order the samples alike"),
        (np.column_stack([NOISE[:, :2], -NOISE[:, 1]]), {}, "samples: columns 1 and 2 order the samples alike"),
        (NOISE, {"groups": [[0], [7]]}, "groups: column 7 does not exist"),
        (NOISE, {"steps": -1}, "steps: got -1, expected a whole number, 0 or more"),
        (NOISE, {"steps": 10.0}, "steps: got 10.0"),
        (NOISE, {"predictions": 0}, "predictions: got 0, expected a whole number, 1 or more"),
        (NOISE, {"max_seconds": 0}, "max_seconds: got 0, expected a number > 0"),
        (NOISE, {"device": "tpu"}, "device: got 'tpu', expected 'auto', 'cpu' or 'cuda'"),
    ],
)
def test_bad_input_is_named(samples, options, message):
    with pytest.raises(ValueError, match=message):
        score_o_information(samples, **options)


def test_missing_gpu_is_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"device: got 'cuda:0', but torch .* finds no GPU"):
        score_o_information(NOISE, device="cuda:0")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpu_finds_what_the_cpu_finds():
    options = {"rng": 1, "steps": 400, "predictions": 2**20}
    cpu, gpu = (score_o_information(PARITY, device=device, **options) for device in ("cpu", "cuda"))
    for name in ("tc", "dtc", "omega"):
        assert getattr(gpu, name) == pytest.approx(getattr(cpu, name), abs=0.1)
