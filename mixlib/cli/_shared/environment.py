"""Where results were computed, for a page that somebody reads elsewhere."""

import platform
from importlib import metadata

PACKAGES = "numpy", "scipy", "tokenizers", "torch", "transformers"


def environment():
    """System, processor, Python and the packages that numbers depend on, by name; without the machine's own name."""
    from mixlib import __version__

    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    return {"mixlib": __version__, "system": system, "Python": platform.python_version()} | versions
