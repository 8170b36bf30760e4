"""Experiments of the pages in ``book/measure``."""
