"""Merging checkpoints on disk: safetensors files and folders, adapters, vocabularies, and merges described in YAML."""

from mixlib.extras import hinting
from mixlib.registry import attach

__getattr__, __dir__ = attach(__name__)
__getattr__ = hinting(__getattr__)
