"""Small text of three domains."""

from texts import folders  # noqa: F401
