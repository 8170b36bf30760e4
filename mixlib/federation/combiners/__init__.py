"""Rules that make one next-token distribution out of several, fitted on validation text or learning as they go.

All follow one protocol, :class:`Combiner`: ``predict`` from what is known before the outcome, ``update`` with what
each specialist gave to it, ``reset`` at a new document, ``fit`` on validation text, ``save`` and ``load``. Over a whole
text, ``log_probs_along`` gives the log-probabilities of what came and ``weights_along`` the weights of a mixture.
``COMBINERS`` maps the names of all to their classes, as the files of this folder are called.
"""

from mixlib.registry import Registry, attach

COMBINERS = Registry(__name__, subclass_of="Combiner")
__getattr__, __dir__ = attach(__name__)
