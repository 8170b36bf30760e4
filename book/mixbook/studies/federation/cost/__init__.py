"""Experiments of the page on what a federation costs."""
