"""The experiments on merging: networks learn, each way to merge is measured, and the fits see what is there."""

import numpy as np
import pytest
import torch

from mixbook.studies.carriers.merging import iteration, networks, trials
from mixlib.merging import karcher_mean

WIDTH, SHORT = 16, {"steps": 60, "fine_steps": 30}


@pytest.fixture(scope="module")
def run():
    return trials.run([0], width=WIDTH, **SHORT)


def test_a_split_has_all_classes_and_no_sample_twice():
    for name in networks.SETS:
        cut = networks.split(name, 0)
        assert [len(labels) for _, labels in cut] == [1000, 297, 500]
        assert all(len(labels.unique()) == networks.CLASSES for _, labels in cut)
        rows = torch.cat([inputs for inputs, _ in cut])
        assert len(rows.unique(dim=0)) == len(rows)
    assert not torch.equal(networks.split("digits", 0).test[1], networks.split("digits", 1).test[1])


def test_one_batched_network_computes_what_torch_computes():
    for units in networks.UNITS:
        weights = networks.beginnings(2, WIDTH, 0, units)
        inputs = torch.randn(5, networks.INPUTS)
        model = networks.architecture(WIDTH, units)
        model.load_state_dict(networks.pick(weights, 1))
        hidden, logits = networks.forward(weights, inputs, units)
        torch.testing.assert_close(logits[1], model(inputs))
        torch.testing.assert_close(hidden[1], model[:3](inputs))


def test_networks_learn_and_each_has_samples_of_its_own():
    inputs, labels = networks.split("digits", 0).train
    both = torch.stack([labels, (labels + 1) % 10])
    start = networks.beginnings(2, WIDTH, 0)
    learned = networks.train(start, inputs.expand(2, -1, -1), both, 200, 1)
    _, logits = networks.forward(learned, networks.split("digits", 0).test[0])
    truth = networks.split("digits", 0).test[1]
    assert (logits[0].argmax(-1) == truth).double().mean() > 0.8
    assert (logits[1].argmax(-1) == (truth + 1) % 10).double().mean() > 0.8


def test_every_way_is_measured_in_every_cell(run):
    rows, cells = run
    assert len(cells) == 2 * 2 * 2 * 2
    case = ["units", "data", "kind", "k"]
    found = rows.groupby(case).way.apply(set)
    expected = {*trials.MEANS, "aligned, repaired", "ensemble of outputs", "best single model"}
    for (*_, kind, k), ways in found.items():
        assert expected - ways == ({"slerp"} if k == 4 else set())
        assert (set(trials.WITH_BASE) <= ways) == (kind == trials.BASE)
    assert rows.accuracy.between(0, 1).all()
    single = rows[rows.way == "best single model"].set_index(case).accuracy
    assert (single >= rows[rows.way == "mean single model"].set_index(case).accuracy).all()


def test_models_of_one_base_learn_only_classes_of_their_own(run):
    _, cells = run
    cell = next(c for c in cells if c.kind == trials.BASE and len(c.states) == 2 and c.data == "digits")
    _, logits = networks.forward(networks.stack(cell.states), cell.split.test[0])
    of_first = logits[:, cell.split.test[1] < 5].argmax(-1) < 5
    assert of_first[0].double().mean() > of_first[1].double().mean() + 0.2


def test_what_must_hold_of_variances(run):
    rows, _ = run
    own = rows[rows.kind == trials.OWN].pivot_table(index=["units", "data", "k"], columns="way", values="variance")
    assert (own["linear"] < own["karcher"]).all()
    np.testing.assert_allclose(own["linear, repaired"], 1, atol=0.2)  # repaired on training data, measured on the test


def test_options_are_chosen_on_validation_and_not_on_the_test(monkeypatch):
    cut = networks.split("digits", 0)
    pair = networks.beginnings(2, WIDTH, 0)
    (_, for_choosing), (_, answers) = (networks.forward(pair, part[0]) for part in (cut.validation, cut.test))
    # the first network is right on validation, the second on the test
    cut = cut._replace(
        validation=(cut.validation[0], for_choosing[0].argmax(-1)), test=(cut.test[0], answers[1].argmax(-1))
    )
    states = [networks.pick(pair, i) for i in (0, 1)]
    monkeypatch.setattr(trials, "merged_states", lambda cell, model: {"both": states})
    rows = trials.measure(trials.Cell("digits", trials.OWN, 0, states, None, cut, "ReLU"), None)
    assert (
        next(row for row in rows if row["way"] == "both")["accuracy"] == networks.accuracy(answers[0], cut.test[1]) < 1
    )


def test_a_line_begins_and_ends_at_its_networks(run):
    cell = run[1][0]
    found = trials.along(cell, networks.architecture(WIDTH), [0.0, 1.0])
    _, logits = networks.forward(networks.stack(cell.states), cell.split.test[0])
    for t, outputs in zip((0.0, 1.0), logits, strict=False):
        right = float((outputs.argmax(-1) == cell.split.test[1]).double().mean())
        assert found[t]["linear"][0] == found[t]["karcher"][0] == right


def test_the_textbook_is_the_karcher_mean_and_each_round_is_nearer():
    vectors, weights = np.random.default_rng(0).normal(size=(3, 50)), np.array([0.5, 0.3, 0.2])
    means = iteration.textbook(vectors, weights)
    np.testing.assert_allclose(means[-1], karcher_mean(vectors, weights), atol=1e-7)
    assert len(means) > 2
    assert (np.diff(np.linalg.norm(means - means[-1], axis=1)) < 0).all()
    assert iteration.seconds_over_linear(n=1000, rounds=1) > 0


def test_rounds_are_counted_from_the_first_guess(run):
    cost = iteration.compare(run[1])
    assert (cost.loc[cost["k"] == 2, "rounds"] <= 1).all()  # of two the mean is a formula
    assert (cost.loc[(cost["k"] == 4) & (cost["kind"] == trials.OWN), "rounds"] > 1).all()
    assert (cost["missed by one round"] <= cost["missed by the guess"]).all()
    assert (cost["textbook, passes"] >= cost["inner products, passes"]).all()
    assert cost["apart"].max() < 1e-6


def test_answers_of_relu_without_biases_stay_where_a_layer_is_stretched():
    inputs = torch.randn(20, networks.INPUTS, generator=torch.manual_seed(0))
    for units, stays in (("ReLU", True), ("tanh", False)):
        weights = networks.beginnings(1, WIDTH, 0, units)  # biases are zero
        longer = weights | {"2.weight": 30 * weights["2.weight"]}
        answers = [networks.forward(each, inputs, units)[1][0].softmax(-1).argmax(-1) for each in (weights, longer)]
        assert torch.equal(*answers) == stays
