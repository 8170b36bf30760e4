"""Laws of every domain: its kernel gives the known value, and the instruments take it."""

import re
from pathlib import Path

import numpy as np
import pytest

from mixlib.carriers import CARRIERS
from mixlib.domains import DOMAINS, Domain
from mixlib.domains.light import lab
from mixlib.domains.paint import WHITE, appearance
from mixlib.domains.society import OX
from mixlib.information import o_information
from mixlib.instruments import hull_escape, interaction_share
from mixlib.kernels import ZOO
from mixlib.simplex import check_weights

ROOT = Path(__file__).parents[2]
of_each_domain = pytest.mark.parametrize("domain", DOMAINS.values(), ids=list(DOMAINS))


def test_the_ten_domains_of_the_founding_document_are_there():
    assert set(DOMAINS) >= {
        *("taste", "smell", "chemistry", "light", "paint"),
        *("machine-learning", "society", "sound", "alloys", "statistics"),
    }
    # more than one kernel, a plain function among them
    kinds = {type(domain.kernel) for domain in DOMAINS.values()}
    assert len(kinds & set(ZOO.values())) >= 5
    assert len(kinds - set(ZOO.values())) >= 1


@of_each_domain
def test_a_domain_says_what_it_is(domain):
    assert isinstance(domain, Domain)
    for text in (domain.about, domain.points, domain.unit, domain.source):
        assert text.strip() == text != ""
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert domain.reference in keys


@of_each_domain
def test_kernel_and_carrier_exist_and_take_the_parts(domain):
    assert callable(domain.kernel)
    assert type(domain.carrier) in CARRIERS.values()
    weights = check_weights(domain.weights, len(domain.parts), like=domain.parts)
    centre = domain.carrier.mean(domain.parts, weights)
    assert domain.carrier.failure(centre, domain.parts) <= 1 + 1e-9


@of_each_domain
def test_the_mixture_is_the_known_one(domain):
    mixture = domain.mixture()
    np.testing.assert_array_equal(domain.kernel(domain.weights, domain.parts), mixture)
    assert mixture.shape == np.shape(domain.known)
    np.testing.assert_allclose(mixture, domain.known, rtol=0, atol=domain.tolerance)
    assert 0 < domain.tolerance < np.abs(domain.known).max() / 10, "a tolerance that anything meets"
    # the parts matter: each of them is heard in the mixture
    for k in range(min(len(domain.parts), 3)):
        moved = domain.parts.copy()
        moved[k] *= 0.97
        assert not np.allclose(domain.kernel(domain.weights, moved), mixture, rtol=1e-9, atol=1e-12)


@of_each_domain
def test_a_batch_of_weights_is_the_stack_of_its_instances(domain):
    rows = np.stack([domain.weights, np.roll(domain.weights, 1)])
    batch = domain.kernel(rows, domain.parts)
    assert batch.shape == (2, *domain.mixture().shape)
    if getattr(domain.kernel, "deterministic", True):  # else every mixture is drawn for itself
        np.testing.assert_allclose(batch[0], domain.mixture())


@of_each_domain
def test_three_instruments_run(domain):
    mixture, parts = domain.mixture(), domain.nearby(40)
    if domain.part_unit == "":  # else the mixture does not live among the parts
        assert hull_escape(mixture, domain.parts).distance >= 0
    kernel = domain.mean_kernel()
    share = interaction_share(kernel, parts, weights=domain.weights, points=8, scrambles=2)
    assert np.isfinite(share.share)
    two = np.stack(
        [parts[:, i, parts[:, i].var(axis=0).argmax()] for i in (0, 1)], axis=-1
    )  # the liveliest coordinates
    mixed = kernel(domain.weights, parts)[..., 0]
    noisy = mixed + np.random.default_rng(1).normal(0, mixed.std() + 1e-3 * np.abs(mixed).max(), 40)
    found = o_information(np.column_stack([two, noisy]) / np.abs(two).max(), estimator="gaussian", error=None)
    assert np.isfinite(found.omega)


def test_constants():
    assert np.median(OX) == 1207  # the vox populi itself
    assert DOMAINS["light"].known == pytest.approx([0.351, 0.356, 0.293], abs=1e-3)
    assert DOMAINS["machine-learning"].mixture().sum() == pytest.approx(1)
    low, middle, high = DOMAINS["sound"].parts[:, 0]
    assert middle - low == high - middle == 200 != DOMAINS["sound"].known  # more than the rate of their beats
    # blue and yellow paint make green, darker than the mean of the two
    green, paints = DOMAINS["paint"].mixture(), DOMAINS["paint"].parts
    redness = lab(appearance(np.vstack([green, paints])), white=WHITE)[:, 1]
    assert redness[0] < min(redness[1:].min(), 0)
    assert np.all(green < paints.mean(axis=0))
