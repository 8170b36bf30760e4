"""Experiments of the page on O-information."""
