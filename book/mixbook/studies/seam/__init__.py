"""Experiments of the pages in ``book/seam``."""
