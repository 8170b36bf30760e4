"""The audit identity, exactly, and what is missing from it without the entropy term."""

import json

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from mixlib.federation import attribute, attribute_targets, mixture_combine


def instance(n=3, t=200, v=40, seed=0):
    rng = np.random.default_rng(seed)
    return log_softmax(3 * rng.normal(size=(n, t, v)), axis=-1), rng.integers(0, v, t)


@pytest.mark.parametrize("weights", [None, [0.7, 0.2, 0.1], [0.5, 0.5, 0.0]])
def test_the_identity_is_exact(weights):
    lp, targets = instance()
    audit = attribute(lp, targets, weights)
    w = np.full(3, 1 / 3) if weights is None else np.array(weights)
    p = np.exp(lp[:, np.arange(200), targets])
    r = w[:, None] * p / (w @ p)
    np.testing.assert_allclose(audit.responsibilities, r, rtol=1e-10)
    np.testing.assert_allclose(audit.joint, np.log(w @ p), rtol=1e-12)
    np.testing.assert_allclose(audit.entropy, -(r * np.log(np.where(r > 0, r, 1))).sum(0), atol=1e-12)
    assert np.abs(audit.residual).max() < 1e-13
    np.testing.assert_allclose(audit.without_entropy, audit.entropy, atol=1e-12)
    assert np.median(audit.without_entropy) > 0.1


def test_equal_weights_shift_by_log_n():
    lp, targets = instance()
    audit = attribute(lp, targets)
    summed = (audit.responsibilities * audit.specialists).sum(0) + audit.entropy - np.log(3)
    np.testing.assert_allclose(summed, audit.joint, rtol=1e-12)


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 2e-6), (torch.float16, 0.02), (torch.bfloat16, 0.1)])
def test_the_residual_shows_what_the_recorded_dtype_lost(dtype, most):
    lp, targets = instance()
    lp = torch.log_softmax(torch.tensor(lp), -1).to(dtype)
    audit = attribute(lp, torch.tensor(targets))
    assert 0 < np.abs(audit.residual).max() < most
    recorded = mixture_combine(lp)[torch.arange(200), torch.tensor(targets)]
    np.testing.assert_array_equal(audit.joint, recorded.double().numpy())


def test_leading_positions_and_weights_by_position():
    lp, targets = instance(t=12)
    w = np.random.default_rng(1).dirichlet(np.ones(3), 12).T
    flat = attribute(lp, targets, w)
    shaped = attribute(lp.reshape(3, 3, 4, -1), targets.reshape(3, 4), w.reshape(3, 3, 4))
    np.testing.assert_allclose(shaped.residual.ravel(), flat.residual, atol=1e-14)
    np.testing.assert_allclose(shaped.responsibilities.reshape(3, -1), flat.responsibilities)
    assert len(shaped.to_frame()) == 12
    single = attribute(lp[:, 0], targets[0])
    assert single.joint == pytest.approx(attribute(lp, targets).joint[0])


def test_an_excluding_specialist_has_no_share():
    with np.errstate(divide="ignore"):
        lp = np.log([[[0.5, 0.5, 0.0]], [[0.2, 0.0, 0.8]]])
    audit = attribute(lp, [2])
    np.testing.assert_array_equal(audit.responsibilities[:, 0], [0, 1])
    assert audit.joint[0] == pytest.approx(np.log(0.4))
    assert abs(audit.residual[0]) < 1e-15
    assert next(audit.records())["specialists"]["0"] is None


def test_records_and_frame(tmp_path):
    lp, targets = instance(t=5)
    audit = attribute(lp, targets, names=("a", "b", "c"))
    audit.write_jsonl(tmp_path / "trace.jsonl")
    records = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert [r["target"] for r in records] == targets.tolist()
    assert records[3]["joint"] == audit.joint[3]
    assert list(records[0]["responsibilities"]) == ["a", "b", "c"]
    frame = audit.to_frame()
    np.testing.assert_array_equal(frame["log p b"], audit.specialists[1])
    np.testing.assert_array_equal(frame["share c"], audit.responsibilities[2])


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([0, 1, 40], "holds 40, expected 0 .. 39"),
        ([0, -1, 2], "holds -1"),
        ([0.0, 1.0, 2.0], "dtype float64"),
        ([0, 1], r"expected shape \(3,\)"),
    ],
)
def test_bad_targets_are_named(targets, message):
    lp, _ = instance(t=3)
    with pytest.raises(ValueError, match=message):
        attribute(lp, targets)


def test_nothing_to_attribute():
    with np.errstate(divide="ignore"):
        lp = np.log([[[0.5, 0.5], [1.0, 0.0]], [[0.5, 0.5], [1.0, 0.0]]])
    with pytest.raises(ValueError, match=r"outcome 1 at position \(1,\) has probability 0"):
        attribute(lp, [0, 1])
    with pytest.raises(ValueError, match="expected 2, one per specialist, got 1"):
        attribute(lp, [0, 0], names=("a",))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_account_from_targets_alone_is_the_same(dtype):
    lp, targets = instance(t=30)
    whole = attribute(torch.tensor(lp).to(getattr(torch, dtype)), targets, [0.5, 0.3, 0.2], names="abc")
    alone = attribute_targets(whole.specialists, targets, whole.weights, whole.joint, "abc", dtype=dtype)
    assert list(alone.records()) == list(whole.records())
    assert (whole.dtype, next(whole.records())["dtype"]) == (dtype, dtype)
    assert list(next(whole.records())["weights"].values()) == pytest.approx([0.5, 0.3, 0.2])
    computed = attribute_targets(whole.specialists, targets, whole.weights)
    assert np.abs(computed.residual).max() < 1e-14


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target_log_probs": [[0.5], [-1.0]]}, "target_log_probs: holds 0.5"),
        ({"target_log_probs": [[np.nan], [-1.0]]}, "target_log_probs: holds nan"),
        ({"target_log_probs": -1.0}, r"expected shape \(N, ...\)"),
        ({"targets": [1, 2]}, r"targets: expected shape \(1,\)"),
        ({"joint": [-1.0, -2.0]}, r"joint: expected shape \(1,\)"),
        ({"weights": [[0.5, 0.5], [0.5, 0.5]]}, "weights: expected shape"),
        ({"names": "abc"}, "expected 2, one per specialist, got 3"),
        ({"dtype": "int8"}, "dtype: got 'int8'"),
        ({"target_log_probs": [[-np.inf], [-np.inf]]}, "probability 0 under every specialist"),
    ],
)
def test_targets_alone_that_make_no_sense_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        attribute_targets(**({"target_log_probs": [[-1.0], [-2.0]], "targets": [1]} | change))
