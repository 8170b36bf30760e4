"""Figures, tables, figures that move, flow charts and the glass box, for the pages."""
