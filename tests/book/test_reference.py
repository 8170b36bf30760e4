"""The reference shows every public name, each on the page of its package."""

import mixlib
from mixbook.build import reference
from mixbook.build.pages import BOOK, table_of_contents

PARTS = ("registered", "others")


def test_every_package_that_exports_names_has_a_page_in_the_contents():
    assert reference.missing_pages(BOOK) == []
    listed = {page.name for page in table_of_contents()}
    assert {f"{reference.FOLDER}/{name}" for name in reference.pages_of(BOOK)} <= listed


def test_a_package_without_a_page_is_named(tmp_path):
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "kernels.md").write_text("# Kernels\n\n```{eval-rst}\n.. reference:: mixlib.kernels\n```\n")
    assert reference.pages_of(tmp_path) == {"kernels": ("mixlib.kernels", None)}
    missing = reference.missing_pages(tmp_path)
    assert "mixlib.carriers" in missing
    assert "mixlib.kernels" not in missing


def test_all_public_names_are_on_one_page_each():
    shown = [
        name
        for package, part in reference.pages_of(BOOK).values()
        for name, _ in reference.flat(reference.of_package(package, part))
    ]
    assert len(shown) == len(set(shown))
    parts = {part: {package for package, of in reference.pages_of(BOOK).values() if of == part} for part in PARTS}
    assert parts["registered"] == parts["others"]
    assert set(reference.public_names()) <= set(shown)


def test_a_name_is_found_in_the_file_that_defines_it_under_its_shortest_name():
    modules = reference.of_package("mixlib.instruments")
    assert modules["mixlib.instruments.hull"]["mixlib.hull_escape"] is mixlib.hull_escape
    assert reference.title_of("mixlib.kernels.linear") == "The linear kernel"
