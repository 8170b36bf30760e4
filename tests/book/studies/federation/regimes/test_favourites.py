"""Where the favourites of specialists part, counted over again; wrong first choices of copies and of strangers."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.federation.regimes import evidence, favourites, regimes
from mixlib.federation import Federation, from_files, product_combine


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


@pytest.fixture(scope="module")
def models(federation):
    return evidence.makes(federation)


def test_excess_is_shared_out(federation, models):
    frame = favourites.where_favourites_part({0: federation}, {0: models}, ks=(1, 5), most=60)
    survey = regimes.survey({0: federation}, shares=(0.0,), confidences=(1.0,), most=60)
    total = (survey.losses("product") - survey.losses("mixture")).item()
    apart = frame["in all"]
    np.testing.assert_allclose(
        apart * frame["excess there"] + (1 - apart) * frame["excess elsewhere"], total, rtol=1e-5
    )
    assert (frame["in all"] >= frame["in two"]).all()
    assert (frame["in two"] >= frame["in any two"]).all()
    assert (frame["in all"].diff().dropna() <= 0).all()  # more favourites have more in common
    assert frame[["mostly outside there", "behind there"]].stack().between(0, 1).all()


def test_mass_outside_by_hand(federation, models):
    frame = favourites.where_favourites_part({0: federation}, {0: models}, ks=(5,), most=40).loc[(5, 0)]
    outside, apart = [], []
    for tokens in federation.test.documents():
        rows = federation.log_probs(tokens[:40])
        sets = [[set(np.argsort(-row, kind="stable")[:5]) for row in one] for one in rows]
        for t, product in enumerate(np.exp(product_combine(rows))):
            liked = sets[0][t] | sets[1][t] | sets[2][t]
            outside.append(1 - sum(product[v] for v in liked))
            apart.append(not sets[0][t] & sets[1][t] & sets[2][t])
    apart = np.array(apart)
    assert frame["in all"] == pytest.approx(apart.mean(), abs=0.01)  # equal probabilities may fall either way
    assert frame["outside there"] == pytest.approx(np.mean(np.array(outside)[apart]), abs=0.02)


def test_copies_fail_together(federation):
    from dataclasses import replace

    copies = replace(federation, specialists=(federation.specialists[0],) * 3)
    found = favourites.wrong_first_choices({0: copies, 1: federation}, shuffles=5)
    assert found.loc[0, "correlation"] == pytest.approx(1)
    assert found.loc[1, "correlation"] < 0.9
    assert isinstance(found, pd.DataFrame)
