"""Merging: one model from the weights of several.

``METHODS`` maps the names of all merge methods to their classes, as the files of this folder are called.
"""

from mixlib.extras import hinting
from mixlib.registry import Registry, attach

METHODS = Registry(__name__, subclass_of="Method")
__getattr__, __dir__ = attach(__name__, inside=("files",))
__getattr__ = hinting(__getattr__)
