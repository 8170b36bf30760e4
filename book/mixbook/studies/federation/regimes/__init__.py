"""Experiments of the page on which rule is right when."""
