"""Experiments of the atlas: how alike domains are, which are one kernel in another key, and how alike random ones."""
