"""Pairs of umami: which have synergy, where eight belongs, what a scale does to the hull, and what oil did."""

import numpy as np
import pytest

from mixbook.studies.domains import taste as study
from mixlib.domains import taste


def test_ten_pairs_six_of_two_kinds():
    pairs = study.pairs()
    assert len(pairs) == 10
    assert sum(pairs.values()) == 6
    assert pairs["glutamate", "inosinate"]
    assert not pairs["inosinate", "guanylate"]


def test_a_blend_by_hand():
    # 0.001 + 0.02 of glutamate, 0.02 of guanylate that counts 2.3 times
    found = study.in_broth(("glutamate", "guanylate"), 0.04, 0.001, np.array([0.5]))
    assert found[0] == pytest.approx(0.021 * (1 + 1218 * 2.3 * 0.02))


def test_two_of_one_kind_merely_add_and_two_kinds_have_a_total_of_their_own():
    two, one = study.gains([0.01, 0.1])
    assert one.max().max() <= 1
    assert one["inosinate + guanylate"].max() == 0
    assert (two.iloc[1] > 3 * two.iloc[0]).any()
    eight = study.totals_of(8)
    # (1 + 1218 p c / 2) / 2 = 8
    assert eight["glutamate + guanylate"] == pytest.approx(30 / (1218 * 2.3))
    assert eight["aspartate + adenylate"] == pytest.approx(30 / (1218 * 0.18))


def test_what_is_outside_on_one_scale_is_outside_on_all():
    found = study.escapes()
    outside = found.assign(out=found["escape"] > 1e-9).groupby(["pair", "total", "trace"])["out"]
    assert (outside.nunique() == 1).all()
    assert found.loc[~found["two_kinds"], "escape"].max() < 1e-9
    assert found[found["two_kinds"]].groupby("pair")["escape"].max().min() > 1


def test_fat_moves_the_mixture_by_hand():
    moved = study.moved_by_fat(0.2)
    assert moved.shape == (3, 6)
    before, after = (half * (1 + 1218 * half) for half in (0.01, 0.0125))
    assert moved.loc[0.02, "glutamate + inosinate"] == pytest.approx((after - before) / 0.02)
    assert study.moved_by_fat(0.2, 1.0).max().max() < 1e-9


def test_the_best_blend_over_the_stronger_broth():
    found = study.escapes()
    one = found[(found["scale"] == "amount") & (found["total"] == 0.05) & (found["trace"] == 1e-4)]
    one = one.set_index("pair")["times"]
    assert one["glutamate + aspartate"] == pytest.approx(1)
    assert one["glutamate + inosinate"] == pytest.approx(taste.gain(taste.best_share(0.05), 0.05), rel=0.01)


def test_oil_concentrates_what_it_does_not_dissolve():
    oil = study.emulsions().set_index("substance")
    assert len(oil) == 12
    assert oil.loc["quinine", "partition"] == pytest.approx(10**2.44)
    assert (oil["predicted"] == np.where(taste.in_water(0.2, oil["partition"].fillna(9)) > 1, 1, -1)).all()
    assert oil.loc["caffeine", "predicted"] != oil.loc["caffeine", "measured"]
