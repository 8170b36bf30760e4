"""Geometric mixing: the logarithmic pool, a step down its log-loss, and what it learns."""

import numpy as np
import pytest
from scipy.special import log_softmax

from mixlib.federation import GeometricMixing, Predictions, log_linear_combine, log_probs_along, product_combine


def rows(seed=0, n=3, v=11):
    return log_softmax(2 * np.random.default_rng(seed).normal(size=(n, v)), axis=-1)


def test_it_is_the_logarithmic_pool_of_its_exponents():
    given, w = rows(), np.array([0.5, 0.2, 0.3])
    np.testing.assert_allclose(
        GeometricMixing(3, start=w).predict(given), log_linear_combine(given[:, None], w)[0], atol=1e-12
    )
    ones = GeometricMixing(3, start=np.ones(3)).predict(given)
    np.testing.assert_allclose(ones, product_combine(given[:, None])[0], atol=1e-12)


@pytest.mark.parametrize("w", [[1 / 3] * 3, [1.4, -0.3, 0.2]])
def test_a_step_goes_down_the_gradient_of_the_log_loss(w):
    given, token, h = rows(), 4, 1e-6

    def loss(exponents):
        return -GeometricMixing(3, start=exponents).predict(given)[token]

    slope = [(loss(w + h * e) - loss(w - h * e)) / (2 * h) for e in np.eye(3)]
    combiner = GeometricMixing(3, 0.01, settling=5, start=w)
    combiner.predict(given)
    combiner.update(given[:, token])
    np.testing.assert_allclose((combiner.weights - w) / (0.01 * (1 + 5 / 1)), -np.array(slope), atol=1e-6)


def test_steps_settle():
    combiner, given, steps = GeometricMixing(3, 0.001, settling=10), rows(), []
    for _ in range(20):
        before = combiner.weights
        combiner.predict(given)
        expected = np.exp(combiner.predict(given)) @ given.T
        combiner.update(given[:, 2])
        steps.append(((combiner.weights - before) / (given[:, 2] - expected)).mean())
    np.testing.assert_allclose(steps, 0.001 * (1 + 10 / np.arange(1, 21)))


def test_it_finds_the_exponents_that_made_the_text():
    rng, true = np.random.default_rng(0), np.array([0.9, 0.3, -0.2])
    given = log_softmax(1.5 * rng.normal(size=(3, 8_000, 5)), axis=-1)
    pooled = log_softmax(np.einsum("n,ntv->tv", true, given), axis=-1)
    tokens = np.array([rng.choice(5, p=np.exp(row)) for row in pooled])
    combiner = GeometricMixing(3, 0.01, settling=100)
    loss = -log_probs_along(combiner, Predictions.from_rows(given, tokens)).mean()
    np.testing.assert_allclose(combiner.weights, true, atol=0.15)
    assert loss == pytest.approx(-pooled[np.arange(8_000), tokens].mean(), abs=0.02)


def test_the_fitted_start_is_the_mean_along_the_text(validation):
    combiner, seen = GeometricMixing(3, 0.002), []
    for document, (begin, end) in enumerate(validation.documents()):
        combiner.reset()
        for t in range(begin, end):
            combiner.predict(validation.rows(document)[:, t - begin])
            combiner.update(validation.log_probs[:, t])
            seen.append(combiner.weights)
    np.testing.assert_allclose(GeometricMixing(3, 0.002).fit(validation).start, np.mean(seen, axis=0))


def test_zeros_and_single_precision():
    with np.errstate(divide="ignore"):
        given = np.log([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    combiner = GeometricMixing(2)
    assert np.exp(combiner.predict(given)).sum() == pytest.approx(1)
    combiner.update(np.array([-np.inf, -np.inf]))
    np.testing.assert_array_equal(combiner.weights, [0.5, 0.5])
    combiner.predict(given)
    combiner.update(given[:, 0])
    assert np.isfinite(combiner.weights).all()
    many = rows(v=2048)
    single = GeometricMixing(3).predict(many.astype(np.float32))
    np.testing.assert_allclose(single, GeometricMixing(3).predict(many), atol=1e-5)


def test_misuse_is_named():
    with pytest.raises(ValueError, match="call predict"):
        GeometricMixing(2).update(np.zeros(2))
    with pytest.raises(ValueError, match="rate, settling: expected"):
        GeometricMixing(2, -1)
    with pytest.raises(ValueError, match="start: expected 2 finite exponents"):
        GeometricMixing(2, start=[1.0])
    with pytest.raises(ValueError, match=r"rows: expected shape \(2, V\), got \(3, 4\)"):
        GeometricMixing(2).predict(np.zeros((3, 4)))
