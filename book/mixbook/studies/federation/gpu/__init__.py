"""Experiments of the page on the combiner on a GPU."""
