"""Exact information measures of discrete systems."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from mixlib.information import from_pmf, systems

KNOWN = {  # TC, DTC, Omega in bits
    "parity 3": (systems.parity(3), 1, 2, -1),
    "parity 5": (systems.parity(5), 1, 4, -3),
    "copy 3": (systems.copy(3), 2, 1, 1),
    "copy 4": (systems.copy(4), 3, 1, 2),
    "and": (systems.and_gate(), 0.8113, 1, -0.1887),
    "dyadic": (systems.dyadic(), 3, 3, 0),
    "triadic": (systems.triadic(), 3, 3, 0),
    "noisy copy": (systems.noisy_copy(0.1), 1.0620, 0.7421, 0.3199),
    "noisy parity": (systems.noisy_parity(0.1), 0.5310, 1.0620, -0.5310),
}


@pytest.mark.parametrize(("pmf", "tc", "dtc", "omega"), KNOWN.values(), ids=KNOWN)
def test_known_systems(pmf, tc, dtc, omega):
    result = from_pmf(pmf, units="bits")
    np.testing.assert_allclose([result.tc, result.dtc, result.omega], [tc, dtc, omega], atol=6e-5)
    assert result.s_information == pytest.approx(tc + dtc, abs=1e-4)


@pytest.mark.parametrize(("n", "coupling", "omega"), [(3, 0.5, 0.204723), (4, 0.3, 0.257328), (4, -0.3, -0.059416)])
def test_ising(n, coupling, omega):
    assert from_pmf(systems.ising(n, coupling), units="bits").omega == pytest.approx(omega, abs=5e-7)


def entropy(pmf):
    p = pmf[pmf > 0]
    return -np.sum(p * np.log(p))


@examples(60)
@given(shape=st.lists(st.integers(2, 3), min_size=2, max_size=5), seed=st.integers(0, 10**6), spread=st.floats(0.05, 5))
def test_definitions_hold_on_random_systems(shape, seed, spread):
    pmf = np.random.default_rng(seed).dirichlet(np.full(np.prod(shape), spread)).reshape(shape)
    axes = range(len(shape))
    rests = [entropy(pmf.sum(axis=i)) for i in axes]
    margins = [entropy(pmf.sum(axis=tuple(j for j in axes if j != i))) for i in axes]
    result = from_pmf(pmf)
    assert result.tc == pytest.approx(sum(margins) - entropy(pmf), abs=1e-10)
    assert result.dtc == pytest.approx(entropy(pmf) - sum(entropy(pmf) - rest for rest in rests), abs=1e-10)
    assert result.omega == pytest.approx(result.tc - result.dtc, abs=1e-10)
    assert min(result.tc, result.dtc) >= -1e-10


def test_gradient_is_what_leaving_a_variable_out_takes_away():
    pmf = np.random.default_rng(3).dirichlet(np.ones(2 * 3 * 2 * 3)).reshape(2, 3, 2, 3)
    result = from_pmf(pmf)
    without = [from_pmf(pmf.sum(axis=i)).omega for i in range(4)]
    np.testing.assert_allclose(result.gradient, result.omega - np.array(without), atol=1e-12)


def test_two_variables_have_no_o_information():
    pmf = np.random.default_rng(4).dirichlet(np.ones(12)).reshape(3, 4)
    assert from_pmf(pmf).omega == 0
    assert from_pmf(pmf).tc > 0.01


@examples(40)
@given(shape=st.lists(st.integers(2, 3), min_size=2, max_size=4), seed=st.integers(0, 10**6), spread=st.floats(0.05, 5))
def test_order_and_independent_variables_do_not_matter(shape, seed, spread):
    rng = np.random.default_rng(seed)
    pmf = rng.dirichlet(np.full(np.prod(shape), spread)).reshape(shape)
    before, order = from_pmf(pmf), rng.permutation(len(shape))
    after = from_pmf(np.multiply.outer(pmf.transpose(order), rng.dirichlet(np.ones(3))))
    for name in ("tc", "dtc", "omega"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1e-10)
    np.testing.assert_allclose(after.gradient[:-1], before.gradient[order], atol=1e-10)
    assert after.gradient[-1] == pytest.approx(0, abs=1e-10)


def test_groups_make_one_variable_of_axes():
    pmf = np.random.default_rng(6).dirichlet(np.ones(2 * 3 * 2 * 2)).reshape(2, 3, 2, 2)
    result = from_pmf(pmf, groups={"pair": [3, 0], "middle": [1]})
    joined = pmf.sum(axis=2).transpose(2, 0, 1).reshape(4, 3)
    assert result.tc == pytest.approx(from_pmf(joined).tc)
    assert (result.omega, result.n, result.variables) == (0, 2, ("pair", "middle"))
    with pytest.raises(ValueError, match="groups: column 4 does not exist, columns are 0 to 3"):
        from_pmf(pmf, groups=[[0], [4]])


def test_torch_values_and_gradients():
    logits = torch.randn(2, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(5), requires_grad=True)

    def omega(logits):
        return from_pmf(torch.softmax(logits.reshape(-1), 0).reshape(logits.shape)).omega

    assert torch.autograd.gradcheck(omega, (logits,))
    pmf = torch.softmax(logits.reshape(-1), 0).reshape(logits.shape)
    assert float(omega(logits).detach()) == pytest.approx(from_pmf(pmf.detach().numpy()).omega)
    sparse = torch.tensor(systems.parity(), requires_grad=True)
    from_pmf(sparse).omega.backward()
    assert torch.isfinite(sparse.grad).all()


@pytest.mark.parametrize(
    ("pmf", "message"),
    [
        (np.full((2, 2), 0.3), "pmf: sums to 1.2"),
        (np.array([[0.5, 0.6], [0.0, -0.1]]), "pmf: holds a negative"),
        (np.array([[0.5, np.nan], [0.0, 0.5]]), "pmf: holds NaN"),
        (np.array([0.5, 0.5]), "pmf: expected one axis for each of at least 2 variables"),
        (np.array([[1, 0], [0, 0]]), "pmf: expected a floating dtype, got int64"),
    ],
)
def test_bad_input_is_named(pmf, message):
    with pytest.raises(ValueError, match=message):
        from_pmf(pmf)


def test_units():
    nats, bits = from_pmf(systems.and_gate()), from_pmf(systems.and_gate(), units="bits")
    assert nats.to("bits").omega == pytest.approx(bits.omega)
    np.testing.assert_allclose(nats.gradient, bits.to("nats").gradient)
    assert nats.omega == pytest.approx(bits.omega * np.log(2))
    for call in (lambda: from_pmf(systems.and_gate(), units="bit"), lambda: nats.to("hartley")):
        with pytest.raises(ValueError, match=r"units: got '(bit|hartley)', expected 'nats' or 'bits'"):
            call()


def test_shown_and_tabulated():
    result = from_pmf(systems.parity(), units="bits")
    assert repr(result) == "Information(tc=1, dtc=2, omega=-1, s_information=3, bits, exact pmf)"
    frame = result.to_frame()
    assert list(frame.columns) == ["bits"]
    assert frame.loc["omega", "bits"] == pytest.approx(-1)
    np.testing.assert_allclose(frame.loc[["gradient 0", "gradient 2"], "bits"], -1)
