"""Builds of the package: an sdist or a wheel of a tree, and the distributions that it needs."""

import email
import importlib.metadata
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import mixlib

ROOT = Path(mixlib.__file__).parents[1]
BUILT_FROM = ("mixlib", "tools", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
NEED = re.compile(r"[\w.-]+")


def build(kind, source, folder):
    """Build a "wheel" or an "sdist" of the tree ``source`` as pip does, and return its path."""
    code = f"import sys; from setuptools import build_meta; print(build_meta.build_{kind}(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return Path(folder, done.stdout.split()[-1])


def clean_tree(folder):
    """A copy of what a build reads; of builds before, which leave files behind, nothing."""
    folder.mkdir()
    for name in BUILT_FROM:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


def needs(requirements, found=None):
    """The distributions that these requirements name without extras, and what they need in turn, by name."""
    found = {} if found is None else found
    for line in requirements:
        name = NEED.match(line)[0]
        if "extra ==" in line or name.lower() in found:
            continue
        try:
            there = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # for another system or Python
            continue
        found[name.lower()] = there
        needs(there.requires or [], found)
    return found


def requirements_of(wheel):
    """What a wheel says that it needs."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name)).get_all("Requires-Dist")


def clean_environment(folder, wheel):
    """An environment that holds the wheel, installed by pip, and what it declares to need, and nothing else.

    The needs are links to the packages of this environment, so that no index is asked. Returns its interpreter.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = next(path for path in (folder / "bin" / "python", folder / "Scripts" / "python.exe") if path.exists())
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run(pip, check=True)
    place = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    there = Path(subprocess.run(place, capture_output=True, text=True, check=True).stdout.strip())
    for distribution in needs(requirements_of(wheel)).values():
        for name in {file.parts[0] for file in distribution.files if file.parts[0] not in ("..", "__pycache__")}:
            if not (there / name).exists():
                (there / name).symlink_to(distribution.locate_file(name))
    return python
