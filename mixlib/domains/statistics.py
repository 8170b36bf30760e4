"""Statistics: draws from a sample, whose mean is that of the sample."""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain
from mixlib.domains.heredity import DARWIN
from mixlib.kernels.stochastic import Stochastic

DRAWS = 10_000

DOMAIN = Domain(
    about="ten thousand draws from Darwin's fifteen differences of height",
    parts=DARWIN.astype(float)[:, None],
    weights=np.full(len(DARWIN), 1 / len(DARWIN)),
    kernel=Stochastic(rng=0, draws=DRAWS),
    carrier=Euclidean(),
    points="samples",
    unit="eighths of an inch",
    known=np.array([DARWIN.mean()]),
    tolerance=4 * float(DARWIN.std()) / np.sqrt(DRAWS),
    source="Fisher 1935",
    reference="fisher1935",
    route="count",
)
