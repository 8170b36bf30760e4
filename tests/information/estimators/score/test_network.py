"""The network and its training, on Gaussian columns, where the loss has a floor that is known."""

import math

import torch

from mixlib.information.estimators.score.integrals import ABSENT, CLEAN, DIFFUSED, GaussianPrediction, plan_views
from mixlib.information.estimators.score.network import Residual, train

VIEWS = plan_views([[0], [1]], gradient=False)
INDEPENDENT = GaussianPrediction(torch.eye(2), VIEWS)


def correlated(rho, n_samples):
    first, noise = torch.randn((2, n_samples), generator=torch.Generator().manual_seed(1))
    return torch.stack([first, rho * first + math.sqrt(1 - rho**2) * noise], dim=1)


def trained(data, steps):
    losses = []
    limits = {"steps": steps, "max_seconds": None, "seeds": (2, 3)}
    result = train(INDEPENDENT, VIEWS, data, **limits, on_check=lambda *row: losses.append(row[3]))
    return result, losses


def test_the_loss_falls_to_minus_the_information_that_the_base_does_not_see():
    # in every view of two columns the best guess gains their mutual information
    floor = 0.5 * math.log(1 - 0.8**2)
    result, losses = trained(correlated(0.8, 20_000), 300)
    assert result.step == 300
    assert result.stopped == "steps"
    assert 1.05 * floor < losses[-1] < 0.9 * floor


def test_no_network_is_kept_where_there_is_nothing_to_learn():
    result, losses = trained(correlated(0.0, 20_000), 20)
    assert (result.network, result.step) == (None, 0)
    assert abs(losses[-1]) < 0.02


def test_gradients_are_those_of_automatic_differentiation():
    generator = torch.Generator().manual_seed(5)
    rows = torch.arange(60) % len(VIEWS.states)
    clean, noise, missing = torch.randn((3, 60, 2), generator=generator)
    level = torch.linspace(-11, 9, 60)
    seen, states = VIEWS.seen(rows, clean, noise, level), VIEWS.states[rows]
    network = Residual(2, generator)
    torch.nn.init.normal_(network.output.weight, generator=generator)
    found = network(states, seen, level)
    expected = 3 * (found * (found - 2 * missing)).sum(dim=1).mean()
    expected.backward()
    automatic = [parameter.grad.clone() for parameter in network.parameters()]
    torch.testing.assert_close(network.descend(states, seen, level, missing, 3.0), expected.detach())
    for (name, parameter), gradient in zip(network.named_parameters(), automatic, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-5, msg=name)


def test_only_diffused_columns_get_a_prediction_and_it_starts_at_0():
    network = Residual(2, torch.Generator().manual_seed(4))
    state, seen = VIEWS.states[VIEWS.row["rest", 1]], torch.ones(5, 2)
    assert torch.all(network(state, seen, torch.zeros(5)) == 0)
    torch.nn.init.ones_(network.output.bias)
    found = network(state, seen, torch.zeros(5))
    assert torch.all((found != 0) == (state == DIFFUSED))


def test_layers_see_steps_as_blurred_as_what_is_not_known():
    network = Residual(2, torch.Generator().manual_seed(4))
    state, seen, level = VIEWS.states[VIEWS.row["rest", 1]].expand(2, 2), torch.ones(2, 2), torch.tensor([-3.0, 2.0])
    _, mean, variance, spread, _, _ = network._inputs(state, seen, level)
    signal, noise = torch.sigmoid(-level)[:, None], torch.sigmoid(level)[:, None]  # powers
    known = {CLEAN: (1 + 0 * signal, 0 * noise), DIFFUSED: (signal.sqrt(), noise), ABSENT: (0 * signal, 1 + 0 * noise)}
    for column, kind in enumerate(state[0].tolist()):
        torch.testing.assert_close(torch.stack([mean, variance])[:, :, column, None], torch.stack(known[kind]))
    blur = variance @ network.direction.T**2 + torch.exp(network.log_softness) ** 2
    torch.testing.assert_close(spread**2, blur)
