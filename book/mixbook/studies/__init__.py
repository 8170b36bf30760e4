"""Experiments that pages are about: one module a page, or a folder of them, at the path of the page."""
