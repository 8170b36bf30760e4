"""Machine learning: two specialists on the next word, and a gate that trusts each as much as its past allows."""

import numpy as np

from mixlib.carriers.simplex import Simplex
from mixlib.domains.base import Domain
from mixlib.kernels.gated_routed import Gated, softmax_gate

CAT_OR_DOG = np.array([[0.9, 0.1], [0.1, 0.9]])  # what either specialist gives to the two words
PERPLEXITIES = np.array([197.0, 339.0])  # of the better and the worse specialist on the same text

_TRUST = (1 / PERPLEXITIES) / np.sum(1 / PERPLEXITIES)

DOMAIN = Domain(
    about="the next word, cat or dog, by a better and a worse specialist",
    parts=CAT_OR_DOG,
    weights=np.array([0.5, 0.5]),
    kernel=Gated(softmax_gate(score=-np.log(PERPLEXITIES))),
    carrier=Simplex(metric="linear"),
    points="probabilities of cat and dog",
    unit="probability",
    known=0.1 + 0.8 * _TRUST,
    tolerance=1e-12,
    source="Jacobs et al. 1991",
    reference="jacobs1991",
    route="definition",
)
