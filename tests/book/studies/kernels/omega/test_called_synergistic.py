"""What is called synergistic, and averaging next to it."""

import numpy as np

from mixbook.studies.kernels.omega.called_synergistic import called_synergistic
from mixlib.kernels import Linear


def test_what_is_called_synergistic():
    called = called_synergistic()
    averaging = called.pop("averaging")
    assert len(averaging) == 1
    assert set(called) == {"umami", "gated routing", "chord"}
    for name, pairs in called.items():
        assert len(pairs) == 3
        assert all(pair.omega() < 0 for pair in pairs)
        assert all((pair.omega(0.9) < 0) == (name == "chord") for pair in pairs)
    np.testing.assert_allclose(averaging[0].mixtures[0], Linear()(None, averaging[0].parts[..., None])[..., 0])
