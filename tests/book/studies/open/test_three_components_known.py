"""Dominant parts by other routes: a bound by hand, errors with one left out, and noise that hides nothing or all."""

import numpy as np
import pytest

from mixbook.studies.open import three_components as study


@pytest.mark.parametrize(
    ("noise", "known"),
    [
        (1.0, 1),  # two: 10 log2(1 + 1/2) = 5.8 bits, and log2(66) = 6.0 to be told
        (0.8, 2),  # three: 10 log2(1 + 1/1.92) = 6.0 bits, and log2(220) = 7.8
        (4.0, 0),  # one: 10 log2(1 + 1/16) = 0.9 bits, and log2(12) = 3.6
    ],
)
def test_the_room_of_the_receptors_by_hand(noise, known):
    assert study.capacity_bound(noise) == known


def test_no_noise_hides_nothing_and_much_hides_all_but_chance():
    assert study.named(0.0, 3, trials=50) == (1.0,) * study.MOST
    loud = study.named(1e3, 3, trials=2000)
    assert loud[0] == pytest.approx(1 / study.LIBRARY, abs=0.03)
    assert loud[1] == pytest.approx(2 / study.LIBRARY / (study.LIBRARY - 1), abs=0.02)


def test_errors_are_of_those_who_were_left_out():
    people = study.invented_people(30, 2, bound=True)
    memory, readout, liked = people.to_numpy().T
    _, errors = study.decide(people)
    told = {"memory": memory, "smaller of both": np.minimum(memory, readout), "product": memory * readout}
    for name, x in told.items():
        others = [np.arange(30) != k for k in range(30)]
        off = [liked[~keep] - np.polyval(np.polyfit(x[keep], liked[keep], 1), x[~keep]) for keep in others]
        assert errors[name] == pytest.approx(np.mean(np.square(off)))
    means = [(liked.sum() - one) / 29 for one in liked]
    assert errors["one number for all"] == pytest.approx(np.mean((liked - means) ** 2))


def test_one_of_both_alone_is_no_proof_of_both():
    rng = np.random.default_rng(0)
    people = study.invented_people(60, 1, bound=True)
    people["preferred"] = people["memory"] + rng.normal(0, 0.3, 60)
    said, errors = study.decide(people)
    assert not said
    assert errors.idxmin() == "memory"


def test_the_strongest_concrete_is_the_strongest():
    table = study.strong_concrete()
    assert table.loc["strongest", "strength"] > 1.3 * table.loc["rest", "strength"]


def test_three_for_all_is_off_by_its_mean_distance():
    table = study.real_and_random((0,))
    _, errors = study.grounded(lambda parts: 3, table)
    assert errors["formula"] == errors["three"] == pytest.approx((table["effective"] - 3).abs().mean())
    assert errors["random shares"] == pytest.approx((table["effective"] - table["random effective"]).abs().mean())
