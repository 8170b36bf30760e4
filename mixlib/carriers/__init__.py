"""Carriers: the spaces that mixtures live on, each with its distance, mean, geodesic and failure statistic.

``CARRIERS`` maps the names of all carriers to their classes, as the files of this folder are called.
"""

from mixlib.registry import Registry, attach

CARRIERS = Registry(__name__, subclass_of="Carrier")
__getattr__, __dir__ = attach(__name__)
