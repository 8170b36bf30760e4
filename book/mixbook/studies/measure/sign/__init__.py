"""Experiments of the page on the sign of the O-information."""
