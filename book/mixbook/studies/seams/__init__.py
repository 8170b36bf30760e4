"""Experiments of the page on seams between pages."""
