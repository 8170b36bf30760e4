"""The kernel zoo: one interface ``kernel(weights, parts) -> mixture``, one file a kernel.

``ZOO`` maps the names of all kernels to their classes, as the files of this folder are called. Names load on first
use, so that importing one kernel leaves the files of the others alone; going through ``ZOO`` imports them all.
"""

from mixlib.registry import Registry, attach

ZOO = Registry(__name__, subclass_of="Kernel")
__getattr__, __dir__ = attach(__name__)
