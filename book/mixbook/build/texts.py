"""Pages whose data is the text of installed packages: other versions carry another text.

Numbers of such a page follow the text; its words cannot. So a hidden assertion that fails there is not a fault of the
page but something to tell its reader, and the run is one like any other.
"""

from html import escape

from mixbook.build import findings, footprint
from mixlib.reported import other_text

FAILED = "AssertionError"


def other(page, lock=findings.LOCK):
    """Why the text of a page is not the one with which its findings were accepted, or None."""
    sources = page.notebook().metadata.get(findings.TEXT_FROM) or ()
    if not (sources and lock.is_file()):
        return None
    now = {"python": footprint.where()["python"]}
    versions = {name: now.get(name) or footprint.version(name) for name in sources}
    accepted = {key.removeprefix("used "): state for key, state in findings.read(lock).items()}
    return other_text({page.name: versions}, accepted).get(page.name)


def apart(notebook, errors):
    """The errors that are none with another text, as ``[{"where", "what"}]``, and the others.

    What failed is taken out of the outputs, where a reader would see a traceback.
    """
    words = [error for error in errors if error.what.partition(":")[0] == FAILED]
    for error in words:
        cell = notebook.cells[error.cell]
        cell.outputs = [output for output in cell.outputs if output.output_type != "error"]
    told = [{"where": f"{error.path}:{error.line}", "what": _message(error.what)} for error in words]
    return told, [error for error in errors if error not in words]


def _message(what):
    return what.partition(": ")[2] or "an assertion"


def note(facts):
    """What a reader of the page is told, as HTML; nothing where its words were found to be true."""
    told = facts.get("otherwise")
    if not told:
        return ""
    places = "; ".join(f"{escape(one['what'])} (<code>{escape(one['where'])}</code>)" for one in told["words"])
    return (
        f'<div class="admonition warning mx-otherwise"><p class="admonition-title">Another text than that of the words'
        f"</p><p>What this page learns is text of installed packages, and {escape(told['why'])}. Its numbers and its "
        f"verdicts are those of this text. Of what it says in words, this was checked and is otherwise: {places}.</p>"
        f"</div>"
    )
