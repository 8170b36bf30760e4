"""Estimators of O-information from samples, one file each: ``ESTIMATORS`` maps their names to their classes."""

from mixlib.registry import Registry

ESTIMATORS = Registry(__name__, subclass_of="Estimator")
