"""Second derivatives, transforms of functions and graphs of the pools, against torch's own of the plain formulas."""

import pytest
import torch
from torch.autograd import forward_ad, gradgradcheck
from torch.autograd.functional import hessian

from mixlib.federation import (
    log_linear_combine,
    mixture_combine,
    mixture_from_logits,
    mixture_target_log_prob,
    product_combine,
)

BACKENDS = ["auto", "compiled", "torch"]
TARGETS = torch.tensor([0, 3])


def at_targets(logits, weights=None, **options):
    return mixture_target_log_prob(logits, TARGETS, weights, **options)


def of_log_probs(rule):
    def call(logits, weights=None, temperatures=None, **options):
        return rule(torch.log_softmax(logits, -1), weights, temperatures=temperatures, **options)

    return call


FUSED = {
    "from logits": mixture_from_logits,
    "at targets": at_targets,
    "of log-probs": of_log_probs(mixture_combine),
}
PATHS = FUSED | {"log-linear": of_log_probs(log_linear_combine), "product": of_log_probs(product_combine)}
CASES = [(name, backend) for name in FUSED for backend in BACKENDS] + [("log-linear", None), ("product", None)]


def call(name, backend):
    return lambda *args, **more: PATHS[name](*args, **more, **({"backend": backend} if backend else {}))


def plain(name, logits, weights=None, temperatures=None):
    p = torch.log_softmax(logits, -1)
    w = torch.full(p.shape[:1], 1 / len(p), dtype=p.dtype) if weights is None else weights
    w = w.reshape(*w.shape, *(1,) * (p.ndim - w.ndim))
    t = torch.ones(len(p), dtype=p.dtype) if temperatures is None else temperatures
    if name in ("log-linear", "product"):
        votes = w if name == "log-linear" else len(p) * w
        return torch.log_softmax((votes * p / t[:, None, None]).sum(0), -1)
    pooled = torch.logsumexp(torch.log_softmax(p / t[:, None, None], -1) + w.log(), 0)
    return pooled.gather(-1, TARGETS[:, None])[:, 0] if name == "at targets" else pooled


def draw(seed=0, specialists=3):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(specialists, 2, 4, generator=rng, dtype=torch.float64)


@pytest.mark.rare
@pytest.mark.parametrize(("name", "backend"), [case for case in CASES if case[1] != "compiled"])
@pytest.mark.parametrize("gate", [None, "fixed", "by position"])
def test_second_derivatives_by_finite_differences(name, backend, gate):
    rule, logits = call(name, backend), draw().requires_grad_()
    if gate is None:
        assert gradgradcheck(rule, logits)
        return
    weights = torch.randn(3, *(() if gate == "fixed" else (2,)), dtype=torch.float64).requires_grad_()
    temperatures = torch.tensor([0.0, 0.3, -0.4], dtype=torch.float64, requires_grad=True)
    assert gradgradcheck(
        lambda x, w, t: rule(x, w.softmax(0), temperatures=t.exp()), (logits, weights, temperatures), atol=1e-4
    )


@pytest.mark.parametrize(("name", "backend"), CASES)
def test_every_way_to_a_hessian(name, backend):
    rule, logits = call(name, backend), draw(1)
    exact = hessian(lambda x: plain(name, x).flatten()[0], logits)
    assert exact.abs().max() > 0.01
    ways = [hessian] if backend == "compiled" else [hessian, lambda f, x: torch.func.hessian(f)(x)]
    for way in ways:
        torch.testing.assert_close(way(lambda x: rule(x).flatten()[0], logits), exact)
    vectorised = hessian(lambda x: rule(x).flatten()[0], logits, vectorize=True)
    torch.testing.assert_close(vectorised, exact)


@pytest.mark.parametrize("name", list(PATHS))
def test_a_list_of_which_one_is_trained(name):
    logits = draw(2)
    parts = [part.clone().requires_grad_(i == 1) for i, part in enumerate(logits.log_softmax(-1))]
    rule = {"of log-probs": mixture_combine, "log-linear": log_linear_combine, "product": product_combine}.get(name)
    mine = torch.autograd.grad((rule or FUSED[name])(parts).square().sum(), parts[1], create_graph=True)[0]
    penalty = torch.autograd.grad(mine.square().sum(), parts[1])[0]
    assert penalty.abs().max() > 0.01


@pytest.mark.parametrize("name", list(PATHS))
def test_excluded_outcomes_and_silent_specialists_stay_finite(name):
    logits = draw(3)
    logits[:, 1, 2] = -torch.inf
    logits[0, 0, 1] = -torch.inf
    logits.requires_grad_()
    weights = torch.tensor([0.4, 0.0, 0.6], dtype=torch.float64, requires_grad=True)
    temperatures = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
    given = logits, weights, temperatures
    pooled = PATHS[name](logits, weights, temperatures=temperatures)
    value = pooled[pooled > -torch.inf].square().sum()
    first = torch.autograd.grad(value, given, create_graph=True)
    second = torch.autograd.grad(sum(g.square().sum() for g in first), given)
    for found in (*first, *second):
        assert found.isfinite().all()


@pytest.mark.parametrize("name", list(FUSED))
def test_both_backwards_agree_where_weights_vanish(name):
    logits = draw(4)
    logits[0, 0, 1] = -torch.inf
    given = logits.requires_grad_(), torch.tensor([1 - 1e-30, 1e-30, 0.0], dtype=torch.float64, requires_grad=True)
    once, again = (torch.autograd.grad(FUSED[name](*given).sum(), given, create_graph=graph) for graph in (False, True))
    torch.testing.assert_close(again, once)


@pytest.mark.parametrize(("name", "backend"), [case for case in CASES if case[1] != "compiled"])
def test_transforms_of_functions(name, backend):
    rule, logits = call(name, backend), draw(5)
    along = torch.randn(logits.shape, dtype=torch.float64)

    def ours(x):
        return rule(x).square().sum()

    def theirs(x):
        return plain(name, x).square().sum()

    slope = torch.func.grad(theirs)(logits)
    torch.testing.assert_close(torch.func.grad(ours)(logits), slope)
    torch.testing.assert_close(torch.func.jacrev(rule)(logits), torch.func.jacrev(lambda x: plain(name, x))(logits))
    torch.testing.assert_close(torch.func.jvp(ours, (logits,), (along,))[1], (slope * along).sum())
    with forward_ad.dual_level():
        dual = forward_ad.unpack_dual(ours(forward_ad.make_dual(logits, along)))
        torch.testing.assert_close(dual.tangent, (slope * along).sum())


@pytest.mark.parametrize("name", list(FUSED))
def test_vmap_over_everything(name):
    several, weights = torch.stack([draw(seed) for seed in range(3)]), torch.rand(3, 3, dtype=torch.float64)
    weights /= weights.sum(-1, keepdim=True)
    exact = torch.stack([plain(name, x, w) for x, w in zip(several, weights, strict=True)])
    torch.testing.assert_close(torch.vmap(FUSED[name])(several, weights), exact)
    slopes = torch.vmap(torch.func.grad(lambda x, w: FUSED[name](x, w).sum()))(several, weights)
    torch.testing.assert_close(slopes[1], torch.func.grad(lambda x: plain(name, x, weights[1]).sum())(several[1]))
    weights[1] = torch.tensor([0.5, 0.9, 0.0])  # what cannot be asked may not look right
    found = torch.vmap(FUSED[name])(several, weights)
    assert found[1].isnan().all()
    assert found[[0, 2]].isfinite().all()
    several[2, 0, 0, 0] = torch.nan
    assert torch.vmap(FUSED[name])(several)[2].isnan().all()


@pytest.mark.parametrize("rule", [log_linear_combine, product_combine])
def test_vmap_is_refused_where_every_row_must_be_checked(rule):
    with pytest.raises(ValueError, match=r"log_probs: torch\.vmap .* pass the batch as axes"):
        torch.vmap(rule)(torch.stack([draw(), draw(1)]).log_softmax(-1))


def test_what_does_not_run_inside_transforms_says_what_does():
    for name in ("compiled", "triton"):
        for path in FUSED.values():
            with pytest.raises(ValueError, match=r"use backend='torch'"):
                torch.func.grad(lambda x, path=path, name=name: path(x, backend=name).sum())(draw())
    with pytest.raises(ValueError, match="out: cannot take part"):
        torch.vmap(lambda x: mixture_from_logits(x, out=torch.zeros(2, 4)))(draw()[None])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": torch.tensor([0.5, 0.6, 0.0])}, "weights: not on the simplex"),
        ({"weights": torch.ones(2) / 2}, r"weights: expected shape \(3,\)"),
        ({"temperatures": torch.tensor([1.0, 0.0, 1.0])}, "temperatures: not positive"),
        ({"temperatures": torch.ones(2)}, r"temperatures: expected shape \(3,\)"),
    ],
)
def test_bad_input_is_refused_inside_of_a_transform(options, message):
    for path in FUSED.values():
        with pytest.raises(ValueError, match=message):
            torch.func.grad(lambda x, path=path: path(x, **options).sum())(draw())
    with pytest.raises(ValueError, match="logits: a row holds NaN"):
        torch.func.grad(lambda x: mixture_from_logits(x).sum())(draw() * torch.nan)
    for temperatures in (None, torch.ones(3)):
        with pytest.raises(ValueError, match="log_probs: a row does not sum"):
            torch.func.grad(lambda x, t=temperatures: mixture_combine(x, temperatures=t).sum())(draw())


def test_lists_of_specialists_are_taken_inside_of_a_transform():
    logits = draw()
    slope = torch.func.grad(lambda x: mixture_from_logits([x, 2 * x, -x]).square().sum())(logits[0])
    expected = torch.func.grad(lambda x: plain("from logits", torch.stack([x, 2 * x, -x])).square().sum())(logits[0])
    torch.testing.assert_close(slope, expected)
    for other in (logits[0, :1], logits[0].float(), logits[0].numpy()):
        with pytest.raises(ValueError, match="logits: specialists differ"):
            torch.func.grad(lambda x, other=other: mixture_from_logits([x, other]).sum())(logits[0])


@pytest.mark.rare
@pytest.mark.filterwarnings("ignore")  # of torch.compile, about its own future
def test_compiled_functions():
    torch._dynamo.reset()
    logits = draw(6).requires_grad_()
    for name in ("from logits", "log-linear"):
        compiled = torch.compile(lambda x, name=name: PATHS[name](2 * x) + 1, backend="eager")
        found = compiled(logits)
        torch.testing.assert_close(found, plain(name, 2 * logits) + 1)
        slope = torch.autograd.grad(found.square().sum(), logits)[0]
        torch.testing.assert_close(slope, torch.autograd.grad((plain(name, 2 * logits) + 1).square().sum(), logits)[0])
    compiled, nothing = (
        torch.compile(lambda x: mixture_from_logits(2 * x), backend="eager"),
        torch.full((3, 2, 4), -torch.inf),
    )
    with pytest.raises(ValueError, match="nothing but -inf"):
        compiled(nothing)


@pytest.mark.filterwarnings("ignore")  # of torch.compile, about its own future
def test_one_whole_graph():
    torch._dynamo.reset()
    logits = draw(7)
    whole = torch.compile(lambda x: mixture_from_logits(2 * x, backend="torch"), backend="eager", fullgraph=True)
    torch.testing.assert_close(whole(logits), plain("from logits", 2 * logits))
    assert whole(logits * torch.nan).isnan().all()
    with pytest.raises(torch._dynamo.exc.Unsupported, match='backend="torch"'):
        torch.compile(lambda x: mixture_from_logits(2 * x), backend="eager", fullgraph=True)(logits)
