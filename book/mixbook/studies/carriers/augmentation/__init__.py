"""Interpolation between laws in use: certificates of augmented networks, adaptation to a domain, laws in between."""
