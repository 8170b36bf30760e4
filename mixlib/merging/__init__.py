"""Merging: one model from the weights of several."""

from mixlib.registry import attach

__getattr__, __dir__ = attach(__name__)
