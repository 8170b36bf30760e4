"""The book's own code: ``show`` draws, ``studies`` are what pages are about, ``build`` runs them and makes the site.

It can be imported in a checkout with ``book`` on the path; ``pip install`` brings the library alone.
"""
