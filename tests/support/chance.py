"""What is drawn at random in the tests is the same on every run, unless a run is asked to explore."""

import random
import sys

import hypothesis
import numpy as np
from hypothesis.internal.conjecture import providers

USUAL = 100  # examples of a property

# Derandomised examples depend on the test alone; no deadline, for other work may slow the machine.
hypothesis.settings.register_profile("suite", derandomize=True, database=None, deadline=None, max_examples=USUAL)
hypothesis.settings.register_profile("explore", database=None, deadline=None, max_examples=10 * USUAL)
# Of a mutant only red or green counts, not the smallest example.
FOUND = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile(
    "mutants", derandomize=True, database=None, deadline=None, max_examples=USUAL, phases=FOUND
)
hypothesis.settings.load_profile("suite")

# Hypothesis also draws constants of the modules imported so far, which differ by worker and by which tests ran before.
_NO_CONSTANTS = providers._local_constants
providers._get_local_constants = lambda: _NO_CONSTANTS


def examples(count):
    """Decorator: so many examples of a property that is slow; exploring takes more of them in proportion."""
    return hypothesis.settings(max_examples=count * hypothesis.settings.default.max_examples // USUAL)


def fresh_seed():
    """A seed that no run before had, as text."""
    return str(random.SystemRandom().randrange(10**9))


def seed_everything():
    """Global generators begin alike, whatever ran before in the same process."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the generator of libraries that still use it
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
