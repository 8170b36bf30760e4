"""The commands of the command line, one module each; `mixlib.cli` is their common entry."""
