"""Experiments of the page that compares all kernels."""
