"""Experiments of the pages in ``book/kernels``."""
