"""Specialist models, how they are saved, and what a pool needs of one.

``MODELS`` maps the names of those that are trained and saved here to their classes, as the files of this folder are
called.
"""

from mixlib.registry import Registry, attach

MODELS = Registry(__name__, subclass_of="LanguageModel")
__getattr__, __dir__ = attach(__name__)
