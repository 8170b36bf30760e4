"""Experiments of the page on the O-information of kernels."""
