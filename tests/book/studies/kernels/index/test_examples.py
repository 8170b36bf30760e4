"""Ten domains through one interface, each against another way to its result; and what is called synergistic."""

import numpy as np
import pytest

from mixbook.studies.kernels.index.examples import OX, called_synergistic, ten_domains
from mixlib.domains.light import lab
from mixlib.domains.paint import WHITE, appearance
from mixlib.kernels import ZOO, Linear
from mixlib.simplex import check_weights

EXAMPLES = ten_domains()


def test_ten_domains():
    assert [example.domain for example in EXAMPLES] == [
        *("taste", "smell", "chemistry", "light", "paint"),
        *("machine learning", "society", "sound", "alloys", "statistics"),
    ]
    # more than one kernel, a plain function among them
    kinds = {type(example.kernel) for example in EXAMPLES}
    assert len(kinds & set(ZOO.values())) >= 5
    assert len(kinds - set(ZOO.values())) >= 1


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.domain)
def test_mixture_is_the_known_one(example):
    weights = check_weights(example.weights, len(example.parts), like=example.parts)
    np.testing.assert_array_equal(example.kernel(weights, example.parts), example.mixture())
    np.testing.assert_allclose(example.mixture(), example.known, rtol=0, atol=example.tolerance)
    # the parts matter: each of them is heard in the mixture
    for k in range(min(len(example.parts), 3)):
        moved = example.parts.copy()
        moved[k] *= 0.97
        assert not np.allclose(example.kernel(example.weights, moved), example.mixture(), rtol=1e-9, atol=1e-12)
    assert all([example.about, example.carrier, example.unit, example.source])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.domain)
def test_a_batch_of_weights_is_the_stack_of_its_instances(example):
    rows = np.stack([example.weights, np.roll(example.weights, 1)])
    batch = example.kernel(rows, example.parts)
    assert batch.shape == (2, *example.mixture().shape)
    if example.domain != "statistics":  # where every mixture is drawn for itself
        np.testing.assert_allclose(batch[0], example.mixture())


def test_constants():
    by_domain = {example.domain: example for example in EXAMPLES}
    assert np.median(OX) == 1207  # the vox populi itself
    assert by_domain["alloys"].known[0] == pytest.approx(0.816, abs=1e-3)
    assert by_domain["light"].known == pytest.approx([0.9505, 1, 1.0891], abs=1e-4)
    assert by_domain["machine learning"].mixture().sum() == pytest.approx(1)
    assert by_domain["sound"].parts[1] / by_domain["sound"].parts[0] == pytest.approx(3 / 2, rel=2e-3)  # a fifth
    # blue and yellow paint make green, darker than the mean of the two
    green, paints = by_domain["paint"].mixture(), by_domain["paint"].parts
    redness = lab(appearance(np.vstack([green, paints])), white=WHITE)[:, 1]
    assert redness[0] < min(redness[1:].min(), 0)
    assert np.all(green < paints.mean(axis=0))


def test_what_is_called_synergistic():
    called = called_synergistic()
    averaging = called.pop("averaging")
    assert len(averaging) == 1
    assert set(called) == {"umami", "gated routing", "chord"}
    for name, pairs in called.items():
        assert len(pairs) == 3
        assert all(pair.omega() < 0 for pair in pairs)
        assert all((pair.omega(0.9) < 0) == (name == "chord") for pair in pairs)
    np.testing.assert_allclose(averaging[0].mixtures[0], Linear()(None, averaging[0].parts[..., None])[..., 0])
