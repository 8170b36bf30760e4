"""The ring of the atlas: which lines join domains, and what each place says of its own."""

from pathlib import Path

from mixbook.studies.domains.atlas.keys import CLOSE

SAID = {
    "strong": "is the same, up to units, as",
    "plain": "is the same in another key as",
    "faint": "only looks most like",
}
OF_KIND = {"units": "strong", "key": "plain"}
PAGES = Path(__file__).parents[4] / "domains"
OTHER_NAMES = {"society": "social"}  # of a domain's page, where it is not the domain's


def lines(pairs, alike_only):
    """Kinds of lines by pairs of names: "strong" and "plain" where there is a map, "faint" where two look alike."""
    found = dict.fromkeys(alike_only, "faint")
    return found | {names: OF_KIND[pair.kind] for names, pair in pairs.items() if pair.kind != "none"}


def places(domains, drawn):
    """What each domain says and the address of its page, or None, by its name: for `mixbook.show.network`."""
    return {name: (_says(name, domain.about, drawn), _address(name)) for name, domain in domains.items()}


def _says(name, about, drawn):
    told = []
    for kind, said in SAID.items():
        others = [b if a == name else a for (a, b), drawn_as in drawn.items() if drawn_as == kind and name in (a, b)]
        if others:
            told.append(f"{said} {' and '.join(others).replace('-', ' ')}")
    return f"{about}; {'; '.join(told) or 'stands alone'}."


def _address(name):
    page = OTHER_NAMES.get(name, name)
    return f"{page}.html" if (PAGES / f"{page}.md").is_file() else None


def clear(pairs):
    """Pairs whose map is no change of units: the best one is ten times as far off, or more."""
    return [names for names, pair in pairs.items() if pair.error <= CLOSE and pair.units_error >= 10 * pair.error]
