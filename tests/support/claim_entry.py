"""An entry of a registry of claims, for tests."""

SOURCE = {"document": "A", "section": "Tests"}


def entry(id="t.one", expected="holds", **more):
    return {
        "id": id,
        "part": "tests",
        "statement": "So it is.",
        "source": SOURCE,
        "page": "p",
        "expected": expected,
    } | more
