"""A text of three documents that three specialists predict, each of them good at one document."""

import numpy as np
import pytest

from mixlib.federation import Predictions


def small_text(seed=0, n=3, v=7, length=40, sharpness=2.0):
    """Rows ``(N, T, V)``, tokens and document starts; document ``d`` is drawn from specialist ``d % n``."""
    rng = np.random.default_rng(seed)
    logits = sharpness * rng.normal(size=(n, n * length, v))
    rows = logits - np.logaddexp.reduce(logits, axis=-1)[..., None]
    author = np.repeat(np.arange(n), length)
    tokens = np.array([rng.choice(v, p=np.exp(rows[a, t])) for t, a in enumerate(author)])
    return rows, tokens, np.arange(n) * length


@pytest.fixture
def text():
    rows, tokens, starts = small_text()
    return Predictions.from_rows(rows, tokens, starts)


@pytest.fixture
def validation():
    rows, tokens, starts = small_text(seed=1)
    return Predictions.from_rows(rows, tokens, starts)
