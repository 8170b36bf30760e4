"""Merging small networks by every method: networks trained, merged, measured, and held against a fit of many."""
