"""Experiments of the page on the score estimator."""
