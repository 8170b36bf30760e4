"""Files of text: whether one is text at all, and what it says."""

import codecs
import warnings

__all__ = []  # for the modules of this library

CONTROLS = bytes(sorted({*range(32), 127} - set(b"\t\n\v\f\r\b\x1b")))  # what text does not hold


def read_text(path):
    """The text of a UTF-8 file, lines ended by a line feed; a ValueError names the first byte that is none."""
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}: byte {error.object[error.start]:#04x} at offset {error.start} is not UTF-8; convert the file "
            f"(iconv -t utf-8) or leave it out"
        ) from None


def texts_of(files, given, where):
    """Each file's ``(source, text)``; those that are no text are counted in a warning, unless they are ``given``.

    Raises
    ------
    ValueError
        If a file is text but not UTF-8, or one of ``given``, which somebody named, is no text.
    """
    left_out = []
    try:
        for path in files:
            if not is_binary(path):
                yield str(path), read_text(path)
            elif path in given:
                raise ValueError(f"{path}: is no text but binary data; leave it out")
            else:
                left_out.append(path)
    finally:
        if left_out:
            more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
            named = ", ".join(path.name for path in left_out[:3])
            files = "file is" if len(left_out) == 1 else "files are"
            warnings.warn(f"{where}: {len(left_out)} {files} no text and left out ({named}{more})", stacklevel=2)


def is_binary(path):
    """Whether a file's first 64 KiB hold bytes that no text has; UTF-16 and UTF-32 with their mark count as text."""
    with path.open("rb") as file:
        begin = file.read(2**16)
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return False
    return b"\0" in begin or len(begin.translate(None, CONTROLS)) < 0.98 * len(begin)


def shuffled(items, rng):
    """The items in an order that depends on ``rng`` alone."""
    items = sorted(items)
    return [items[i] for i in rng.permutation(len(items))]
