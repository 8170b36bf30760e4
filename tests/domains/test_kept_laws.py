"""Laws tried on the kernels of domains: those of known formulas come out as the formulas say."""

import dataclasses

import numpy as np
import pytest

from mixlib.domains import DOMAINS
from mixlib.domains.kept_laws import LAWS, kept_laws
from mixlib.domains.sound import chord
from mixlib.kernels import CompetitiveBinding, LogLinear, Synergistic, TimeResolved

PARTS = np.array([[1.0, 0.5], [2.0, 0.8], [0.6, 1.5]])


def of(kernel, parts=PARTS, **changed):
    fields = {"weights": np.full(len(parts), 1 / len(parts)), "parts": parts, "kernel": kernel}
    return kept_laws(dataclasses.replace(DOMAINS["light"], **fields, **changed)).kept


def broken(kept):
    return {law for law, held in kept.items() if held is False}


def test_an_average_keeps_all():
    assert broken(kept_laws(DOMAINS["light"]).kept) == set()
    assert set(kept_laws(DOMAINS["light"]).kept) == set(LAWS)


def test_the_geometric_mean_is_linear_in_nothing_and_keeps_every_identity():
    expected = {"linear in the parts", "linear in the weights", "parts act apart", "shift goes through"}
    assert broken(of(LogLinear())) == expected | {"inside the hull"}


def test_a_bonus_breaks_what_equal_parts_and_stages_ask():
    lost = broken(of(Synergistic(1.0)))
    assert lost >= {"equal parts return themselves", "order of stages does not matter", "scale goes through"}
    assert not lost & {"all the weight returns the part", "a part of no weight is silent", "parts may change places"}


def test_constants_of_parts_are_noticed():
    assert broken(of(CompetitiveBinding(np.array([1.0, 3.0, 0.2])))) == {
        "parts may change places",
        "linear in the weights",
    }
    lost = broken(of(TimeResolved(rates=np.array([0.1, 1.0, 2.0]))))
    assert "parts may change places" in lost
    assert "linear in the parts" not in lost


def test_each_law_can_be_broken():
    def coupled(weights, parts):
        mixed = np.einsum("...n,...nd->...d", weights, parts)
        loudest = np.max(parts, axis=(-2, -1))[..., None]  # heard whatever its weight
        return mixed - 0.3 * loudest * mixed[..., ::-1]

    seen = broken(of(coupled)) | broken(of(CompetitiveBinding(np.array([1.0, 3.0, 0.2]))))
    assert seen == set(LAWS)


def test_what_cannot_be_asked_is_none():
    rough = dataclasses.replace(DOMAINS["sound"], kernel=chord, unit="roughness", part_unit="Hz")
    kept = kept_laws(rough).kept
    assert kept["inside the hull"] is None
    assert kept["each coordinate for itself"] is None
    assert kept["scale goes through"] is False

    def refuses(weights, parts):
        if np.max(parts) > 2.45:
            raise ValueError("parts: too large")
        return np.einsum("...n,...nd->...d", weights, parts)

    assert of(refuses)["shift goes through"] is None
    with pytest.raises(ValueError, match="trials: got 1"):
        kept_laws(DOMAINS["light"], trials=1)
