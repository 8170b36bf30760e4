"""Experiments of the pages in ``book/domains``."""
