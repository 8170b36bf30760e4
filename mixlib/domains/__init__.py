"""Domains: one module each, with its constants, their sources, and the model that makes a mixture of them."""
