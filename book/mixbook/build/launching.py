"""Sphinx extension: where the site and its repository are, and what the reader of a page may do there.

Edit the page, open it as a notebook on Binder or Colab; with the claim of a card, report an error in it. Without an
address of a repository none of these links is there.
"""

from sphinx.errors import ExtensionError

from mixbook.build import repository
from mixbook.build.pages import ROOT


def setup(app):
    app.add_config_value("mixing_repository", "", "env")  # claims hold links to it
    app.connect("config-inited", find_repository)
    app.connect("html-page-context", offer_notebooks, priority=502)  # the theme makes its list of buttons before
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def find_repository(app, config):
    """Find the repository, and from it the address of the site where no setting names that (``html.baseurl``)."""
    try:
        app.mixing_repository = repository.find(config.mixing_repository, ROOT)
    except ValueError as error:
        raise ExtensionError(f"_config.yml: {error}") from error
    if not config.html_baseurl and app.mixing_repository:
        config.html_baseurl = app.mixing_repository.site
    if config.html_baseurl:
        config.html_baseurl = config.html_baseurl.rstrip("/") + "/"


def offer_notebooks(app, name, template, context, doctree):
    """Tell the templates where the page can be opened and edited, and give the theme's header its buttons."""
    found = app.mixing_repository
    if found is None or doctree is None:
        return
    notebook = context.get("mx_download", {}).get("notebook")
    links = [("Binder", found.binder(name)), ("Colab", found.colab(name))] if notebook else []
    context["mx_launch"], context["mx_edit"] = links, found.edit(name)
    buttons = [
        {"type": "link", "url": url, "text": text, "icon": f"_static/images/{logo}", "tooltip": f"Open on {text}"}
        for (text, url), logo in zip(links, ("logo_binder.svg", "logo_colab.png"), strict=False)
    ]
    edit = {"type": "link", "url": found.edit(name), "text": "Edit this page", "icon": "fas fa-pencil-alt"}
    group = {"type": "group", "icon": "fas fa-rocket", "tooltip": "Open or edit this page", "label": "launch-buttons"}
    context["header_buttons"].insert(0, group | {"buttons": [*buttons, edit | {"tooltip": "Edit its source"}]})
