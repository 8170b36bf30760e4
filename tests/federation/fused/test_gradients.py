"""Gradients of the fused paths against finite differences and against torch's own gradients of the plain formula."""

import pytest
import torch
from torch.autograd import gradcheck

from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob
from mixlib.federation.fused import chunked

TARGETS = torch.tensor([0, 4, 2])


def from_logits(logits, gate, log_temperatures):
    return mixture_from_logits(logits, gate.softmax(0), temperatures=log_temperatures.exp())


def of_targets(logits, gate, log_temperatures):
    return mixture_target_log_prob(logits, TARGETS, gate.softmax(0), temperatures=log_temperatures.exp())


def of_log_probs(logits, gate, log_temperatures):
    tempered = logits / log_temperatures.exp()[:, None, None]
    return mixture_combine(torch.log_softmax(tempered, -1), gate.softmax(0))


def of_tempered_log_probs(logits, gate, log_temperatures):
    return mixture_combine(torch.log_softmax(logits, -1), gate.softmax(0), temperatures=log_temperatures.exp())


PATHS = [from_logits, of_targets, of_log_probs, of_tempered_log_probs]


def plain(logits, gate, log_temperatures):
    p = torch.log_softmax(logits / log_temperatures.exp()[:, None, None], -1)
    w = gate.log_softmax(0)
    return torch.logsumexp(p + (w[:, None, None] if w.ndim == 1 else w[..., None]), 0)


def draw(seed=0, by_position=False, dtype=torch.float64):
    rng = torch.Generator().manual_seed(seed)
    shapes = (3, 3, 5), (3, 3) if by_position else (3,), (3,)
    drawn = [torch.randn(shape, generator=rng, dtype=dtype) for shape in shapes]
    wide = torch.promote_types(dtype, torch.float32)  # a gate in half precision would not sum to 1
    return [drawn[0].requires_grad_(), *(gate.to(wide).requires_grad_() for gate in drawn[1:])]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("by_position", [False, True])
def test_finite_differences(path, by_position, monkeypatch):
    monkeypatch.setattr(chunked, "CHUNK", 20)  # one row at a time
    assert gradcheck(path, draw(by_position=by_position))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_plain_torch(path, dtype):
    ours, theirs = (draw(1, by_position=True, dtype=dtype) for _ in range(2))
    found, exact = path(*ours), plain(*(x.double() for x in theirs))
    exact = exact.gather(-1, TARGETS[:, None])[:, 0] if path is of_targets else exact
    along = torch.randn(exact.shape, dtype=torch.float64)
    found.backward(along.to(dtype))
    exact.backward(along)
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 5e-2}[dtype]
    for a, b in zip(ours, theirs, strict=True):
        assert a.grad.dtype == a.dtype
        torch.testing.assert_close(a.grad, b.grad, rtol=tolerance, atol=tolerance)


def test_a_list_of_specialists_of_which_some_are_trained():
    logits, gate, log_temperatures = draw(2)
    from_logits(logits, gate, log_temperatures).square().sum().backward()
    parts = [part.detach().clone().requires_grad_(i != 1) for i, part in enumerate(logits)]
    from_logits(parts, gate.detach(), log_temperatures.detach()).square().sum().backward()
    assert parts[1].grad is None
    for i in (0, 2):
        torch.testing.assert_close(parts[i].grad, logits.grad[i])


def test_only_the_gate_is_trained():
    logits, gate, log_temperatures = draw(3)
    from_logits(logits.detach(), gate, log_temperatures.detach()).sum().backward()
    other = gate.detach().clone().requires_grad_()
    plain(logits.detach(), other, log_temperatures.detach()).sum().backward()
    torch.testing.assert_close(gate.grad, other.grad)


@pytest.mark.parametrize("path", PATHS[:2])
def test_excluded_outcomes_and_silent_specialists_have_finite_gradients(path):
    logits, _, log_temperatures = draw(4)
    with torch.no_grad():
        logits[:, 1, 3] = -torch.inf  # nobody expects this outcome, the loss does not look at it
        logits[0, 0, 1] = -torch.inf
    gate = torch.tensor([0.0, -torch.inf, 1.0], dtype=torch.float64)
    out = path(logits, gate, log_temperatures)
    out[out > -torch.inf].sum().backward()
    assert logits.grad.isfinite().all()
    assert log_temperatures.grad.isfinite().all()
    assert (logits.grad[1] == 0).all()
    assert (logits.grad[0, 0, 1], logits.grad[2, 1, 3]) == (0, 0)


def test_training_finds_the_specialist_that_knows():
    rng = torch.Generator().manual_seed(5)
    targets = torch.randint(0, 7, (60,), generator=rng)
    knows = 3 * torch.nn.functional.one_hot(targets, 7).float()
    logits = torch.stack([torch.randn(60, 7, generator=rng), knows, torch.randn(60, 7, generator=rng)])
    gate = torch.zeros(3, requires_grad=True)
    steps = torch.optim.Adam([gate], lr=0.2)
    for _ in range(40):
        steps.zero_grad()
        (-mixture_target_log_prob(logits, targets, gate.softmax(0)).mean()).backward()
        steps.step()
    assert gate.softmax(0)[1] > 0.95


def test_no_graph_where_none_is_wanted():
    logits, gate, log_temperatures = draw(6)
    with torch.no_grad():
        assert not from_logits(logits, gate, log_temperatures).requires_grad
    (first,) = torch.autograd.grad(from_logits(logits, gate, log_temperatures).square().sum(), gate)
    assert not first.requires_grad
