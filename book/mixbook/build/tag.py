"""Whether a tag is that of a release: ``python book/mixbook tag v1.2.3`` compares it with version and changelog.

Standard library alone, and nothing is imported from the library: a wrong tag ends a release before anything is set up.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


def main(arguments, root=ROOT):
    """Say what is wrong with the tag in one line, or return 0."""
    if len(arguments) != 1:
        return "usage: python book/mixbook tag v1.2.3"
    (tag,) = arguments
    version = VERSION.search((root / "mixlib" / "__init__.py").read_text(encoding="utf-8"))[1]
    if tag != f"v{version}":
        return (
            f"the tag {tag!r} is not the version, which is {version}: tag the commit v{version}, or set __version__ in "
            f"mixlib/__init__.py, give the changes a heading in CHANGELOG.md, and tag that commit"
        )
    if not entry(version, (root / "CHANGELOG.md").read_text(encoding="utf-8")):
        return (
            f"CHANGELOG.md has no entry for {version}: give the lines under [Unreleased] the heading "
            f"'## [{version}] - YEAR-MONTH-DAY', and tag that commit"
        )
    print(f"{tag} is version {version}, and CHANGELOG.md has its entry")
    return 0


def entry(version, changelog):
    """The changes of a version, or nothing."""
    part = re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    return re.findall(r"^- .+", part[1], re.MULTILINE) if part else []
