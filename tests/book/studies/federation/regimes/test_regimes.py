"""The exchange of text, and the map of a small federation."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from mixbook.studies.federation.regimes import regimes
from mixlib.federation import Federation, from_files, product_combine
from mixlib.federation.text.tokenizer import Stream

matplotlib.use("Agg")
B = (0.5, 1.0, 1.7)


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


@pytest.fixture(scope="module")
def survey(federation):
    return regimes.survey({0: federation, 7: federation}, shares=(0.0, 0.4), confidences=(1 / 3, 1.0), most=40)


def test_bad_input_is_named():
    streams = (Stream(np.arange(9), np.array([0])),) * 3
    with pytest.raises(ValueError, match="training, share"):
        regimes.exchanged(streams, 0.7)
    with pytest.raises(ValueError, match="federations, most"):
        regimes.survey({})


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 2 / 3])
def test_exchange_moves_text_and_loses_none(share):
    streams = [Stream(np.arange(1000 * i, 1000 * i + 999), np.array([0, 300, 800])) for i in range(3)]
    mixed = regimes.exchanged(streams, share)
    assert np.array_equal(
        np.sort(np.concatenate([s.tokens for s in mixed])), np.concatenate([s.tokens for s in streams])
    )
    for i, stream in enumerate(mixed):
        of = np.bincount(stream.tokens // 1000, minlength=3) / 999
        expected = np.full(3, share / 2)
        expected[i] = 1 - share
        np.testing.assert_allclose(of, expected, atol=0.002)
        breaks = np.flatnonzero(np.diff(stream.tokens) != 1) + 1  # where two pieces meet a document begins
        assert set(breaks) <= set(stream.document_starts)


def test_survey_scores_what_the_pools_give(federation, survey):
    tokens = np.concatenate([t[:40] for t in federation.test.documents()])
    log_probs = np.concatenate([federation.log_probs(t[:40]) for t in federation.test.documents()], axis=1)
    expected = -product_combine(log_probs)[np.arange(len(tokens)), tokens].mean()
    assert survey.losses("product")[0, 0, 1] == pytest.approx(expected, abs=1e-4)
    assert survey.losses("product").shape == (2, 2, 2)
    np.testing.assert_allclose(survey.losses("product")[..., 0], survey.losses("logarithmic pool")[..., 1], atol=1e-5)
    assert (survey.losses("best single") <= survey.losses("worst single")).all()
    np.testing.assert_array_equal(*(survey.losses("mixture")[i] for i in (0, 1)))
    with pytest.raises(ValueError, match="no 'sum'"):
        survey.losses("sum")


def test_frame_splits_the_excess(survey):
    frame = survey.to_frame()
    assert list(frame.index) == [(a, b) for a in (0.0, 0.4) for b in (1 / 3, 1.0)]
    np.testing.assert_allclose(
        frame["sharpening"] + frame["disagreement"], np.log(frame["product"] / frame["mixture"]), atol=1e-9
    )
    assert (frame["disagreement"] > 0).all()


def test_voices_are_one_curve(survey):
    voices = survey.voices()
    assert voices.index.tolist() == pytest.approx([1 / 3, 1.0, 3.0])
    assert voices.loc[3.0, 0.4] == pytest.approx(survey.losses("product")[:, 1, 1].mean())


def test_foreign_text_brings_specialists_together(survey):
    apart = [np.mean(survey.divergences[0, share][0, 1, 2]) for share in survey.shares]
    assert apart[1] < apart[0]


def test_tenths_hold_all_tokens_and_no_better_specialist(survey):
    tenths = survey.tenths()
    assert len(tenths) == 2 * 2 * 10
    one = tenths.loc[0.0, 7]
    assert (one["divergence"].diff().dropna() > 0).all()
    pooled, sizes = survey.pooled[7, 0.0], survey.divergences[7, 0.0][0, 1, 2]
    tenth = np.searchsorted(np.quantile(sizes, np.arange(1, 10) / 10), sizes)
    singles = pooled.singles[:, 1, tenth == 9].mean(axis=1)
    assert one.loc[10, "gain"] == pytest.approx(pooled.mixture[1, tenth == 9].mean() - singles.max())
    assert one.loc[10, "product"] == pytest.approx(pooled.product[1, tenth == 9].mean() - singles.max())


def test_plot_names_the_winners(survey):
    axes = survey.plot(Figure().subplots(1, 2))
    losses = {rule: survey.losses(rule).mean(axis=0) for rule in ("product", "mixture")}
    expected = (losses["product"] - losses["mixture"]).T.ravel()
    assert [text.get_text() for text in axes[0].texts] == [f"{value:+.1f}" for value in expected]
    assert len(axes[1].texts) == 4
