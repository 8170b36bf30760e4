"""Experiments of the pages in ``book/open``."""
