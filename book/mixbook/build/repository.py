"""Where the project's repository is, and the addresses that follow from it; without one the site has no such links.

One setting says it, ``mixing_repository`` in ``_config.yml``; while that is empty, the git remote of the checkout does.
"""

import dataclasses
import re
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode

BRANCH = "main"
NOTEBOOKS = "notebooks"  # the branch that holds the notebooks of the last published book
FORM = "claim.yml"  # in .github/ISSUE_TEMPLATE; its field "claim" is filled in by the address
HOST = "github.com"  # whose forms, pages and workflows the project uses
WRITTEN = re.compile(rf"(?:https://(?:[^@/]+@)?|ssh://git@|git@){re.escape(HOST)}[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


@dataclasses.dataclass(frozen=True)
class Repository:
    """A repository on GitHub."""

    owner: str
    name: str

    @property
    def url(self):
        """Its front page."""
        return f"https://{HOST}/{self.owner}/{self.name}"

    @property
    def site(self):
        """Where GitHub Pages shows the site of the project."""
        root = f"https://{self.owner.lower()}.github.io/"
        return root if root.lower() == f"https://{self.name.lower()}/" else f"{root}{self.name}/"

    def edit(self, page):
        """The editor of a page's source."""
        return f"{self.url}/edit/{BRANCH}/book/{quote(page)}.md"

    def report(self, claim):
        """The form for an error in a claim, with the claim's id filled in."""
        asked = {"template": FORM, "title": f"{claim}: ", "claim": claim}
        return f"{self.url}/issues/new?{urlencode(asked, quote_via=quote)}"

    def binder(self, page):
        """The page as a notebook on Binder."""
        place = urlencode({"urlpath": f"lab/tree/book/{page}.md"}, quote_via=quote)
        return f"https://mybinder.org/v2/gh/{self.owner}/{self.name}/{BRANCH}?{place}"

    def colab(self, page):
        """The page as a notebook on Colab, which opens those of the published branch."""
        place = f"{self.owner}/{self.name}/blob/{NOTEBOOKS}/{quote(page)}.ipynb"
        return f"https://colab.research.google.com/github/{place}"


def find(setting, root):
    """The repository that a setting names, or while it is empty the git remote of the checkout at ``root``, or None.

    Raises
    ------
    ValueError
        If the setting is no address of a repository on GitHub.
    """
    if setting:
        found = parse(setting)
        if found is None:
            raise ValueError(
                f"mixing_repository: {setting!r} is no repository on {HOST}; write https://{HOST}/owner/name, or leave "
                "it empty to take the git remote"
            )
        return found
    return parse(remote(root))


def parse(address):
    """The repository at an address as git writes it, by https or ssh; None where it is none on GitHub."""
    found = WRITTEN.fullmatch(address.strip())
    return Repository(*found.groups()) if found else None


def remote(root):
    """The address of ``origin``, or of the first remote; "" without one, without git, or below another checkout."""
    if not _same_folder(_git(root, "rev-parse", "--show-toplevel"), root):
        return ""
    names = _git(root, "remote").split()
    name = "origin" if "origin" in names else next(iter(names), "")
    return _git(root, "remote", "get-url", name) if name else ""


def _same_folder(said, root):
    return bool(said) and Path(said).resolve() == Path(root).resolve()


def _git(root, *arguments):
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
