"""Alloys: the band gap of two semiconductors in one crystal, which bows below their average."""

import numpy as np

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Domain
from mixlib.kernels.multiplicative_synergistic import Synergistic

GAP, BOWING = np.array([1.519, 0.417]), 0.477  # eV, of GaAs and InAs at 0 K (Vurgaftman et al. 2001)
INDIUM = 0.53  # the share of indium arsenide that fits on indium phosphide

DOMAIN = Domain(
    about="gallium arsenide and indium arsenide, as grown on indium phosphide",
    parts=GAP[:, None],
    weights=np.array([1 - INDIUM, INDIUM]),
    kernel=Synergistic(-BOWING / GAP.prod()),
    carrier=Euclidean(),
    points="band gap",
    unit="eV",
    known=np.array([GAP[0] * (1 - INDIUM) + GAP[1] * INDIUM - BOWING * (1 - INDIUM) * INDIUM]),
    tolerance=1e-12,
    source="Vurgaftman et al. 2001",
    reference="vurgaftman2001",
    route="definition",
)
