"""Estimators of O-information from samples, one module each."""
