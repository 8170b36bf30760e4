"""Where the document's ratios appear: the survey on a small federation, and the reading of a known one."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.federation.combiner import settings
from mixlib.federation import Federation, from_files, mixture_combine, perplexity, product_combine


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


def test_the_survey_at_own_confidence_is_that_of_the_pools(federation):
    found = settings.survey({7: federation}, shares=(0.0,), confidences=(0.5, 1.0), numbers=(3,), most=40)
    assert list(found.index.names) == list(settings.KEYS)
    texts = [t[:40] for t in federation.test.documents()]
    rows = [federation.log_probs(t) for t in texts]

    def scored(pool):
        return perplexity(np.concatenate([pool(r)[np.arange(len(t)), t] for r, t in zip(rows, texts, strict=True)]))

    singles = [scored(lambda r, i=i: r[i]) for i in range(3)]
    ratios = np.exp(found.loc[3, 0.0, 1.0, 7])
    assert ratios["product over worst"] == pytest.approx(scored(product_combine) / max(singles), rel=1e-4)
    assert ratios["best over mixture"] == pytest.approx(min(singles) / scored(mixture_combine), rel=1e-4)
    assert ratios["worst over best"] == pytest.approx(max(singles) / min(singles), rel=1e-4)


def test_pairs_are_scored_on_their_own_domains(federation):
    found = settings.survey({0: federation}, shares=(0.0,), confidences=(1.0,), numbers=(2,), most=40)
    ratios = []
    for pair in ((0, 1), (0, 2), (1, 2)):
        names = [federation.domains[i] for i in pair]
        texts = zip(federation.test.documents(), federation.test_domains, strict=True)
        texts = [t[:40] for t, home in texts if home in names]
        rows = [federation.log_probs(t)[list(pair)] for t in texts]
        loss = [
            -np.concatenate([r[np.arange(len(t)), t] for r, t in zip(part, texts, strict=True)]).mean()
            for part in ([r[0] for r in rows], [r[1] for r in rows], [mixture_combine(r) for r in rows])
        ]
        ratios.append(min(loss[:2]) - loss[2])
    assert found["best over mixture"].item() == pytest.approx(np.mean(ratios), rel=1e-4)


def test_the_nearest_setting_is_read_between_confidences():
    index = pd.MultiIndex.from_product([[2], [0.0, 0.5], [0.5, 1.0], [0]], names=settings.KEYS)
    logs = {"product over worst": [0.0, 2.0, 5.0, 6.0], "best over mixture": [0.0, 1.0, 3.0, 3.0]}
    found = pd.DataFrame(logs | {"worst over best": 0.25}, index=index)
    target = {"product over worst": np.exp(1.0), "best over mixture": np.exp(0.5)}
    nearest = settings.nearest(found, target).loc[2]
    assert (nearest["share"], nearest["confidence"]) == (0.0, pytest.approx(0.75))
    assert nearest["off"] < 1e-9
    assert nearest["worst over best"] == pytest.approx(np.exp(0.25))
    far = settings.nearest(found, {"product over worst": np.exp(6.0), "best over mixture": np.exp(3.0) * 2}).loc[2]
    assert (far["share"], far["off"]) == (0.5, pytest.approx(0.5))
