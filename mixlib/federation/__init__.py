"""Specialists that share a vocabulary, the rules that pool their predictions, and the audit of the pool.

The public names of its folders are its own too, each loaded on its first use.
"""

from mixlib.extras import hinting
from mixlib.registry import attach

FOLDERS = "combiners", "models", "text", "audit", "evaluation"
MODULES = "fused.mixtures", "distributed.members", "distributed.mixture"
__getattr__, __dir__ = attach(__name__, inside=(*FOLDERS, *MODULES))
__getattr__ = hinting(__getattr__)
