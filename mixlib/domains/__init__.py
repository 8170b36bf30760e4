"""Domains: one module each, with its constants, their sources, and the model that makes a mixture of them.

``DOMAINS`` maps the names of those that have a mixture of known value to it, as the files of this folder are called.
"""

from mixlib.domains.base import Domain
from mixlib.registry import Registry

__all__ = ["DOMAINS", "Domain"]

DOMAINS = Registry(__name__, constant="DOMAIN")
