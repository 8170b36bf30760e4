"""A text on the terminal in which every token shows who carried it, in colours or as lines of a table."""

import os
import unicodedata

# as on the pages: a colour and, for those who do not see it, a line below the text; 256 colours, dark and light grounds
LOOKS = ("38;5;33", "38;5;208;4", "38;5;36;1", "38;5;170;3", "38;5;178;1;4", "38;5;245;4")
OFF = "\033[0m"


def in_colour(stream, wanted):
    """Whether to colour what goes to a stream: where ``"auto"``, on a terminal that was not asked to be plain."""
    if wanted != "auto":
        return wanted == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def harmless(piece):
    """A piece of text without what a terminal would obey: such signs show as a replacement sign."""
    return "".join(s if s in "\n\t" or unicodedata.category(s) not in ("Cc", "Cf", "Cs") else "\ufffd" for s in piece)


def coloured(piece, who):
    """A piece in the look of specialist ``who``; line breaks stay outside, or the look would fill the line."""
    look = f"\033[{LOOKS[who % len(LOOKS)]}m"
    return "\n".join(f"{look}{part}{OFF}" if part else "" for part in harmless(piece).split("\n"))


def in_a_line(piece):
    """A piece whose spaces and line breaks can be seen."""
    return harmless(piece).replace("\n", "↵").replace("\t", "⇥").replace(" ", "␣") or "…"


def on_a_line(name):
    """A name from a user's data, without what would begin a new line, turn it round or be obeyed."""
    return harmless(" ".join(str(name).split("\n"))).replace("\t", " ")
