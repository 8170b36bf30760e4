"""Keys: a map that is known is found, one that cannot be is not, and identities rule maps out."""

import dataclasses

import numpy as np
import pytest

from mixbook.studies.domains.atlas import keys
from mixlib.domains import DOMAINS
from mixlib.domains.sound import chord
from mixlib.kernels import LogLinear, Synergistic

VOICES = {name: keys.Voice(DOMAINS[name]) for name in ("light", "society", "smell", "alloys", "taste")}


def voice(kernel, parts):
    return keys.Voice(dataclasses.replace(DOMAINS["light"], kernel=kernel, parts=parts, weights=np.full(2, 0.5)))


def test_units_are_told_from_keys():
    assert keys.compare(VOICES["light"], VOICES["society"]).kind == "units"
    dyes = voice(LogLinear(), np.array([[0.1], [0.9]]))
    pair = keys.compare(VOICES["light"], dyes)
    assert pair.kind == "key"
    assert pair.units_error > 0.1
    image, logarithm = pair.there.image, np.log(pair.there.coordinate)
    assert abs(np.corrcoef(image, logarithm)[0, 1]) > 0.9999


def test_the_weights_of_a_receptor_are_shared_anew():
    smell, nose = VOICES["smell"], DOMAINS["smell"].kernel.binding
    key = keys.fit_key(VOICES["light"], smell)
    first, second = 1 + nose[list(smell.pair), smell.coordinate]
    assert key.error < 1e-4
    assert key.odds == pytest.approx(second / first, rel=1e-3)


def test_an_alloy_is_umami_turned_over():
    pair = keys.compare(VOICES["taste"], VOICES["alloys"])
    assert pair.kind == "key"
    slope = np.diff(pair.there.image) / np.diff(pair.there.coordinate)
    ratio = DOMAINS["alloys"].kernel.interaction / DOMAINS["taste"].kernel.interaction
    np.testing.assert_allclose(slope, ratio, rtol=0.02)  # one factor, below 0


def test_an_identity_rules_a_map_out_and_the_fit_agrees():
    pair = keys.compare(VOICES["light"], VOICES["alloys"])
    assert pair.excluded == "equal parts"
    assert pair.kind == "none"
    fitted = keys.compare(VOICES["light"], VOICES["alloys"], fit_excluded=True)
    assert fitted.excluded is None
    assert fitted.kind == "none"
    assert fitted.error > 0.05


def test_a_domain_without_a_voice_is_left_out():
    rough = dataclasses.replace(DOMAINS["sound"], kernel=chord, unit="roughness", part_unit="Hz")
    with pytest.raises(ValueError, match="no point among its parts"):
        keys.Voice(rough)
    assert list(keys.voices_of({"rough": rough, "light": DOMAINS["light"]})) == ["light"]


def test_synergies_of_one_sign_are_one_up_to_units():
    parts = np.array([[1.0], [2.0]])
    assert keys.compare(voice(Synergistic(0.5), parts), voice(Synergistic(0.05), 10 * parts)).kind == "units"


def test_families_are_joined_through_others():
    same, none = keys.Pair(error=0.0, units_error=0.0), keys.Pair(excluded="stages")
    pairs = {("a", "b"): none, ("a", "c"): same, ("b", "c"): same, ("a", "d"): none, ("b", "d"): none}
    assert keys.families(pairs) == [{"a", "b", "c"}, {"d"}]
