"""Society: the judgement of a crowd, from the guesses of the many."""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain
from mixlib.kernels.linear import Linear

# Estimates of an ox's dressed weight in lb: every twentieth of 787 people, in order (Galton 1907)
OX = (
    *(1074, 1109, 1126, 1148, 1162, 1174, 1181, 1188, 1197, 1207),
    *(1214, 1219, 1225, 1230, 1236, 1243, 1254, 1267, 1293),
)
OX_MEAN = 1197.0  # of all 787, as Galton gave it three weeks later

DOMAIN = Domain(
    about="what people think that an ox weighs",
    parts=np.array(OX, dtype=float)[:, None],
    weights=np.full(len(OX), 1 / len(OX)),
    kernel=Linear(),
    carrier=Euclidean(),
    points="opinions",
    unit="lb",
    known=np.array([OX_MEAN]),
    tolerance=0.5,
    source="Galton 1907",
    reference="galton1907",
    route="measurement",
)
