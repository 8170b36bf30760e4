"""Experiments of the pages in ``book/carriers``."""
