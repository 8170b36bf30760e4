"""Figures, tables, figures that move, flow charts and the glass box, for the pages."""

THUMBNAIL = (
    "application/vnd.mixbook.thumbnail+json"  # the form in which a page leaves a small picture for the front page
)
