"""Arrays in a file that says what they are: one that is damaged, cut off or of another kind is refused by name."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

__all__ = []

FORMAT = 1  # of what is written here; a reader of another one refuses
ABOUT = "about"  # the array that holds the description, as JSON


def write_arrays(path, arrays, about, compress=False):
    """Write arrays by name to ``path``, a NumPy ``.npz`` file, with ``about``, a dictionary that JSON can hold."""
    about = json.dumps(about | {"format": FORMAT, "arrays": sorted(arrays)}, sort_keys=True)
    with open(path, "wb") as file:
        (np.savez_compressed if compress else np.savez)(file, **{ABOUT: np.array(about)}, **arrays)


def read_arrays(path):
    """The arrays that :func:`write_arrays` wrote, and what it was told about them; every byte of them is checked.

    Raises
    ------
    ValueError
        If there is no such file, or it is a folder, damaged, cut off, or written by something else.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: {'is a folder, expected a file' if path.is_dir() else 'no such file'}")
    try:
        with zipfile.ZipFile(path) as file:  # read whole, which compares the checksums
            parts = {name.removesuffix(".npy"): file.read(name) for name in file.namelist()}
        arrays = {name: np.lib.format.read_array(io.BytesIO(part)) for name, part in parts.items()}
    except Exception as error:  # damaged bytes raise a dozen kinds, from BadZipFile to SyntaxError
        raise ValueError(
            f"{path}: is damaged, cut off, or no NumPy file ({type(error).__name__}: {error}); save it again"
        ) from None
    about = _about(arrays.pop(ABOUT, None))
    if (version := about.pop("format", None)) != FORMAT:
        raise ValueError(
            f"{path}: was written by another version of mixlib or by something else (format {version}, expected "
            f"{FORMAT}); save it again with this one"
        )
    if about.pop("arrays", None) != sorted(arrays):  # the list of a zip file has no checksum
        raise ValueError(f"{path}: is damaged, some of its arrays are not there; save it again")
    if odd := [name for name, array in arrays.items() if array.dtype.kind not in "fiub"]:
        raise ValueError(f"{path}: {odd[0]} holds no numbers but {arrays[odd[0]].dtype}; save it again")
    return arrays, about


def _about(array):
    try:
        about = json.loads(str(array))
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}
