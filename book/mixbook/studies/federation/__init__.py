"""Experiments of the pages in ``book/federation``."""
